"""Where dialogues come from: runs, files of trajectories, and plain dialogues, one at a time.

What kind a file holds is seen from its first line. Several sources are read one after another, as
one data set. Nothing is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from ...trajectories.reading import TrajectoriesUnreadable, read_trajectories
from ...trajectories.trajectory import Trajectory
from .plain_dialogues import trajectory_from_plain
from .rounds import Dialogue, dialogue_of

_IN_A_RUN = ("accepted.jsonl", "trajectories.jsonl")
"""What a filter accepted comes before all that was played."""
_POOL = "pool.jsonl"
_OWN_KEYS = ("schema_version", "scenario", "environment")
"""A trajectory has at least one of these; a plain dialogue none."""


def dialogues_file(path: Path) -> Path:
    """The file of dialogues that `path` names: itself, or the one in its folder.

    Raises `TrajectoriesUnreadable` where there is none.
    """
    if path.is_file():
        return path
    for name in _IN_A_RUN:
        if (path / name).is_file():
            return path / name
    raise TrajectoriesUnreadable(
        f"{path}: no file of dialogues, and no run (a folder with {' or '.join(_IN_A_RUN)})"
    )


def read_dialogues(paths: Sequence[Path]) -> Iterator[Dialogue]:
    """The dialogues of all sources in order. Raises `TrajectoriesUnreadable`, for a source that
    is not there before the first dialogue is given."""
    files = [dialogues_file(path) for path in paths]
    return (dialogue_of(trajectory) for file in files for trajectory in _trajectories(file))


def content_digest(paths: Sequence[Path]) -> str:
    """Hex BLAKE2b-128 over the content of all files, in order. Raises as `read_dialogues` does."""
    hasher = hashlib.blake2b(digest_size=16)
    for path in paths:
        with dialogues_file(path).open("rb") as file:
            hasher.update(hashlib.file_digest(file, "blake2b").digest())
    return hasher.hexdigest()


def pool_file(paths: Sequence[Path]) -> Path | None:
    """The pool of tools that lies in the first source, as it does in a synthesis; else None."""
    found = paths[0] / _POOL
    return found if found.is_file() else None


def _trajectories(file: Path) -> Iterator[Trajectory]:
    return _plain(file) if _is_plain(file) else read_trajectories(file)


def _is_plain(file: Path) -> bool:
    with file.open("rb") as lines:
        for line in lines:
            if line.strip():
                try:
                    record = orjson.loads(line)
                except orjson.JSONDecodeError:
                    return False
                return isinstance(record, dict) and not any(key in record for key in _OWN_KEYS)
    return False


def _plain(file: Path) -> Iterator[Trajectory]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield trajectory_from_plain(line, number)
                except ValueError as error:
                    raise TrajectoriesUnreadable(f"{file}:{number}: {error}") from None
