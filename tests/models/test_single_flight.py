"""Equal calls share one flight; it ends early only when nobody waits any more."""

from __future__ import annotations

import asyncio

import pytest

from callsheet.models.single_flight import SingleFlight


class Work:
    """A call that ends when it is told to."""

    def __init__(self) -> None:
        self.started = 0
        self.cancelled = 0
        self.go_on = asyncio.Event()

    async def __call__(self) -> str:
        self.started += 1
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return f"flight {self.started}"


def test_equal_calls_are_made_once() -> None:
    async def main() -> None:
        flights, work = SingleFlight[str](), Work()
        tasks = [asyncio.create_task(flights.join("key", work)) for _ in range(5)]
        other = asyncio.create_task(flights.join("other", work))
        await asyncio.sleep(0)
        work.go_on.set()
        results = await asyncio.gather(*tasks)
        assert {text for text, _ in results} == {"flight 1"}
        assert [led for _, led in results] == [True, False, False, False, False]
        assert (await other) == ("flight 2", True), "another key, another flight"
        assert not flights._flights
        assert (await flights.join("key", work)) == ("flight 3", True), "a landed flight is over"

    asyncio.run(main())


@pytest.mark.parametrize("leaver", [0, 1, 2])
def test_one_who_leaves_takes_nobody_along(leaver: int) -> None:
    async def main() -> None:
        flights, work = SingleFlight[str](), Work()
        tasks = [asyncio.create_task(flights.join("key", work)) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[leaver].cancel()
        await asyncio.sleep(0)
        work.go_on.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(r, asyncio.CancelledError) for r in results].count(True) == 1
        assert work.cancelled == 0 and work.started == 1

    asyncio.run(main())


def test_the_last_one_who_leaves_breaks_it_off() -> None:
    async def main() -> None:
        flights, work = SingleFlight[str](), Work()
        tasks = [asyncio.create_task(flights.join("key", work)) for _ in range(3)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        late = asyncio.create_task(flights.join("key", work))
        await asyncio.sleep(0)
        assert work.cancelled == 1
        work.go_on.set()
        assert (await late) == ("flight 2", True), "nobody boards a flight that is called off"

    asyncio.run(main())


def test_an_error_is_everybodys_and_is_not_kept() -> None:
    async def main() -> None:
        flights, made = SingleFlight[str](), 0

        async def fail() -> str:
            nonlocal made
            made += 1
            await asyncio.sleep(0)
            raise ValueError("no")

        for _ in range(2):
            joined = [flights.join("key", fail) for _ in range(3)]
            results = await asyncio.gather(*joined, return_exceptions=True)
            assert [type(result) for result in results] == [ValueError] * 3
        assert made == 2

    asyncio.run(main())
