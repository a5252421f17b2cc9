"""The log of a run as it grows: read on from where the last look ended, while others write it.

Each look lists the segments, reads what is new of them, and puts it in its place: an event belongs
to its episode at its `seq`, unless a higher epoch wrote there; where one takes over what a lower
one had written, the rest of that is dropped, and readers are told so. The result is what
`read_episodes` gives, at any moment.

Memory holds where each event lies, eight bytes, and never the events. Nothing is locked or
written. What cannot be read stays unread and is stated in `fault`: a damaged line, a segment or an
event that is missing. On a shared folder such a thing may only not be visible yet, so each look
tries it again.
"""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from .log import LogDamaged, record_of

_BLOCK = 1 << 20
"""Bytes that are read at once."""
_OFFSET_BITS = 40
"""Of a place: the lower bits are the byte, the upper ones the segment's number in the list."""
_LISTED_SECONDS = 1.0
"""How long the listing of the published segments holds while no open one disappears."""


class LogReplaced(OSError):
    """The run's log is another one than before; whoever follows it begins anew."""


@dataclass(slots=True)
class EpisodeLog:
    """Where the events of one episode lie."""

    episode: str
    epoch: int
    """The highest that wrote it."""
    attempt: int = 0
    """The epoch that last dropped events of others; 0 where none did."""
    places: array[int] = field(default_factory=lambda: array("Q"))
    """Of each event, by `seq`."""


class Entry(NamedTuple):
    """One event that is new."""

    log: EpisodeLog
    record: dict[str, Any]
    dropped: bool
    """Whether events that were there before it have been dropped for it."""


_Name = tuple[int, str, int]
"""Epoch, worker and number of a segment."""


@dataclass(slots=True)
class _Segment:
    number: int
    """Position in the list of all of them."""
    inode: int
    offset: int = 0
    """Bytes that have been read."""
    published: tuple[int, int, int] | None = None
    """The file's stamp, where it was read to its end after it was published; it changes no more."""


class LogTail:
    """One run's log. Looks are taken one at a time; `records` may be read meanwhile."""

    def __init__(self, run: Path) -> None:
        self.episodes: dict[str, EpisodeLog] = {}
        self.fault: str | None = None
        """What could not be read at the last whole look: where, and why."""
        self._spool = run / "spool"
        self._log = run / "log"
        self._segments: dict[_Name, _Segment] = {}
        self._names: list[_Name] = []
        self._listed = float("-inf")

    def look(self) -> Iterator[Entry]:
        """What is new; may be left at any entry, and the next look goes on there.

        Raises `LogReplaced`, and `OSError` where the folder cannot be read.
        """
        fault: str | None = None
        waiting: set[tuple[int, str]] = set()
        for name in self._find():
            epoch, worker, number = name
            if (epoch, worker) in waiting:
                continue
            if number and (epoch, worker, number - 1) not in self._segments:
                fault = fault or f"{self._log}: {worker}/{epoch}/{number - 1}.jsonl is missing"
                waiting.add((epoch, worker))
                continue
            try:
                yield from self._read(name)
            except LogDamaged as error:
                fault = fault or str(error)
                waiting.add((epoch, worker))
        self.fault = fault

    def records(self, places: array[int]) -> Iterator[dict[str, Any]]:
        """The records at `places`. Raises `OSError` where the log has been removed; `LogReplaced`,
        which is one, where another has its place."""
        at, file = -1, None
        try:
            for place in places:
                number = place >> _OFFSET_BITS
                if file is None or number != at:
                    if file is not None:
                        file.close()
                    at, file = number, os.fdopen(self._open(self._names[number]), "rb")
                file.seek(place & ((1 << _OFFSET_BITS) - 1))
                try:
                    yield orjson.loads(file.readline())
                except orjson.JSONDecodeError:
                    raise LogReplaced(f"{self._log}: another log than before") from None
        finally:
            if file is not None:
                file.close()

    def _find(self) -> list[_Name]:
        """The segments that may hold something new, in the order in which they count."""
        # Open ones first: one that is published in between is then in both listings, not in none.
        found = dict.fromkeys(_listed(self._spool), False)
        now = time.monotonic()
        sealed = any(
            not known.published and at not in found for at, known in self._segments.items()
        )
        skipped = any(
            number and (epoch, worker, number - 1) not in self._segments
            for epoch, worker, number in found
        )
        if sealed or skipped or now - self._listed >= _LISTED_SECONDS:
            self._listed = now
            found |= dict.fromkeys(_listed(self._log), True)
            for name in [name for name in self._segments if name not in found]:
                # One that never held a whole line goes without a trace when its writer ends.
                if self._segments.pop(name).offset:
                    raise LogReplaced(f"{self._log}: {name[1]}/{name[0]}/{name[2]}.jsonl has gone")
            self._check_first()
        return [
            name
            for name in sorted(found)
            if (known := self._segments.get(name)) is None or not known.published
        ]

    def _check_first(self) -> None:
        """Raises `LogReplaced` where the first published segment is another file than before: a
        run that was deleted and made again has segments of the same names, and one stands for
        all."""
        for name, known in self._segments.items():
            if known.published is not None:
                path = self._path(self._log, name)
                try:
                    found = _stamp(path.stat())
                except FileNotFoundError:
                    raise LogReplaced(f"{path} has gone") from None
                if found != known.published:
                    raise LogReplaced(f"{path} is another file")
                return

    def _read(self, name: _Name) -> Iterator[Entry]:
        """Read one segment to its last newline. Its file is closed before anything is given out:
        a look may be left for long, and many runs are looked at in turns."""
        ended = False
        while not ended:
            try:
                handle = self._open(name)
            except FileNotFoundError:
                return  # Removed meanwhile; the next listing says so.
            try:
                # Looked up before it is read to its end: a published segment grows no more.
                published = self._path(self._log, name).exists()
                found = os.fstat(handle)
                segment = self._segment(name, found)
                payload = _whole_lines(handle, segment.offset)
            finally:
                os.close(handle)
            path = self._path(self._log if published else self._spool, name)
            ended = not payload or segment.offset + len(payload) >= found.st_size
            for line in payload[:-1].split(b"\n") if payload else ():
                record = record_of(line, path, segment.offset)
                entry = self._placed(record, name[0], segment, path)
                segment.offset += len(line) + 1
                if entry is not None:
                    yield entry
            segment.published = _stamp(found) if ended and published else None

    def _segment(self, name: _Name, found: os.stat_result) -> _Segment:
        segment = self._segments.get(name)
        if segment is None:
            segment = self._segments[name] = _Segment(len(self._names), found.st_ino)
            self._names.append(name)
        elif segment.inode != found.st_ino or found.st_size < segment.offset:
            raise LogReplaced(f"{self._log}: {name[1]}/{name[0]}/{name[2]}.jsonl is another file")
        return segment

    def _placed(
        self, record: dict[str, Any], epoch: int, segment: _Segment, path: Path
    ) -> Entry | None:
        """Give an event its place; None for one that a higher epoch has taken over."""
        episode, seq = record["episode"], record["seq"]
        log = self.episodes.get(episode)
        if log is None:
            log = EpisodeLog(episode, epoch)
        elif epoch < log.epoch:
            return None
        due = len(log.places)
        dropped = epoch > log.epoch and 0 <= seq < due
        if seq != due and not dropped:
            raise LogDamaged(f"{path}: episode {episode}: event {seq} where {due} is due")
        if dropped:
            del log.places[seq:]
            log.attempt = epoch
        log.epoch = epoch
        log.places.append(segment.number << _OFFSET_BITS | segment.offset)
        self.episodes[episode] = log
        return Entry(log, record, dropped)

    def _open(self, name: _Name) -> int:
        # Not waiting for the other end of a pipe that somebody put there.
        flags = os.O_RDONLY | os.O_NONBLOCK
        try:
            return os.open(self._path(self._log, name), flags)
        except FileNotFoundError:
            return os.open(self._path(self._spool, name), flags)

    @staticmethod
    def _path(folder: Path, name: _Name) -> Path:
        return folder / name[1] / str(name[0]) / f"{name[2]}.jsonl"


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    """An inode alone may be given to the next file."""
    return found.st_ino, found.st_size, found.st_mtime_ns


def _whole_lines(handle: int, offset: int) -> bytes:
    """A block of whole lines from `offset` on; empty where there is none that has its newline."""
    payload = b""
    while block := os.pread(handle, _BLOCK, offset + len(payload)):
        payload += block
        if end := payload.rfind(b"\n", len(payload) - len(block)) + 1:
            return payload[:end]
    return b""


def _listed(folder: Path) -> Iterator[_Name]:
    """The segments below `folder`; files of other names are none."""
    for worker in _names(folder):
        for epoch in _names(folder / worker):
            if epoch.isdecimal():
                for name in _names(folder / worker / epoch):
                    number, _, ending = name.partition(".")
                    if ending == "jsonl" and number.isdecimal():
                        yield int(epoch), worker, int(number)


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are wanted, many times a second
    except (FileNotFoundError, NotADirectoryError):
        return []
