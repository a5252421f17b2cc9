"""Topics: what somebody who follows the runs, a run or an episode is told, from a cursor on.

A cursor is `<mark>.<number>`. A topic computes from it what is new, when it is asked, and keeps
nothing else; whatever it tells can be told twice without harm. A cursor of another mark (of a
server before this one, or of an attempt that was given up) is answered with `reset`: all there is.
Rows may take several messages then; `all` says that there are no more, so that whoever holds others
from before can let them go.
"""

from __future__ import annotations

import secrets
import time
from abc import ABC, abstractmethod
from typing import Any
from urllib.parse import unquote

import orjson

from .answers import shown_event
from .index import Index
from .indexed_run import IndexedRun
from .refused import Refused

PROCESS = secrets.token_hex(4)
"""Mark of cursors that mean something to this process only."""
_ROWS = 1000
"""Rows of one message, at most."""
_EVENTS = 200
_EVENT_BYTES = 256 * 1024
"""Events of one message, at most, and bytes after which it is full."""
_ROW_SECONDS = 0.2
"""Between two messages with rows, at least."""


class Topic(ABC):
    """One thing that a connection follows; `news` runs in a thread."""

    seconds = 0.0
    """Between two messages, at least."""

    def __init__(self, name: str, cursor: str) -> None:
        self.name = name
        self.mark, _, number = cursor.rpartition(".")
        self.number = int(number) if number.isdecimal() and len(number) < 18 else 0
        self.due = 0.0

    @property
    def cursor(self) -> str:
        return f"{self.mark}.{self.number}"

    def message(self) -> bytes | None:
        """The next message, or None where nothing is new."""
        news = self.news()
        if news is None:
            return None
        self.due = time.monotonic() + self.seconds
        return orjson.dumps({"topic": self.name, "cursor": self.cursor, **news})

    @abstractmethod
    def news(self) -> dict[str, Any] | None:
        """What is new, with the cursor moved on."""

    def _reset(self, mark: str) -> dict[str, Any]:
        """Go on under `mark`: from the beginning, and with word of it, if it is another one."""
        if mark == self.mark:
            return {}
        self.mark, self.number = mark, 0
        return {"reset": True}


class RunsTopic(Topic):
    """`runs`: the rows of all runs."""

    seconds = _ROW_SECONDS

    def __init__(self, name: str, cursor: str, index: Index) -> None:
        super().__init__(name, cursor)
        self._index = index

    def news(self) -> dict[str, Any] | None:
        if not self._index.complete:
            return None
        reset = self._reset(PROCESS)
        rows, gone, number = self._index.rows_after(self.number)
        if not (rows or gone or reset):
            return None
        self.number = number
        return {"rows": rows, "gone": gone, "all": True, **reset}


class RunTopic(Topic):
    """`run:<run>`: the rows of its episodes, and its own."""

    seconds = _ROW_SECONDS

    def __init__(self, name: str, cursor: str, index: Index, run: str) -> None:
        super().__init__(name, cursor)
        self.run = run
        self._index = index
        self._told = 0
        self._all = False
        """Whether it has been said that there are no more rows."""

    def news(self) -> dict[str, Any] | None:
        run = _found(self._index, self.run)
        if run is None:
            return None
        reset = self._reset(run.mark)
        self._all = self._all and not reset
        whole = run.whole  # asked before the rows are: more may come until it is
        rows = run.rows_after(self.number, _ROWS)
        row = self._index.row(self.run)
        last = whole and len(rows) < _ROWS and not self._all
        if not (rows or reset or last or row.rev != self._told):
            return None
        self._told = row.rev
        self._all = self._all or last
        self.number = rows[-1].rev if rows else self.number
        return {"rows": rows, "row": row, **reset, **({"all": True} if last else {})}


class EpisodeTopic(Topic):
    """`episode:<run>:<episode>`: its events, what people want of it, and answers under way."""

    def __init__(self, name: str, cursor: str, index: Index, run: str, episode: str) -> None:
        super().__init__(name, cursor)
        self.run = run
        self.episode = episode
        self._index = index
        self._wishes: dict[str, Any] | None = None
        self._partial = 0

    def news(self) -> dict[str, Any] | None:
        run = _found(self._index, self.run)
        try:
            # Of a run that is not read yet, it is not known how much has been told before.
            return self._news(run) if run is not None and run.whole else None
        except (Refused, OSError):
            return None  # Not begun yet, removed, or not to be told; whoever asks for it hears so.

    def _news(self, run: IndexedRun) -> dict[str, Any] | None:
        part = run.events(self.episode, self.mark, self.number, _EVENTS)
        news = self._reset(part.mark)
        if part.reset:
            news["reset"] = True
        events: list[orjson.Fragment] = []
        size = 0
        for record in part.records:
            event = shown_event(record)
            events.append(orjson.Fragment(event))
            size += len(event)
            if size > _EVENT_BYTES:
                break
        self.number = part.after + len(events)
        if events or news:
            news["events"] = events
        wishes = run.wishes(self.episode)
        if wishes != self._wishes:
            news["control"] = self._wishes = wishes
        partial = run.partial(self.episode, self._partial)
        if partial:
            self._partial = max(rev for rev, _ in partial)
            news["partial"] = [frame for _, frame in partial]
        return news or None


def topic(given: str, index: Index) -> RunsTopic | RunTopic | EpisodeTopic:
    """The topic that is meant by `T@CURSOR`, or by `T` from the beginning. Raises `Refused`."""
    name, _, cursor = given.partition("@")
    kind, *rest = (unquote(part) for part in name.split(":"))
    if kind == "runs" and not rest:
        return RunsTopic(name, cursor, index)
    if kind == "run" and len(rest) == 1:
        return RunTopic(name, cursor, index, rest[0])
    if kind == "episode" and len(rest) == 2:
        return EpisodeTopic(name, cursor, index, rest[0], rest[1])
    raise Refused(400, f"{given[:100]!r} is no topic; there are runs, run:RUN, episode:RUN:EPISODE")


def _found(index: Index, run: str) -> IndexedRun | None:
    try:
        return index.run(run)
    except Refused:
        return None  # Not there yet, or not any more.
