"""The index: the runs of the folder, each with its row, as of the last time somebody looked.

Nothing is read by itself: whoever wants to know looks. What has been read is kept while it is
used; of runs that nobody plays or asks for, only the row stays when there are too many episodes.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from .indexed_run import IndexedRun
from .place import Place
from .refused import Refused
from .rows import RunRow

_MOST_EPISODES = 50_000
"""Episodes whose rows are kept, over all runs; more only of runs that are played or asked for."""
_USED_SECONDS = 60.0
"""How long a run counts as asked for."""
_IDLE_SECONDS = 5.0
"""How often a run that nobody plays is looked at, besides when an epoch is claimed in it."""


class Index:
    """Safe for several threads."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._lock = threading.Lock()
        self._runs: dict[str, IndexedRun] = {}
        self._rows: dict[str, RunRow] = {}
        """Of every run, by rev."""
        self._gone: dict[str, int] = {}
        """Runs that have been removed, and the rev that says so."""
        self._looked: dict[str, tuple[int, float]] = {}
        """Of runs that nobody plays: the epochs folder's time of change, and when they were
        looked at."""
        self.complete = False
        """Whether every run has a row."""
        self._revs = itertools.count(int(time.time() * 1e6))

    def run(self, name: str) -> IndexedRun:
        """The run `name`, read as far as it is. Raises `Refused` (404) where there is none."""
        path = self.place.run(name)
        with self._lock:
            run = self._runs.get(name)
            if run is None:
                run = self._runs[name] = IndexedRun(name, path, self._changed)
            run.used = time.monotonic()
            return run

    def look(self, seconds: float) -> bool:
        """Look at all runs, for at most so long; whether all of them have been read."""
        deadline = time.monotonic() + seconds
        with self._lock:
            known = set(self._rows)
        names = sorted(self.place.names(), reverse=True)
        self._forget(known.difference(names))
        left = [name for name in names if not self._rests(name)]
        self.complete = self.complete or not left
        while left:
            # In turns, so that a large run does not keep the others waiting.
            left = [name for name in left if not self._look_at(name)]
            self.complete = True
            if time.monotonic() > deadline:
                break
            time.sleep(0.001)
        self._make_room()
        return not left

    def row(self, name: str) -> RunRow:
        """The row of a run that has been looked at."""
        with self._lock:
            return self._rows.get(name) or RunRow(name)

    def rows_after(self, rev: int) -> tuple[list[RunRow], list[str], int]:
        """Rows that changed after `rev`, runs that were removed since, and the rev until which."""
        with self._lock:
            rows = [row for row in self._rows.values() if row.rev > rev]
            gone = {name: at for name, at in self._gone.items() if at > rev}
        return rows, list(gone), max((rev, *(row.rev for row in rows), *gone.values()))

    def _look_at(self, name: str) -> bool:
        with self._lock:
            run = self._runs.get(name)
        if run is None:
            try:
                run = IndexedRun(name, self.place.run(name), self._changed)
            except Refused:
                return True  # Removed since it was listed.
            with self._lock:
                run = self._runs.setdefault(name, run)
        stamp = self._stamp(name)
        ended = run.look()
        if ended:
            self._looked[name] = (stamp, time.monotonic())
        return ended

    def _rests(self, name: str) -> bool:
        """Whether there is nothing to be found in looking at a run once more."""
        run = self._runs.get(name)
        stamp, at = self._looked.get(name, (0, 0.0))
        if not at or (run is not None and not run.is_idle):
            return False
        recent = run is None or time.monotonic() - at < _IDLE_SECONDS
        return recent and self._stamp(name) == stamp

    def _stamp(self, name: str) -> int:
        # Whoever begins to write to a run claims an epoch first.
        with contextlib.suppress(OSError):
            return (self.place.runs / name / "epochs").stat().st_mtime_ns
        return -1

    def _changed(self, run: IndexedRun) -> None:
        with self._lock:
            known = self._rows.get(run.name)
            if known is not None and not run.whole and known.done > run.row.done:
                return  # It is being read once more; the old row is nearer to the truth.
            self._rows.pop(run.name, None)
            origin = self._named(run.row.forked_from)
            self._rows[run.name] = replace(run.row, forked_from=origin, rev=next(self._revs))
            self._gone.pop(run.name, None)

    def _named(self, origin: dict[str, Any] | None) -> dict[str, Any] | None:
        """Where a run was forked from, by name if that run is in this folder."""
        name = self.place.name_of(Path(str((origin or {}).get("run", ""))))
        return origin if name is None else {**(origin or {}), "run": name}

    def _forget(self, names: set[str]) -> None:
        with self._lock:
            for name in names:
                self._rows.pop(name, None)
                self._runs.pop(name, None)
                self._looked.pop(name, None)
                self._gone[name] = next(self._revs)

    def _make_room(self) -> None:
        """Keep no more than the rows of those runs that are played, asked for or latest used."""
        with self._lock:
            kept = 0
            for run in sorted(self._runs.values(), key=lambda run: -run.used):
                kept += run.size
                unused = time.monotonic() - run.used > _USED_SECONDS
                if kept > _MOST_EPISODES and unused and run.is_idle:
                    del self._runs[run.name]
