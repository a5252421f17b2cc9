"""Retries: how often, how long, and what is said in the end."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.models.errors import BudgetExceeded, EndpointError
from callsheet.models.retry import Retrier, RetryPolicy


class Attempts:
    """Fails with the given errors in turn, then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.slept: list[float] = []
        self.made = 0

    async def __call__(self) -> str:
        self.made += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def run(self, policy: RetryPolicy, seed: int = 1) -> tuple[str, int]:
        return asyncio.run(Retrier(policy, Random(seed), self.sleep).run(self))


def busy(retry_after: float | None = None) -> EndpointError:
    return EndpointError("busy", status=503, retryable=True, retry_after=retry_after)


def test_it_asks_again_and_counts() -> None:
    attempts = Attempts(busy(), busy())
    assert attempts.run(RetryPolicy(first_wait=1)) == ("done", 2)
    first, second = attempts.slept
    assert 0.5 <= first <= 1 <= second <= 2


def test_the_last_error_says_how_often() -> None:
    attempts = Attempts(*(busy() for _ in range(9)))
    with pytest.raises(EndpointError, match=r"busy \(tried 3 times\)") as caught:
        attempts.run(RetryPolicy(attempts=3))
    assert (attempts.made, len(attempts.slept), caught.value.status) == (3, 2, 503)


@pytest.mark.parametrize("error", [EndpointError("no key", status=401), BudgetExceeded("spent")])
def test_what_cannot_help_is_not_tried_again(error: Exception) -> None:
    attempts = Attempts(error)
    with pytest.raises(type(error)):
        attempts.run(RetryPolicy())
    assert attempts.made == 1 and not attempts.slept


def test_retry_after_is_obeyed_or_the_call_given_up() -> None:
    attempts = Attempts(busy(retry_after=20))
    attempts.run(RetryPolicy(first_wait=1, longest_wait=60))
    assert 20 <= attempts.slept[0] <= 21
    attempts = Attempts(busy(retry_after=3600))
    with pytest.raises(EndpointError):
        attempts.run(RetryPolicy(longest_wait=60))
    assert attempts.made == 1, "nobody watches an hour of nothing"


def test_equal_seeds_wait_equally_and_others_do_not() -> None:
    waits = []
    for seed in (1, 1, 2):
        attempts = Attempts(busy(), busy())
        attempts.run(RetryPolicy(), seed)
        waits.append(attempts.slept)
    assert waits[0] == waits[1] != waits[2]


@given(st.integers(1, 2000), st.floats(0, 100), st.floats(0, 500), st.integers())
def test_a_wait_stays_within_its_bounds(attempt: int, first: float, more: float, seed: int) -> None:
    policy = RetryPolicy(attempts=3000, first_wait=first, longest_wait=first + more)
    wait = policy.wait(attempt, busy(), Random(seed))
    assert wait is not None and 0 <= wait <= policy.longest_wait


def test_a_senseless_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="retries want"):
        RetryPolicy(attempts=0)
