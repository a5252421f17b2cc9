"""What stands behind `openapi:…`, `mcp:…`, `python:…` and `replay:…` in a scenario.

A name is looked up in `callsheet.toml`, then among installed packages' entry points of the group
`callsheet.environments`. `openapi:` and `replay:` take a file as well, told from a name by a dot or
a slash in it; such a document is called without credentials. `mcp:` and `python:` take nothing
else than registered names, since what they name is run.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from ...tools import ToolSpec
from ...tools.pool import load_pool
from ...trajectories.canonical import digest
from .documents import read_tools
from .environment import ExternalSource
from .http_caller import HttpCaller
from .mcp_caller import McpCaller
from .names import KINDS, names_a_file
from .python_caller import PythonCaller
from .recording import RecordedSource
from .settings import (
    PROJECT_FILE,
    HttpSettings,
    McpSettings,
    PythonSettings,
    Settings,
    project_settings,
)

GROUP = "callsheet.environments"


def external_names(folder: Path | None = None) -> list[str]:
    """The names that the project in `folder` (default: here) registers. Raises `ValueError`."""
    settings = project_settings(folder or Path.cwd())
    return [f"{kind}:{name}" for kind in KINDS[:3] for name in sorted(settings.table(kind))]


def external_source(name: str) -> ExternalSource | RecordedSource | Any:
    """The source of that name, one a process as long as its files do not change.

    Raises `ValueError`, one line: nothing is registered so, or the project file is damaged.
    """
    folder = Path.cwd()
    stamps = [_stamp(folder / PROJECT_FILE)]
    if names_a_file(name):
        stamps.append(_stamp(folder / name.partition(":")[2]))
    return _source(name, folder, tuple(stamps))


@lru_cache(maxsize=64)
def _source(name: str, folder: Path, stamps: tuple[object, ...]) -> Any:
    kind, _, rest = name.partition(":")
    if names_a_file(name):
        path = folder / rest
        if kind == "replay":
            return RecordedSource(name, path)
        return source_of(HttpSettings(document=rest), name, folder)
    registered = project_settings(folder).table(kind).get(rest)
    if registered is not None:
        return source_of(registered, name, folder)
    found = next((p for p in entry_points(group=GROUP) if p.name == name), None)
    if found is None:
        raise ValueError(_unknown(name, kind, folder))
    loaded = found.load()
    if isinstance(loaded, HttpSettings | McpSettings | PythonSettings):
        return source_of(loaded, name, folder)
    if not callable(getattr(loaded, "open", None)):
        raise ValueError(f"{name}: the entry point {found.value} is no environment and no settings")
    return loaded


def source_of(settings: Settings, name: str, folder: Path) -> ExternalSource | RecordedSource:
    """The source that settings describe; their relative paths are below `folder`."""
    described = _described(settings, folder)
    if settings.replay is not None:
        return RecordedSource(name, folder / settings.replay, described)
    # Credentials decide nothing about answers that a digest should know, and are in none.
    public = settings.model_dump(mode="json", exclude={"credentials", "env"})
    if isinstance(settings, HttpSettings):
        assert described is not None
        return ExternalSource(
            name,
            HttpCaller(settings, name),
            described,
            lambda: digest(public),
            idempotent=settings.idempotent,
            check_output=settings.check_output,
        )
    if isinstance(settings, McpSettings):
        server = McpCaller(settings, name, folder)
        specs = described or server.specs
        more = settings.idempotent
        return ExternalSource(name, server, specs, lambda: digest(public), idempotent=more)
    functions = PythonCaller(settings, name, folder)
    return ExternalSource(
        name,
        functions,
        functions.specs,
        lambda: digest([public, functions.digest()]),
        idempotent=settings.idempotent,
    )


def _described(settings: Settings, folder: Path) -> Callable[[], Sequence[ToolSpec]] | None:
    """How a file gives the tools, where there is one; else whoever runs them is asked."""
    if isinstance(settings, HttpSettings):
        document = folder / settings.document
        return lambda: read_tools(document)
    if isinstance(settings, McpSettings) and settings.tools is not None:
        pool = folder / settings.tools
        return lambda: load_pool(pool)
    return None


def _unknown(name: str, kind: str, folder: Path) -> str:
    if kind == "replay":
        return f"unknown environment {name!r}: give the path of a recording, such as replay:a.jsonl"
    known = external_names(folder)
    close = difflib.get_close_matches(name, known, n=3)
    if close:
        return f"unknown environment {name!r}; did you mean {' or '.join(close)}?"
    table = f"[{kind}.{name.partition(':')[2]}]"
    hint = f"add a table {table} to {folder / PROJECT_FILE}"
    if kind == "openapi":
        hint += ", or give a document's path"
    listed = f"; there are: {', '.join(known[:20])}" if known else ""
    return f"unknown environment {name!r}: {hint}{listed}"


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
