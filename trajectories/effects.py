"""What agents and environments may ask of an episode's journal.

An effect is an answer from outside the program's own control flow: a model's answer, a tool's
result. It is recorded before it is used. When an episode is resumed or replayed, the recorded
answer is given back instead of being made again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from .event import Event, Kind

Made = tuple[dict[str, Any], dict[str, Any]]
"""What making an effect gives: the part of `data` that came from outside, and `ambient`."""


class ReplayDivergence(RuntimeError):
    """The re-run program did not do what the log says it did; the message holds a diff."""


class EffectLog(Protocol):
    """The recording side of one episode."""

    episode: str

    def note(
        self,
        kind: Kind,
        source: str,
        data: dict[str, Any],
        ambient: dict[str, Any] | None = None,
    ) -> Event:
        """Record something that follows from what is already recorded.

        Over recorded events it compares instead of writing. Raises `ReplayDivergence`.
        """
        ...

    async def effect(
        self,
        kind: Kind,
        source: str,
        key: str,
        request: dict[str, Any],
        make: Callable[[], Awaitable[Made]],
    ) -> dict[str, Any]:
        """The answer to `request`: the recorded one under `key`, or what `make` gives, recorded
        before it is returned. The event's data is `{"key": key, **request, **answer}`.

        Raises `ReplayDivergence` where the record under `key` answers another request, or where
        it is missing amid later recorded effects; `make` is then not called.
        """
        ...
