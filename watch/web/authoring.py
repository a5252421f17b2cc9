"""Routes for writing scenarios: files, the linter, and what the editor completes from.

What a page sends is text by anybody: it is read, looked over (`scenarios.confined`) and linted, and
names what runs outside only as the project registers it. Not here: playing it (see `acting`).
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from ...environments.external.sources import external_names
from ...environments.registry import PLANNED, sandbox_names, tools_of
from ...models.errors import ModelUnavailable
from ...models.model_file import project_folders
from ...models.registry import model_names
from ...scenarios import Scenario, ScenarioError, json_schema, library, load_scenario
from ...scenarios.confined import confined
from ...scenarios.document import Document
from ...scenarios.lint import lint
from ...scenarios.loader import read_scenario
from ...simulation.cast import BASELINE, HUMAN, ROLES
from .place import Place
from .refused import Refused
from .scenario_files import LARGEST, ScenarioFiles, encoded

_UNSAVED = "unsaved.yaml"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Draft(_Body):
    """A scenario's text, and the file it is or would be."""

    text: str = Field(max_length=LARGEST)
    file: str | None = Field(default=None, max_length=400)


class Save(_Body):
    """`replaces`: digest of the content that the author began with; None for a new file."""

    text: str = Field(max_length=LARGEST)
    file: str = Field(max_length=400)
    replaces: str | None = Field(default=None, max_length=64)


def router(place: Place) -> APIRouter:
    """The routes of one server."""
    routes = APIRouter()
    files = ScenarioFiles(place.project)
    one_at_a_time = threading.Lock()

    @routes.get("/api/author")
    def known() -> dict[str, Any]:
        return {
            "files": files.names(),
            "library": [described(name) for name in library()],
            "models": models(place.project),
            "environments": environments(place.project),
            "roles": list(ROLES),
            "schema": json_schema(),
        }

    @routes.get("/api/author/file")
    def opened(file: str) -> dict[str, Any]:
        text, digest = files.read(file)
        return {"file": file, "text": text, "digest": digest}

    @routes.post("/api/author/file")
    def saved(save: Save) -> dict[str, Any]:
        return {"file": save.file, "digest": files.write(save.file, save.text, save.replaces)}

    @routes.get("/api/author/template")
    def template(name: str) -> dict[str, Any]:
        path = library().get(name)
        if path is None:
            raise Refused(404, f"the library has no scenario {name[:100]!r}")
        return {"name": name, "text": path.read_text(encoding="utf-8")}

    @routes.get("/api/author/tools")
    def tools(environment: str) -> dict[str, Any]:
        if environment not in environments(place.project):
            return {"tools": []}
        try:
            found = tools_of(environment)
        except (ValueError, ModelUnavailable) as error:
            raise Refused(422, str(error)) from None
        return {"tools": [tool.model_dump(include={"name", "description", "parameters"})
                          for tool in found]}  # fmt: skip

    @routes.post("/api/author/lint")
    def linted(draft: Draft) -> dict[str, Any]:
        # The linter carries solutions out; many tabs must not make many of it.
        with one_at_a_time:
            return {"findings": findings(draft, files)}

    return routes


def described(name: str) -> dict[str, Any]:
    """What the page says of a scenario of the library."""
    scenario = load_scenario(library()[name])
    return {
        "name": name,
        "description": scenario.description,
        "alone": scenario.pool is None,  # a copy elsewhere would miss its pool
    }


def models(project: Path) -> list[str]:
    """Names of the models that can play a part: the built-in rules, a person, those configured."""
    return [BASELINE, HUMAN, *model_names(project_folders(project))]


def environments(project: Path) -> list[str]:
    """Names of all environments: built in, installed, and those that the project registers."""
    try:
        registered = external_names(project)
    except ValueError:  # a damaged callsheet.toml is said where one of its names is used
        registered = []
    return [*sandbox_names(), PLANNED, *registered]


def read_draft(text: str, file: str | None, files: ScenarioFiles) -> tuple[Scenario, Document]:
    """The scenario of a text from the page. Raises `ScenarioError` and `Refused`."""
    path = files.place(file or _UNSAVED)
    try:
        scenario, document = read_scenario(encoded(text), path)
    except ScenarioError:
        raise
    except ValueError as error:  # such as a null character in the path of a pool
        raise Refused(422, str(error)) from None
    return confined(scenario, document, path, files.project, files.folder), document


def findings(draft: Draft, files: ScenarioFiles) -> list[dict[str, Any]]:
    """What the loader or the linter say of a text, in its order; lines and columns from 1."""
    try:
        scenario, document = read_draft(draft.text, draft.file, files)
    except ScenarioError as error:
        return [
            {"line": problem.place.line, "column": problem.place.column, "severity": "error",
             "rule": "unreadable", "what": problem.what, "hint": ""}
            for problem in error.problems
        ]  # fmt: skip
    return [
        {"line": found.place.line, "column": found.place.column, "severity": found.severity,
         "rule": found.rule, "what": found.what, "hint": found.hint}
        for found in lint(scenario, document)
    ]  # fmt: skip
