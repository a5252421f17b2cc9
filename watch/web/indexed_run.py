"""One run as the page knows it: its rows, its totals, and where its events lie.

It reads on when it is asked to look, in steps of some milliseconds, so that whoever else asks is
answered in between. Safe for several threads. A run that cannot be read keeps what was read, and
its row states the fault.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from ...simulation import Manifest, RunDirectory, RunError
from ...trajectories.tail import Entry, LogReplaced, LogTail
from ..text import harmless
from .present import Present
from .refused import Refused
from .rows import EpisodeRow, RunRow, Totals, new_row

_STEP_SECONDS = 0.006
"""How long one step may take before it lets others go first."""
_REST_SECONDS = 0.001
_RATE_SECONDS = 60.0
_EPISODE_SECONDS = 30.0
"""How long an answer about one episode waits for a log that has not been read yet."""


class Part(NamedTuple):
    """Some events of an episode, in order."""

    mark: str
    """Of what has been written of it so far; another one says that events were dropped."""
    after: int
    """`seq` of the first."""
    reset: bool
    records: Iterator[dict[str, Any]]
    """Read from the disk as they are asked for; raises `OSError` where the log was removed."""


class IndexedRun:
    """`changed` is called, with the lock held, whenever `row` has become another one."""

    def __init__(self, name: str, path: Path, changed: Callable[[IndexedRun], None]) -> None:
        self.name = name
        self.path = path
        self.used = time.monotonic()
        self.lock = threading.Lock()
        self._changed = changed
        self._directory = RunDirectory(path)
        self._present = Present(path)
        self._rev = int(time.time() * 1e6)
        self.version = 0
        """Grows with everything that somebody who follows the run may want to be told."""
        self.row = RunRow(name)
        self._begin()

    def _begin(self) -> None:
        """Nothing is known."""
        self.mark = secrets.token_hex(4)
        """Of what has been read since; cursors of another mark mean nothing here."""
        self.whole = False
        """Whether the log has been read to its end once."""
        self._manifest: Manifest | None = None
        self._made = 0.0
        """When run.json was written: what is known of a run in which nothing has happened yet."""
        self._scenarios = 0
        self._unreadable: str | None = None
        """What is wrong with run.json."""
        self._hidden: str | None = None
        """What of the log the file system refused at the last look."""
        self._strange: str | None = None
        """The last event that has not an event's form."""
        self._tail = LogTail(self.path)
        self._entries: Iterator[Entry] | None = None
        self._rows: dict[str, EpisodeRow] = {}
        self._by_rev: dict[str, EpisodeRow] = {}
        self._totals = Totals()
        self._ends: deque[float] = deque()
        self._last = 0.0

    # Reading on

    def look(self) -> bool:
        """Read on for one step; whether all that is there has been read."""
        with self.lock:
            self._ask()
            touched: dict[str, EpisodeRow] = {}
            ended = True
            try:
                ended = self._read(touched)
                self._hidden = None
            except LogReplaced:
                self._begin()
                touched.clear()
                ended = False
            except OSError as error:
                self._entries = None
                self._hidden = f"{error.filename}: {error.strerror}"
            self.version += ended and not self.whole
            self.whole = self.whole or ended
            self._settle(touched)
            return ended

    def read_on(self, seconds: float) -> bool:
        """Read on until all has been read or so much time has gone; whether all has."""
        deadline = time.monotonic() + seconds
        while not self.look():
            if time.monotonic() > deadline:
                return False
            # Lets waiting threads have the interpreter and the lock.
            time.sleep(_REST_SECONDS)
        return True

    @property
    def is_idle(self) -> bool:
        """Whether nobody plays it, and all of it has been read."""
        return self.whole and not self._present.live

    @property
    def size(self) -> int:
        """How many episodes have begun."""
        return len(self._rows)

    def _ask(self) -> None:
        """What is true now; asked before the log is read, so that the last events of a run that
        has just ended are not left for later."""
        live = self._present.live
        self.version += self._present.ask()
        if live != self._present.live:
            unfinished = {e: row for e, row in self._rows.items() if row.ended is None}
            self._count(unfinished, -1)
            self._settle(unfinished)
        if self._manifest is None:
            try:
                manifest = self._directory.manifest()
                self._made = (self.path / "run.json").stat().st_mtime
                self._scenarios = _lines(self.path / "scenarios.jsonl")
                orjson.dumps(manifest.model_dump(mode="json"))  # what the page is told of it
                self._manifest, self._unreadable = manifest, None
            except TypeError as error:
                self._unreadable = f"{self.path / 'run.json'}: {error}"
            except RunError as error:
                self._unreadable = str(error)
            except OSError as error:
                self._unreadable = f"{error.filename}: {error.strerror}"

    def _read(self, touched: dict[str, EpisodeRow]) -> bool:
        if self._entries is None:
            self._entries = self._tail.look()
        deadline = time.monotonic() + _STEP_SECONDS
        for number, entry in enumerate(self._entries, 1):
            self._tell(entry, touched)
            if not number % 64 and time.monotonic() > deadline:
                return False
        self._entries = None
        return True

    def _tell(self, entry: Entry, touched: dict[str, EpisodeRow]) -> None:
        log, record, dropped = entry
        row = self._rows.get(log.episode)
        if row is not None and log.episode not in touched:
            self._totals.count(row, -1)
        told = [record]
        if row is None or dropped:
            row = self._rows[log.episode] = new_row(log.episode)
            if dropped:
                told = list(self._tail.records(log.places))
        touched[log.episode] = row
        try:
            for one in told:
                row.tell(one)
        except (KeyError, TypeError, ValueError, AttributeError):
            self._strange = f"{log.episode}: event {record['seq']} has not an event's form"
            return
        at = row.started + row.seconds
        self._last = max(self._last, at)
        if row.ended is not None and at > time.time() - _RATE_SECONDS:
            self._ends.append(at)

    def _count(self, rows: dict[str, EpisodeRow], by: int) -> None:
        for row in rows.values():
            self._totals.count(row, by)

    def _settle(self, touched: dict[str, EpisodeRow]) -> None:
        """Put changed rows in again, and make the run's row anew."""
        self.version += bool(touched)
        self._count(touched, 1)
        for episode, row in touched.items():
            if row.ended is None:
                row.status = "running" if self._present.live else "stopped"
            self._rev += 1
            row.rev = self._rev
            self._by_rev.pop(episode, None)
            self._by_rev[episode] = row
        row_now = self._summary()
        if row_now != replace(self.row, rev=0):
            self.row = row_now
            self.version += 1
            self._changed(self)

    def _summary(self) -> RunRow:
        totals, manifest = self._totals, self._manifest
        total = manifest.episodes if manifest else 0
        fault = (
            self._unreadable
            or self._hidden
            or self._tail.fault
            or self._strange
            or self._present.fault
        )
        return RunRow(
            run=self.name,
            total=total,
            done=totals.done,
            running=totals.unfinished if self._present.live else 0,
            accepted=totals.accepted,
            rejected=totals.done - totals.accepted,
            statuses=dict(+totals.statuses),
            blames=dict(+totals.blames),
            models=manifest.config.models if manifest else {},
            scenarios=self._scenarios,
            prompt_tokens=totals.prompt_tokens,
            completion_tokens=totals.completion_tokens,
            cost=round(totals.cost, 9) if totals.priced else None,
            rate=self._rate(),
            started=self._first.started if self._first else self._made,
            changed=self._last or self._made,
            live=self._present.live,
            state=self._state(total),
            forked_from=manifest.forked_from if manifest else None,
            fault=None if fault is None else harmless(fault),
        )

    @property
    def _first(self) -> EpisodeRow | None:
        """The row of the episode that began first."""
        return next(iter(self._rows.values()), None)

    def _rate(self) -> float | None:
        now = time.time()
        while self._ends and self._ends[0] < now - _RATE_SECONDS:
            self._ends.popleft()
        if not self._present.live or self._first is None:
            return None
        span = min(_RATE_SECONDS, max(1.0, now - self._first.started))
        return round(len(self._ends) / span, 2)

    def _state(self, total: int) -> str:
        if total and self._totals.done >= total:
            return "finished"
        if self._present.control.cancelled:
            return "cancelled"
        if self._present.live:
            return "paused" if self._present.control.paused else "running"
        return "stopped"

    # What others ask

    def rows_after(self, rev: int, most: int | None = None) -> list[EpisodeRow]:
        """Copies of the rows that changed after `rev`, the longest unchanged first."""
        with self.lock:
            changed: list[EpisodeRow] = []
            for row in reversed(self._by_rev.values()):
                if row.rev <= rev:
                    break
                changed.append(row)
            return [copy(row) for row in islice(reversed(changed), most)]

    def episode(self, episode: str) -> EpisodeRow:
        """Raises `Refused` (404) for one that has not begun."""
        with self.lock:
            if episode not in self._rows:
                raise Refused(404, f"{self.name}: there is no episode {episode[:100]!r}")
            return copy(self._rows[episode])

    def events(self, episode: str, mark: str = "", after: int = 0, most: int | None = None) -> Part:
        """The events of an episode from `after` on, at most so many; all of them from the first
        where `mark` is not its mark any more. Raises `Refused` (404) for one that has not begun.
        """
        with self.lock:
            row, log = self._rows.get(episode), self._tail.episodes.get(episode)
            if row is None or log is None:
                raise Refused(404, f"{self.name}: there is no episode {episode[:100]!r}")
            now = f"{log.attempt}-{int(row.started * 1e6):x}"
            reset = mark != now or after > len(log.places)
            after = 0 if reset else after
            places = log.places[after : None if most is None else after + most]
            return Part(now, after, reset, self._tail.records(places))

    def all_events(self, episode: str) -> Part:
        """The events of an episode, read now, once the log has been read as far as it goes or half
        a minute has gone. Raises `Refused` (404) for one that has not begun, or is not there any
        more."""
        self.read_on(_EPISODE_SECONDS)
        part = self.events(episode)
        try:
            return part._replace(records=iter(list(part.records)))
        except OSError:
            raise Refused(404, f"{self.name}: the run has been removed") from None

    def wishes(self, episode: str) -> dict[str, Any]:
        """What people want of an episode, and what in it waits for a person."""
        with self.lock:
            return self._present.wishes(episode)

    def look_at_frames(self) -> None:
        """Look for answers under way."""
        with self.lock:
            self.version += self._present.look_at_frames()

    def partial(self, episode: str, rev: int) -> list[tuple[int, dict[str, str]]]:
        """Answers of an episode that grew after `rev`, each with its own rev."""
        with self.lock:
            return self._present.partial(episode, rev)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
