"""Equal calls made at the same time become one.

A flight is a task of its own. Whoever waits for it may leave; only when the last one has left is
the call itself broken off. (If the first caller's own task made the call, cancelling that caller
would cancel everybody's.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    waiters: int = 0


class SingleFlight(Generic[T]):
    """The flights under way, by key."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}

    async def join(self, key: str, make: Callable[[], Coroutine[Any, Any, T]]) -> tuple[T, bool]:
        """What the flight under `key` gives, and whether this call started it.

        An error of the flight is raised for all who wait for it.
        """
        flight = self._flights.get(key)
        led = flight is None or flight.task.get_loop() is not asyncio.get_running_loop()
        if flight is None or led:
            flight = _Flight(asyncio.create_task(make()))
            self._flights[key] = flight
            flight.task.add_done_callback(lambda _: self._land(key, flight))
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task), led
        finally:
            flight.waiters -= 1
            if not flight.waiters and not flight.task.done():
                self._land(key, flight)  # nobody may board a flight that is being called off
                flight.task.cancel()

    def _land(self, key: str, flight: _Flight[T] | None) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight is not None and flight.task.done() and not flight.task.cancelled():
            # Where all waiters left, nobody else would look at the error, and asyncio complains.
            flight.task.exception()
