"""Several processes playing one run.

Each worker is a fresh interpreter that reads jobs from its standard input and writes how they
ended to its standard output, one JSON line each: nothing is shared, so nothing can be left locked
by a process that was killed. A worker whose input ends (because its parent died, say) stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import orjson

from ..models.errors import BudgetExceeded, ModelUnavailable
from ..trajectories.canonical import encodable
from ..trajectories.effects import ReplayDivergence
from ..trajectories.event import Event
from .cast import ModelDown
from .episodes import EpisodeEnd, EpisodeKey
from .run_directory import Execution, RunDirectory
from .unconfirmed import UnconfirmedCall

_STOP_SECONDS = 1.5
"""How long a worker has to seal its log when the run is stopped."""
_RESTARTS = 3
"""How often a worker that dies without having finished anything is started again."""
_LINE_LIMIT = 1 << 20
UNPLAYED = b"null\n"
"""What a worker says of a job that it leaves, because the run is cancelled."""

_RAISED: dict[str, type[Exception]] = {
    error.__name__: error
    for error in (
        ModelDown,
        BudgetExceeded,
        ModelUnavailable,
        ReplayDivergence,
        UnconfirmedCall,
    )
}


class WorkerFailed(RuntimeError):
    """A worker process could not do its work; the message says why."""


async def play_in_processes(
    run: RunDirectory,
    jobs: Iterator[tuple[EpisodeKey, Any]],
    execution: Execution,
    since: int,
    on_end: Callable[[EpisodeEnd], None],
) -> int:
    """Play `jobs`; returns how many were lost with workers that died, and are to be resumed.
    `since`: the epoch after which the sitting began, whose budgets are not to be overspent.

    Raises what stopped a worker: see `callsheet.simulation.engine.simulate`.
    """
    workers = [
        _Worker(run, f"w{i}", jobs, execution, since, on_end) for i in range(execution.workers)
    ]
    tasks = [asyncio.create_task(worker.work()) for worker in workers]
    try:
        await asyncio.gather(*tasks)
    finally:
        cancel_once(tasks)
        await asyncio.gather(*tasks, return_exceptions=True)
    return sum(worker.lost for worker in workers)


class _Worker:
    """The parent's side of one worker process, which is started again when it dies."""

    def __init__(
        self,
        run: RunDirectory,
        name: str,
        jobs: Iterator[tuple[EpisodeKey, Any]],
        execution: Execution,
        since: int,
        on_end: Callable[[EpisodeEnd], None],
    ) -> None:
        self._run = run
        self._name = name
        self._jobs = jobs
        self._execution = execution
        self._since = since
        self._on_end = on_end
        self._pushed_back: deque[tuple[EpisodeKey, Any]] = deque()
        self.lost = 0

    async def work(self) -> None:
        fruitless = 0
        while (first := next(self._jobs, None)) is not None:
            self._pushed_back.append(first)
            finished = await self._one_process()
            fruitless = 0 if finished else fruitless + 1
            if fruitless > _RESTARTS:
                raise WorkerFailed(
                    f"worker {self._name} died {fruitless} times without finishing an episode"
                )

    async def _one_process(self) -> int:
        """Run a worker until the jobs are done or it dies; returns how many it finished."""
        process = await start_worker(
            "callsheet.simulation.worker",
            str(self._run.path.resolve()),
            self._name,
            self._execution.share().model_dump_json(),
            str(self._since),
            line_limit=_LINE_LIMIT,
        )
        assert process.stdin is not None and process.stdout is not None
        outstanding = finished = 0
        try:
            outstanding += await self._feed(process.stdin, 2 * self._execution.concurrency)
            while outstanding and (line := await process.stdout.readline()).endswith(b"\n"):
                if line == UNPLAYED:
                    outstanding -= 1
                    continue
                answer = orjson.loads(line)
                if "error" in answer:
                    raise error_of(answer, _RAISED, WorkerFailed)
                outstanding -= 1
                finished += 1
                self._on_end(EpisodeEnd(**answer))
                outstanding += await self._feed(process.stdin, 1)
            self.lost += outstanding
            return finished
        finally:
            await end_worker(process)

    async def _feed(self, stdin: asyncio.StreamWriter, count: int) -> int:
        """Hand over up to `count` jobs; returns how many there were."""
        given = 0
        while given < count:
            job = self._pushed_back.popleft() if self._pushed_back else next(self._jobs, None)
            if job is None:
                break
            given += 1
            with contextlib.suppress(ConnectionError):
                stdin.write(job_line(*job))
                await stdin.drain()
        return given


async def start_worker(module: str, *arguments: str, line_limit: int) -> asyncio.subprocess.Process:
    """A fresh interpreter that runs `module`, with pipes for jobs and for answers, whose lines have
    at most `line_limit` bytes."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        # A module in the project's folder must not stand in for one of the program's.
        "-P",
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=line_limit,
        # Ctrl-C in a terminal reaches the whole group; stopping is the parent's decision.
        start_new_session=True,
    )


def cancel_once(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel those that are not being cancelled yet. A second time would come in the middle of
    `end_worker`, and leave a worker behind."""
    for task in tasks:
        if not task.cancelling():
            task.cancel()


async def end_worker(process: asyncio.subprocess.Process) -> None:
    """End a worker: its input ends, then it has a moment to write down what it has."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def job_line(key: EpisodeKey, recorded: Any) -> bytes:
    """A job as the worker reads it: the episode's index and its recorded events."""
    records = [event.model_dump() for event in recorded]
    return orjson.dumps({"index": key.index, "recorded": records}) + b"\n"


def recorded_of(job: dict[str, Any]) -> list[Event]:
    """The recorded events of a job line."""
    return [Event.model_construct(**record) for record in job["recorded"]]


def error_line(error: Exception) -> bytes:
    """What stopped a worker, as the parent reads it."""
    told: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    if isinstance(error, OSError) and error.errno is not None:
        file = None if error.filename is None else str(error.filename)
        told["system"] = [error.errno, error.strerror, file]
    return orjson.dumps(encodable(told)[0]) + b"\n"


def error_of(
    told: Mapping[str, Any],
    known: Mapping[str, type[Exception]],
    otherwise: type[Exception],
) -> Exception:
    """The error of an `error_line`: one of `known` by its name, one of the system, or another."""
    if "system" in told:
        return OSError(*told["system"])
    return known.get(told["error"], otherwise)(told["message"])


def end_line(end: EpisodeEnd) -> bytes:
    """An ended episode as the parent reads it."""
    return orjson.dumps(asdict(end)) + b"\n"
