"""The event log of a run: segments that only ever grow, then never change.

A worker appends to an open segment in `spool/` and publishes it whole, by a create-only link, as
`log/<worker>/<epoch>/<n>.jsonl`. Epochs are claimed by creating `epochs/<n>`, which one process
alone can do. Whoever takes an episode over in a higher epoch writes on from the first event that
is not yet recorded, or again from 0; readers drop what lower epochs hold from there on. So a
worker that was thought dead, and is not, can spoil nothing.

Promises: an event is in the file system before `append` returns (a killed process loses nothing;
a machine that loses power, at most the open segment's tail). A torn last line is cut off at
recovery; a damaged line anywhere else is an error that names file and offset.
Not covered: object stores, which need another `publish` and the same reader.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from .event import SCHEMA_VERSION, Event

SEGMENT_BYTES = 8 * 1024 * 1024
"""An open segment is published once it is longer than this."""


_FORM = (("episode", str), ("seq", int), ("kind", str), ("source", str), ("data", dict),
         ("ambient", dict))  # fmt: skip
"""What every record of the log has. Logs can come from anywhere."""


class LogDamaged(RuntimeError):
    """A line of a published segment is not an event; the message names file and offset."""


class LogBusy(RuntimeError):
    """Another living process is writing to this run."""


def claim_epoch(run: Path, worker: str) -> int:
    """A new epoch for `worker`, higher than any before it in this run."""
    folder = run / "epochs"
    folder.mkdir(parents=True, exist_ok=True)
    epoch = max((int(p.name) for p in folder.iterdir() if p.name.isdigit()), default=0)
    while True:
        epoch += 1
        try:
            handle = os.open(folder / str(epoch), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            continue
        claim = {"worker": worker, "pid": os.getpid(), "claimed": time.time()}
        os.write(handle, orjson.dumps(claim))
        os.close(handle)
        return epoch


class LogWriter:
    """One worker's side of the log, in one epoch."""

    def __init__(
        self, run: Path, worker: str, epoch: int, *, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self._published = run / "log" / worker / str(epoch)
        self._spool = run / "spool" / worker / str(epoch)
        self._published.mkdir(parents=True, exist_ok=True)
        self._spool.mkdir(parents=True, exist_ok=True)
        self._segment_bytes = segment_bytes
        self._number = 0
        self._handle = -1
        self._length = 0

    def append(self, event: Event) -> None:
        """Write one event; it is recorded when this returns.

        Raises `OSError` (a full disk, say) with the line taken back, so that nothing half-written
        stays behind a writer that lives on.
        """
        if self._handle < 0:
            self._open()
        event.ambient.setdefault("t", round(time.time(), 6))
        line = event.line()
        try:
            written = os.write(self._handle, line)
            while written < len(line):
                written += os.write(self._handle, line[written:])
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, self._length)
            raise
        self._length += len(line)
        if self._length >= self._segment_bytes:
            self.seal()

    def seal(self) -> None:
        """Publish the open segment, if it holds anything."""
        if self._handle < 0:
            return
        name = f"{self._number}.jsonl"
        if self._length:
            os.fsync(self._handle)
            _publish(self._spool / name, self._published / name)
        else:
            os.unlink(self._spool / name)  # noqa: PTH108 - beside its siblings from os
        os.close(self._handle)
        self._handle = -1
        self._number += 1

    def close(self) -> None:
        """Publish what is open and leave no empty folder behind."""
        self.seal()
        for folder in (self._spool, self._published):
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _open(self) -> None:
        path = self._spool / f"{self._number}.jsonl"
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        # The lock says that the segment's writer lives; the kernel takes it back when it dies.
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        self._length = 0


def recover(run: Path, *, patience: float = 5.0) -> int:
    """Publish the open segments of dead writers, torn last lines cut off; returns how many.

    Raises `LogBusy` where a writer still lives after `patience` seconds.
    """
    recovered = 0
    for path in sorted((run / "spool").glob("*/*/*.jsonl")):
        handle = os.open(path, os.O_RDWR)
        try:
            busy = f"{path}: its writer is still alive; stop that process, or wait for it"
            take_lock(handle, busy, patience)
            length = _whole_lines(handle)
            if length != os.fstat(handle).st_size:
                os.ftruncate(handle, length)
            target = run / "log" / path.relative_to(run / "spool")
            if length:
                os.fsync(handle)
                target.parent.mkdir(parents=True, exist_ok=True)
                _publish(path, target)
            else:
                path.unlink()
            recovered += 1
        finally:
            os.close(handle)
    return recovered


def _publish(open_segment: Path, target: Path) -> None:
    """Give a segment its final name; refuses to replace another one of that name."""
    try:
        os.link(open_segment, target)
    except FileExistsError:
        # A process killed between link and unlink left both names of one file.
        if not target.samefile(open_segment):
            raise
    os.unlink(open_segment)  # noqa: PTH108 - beside its siblings from os


def take_lock(handle: int, busy: str, patience: float) -> None:
    """Lock the open file `handle`. Raises `LogBusy`, saying `busy`, where another process still
    holds the lock after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise LogBusy(busy) from None
            time.sleep(0.02)


def _whole_lines(handle: int) -> int:
    """Bytes up to and with the last newline."""
    end = os.fstat(handle).st_size
    while end:
        start = max(0, end - 65536)
        block = os.pread(handle, end - start, start)
        newline = block.rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def segments(run: Path) -> list[tuple[int, Path]]:
    """(epoch, file) of every segment, published or open, by epoch, worker and number.

    A segment that has both names for a moment is listed once.
    """
    found: dict[tuple[int, str, int], Path] = {}
    for folder in ("spool", "log"):
        for path in (run / folder).glob("*/*/*.jsonl"):
            found[(int(path.parent.name), path.parent.parent.name, int(path.stem))] = path
    return [(epoch, path) for (epoch, _, _), path in sorted(found.items())]


def logged_bytes(run: Path) -> int:
    """How long the run's log is, which grows with every event."""
    total = 0
    for _, path in segments(run):
        with contextlib.suppress(FileNotFoundError):  # published at this moment
            total += path.stat().st_size
    return total


def read_segment(path: Path) -> Iterator[dict[str, Any]]:
    """Records of one segment, up to its last newline.

    Raises `LogDamaged` for a whole line that is not a record of a version known here.
    """
    offset = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield record_of(line, path, offset)
            offset += len(line)


def record_of(line: bytes, path: Path, offset: int) -> dict[str, Any]:
    """The record that a whole line of a segment holds. Raises `LogDamaged` for any other line."""
    try:
        record: Any = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise LogDamaged(f"{path}: byte {offset}: not JSON ({error})") from None
    if not isinstance(record, dict) or record.get("v") != SCHEMA_VERSION:
        raise LogDamaged(f"{path}: byte {offset}: not an event of schema version {SCHEMA_VERSION}")
    for name, form in _FORM:
        if type(record.get(name)) is not form:
            raise LogDamaged(f"{path}: byte {offset}: an event without {name}")
    return record


def event_of(record: dict[str, Any]) -> Event:
    """The event that a record of the log holds."""
    return Event.model_construct(
        episode=record["episode"],
        seq=record["seq"],
        kind=record["kind"],
        source=record["source"],
        data=record["data"],
        ambient=record["ambient"],
    )


def read_episodes(run: Path) -> Iterator[tuple[str, list[Event]]]:
    """Every episode with its events in order: the finished ones as they ended, then the others.

    Memory holds the episodes that are unfinished at the same time, and one small entry for each
    episode that more than one epoch wrote. Raises `LogDamaged`.
    """
    listed = segments(run)
    cut = _takeovers(listed)
    open_episodes: dict[str, list[Event]] = {}
    for epoch, path in listed:
        for record in read_segment(path):
            episode = record["episode"]
            limits = cut.get(episode)
            if limits is not None and record["seq"] >= _limit(limits, epoch):
                continue
            events = open_episodes.setdefault(episode, [])
            if record["seq"] != len(events):
                raise LogDamaged(
                    f"{path}: episode {episode}: event {record['seq']} where {len(events)} is due"
                )
            events.append(event_of(record))
            if record["kind"] == "status" and record["data"].get("state") == "ended":
                yield episode, open_episodes.pop(episode)
    yield from open_episodes.items()


def _takeovers(listed: list[tuple[int, Path]]) -> dict[str, list[tuple[int, int]]]:
    """(epoch, first seq written in it) by episode, for episodes that several epochs wrote."""
    if len({epoch for epoch, _ in listed}) < 2:
        return {}
    first: dict[str, tuple[int, int]] = {}
    several: dict[str, list[tuple[int, int]]] = {}
    for epoch, path in listed:
        for record in read_segment(path):
            known = first.get(record["episode"])
            if known is None:
                first[record["episode"]] = (epoch, record["seq"])
            elif known[0] != epoch:
                takeovers = several.setdefault(record["episode"], [known])
                takeovers.append((epoch, record["seq"]))
                first[record["episode"]] = takeovers[-1]
    return several


def _limit(takeovers: list[tuple[int, int]], epoch: int) -> int:
    """The first seq that does not count in `epoch`, because a higher one wrote it."""
    return min((seq for later, seq in takeovers if later > epoch), default=2**63)
