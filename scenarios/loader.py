"""From YAML files to scenarios, with every error placed by file, line and column."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ..environments.external import placed
from ..tools import ToolSpec
from . import schema
from .document import MAX_BYTES, Document, DocumentProblem, Place, read_document
from .schema import Scenario
from .variation import render, variations

__all__ = [
    "LIBRARY",
    "Problem",
    "ScenarioError",
    "json_schema",
    "library",
    "load_scenario",
    "load_scenarios",
    "load_with_places",
    "read_scenario",
    "render",
    "scenario_files",
    "variations",
]

LIBRARY = Path(__file__).parent / "library"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a scenario file; its text is one line."""

    file: Path
    place: Place
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.place.line}:{self.place.column}: {self.what}"


class ScenarioError(ValueError):
    """Scenario files that cannot be used; one line for each problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = list(problems)


def load_scenario(path: Path) -> Scenario:
    """The scenario of one file; a relative `pool`, or a file that `environment` names, becomes
    the path it stands for.

    Raises `ScenarioError` with all problems of the file.
    """
    return load_with_places(path)[0]


def load_with_places(path: Path) -> tuple[Scenario, Document]:
    """The scenario of one file, and where each of its parts stands. Raises `ScenarioError`."""
    try:
        with path.open("rb") as file:
            # One byte beyond the limit shows that a file is too large, however large it is.
            return read_scenario(file.read(MAX_BYTES + 1), path)
    except OSError as error:
        raise _one(path, Place(1, 1), f"cannot be read: {error.strerror}") from None


def read_scenario(payload: bytes, path: Path) -> tuple[Scenario, Document]:
    """The same of text that would be the file `path`, which need not be there."""
    try:
        document = read_document(payload)
    except DocumentProblem as problem:
        raise _one(path, problem.place, str(problem)) from None
    if not isinstance(document.value, dict):
        raise _one(path, Place(1, 1), "a scenario is a mapping, beginning with `name: …`")
    try:
        scenario = Scenario.model_validate(document.value)
    except ValidationError as error:
        raise ScenarioError(_problems(path, document, error)) from None
    if scenario.pool is not None:
        pool = str((path.parent / scenario.pool).resolve())
        scenario = scenario.model_copy(update={"pool": pool})
    environment = placed(scenario.environment, path.parent)
    if environment != scenario.environment:
        scenario = scenario.model_copy(update={"environment": environment})
    return scenario, document


def load_scenarios(sources: Iterable[Path | str]) -> list[Scenario]:
    """The scenarios of files, folders (all `*.yaml` below, in order), globs and library names.

    Raises `ScenarioError` with the problems of all files.
    """
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    for path in scenario_files(sources):
        try:
            scenarios.append(load_scenario(path))
        except ScenarioError as error:
            problems.extend(error.problems)
    if problems:
        raise ScenarioError(problems)
    return scenarios


def scenario_files(sources: Iterable[Path | str]) -> list[Path]:
    """The files that `sources` name. Raises `ScenarioError` where a source names none."""
    files: list[Path] = []
    for source in sources:
        path = Path(source)
        if path.is_dir():
            found = sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")])
        elif path.exists():
            found = [path]
        elif any(mark in str(source) for mark in "*?["):
            found = sorted(path for path in _glob(path) if path.is_file())
        else:
            found = [p for name, p in library().items() if name == str(source)]
        if not found:
            near = difflib.get_close_matches(str(source), library(), n=1)
            hint = f"; did you mean the library's {near[0]}?" if near else ""
            raise _one(path, Place(1, 1), f"no scenario here{hint}")
        files.extend(found)
    return files


def library() -> dict[str, Path]:
    """The packaged scenarios by name."""
    return {path.stem: path for path in sorted(LIBRARY.glob("*.yaml"))}


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Scenario.model_json_schema(),
    }


def _glob(pattern: Path) -> Iterable[Path]:
    parts = pattern.parts
    first = next(i for i, part in enumerate(parts) if any(mark in part for mark in "*?["))
    return Path(*parts[:first]).glob(str(Path(*parts[first:])))


def _one(path: Path, place: Place, what: str) -> ScenarioError:
    return ScenarioError([Problem(path, place, what)])


def _problems(path: Path, document: Document, error: ValidationError) -> list[Problem]:
    """Pydantic's errors in the author's words, in the order of the file, each place once."""
    found: dict[tuple[int, int], Problem] = {}
    for item in error.errors(include_url=False):
        location = _within(document, item["loc"])
        place = document.place(location)
        what = str(item["msg"]).removeprefix("Value error, ")
        where = ".".join(str(part) for part in location)
        if item["type"] == "extra_forbidden":
            place = document.keys.get(location, place)
            what = f"unknown key {location[-1]!r}{_near(location)}"
        elif item["type"] == "missing":
            what = f"the key {item['loc'][-1]!r} is missing"
        elif item["type"] == "string_type" and item["input"] is not None:
            what = f"{where}: text is wanted here; put {item['input']!r} in quotes"
        elif where:
            what = f"{where}: {what}"
        found.setdefault((place.line, place.column), Problem(path, place, what))
    return [found[at] for at in sorted(found)]


def _within(document: Document, location: Sequence[str | int]) -> tuple[str | int, ...]:
    """The part of pydantic's location that is in the document; it also names union members."""
    path: tuple[str | int, ...] = ()
    for part in location:
        if (*path, part) in document.places:
            path = (*path, part)
    return path


def _near(location: Sequence[str | int]) -> str:
    """What an unknown key may have been meant to be: at the top, only what belongs there."""
    models = (Scenario,) if len(location) == 1 else (*vars(schema).values(), ToolSpec)
    known = sorted(
        {
            name
            for model in models
            if isinstance(model, type) and issubclass(model, BaseModel)
            for name in model.model_fields
        }
    )
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
