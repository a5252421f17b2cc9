"""The limit on concurrent calls: it grows with success, halves on overload, loses no place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

import pytest

from callsheet.models.errors import EndpointError
from callsheet.models.flow import Flow


def overload(retry_after: float | None = None, status: int = 429) -> EndpointError:
    return EndpointError("busy", status=status, retryable=True, retry_after=retry_after)


async def call(flow: Flow, work: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
    async with flow.slot():
        await (work() if work else asyncio.sleep(0))


async def fail(flow: Flow, error: Exception) -> None:
    with pytest.raises(type(error)):
        async with flow.slot():
            await asyncio.sleep(0)
            raise error


def test_never_more_calls_than_the_limit() -> None:
    async def go() -> None:
        flow, peak = Flow(start=3, most=3), 0

        async def work() -> None:
            nonlocal peak
            peak = max(peak, flow.in_flight)
            await asyncio.sleep(0)

        await asyncio.gather(*(call(flow, work) for _ in range(50)))
        assert (peak, flow.in_flight) == (3, 0)

    asyncio.run(go())


def test_it_grows_by_about_one_a_round_up_to_the_most() -> None:
    async def go() -> None:
        flow = Flow(start=4, most=10)
        await asyncio.gather(*(call(flow) for _ in range(4)))
        assert 4 < flow.limit < 5.1
        await asyncio.gather(*(call(flow) for _ in range(500)))
        assert flow.limit == 10

    asyncio.run(go())


def test_it_does_not_grow_while_it_is_not_used() -> None:
    async def go() -> None:
        flow = Flow(start=4, most=10)
        for _ in range(50):
            await call(flow)
        assert flow.limit == 4

    asyncio.run(go())


def test_calls_refused_together_halve_it_once() -> None:
    async def go() -> None:
        flow = Flow(start=16, most=64)
        await asyncio.gather(*(fail(flow, overload()) for _ in range(16)))
        assert (flow.limit, flow.decreases) == (8, 1)
        for _ in range(10):
            await fail(flow, overload(status=503))
        assert flow.limit == 1, "and never less than one"

    asyncio.run(go())


@pytest.mark.parametrize(
    "error", [EndpointError("no key", status=401), EndpointError("reset"), ValueError("own")]
)
def test_other_failures_say_nothing_about_load(error: Exception) -> None:
    async def go() -> None:
        flow = Flow(start=4)
        await fail(flow, error)
        assert (flow.limit, flow.in_flight) == (4, 0)

    asyncio.run(go())


def test_retry_after_closes_the_way_for_all() -> None:
    now, slept = 100.0, []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    async def go() -> None:
        flow = Flow(start=4, clock=lambda: now, sleep=sleep)
        await fail(flow, overload(retry_after=7.0))
        await call(flow)
        await call(flow)

    asyncio.run(go())
    assert slept == [7.0]


@pytest.mark.parametrize("seed", range(20))
def test_no_place_is_lost_to_cancellation(seed: int) -> None:
    chance = Random(seed)

    async def go() -> None:
        flow = Flow(start=2, most=4)

        async def work() -> None:
            await asyncio.sleep(chance.random() / 1000)

        tasks = [asyncio.create_task(call(flow, work)) for _ in range(60)]
        for _ in range(40):
            await asyncio.sleep(chance.random() / 2000)
            chance.choice(tasks).cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert flow.in_flight == 0 and not flow._waiting
        await asyncio.wait_for(call(flow), 1)

    asyncio.run(go())
