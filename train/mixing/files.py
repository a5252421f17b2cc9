"""From a place in a source's file to the record that stands there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from pydantic import ValidationError

from ...trajectories.reading import TrajectoriesUnreadable
from ...trajectories.trajectory import Trajectory
from .index import MixtureInvalid, Part, SourceIndex, opened, stamp_of

_MOST_OPEN = 64
"""Files open at once: a converted folder may hold thousands."""


class Record(NamedTuple):
    """One trajectory as it stands in its file."""

    line: bytes
    """JSON."""
    path: Path
    offset: int
    """Of the line in the file, in bytes."""

    def trajectory(self) -> Trajectory:
        """The whole record, validated. Raises `TrajectoriesUnreadable`."""
        try:
            return Trajectory.model_validate_json(self.line)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the record"
            raise TrajectoriesUnreadable(
                f"{self.path}: byte {self.offset}: {where}: {first['msg']}"
            ) from None


class SourceFiles:
    """The files of a mixture, opened when they are read from; each process opens its own."""

    def __init__(self, sources: Sequence[SourceIndex], part: Part) -> None:
        self._sources = sources
        self._part = part
        self._open: dict[tuple[int, int], BinaryIO] = {}

    def __enter__(self) -> SourceFiles:
        return self

    def __exit__(self, *error: object) -> None:
        for file in self._open.values():
            file.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": {}}

    def record(self, source: int, position: int) -> Record:
        """The record at `position` of a source's part.

        Raises `MixtureInvalid` where the file is no longer the one that was indexed.
        """
        index = self._sources[source]
        places = index.places[self._part]
        number, offset = places.files[position], places.offsets[position]
        file = self._open.get((source, number)) or self._opened(source, number)
        line = os.pread(file.fileno(), places.lengths[position], offset)
        return Record(line, index.files[number], offset)

    def _opened(self, source: int, number: int) -> BinaryIO:
        index = self._sources[source]
        path = index.files[number]
        file = opened(index.name, path)
        if stamp_of(file) != index.stamps[number]:
            file.close()
            raise MixtureInvalid(
                f"source {index.name!r}: {path} was changed after it was read; start again"
            )
        if len(self._open) == _MOST_OPEN:
            self._open.pop(next(iter(self._open))).close()
        self._open[source, number] = file
        return file
