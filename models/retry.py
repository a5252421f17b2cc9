"""Asking again, with growing and jittered waits, as often as is polite.

An endpoint's `Retry-After` is obeyed. Where it asks for longer than the policy would ever wait,
the error is raised at once: the user learns of it instead of watching nothing happen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from .errors import EndpointError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently; seconds."""

    attempts: int = 5
    """Calls in all, the first one included."""
    first_wait: float = 0.5
    longest_wait: float = 60.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.first_wait < 0 or self.longest_wait < self.first_wait:
            raise ValueError("retries want attempts >= 1 and 0 <= first_wait <= longest_wait")

    def wait(self, attempt: int, error: EndpointError, chance: Random) -> float | None:
        """Seconds to wait after the failure of `attempt` (from 1); None to give up.

        Between half the doubling wait and all of it, so that calls that failed together do not
        come back together; never less than the endpoint asked for.
        """
        if not error.retryable or attempt >= self.attempts:
            return None
        asked = error.retry_after or 0.0
        if asked > self.longest_wait:
            return None
        backoff = min(self.longest_wait, self.first_wait * 2.0 ** min(attempt - 1, 64))
        return max(asked, 0.0) + backoff * chance.uniform(0.5, 1.0)


@dataclass(slots=True)
class Retrier:
    """The policy with its source of chance and its way to sleep."""

    policy: RetryPolicy = field(default_factory=RetryPolicy)
    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - jitter, no secret
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self, attempt: Callable[[], Awaitable[T]]) -> tuple[T, int]:
        """What `attempt` gives, and how many times it had failed before.

        Raises the last `EndpointError`, saying how often it was tried.
        """
        failures = 0
        while True:
            try:
                return await attempt(), failures
            except EndpointError as error:
                failures += 1
                wait = self.policy.wait(failures, error, self.chance)
                if wait is None:
                    raise _counted(error, failures) from None
            await self.sleep(wait)


def _counted(error: EndpointError, attempts: int) -> EndpointError:
    if attempts == 1:
        return error
    return EndpointError(
        f"{error} (tried {attempts} times)",
        status=error.status,
        retryable=error.retryable,
        retry_after=error.retry_after,
    )
