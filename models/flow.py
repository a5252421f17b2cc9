"""How many calls one endpoint gets at a time.

Additive increase, multiplicative decrease, as in TCP: while calls succeed and the limit is really
used, it grows by about one for each round of calls; an endpoint that says 429 or fails with 5xx
halves it, once for all the calls that were under way together. `Retry-After` closes the way for
everybody, not only for the call that was told; where it is closed for longer than anybody would
wait, whoever comes is told so at once.

Not covered: fairness beyond first come, first served, and limits in tokens per minute (an
endpoint that has them says 429, and the number of calls follows).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from .errors import EndpointError


class Flow:
    """The calls under way at one endpoint. For one event loop at a time."""

    def __init__(
        self,
        *,
        start: int = 8,
        most: int = 64,
        longest_wait: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`start` calls at a time at first, never more than `most`, never less than one.

        `longest_wait`: seconds that a call waits at most for the end of a `Retry-After`.
        """
        if not 1 <= start <= most:
            raise ValueError(f"concurrency wants 1 <= start <= most, not {start} and {most}")
        self.limit = float(start)
        self.in_flight = 0
        self.decreases = 0
        self._most = most
        self._longest_wait = longest_wait
        self._clock = clock
        self._sleep = sleep
        self._closed_until = float("-inf")
        self._told = ""
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """One call's place; waits for it. The limit learns from how the block ends.

        Raises `EndpointError` where the endpoint asked for a longer wait than anybody's.
        """
        await self._enter()
        try:
            await self._opening()
            round_began = self.decreases
            try:
                yield
            except EndpointError as error:
                if _is_overload(error):
                    self._decrease(round_began, error)
                raise
            self._increase()
        finally:
            self.in_flight -= 1
            self._wake()

    async def _opening(self) -> None:
        while (wait := self._closed_until - self._clock()) > 0:
            if wait > self._longest_wait:
                raise EndpointError(
                    f"{self._told}; it asked to wait, {wait:.0f} s of that are left", status=429
                )
            await self._sleep(wait)

    async def _enter(self) -> None:
        if self.in_flight < int(self.limit) and not self._waiting:
            self.in_flight += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.in_flight -= 1  # the place was given in the same moment; pass it on
                self._wake()
            else:
                self._waiting.remove(place)
            raise

    def _wake(self) -> None:
        while self._waiting and self.in_flight < int(self.limit):
            place = self._waiting.popleft()
            if not place.done():
                self.in_flight += 1
                place.set_result(None)

    def _increase(self) -> None:
        if self.in_flight >= int(self.limit):
            self.limit = min(float(self._most), self.limit + 1 / self.limit)

    def _decrease(self, round_began: int, error: EndpointError) -> None:
        until = self._clock() + (error.retry_after or 0.0)
        if error.retry_after and until > self._closed_until:
            self._closed_until, self._told = until, str(error)
        if round_began == self.decreases:
            self.decreases += 1
            self.limit = max(1.0, self.limit / 2)


def _is_overload(error: EndpointError) -> bool:
    return error.status is not None and (error.status == 429 or error.status >= 500)
