"""The folders that the page works on, and the one way from a name in a request to a path.

A run's name is its path below the runs folder, such as `0001` or `exp/arm-a`. Nothing outside that
folder has a name: not by `..`, not as an absolute path, not through a link; and what `names` does
not list, because it is hidden, lies too deep or is called by bytes that are no text, has none
either.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..text import is_text
from .refused import Refused

_LONGEST = 1024
"""Characters of a run's name."""
_DEEPEST = 4
"""Folders that a run may lie below the runs folder; deeper ones are not looked for."""


class Place:
    """The runs folder and the project folder."""

    def __init__(self, runs: Path, project: Path) -> None:
        """`runs` may itself be a run: then its parent is the folder, and `opened` its name."""
        runs = runs.resolve()
        self.opened: str | None = None
        if (runs / "run.json").is_file():
            self.opened, runs = runs.name, runs.parent
        self.runs = runs
        self.project = project.resolve()

    def run(self, name: str) -> Path:
        """The folder of the run `name`. Raises `Refused` (404) where there is no such run."""
        parts = name.split("/")
        plain = len(parts) <= _DEEPEST and not any(part[:1] in ("", ".") for part in parts)
        if plain and len(name) <= _LONGEST and "\0" not in name:
            try:
                path = self.runs / name
                if path.resolve() == path and (path / "run.json").is_file():
                    return path
            except (OSError, ValueError):
                pass  # A name that no file can have names no run.
        shown = name if len(name) <= 100 else f"{name[:100]}…"
        raise Refused(404, f"{shown!r} is no run in {self.runs}")

    def name_of(self, path: Path) -> str | None:
        """The name of a run at `path`, whether there is one or not; None outside the folder."""
        return path.relative_to(self.runs).as_posix() if path.is_relative_to(self.runs) else None

    def names(self) -> Iterator[str]:
        """The names of all runs that are there now, in no order."""
        yield from _runs(str(self.runs), "", _DEEPEST)


def _runs(folder: str, above: str, depth: int) -> Iterator[str]:
    try:
        with os.scandir(folder) as listed:
            entries = [e for e in listed if e.name[0] != "." and is_text(e.name)]
    except OSError:
        return  # Removed, or not ours to read; other folders still are.
    if above and any(entry.name == "run.json" for entry in entries):
        yield above
        return
    if depth:
        for entry in entries:
            # A link to a run would show it twice, or lead out of the folder.
            if entry.is_dir(follow_symlinks=False):
                name = f"{above}/{entry.name}" if above else entry.name
                yield from _runs(entry.path, name, depth - 1)
