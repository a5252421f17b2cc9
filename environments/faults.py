"""Injected tool faults: a call that times out or finds its tool unavailable, by a seeded draw.

The draw depends on the faults' seed, the episode's and the call's ordinal, and on nothing else,
so that a resumed episode meets the same faults.
"""

from __future__ import annotations

import hashlib
from typing import Any

from ..tools import ToolSpec
from .protocol import Environment, StateDiff, ToolCall, ToolOutcome, repeatable


class FaultyEnvironment:
    """Another environment with faults in front of it."""

    def __init__(
        self,
        inner: Environment,
        *,
        timeout: float,
        unavailable: float,
        at: list[int],
        seed: int,
    ) -> None:
        """`timeout`, `unavailable`: probabilities; `at`: ordinals of calls that always fail."""
        self._inner = inner
        self._timeout = timeout
        self._unavailable = unavailable
        self._at = at
        self._seed = seed
        self.name = inner.name
        self.execution = inner.execution

    @property
    def tools(self) -> tuple[ToolSpec, ...]:
        return self._inner.tools

    def repeatable(self, call: ToolCall) -> bool | None:
        """See `Repeatable`; what a fault hits goes nowhere."""
        return None if self._fault(call) is not None else repeatable(self._inner, call)

    async def call(self, call: ToolCall) -> ToolOutcome:
        fault = self._fault(call)
        return await self._inner.call(call) if fault is None else fault

    def _fault(self, call: ToolCall) -> ToolOutcome | None:
        """What hits this call, if anything does."""
        drawn = _draw(self._seed, call.ordinal)
        if call.ordinal in self._at or self._timeout <= drawn < self._timeout + self._unavailable:
            return ToolOutcome(
                error_type="unavailable",
                error=f"{call.name} is temporarily unavailable. Try again.",
            )
        if drawn < self._timeout:
            return ToolOutcome(error_type="timeout", error=f"{call.name} timed out. Try again.")
        return None

    def digest(self) -> str | None:
        return self._inner.digest()

    def diff(self) -> StateDiff:
        return self._inner.diff()

    def query(self, sql: str) -> list[list[Any]]:
        return self._inner.query(sql)

    async def close(self) -> None:
        await self._inner.close()


def _draw(seed: int, ordinal: int) -> float:
    """A number in [0, 1) for one call."""
    drawn = hashlib.blake2b(f"{seed}/{ordinal}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") / 2**64
