"""The model's own thread: company, abandonment, errors, and an end that leaves nobody waiting."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import textwrap
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from autogen_core import CancellationToken

from callsheet.models.worker import Job, Worker

Jobs = Sequence[Job[int, int]]


def doubled(jobs: Jobs) -> None:
    for job in jobs:
        job.succeed(2 * job.question)


def asked(worker: Worker[int, int], *questions: int) -> list[Any]:
    async def go() -> list[Any]:
        return await asyncio.gather(*map(worker.ask, questions), return_exceptions=True)

    return asyncio.run(go())


def test_questions_of_one_moment_are_answered_together() -> None:
    sizes: list[int] = []

    def serve(jobs: Jobs) -> None:
        sizes.append(len(jobs))
        doubled(jobs)

    worker = Worker(serve, batch=4)
    assert asked(worker, *range(10)) == [2 * n for n in range(10)]
    assert sizes == [4, 4, 2]
    worker.close()


def test_an_error_reaches_all_who_have_no_answer() -> None:
    def serve(jobs: Jobs) -> None:
        jobs[0].succeed(1)
        raise OSError("broken")

    worker = Worker(serve, batch=3)
    first, *others = asked(worker, 0, 1, 2)
    assert first == 1 and [str(error) for error in others] == ["broken", "broken"]
    worker.close()


def test_a_job_that_is_forgotten_is_cancelled_not_left_waiting() -> None:
    worker: Worker[int, int] = Worker(lambda jobs: None)
    (answer,) = asked(worker, 0)
    assert isinstance(answer, asyncio.CancelledError)
    worker.close()


def test_a_cancelled_job_is_abandoned_and_the_next_one_served() -> None:
    began, seen = threading.Event(), threading.Event()

    def serve(jobs: Jobs) -> None:
        if jobs[0].question == 0:
            began.set()
            while not jobs[0].abandoned:
                pass
            seen.set()
        doubled([job for job in jobs if not job.abandoned])

    async def go() -> int:
        worker = Worker(serve)
        token = CancellationToken()
        endless = asyncio.ensure_future(worker.ask(0, token))
        never_begun = asyncio.ensure_future(worker.ask(5, token))
        await asyncio.to_thread(began.wait)
        token.cancel()
        results = await asyncio.gather(endless, never_begun, return_exceptions=True)
        assert [type(result) for result in results] == [asyncio.CancelledError] * 2
        answer = await worker.ask(3)
        worker.close()
        return answer

    assert asyncio.run(go()) == 6
    assert seen.is_set()


def test_closing_ends_the_thread_and_those_who_wait() -> None:
    began = threading.Event()

    def serve(jobs: Jobs) -> None:
        began.set()
        while not jobs[0].abandoned:
            pass

    async def go() -> list[Any]:
        before = threading.active_count()
        worker = Worker(serve)
        waiting = [asyncio.ensure_future(worker.ask(n)) for n in range(3)]
        await asyncio.to_thread(began.wait)
        worker.close()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert threading.active_count() <= before + 1  # asyncio.to_thread keeps one
        return results

    assert [type(result) for result in asyncio.run(go())] == [asyncio.CancelledError] * 3


def test_a_closed_worker_can_be_asked_again() -> None:
    worker = Worker(doubled)
    assert asked(worker, 1) == [2]
    worker.close()
    worker.close()
    assert asked(worker, 2) == [4]
    worker.close()


def test_a_forgotten_worker_ends_its_thread() -> None:
    def threads() -> int:
        return threading.active_count()

    before = threads()
    worker = Worker(doubled)
    assert asked(worker, 1) == [2]
    assert threads() == before + 1
    forgotten = weakref.ref(worker)
    del worker
    gc.collect()
    assert forgotten() is None and threads() == before


SCRIPTS: dict[str, Callable[[], str]] = {
    "in the middle of work": lambda: (
        """
        def serve(jobs):
            while not jobs[0].abandoned:
                time.sleep(0.01)
            print("stopped between two steps", flush=True)
    """
    ),
    "at rest": lambda: (
        """
        def serve(jobs):
            jobs[0].succeed(1)
            print("stopped between two steps", flush=True)
    """
    ),
}


@pytest.mark.parametrize("when", SCRIPTS)
def test_the_process_ends_with_the_thread_at(when: str) -> None:
    script = (
        "import asyncio, time\nfrom callsheet.models.worker import Worker\n"
        + textwrap.dedent(SCRIPTS[when]())
        + textwrap.dedent("""
            async def go():
                task = asyncio.ensure_future(worker.ask(1))
                await asyncio.sleep(0.2)
            worker = Worker(serve)
            asyncio.run(go())
        """)
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "stopped between two steps\n"
