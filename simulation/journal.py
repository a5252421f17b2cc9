"""The journal of one episode: the only writer of `seq`, and what makes resume and replay work.

Over recorded events it compares; past them it writes. An effect that is recorded is given back
without being made again; one that is missing is made only where nothing recorded comes later.

Calls of one group run at the same time in branches (`Journal.branches`): each buffers what it
records, and the branches are put into the journal in the model's order after all have ended. A
branch has a scope, which is part of its effects' keys, so that the order in which concurrent
calls happen to ask decides nothing.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, TypeVar

import orjson

from ..trajectories.canonical import encodable
from ..trajectories.effects import Made, ReplayDivergence
from ..trajectories.event import Event, Kind
from .control import EpisodeCancelled

T = TypeVar("T")


class Journal:
    """Implements `EffectLog` for one episode.

    `recorded` holds the events that are already in the log; `write` appends a new one, or is None
    in a replay, where anything new is a divergence.
    """

    def __init__(
        self,
        episode: str,
        recorded: Sequence[Event] = (),
        write: Callable[[Event], None] | None = None,
    ) -> None:
        self.episode = episode
        self.seq = 0
        self._recorded = recorded
        self._write = write
        self._effects = {e.data["key"]: e for e in recorded if "key" in e.data}
        self._last_effect = max((e.seq for e in self._effects.values()), default=-1)
        self.cancelled = next((e.seq for e in recorded[-2:] if _cancels(e)), None)
        """Where a recorded episode was cancelled, as its `seq`."""
        self._group: Sequence[str] = ()
        self._fresh: list[Event] = []
        self._branch: ContextVar[_Branch | None] = ContextVar("branch", default=None)

    def fresh(self) -> Iterator[Event]:
        """The events recorded or replayed since the last time, each once."""
        fresh, self._fresh = self._fresh, []
        yield from fresh

    @property
    def scope(self) -> str:
        """The scope of the branch that is running, or "" outside of branches."""
        branch = self._branch.get()
        return "" if branch is None else branch.scope

    @property
    def replaying(self) -> bool:
        """Whether recorded events are still to come."""
        return self.seq < len(self._recorded)

    @property
    def unplayed(self) -> int:
        """How many recorded events have not been met; 0 after a faithful replay."""
        return max(0, len(self._recorded) - self.seq)

    def note(
        self,
        kind: Kind,
        source: str,
        data: dict[str, Any],
        ambient: dict[str, Any] | None = None,
    ) -> Event:
        branch = self._branch.get()
        if branch is not None:
            branch.held.append((kind, source, data, ambient))
            return _event(self.episode, -1, kind, source, data, ambient)
        return self._place(kind, source, data, ambient)

    async def effect(
        self,
        kind: Kind,
        source: str,
        key: str,
        request: dict[str, Any],
        make: Callable[[], Awaitable[Made]],
    ) -> dict[str, Any]:
        known = self.recorded(key, request)
        if known is not None:
            answer = {n: v for n, v in known.items() if n != "key" and n not in request}
            self.note(kind, source, known)
            return answer
        made, ambient = await make()
        mended, altered = encodable(made)
        fresh: dict[str, Any] = {**mended, "altered": altered} if altered else mended
        self.note(kind, source, {"key": key, **request, **fresh}, ambient)
        return fresh

    def holds(self, key: str) -> bool:
        """Whether an effect is recorded under `key`."""
        return key in self._effects

    def recorded(self, key: str, request: dict[str, Any]) -> dict[str, Any] | None:
        """The data of the effect recorded under `key`; None where it is to be made. Whoever asks
        notes it.

        Raises `ReplayDivergence`, and `EpisodeCancelled` where that is why it was never made.
        """
        known = self._effects.get(key)
        if known is not None:
            asked = {name: known.data.get(name) for name in request}
            if asked != request:
                raise ReplayDivergence(_difference(f"{self.episode}: {key}", asked, request))
            return known.data
        if self.cancelled is not None or (self.seq <= self._last_effect and self._broken_off()):
            raise EpisodeCancelled(self.episode)
        if self._write is None or self._recorded_later():
            raise ReplayDivergence(
                f"{self.episode}: the program asks for {key}, which the log does not have at "
                f"event {self.seq} of {len(self._recorded)}"
            )
        return None

    async def branches(self, scopes: Sequence[str], run: Callable[[int], Awaitable[T]]) -> list[T]:
        """`run(i)` for each scope at the same time; what they record lands in that order.

        The first exception in order is raised after all have ended, with the records of the
        branches before it kept.
        """
        held = [_Branch(scope) for scope in scopes]

        async def one(index: int) -> T:
            token = self._branch.set(held[index])
            try:
                return await run(index)
            finally:
                self._branch.reset(token)

        self._group = scopes
        try:
            results = await asyncio.gather(
                *(one(i) for i in range(len(scopes))), return_exceptions=True
            )
        finally:
            self._group = ()
        ended: list[T] = []
        for branch, result in zip(held, results, strict=True):
            for item in branch.held:
                self._place(*item)
            if isinstance(result, BaseException):
                raise result
            ended.append(result)
        return ended

    def _broken_off(self) -> bool:
        """Whether the running branch was broken off: a later one of its group is recorded, which
        happens after all have ended."""
        branch = self._branch.get()
        if branch is None:
            return False
        later = self._group[self._group.index(branch.scope) + 1 :]
        return any(
            event.seq >= self.seq and event.data.get("scope", event.data["key"]) in later
            for event in self._effects.values()
        )

    def _recorded_later(self) -> bool:
        """Whether the log holds effects from here on that are not this group's own."""
        if self.seq > self._last_effect:
            return False
        return any(
            event.seq >= self.seq and event.data.get("scope", event.data["key"]) not in self._group
            for event in self._effects.values()
        )

    def _place(
        self, kind: Kind, source: str, data: dict[str, Any], ambient: dict[str, Any] | None
    ) -> Event:
        event = _event(self.episode, self.seq, kind, source, data, ambient)
        if self.seq < len(self._recorded):
            recorded = self._recorded[self.seq]
            # The same object came out of the log a moment ago: nothing to compare.
            if recorded.data is not data and recorded.identity() != event.identity():
                raise ReplayDivergence(
                    _difference(
                        f"{self.episode}: event {self.seq}",
                        [recorded.kind, recorded.source, recorded.data],
                        [kind, source, data],
                    )
                )
            event = recorded
        elif self._write is None:
            raise ReplayDivergence(
                f"{self.episode}: the program records a {kind} past the log's end, at {self.seq}"
            )
        else:
            self._write(event)
        self.seq += 1
        self._fresh.append(event)
        return event


def _cancels(event: Event) -> bool:
    return event.kind == "decision" and event.data.get("what") == "cancelled"


class _Branch:
    """What one of several concurrent calls has recorded so far."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.held: list[tuple[Kind, str, dict[str, Any], dict[str, Any] | None]] = []


def _event(
    episode: str,
    seq: int,
    kind: Kind,
    source: str,
    data: dict[str, Any],
    ambient: dict[str, Any] | None,
) -> Event:
    # Built without validation: every field comes from our own typed code.
    return Event.model_construct(
        episode=episode,
        seq=seq,
        kind=kind,
        source=source,
        data=data,
        ambient={} if ambient is None else ambient,
    )


def _difference(where: str, recorded: Any, now: Any) -> str:
    """A short unified diff between what the log holds and what the program did."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    lines = difflib.unified_diff(
        orjson.dumps(recorded, option=options).decode().splitlines(),
        orjson.dumps(now, option=options).decode().splitlines(),
        "recorded",
        "now",
        lineterm="",
        n=1,
    )
    shown = [line[:200] for _, line in zip(range(40), lines, strict=False)]
    return f"{where} differs from the log:\n" + "\n".join(shown)
