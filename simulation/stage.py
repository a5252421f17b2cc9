"""The stage: one process's side of a run. It plays the episodes that it is handed.

It owns the process's models and its part of the log, and knows nothing of other processes.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from ..scenarios.loader import render
from ..scenarios.schema import Scenario
from ..trajectories.event import Event
from ..trajectories.log import LogWriter, claim_epoch
from .asking import Asking
from .build import build_episode
from .cast import Cast
from .control import forget
from .driver import play
from .episodes import EpisodeEnd, EpisodeKey, end_of
from .frames import Frame
from .journal import Journal
from .run_directory import RunDirectory

Job = tuple[EpisodeKey, Sequence[Event]]
"""An episode and what is already recorded of it."""


class Stage:
    """Plays episodes of one run in this process; a context manager that seals the log."""

    def __init__(
        self,
        run: RunDirectory,
        scenarios: Sequence[Scenario],
        cast: Cast,
        worker: str,
        on_event: Callable[[Event], None] | None = None,
        on_frame: Callable[[Frame], None] | None = None,
        *,
        repeat_started: bool = False,
    ) -> None:
        self._scenarios = scenarios
        self._cast = cast
        self._on_event = on_event
        self._repeat_started = repeat_started
        self._run = run.path
        self._asking = Asking(run.path, worker, on_frame)
        self._log = LogWriter(run.path, worker, claim_epoch(run.path, worker))

    @property
    def cancelled(self) -> bool:
        """Whether the run is cancelled: what has not begun is not to be played."""
        return self._asking.control.latest().cancelled

    def __enter__(self) -> Stage:
        # What start-up left behind is never garbage; without this, the collector walks all of it
        # again and again while a thousand episodes are open.
        gc.collect()
        gc.freeze()
        return self

    def __exit__(self, *exception: object) -> None:
        gc.unfreeze()
        self._asking.close()
        self._log.close()

    async def play_all(
        self,
        jobs: Iterable[Job] | AsyncIterator[Job],
        concurrency: int,
        on_end: Callable[[EpisodeEnd], None],
    ) -> None:
        """Play `jobs`, at most `concurrency` at the same time.

        The first exception that no episode can bear stops all of them, unfinished and resumable,
        and is raised.
        """
        source = jobs if isinstance(jobs, AsyncIterator) else _asynchronous(jobs)
        turn = asyncio.Lock()

        async def consume() -> None:
            while True:
                async with turn:
                    job = await anext(source, None)
                if job is None:
                    return
                on_end(await self.play(*job))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(concurrency):
                    group.create_task(consume())
        except BaseExceptionGroup as errors:
            raise _first(errors) from None

    async def play(self, key: EpisodeKey, recorded: Sequence[Event] = ()) -> EpisodeEnd:
        """Play one episode to its end."""
        if not recorded:
            self._asking.people.clear(key.id)
        journal = Journal(key.id, recorded, self._log.append)
        scenario = render(self._scenarios[key.scenario], key.seed)
        episode = build_episode(
            scenario,
            episode=key.id,
            seed=key.seed,
            cast=self._cast,
            journal=journal,
            repeat_started=self._repeat_started,
            asking=self._asking,
        )
        last: Event | None = None
        cost: float | None = None
        try:
            async for event in play(episode):
                last = event
                if "cost" in event.ambient:
                    cost = (cost or 0.0) + event.ambient["cost"]
                if self._on_event is not None:
                    self._on_event(event)
        finally:
            await episode.environment.close()
        self._asking.people.clear(key.id)
        if key.id in self._asking.control.latest().episodes:
            forget(self._run, key.id)
        assert last is not None
        return end_of(key.index, last.data, cost)


async def _asynchronous(jobs: Iterable[Job]) -> AsyncIterator[Job]:
    for job in jobs:
        yield job


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first real exception of a group of groups."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
