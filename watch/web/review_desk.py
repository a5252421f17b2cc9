"""What the review routes work on: sources by name, where their trajectories stand, what was said.

A source is a run's name, or the path of a `.jsonl` file below the runs folder. Of each file the
places of its trajectories are kept until the file changes; reviews are read anew for each request,
because other servers and people write them too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...evaluation.reviews import (
    NAME,
    Entry,
    Item,
    ReviewFolder,
    ReviewsUnreadable,
    Standings,
    items_of,
    reviewer_name,
    standings,
)
from ...simulation import RunDirectory
from ...trajectories.reading import TrajectoriesUnreadable
from ..text import is_text
from .place import Place
from .refused import Refused


class ReviewDesk:
    """The trajectories and reviews of one runs folder."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._folder = ReviewFolder(place.runs / NAME)
        self._known: dict[Path, tuple[tuple[int, int], list[Item]]] = {}
        self._reading = threading.Lock()

    def sources(self) -> list[dict[str, Any]]:
        """Runs that have trajectories, the files that lie beside them, and what syntheses accepted;
        by name."""
        runs = [
            {"name": name, "kind": "run"}
            for name in self._place.names()
            if RunDirectory(self._place.runs / name).trajectories.is_file()
        ]
        folder = self._place.runs
        names = (
            path.relative_to(folder).as_posix()
            for path in (*folder.glob("*.jsonl"), *folder.glob("*/accepted.jsonl"))
            if path.is_file() and not path.is_symlink()
        )
        files = [{"name": name, "kind": "file"} for name in names if is_text(name)]
        return sorted(runs + files, key=lambda one: one["name"])

    def items(self, sources: list[str]) -> list[Item]:
        """The trajectories of all sources, each content once. Raises `Refused`."""
        found = [item for source in dict.fromkeys(sources) for item in self._items(source)]
        return list({item.digest: item for item in reversed(found)}.values())[::-1]

    def item(self, sources: list[str], digest: str) -> Item:
        """One of them. Raises `Refused` (404)."""
        for item in self.items(sources):
            if item.digest == digest:
                return item
        raise Refused(404, "this conversation is not there any more: reload the queue")

    def entries(self) -> list[Entry]:
        """Everything that anybody said. Raises `Refused`."""
        with readable():
            return list(self._folder.entries())

    def standings(self) -> Standings:
        """What stands of it. Raises `Refused`."""
        return standings(self.entries())

    def keep(self, entry: Entry) -> None:
        """Write it down; it is on the disk when this returns. Raises `Refused` (507)."""
        try:
            self._folder.append(entry)
        except OSError as error:
            raise Refused(507, f"not saved: {self._folder.path}: {error.strerror}") from None

    def _items(self, source: str) -> list[Item]:
        path = self._path(source)
        with readable(), self._reading:
            status = path.stat()
            stamp = status.st_size, status.st_mtime_ns
            known = self._known.get(path)
            if known is None or known[0] != stamp:
                known = self._known[path] = stamp, items_of(path, source)
            return known[1]

    def _path(self, source: str) -> Path:
        if not source.endswith(".jsonl"):
            path = RunDirectory(self._place.run(source)).trajectories
            if path.is_file():
                return path
            raise Refused(404, f"{source!r} has no trajectories yet: they come when it has ended")
        runs = self._place.runs
        try:
            path = (runs / source).resolve()
            inside = path.is_relative_to(runs) and not path.is_relative_to(self._folder.path)
            if inside and path.is_file():
                return path
        except (OSError, ValueError):
            pass  # A name that no file can have names no source.
        raise Refused(404, f"{source[:100]!r} is no file in {runs}")


@contextmanager
def readable() -> Iterator[None]:
    """Turns what cannot be read into one line for the page."""
    try:
        yield
    except (TrajectoriesUnreadable, ReviewsUnreadable) as error:
        raise Refused(422, str(error)) from None
    except OSError as error:
        raise Refused(422, f"{error.filename}: {error.strerror}") from None


def named(reviewer: str) -> str:
    """A reviewer's name as it is stored. Raises `Refused` (422)."""
    try:
        return reviewer_name(reviewer)
    except ValueError as error:
        raise Refused(422, str(error)) from None
