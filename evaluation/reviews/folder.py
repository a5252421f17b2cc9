"""The folder of reviews: one file of JSON lines per reviewer, only ever appended to.

It lies beside the runs (`runs/reviews/`), not in them: a queue may span several runs or a plain
file, and a run stays what was recorded, to the byte. A file per reviewer keeps two people, or two
servers, out of each other's way; two that write as the same person take turns by a lock.

Promises: an entry is on the disk when `append` returns. A torn last line, left by a machine that
stopped, was never acknowledged: it is passed over, and cut off by the next `append`. A line
elsewhere that cannot be read is an error that names it, since somebody's word would be lost.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from .entry import Entry, reviewer_name

NAME = "reviews"
"""Of the folder, in the folder of runs."""


class ReviewsUnreadable(ValueError):
    """A line of a reviewer's file is no entry; the message names file and line."""


class ReviewFolder:
    """Everybody's reviews; there need not be any yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def existing(cls, path: Path) -> ReviewFolder:
        """The folder where there must be one. Raises `ReviewsUnreadable`."""
        if not path.is_dir():
            raise ReviewsUnreadable(f"{path}: there is no folder of reviews here")
        return cls(path)

    def entries(self) -> Iterator[Entry]:
        """All entries, reviewer by reviewer, each in the order written.

        Raises `ReviewsUnreadable`.
        """
        for path in sorted(self.path.glob("*.jsonl")):
            if _names_a_reviewer(path.stem):
                yield from _read(path)

    def append(self, entry: Entry) -> None:
        """Keep one entry; it is on the disk when this returns. Raises `OSError`."""
        self.path.mkdir(parents=True, exist_ok=True)
        path = self.path / f"{entry.reviewer}.jsonl"
        new = not path.exists()
        line = entry.model_dump_json(exclude_none=True).encode() + b"\n"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            end = _whole_lines(handle)
            os.ftruncate(handle, end)
            try:
                _write(handle, line)
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, end)
                raise
        finally:
            os.close(handle)
        if new:
            _sync_folder(self.path)


def _names_a_reviewer(name: str) -> bool:
    try:
        return reviewer_name(name) == name
    except ValueError:
        return False


def _read(path: Path) -> Iterator[Entry]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                entry = Entry.model_validate_json(line)
                if entry.reviewer != path.stem:
                    raise ValueError(f"it is {entry.reviewer!r}'s, in another's file")
            except ValueError as error:
                why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
                raise ReviewsUnreadable(f"{path}:{number}: no review: {why}") from None
            yield entry


def _whole_lines(handle: int) -> int:
    """Bytes up to the end of the last whole line."""
    end = os.fstat(handle).st_size
    while end:
        start = max(0, end - 65_536)
        at = os.pread(handle, end - start, start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


def _write(handle: int, line: bytes) -> None:
    while line:
        line = line[os.write(handle, line) :]


def _sync_folder(path: Path) -> None:
    """So that a new file's name survives as well."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
