"""What a scenario that came from elsewhere, such as a page, may name.

Such a scenario is text that anybody may have written: it reads no file outside its project, and
names what runs outside only as the project registers it. Programs, functions and servers come from
`callsheet.toml` and installed packages, never from here. Not covered: whether what it names exists;
the linter and the engine say that.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..environments.external import names_a_file
from .document import Document, Place
from .loader import Problem, ScenarioError
from .schema import Scenario


def confined(
    scenario: Scenario, document: Document, file: Path, project: Path, written: Path
) -> Scenario:
    """The scenario itself, as `read_scenario` gives it (with its files made absolute).

    `written`: the folder that whoever wrote the text can write to as well. Raises `ScenarioError`
    with what it must not name.
    """
    problems = [
        Problem(file, document.place((key,)) if document.places else Place(1, 1), what)
        for key, what in _unsafe(scenario, project.resolve(), written.resolve())
    ]
    if problems:
        raise ScenarioError(problems)
    return scenario


def _unsafe(scenario: Scenario, project: Path, written: Path) -> Iterator[tuple[str, str]]:
    name = scenario.environment
    if "{" in name:
        # `vary` would fill it in after it was looked at.
        yield "environment", "environment: named as it is, without a placeholder"
    elif names_a_file(name):
        kind, _, path = name.partition(":")
        if not _within(path, project):
            yield "environment", f"environment: a file outside the project: {path}"
        elif kind == "openapi" and _within(path, written):
            table = "add a table [openapi.NAME] to callsheet.toml and say openapi:NAME"
            yield "environment", f"environment: a document among the scenarios: {path}; {table}"
    if scenario.pool is not None and not _within(scenario.pool, project):
        yield "pool", f"pool: a file outside the project: {scenario.pool}"


def _within(path: str, folder: Path) -> bool:
    """Whether a path stays in a folder, links followed."""
    try:
        return Path(path).resolve().is_relative_to(folder)
    except (OSError, ValueError):  # a loop of links, a null character
        return False
