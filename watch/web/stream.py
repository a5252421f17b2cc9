"""The stream: server-sent events for whoever follows topics, over one connection each.

A connection holds its topics' cursors and nothing else: no queue. It is woken when something has
changed, computes what is new for it, and goes on once its socket has taken that; so a slow viewer
costs nothing and slows nobody. Runs are looked at only while somebody follows them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Annotated, TypeVar

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from ...simulation.frames import mark_watched
from .index import Index
from .indexed_run import IndexedRun
from .refused import Refused
from .topics import EpisodeTopic, RunsTopic, RunTopic, topic

T = TypeVar("T")
Followed = RunsTopic | RunTopic | EpisodeTopic

_LOG = logging.getLogger("uvicorn.error")

_LIVE_SECONDS = 0.04
"""Between two looks at a run that is being played."""
_IDLE_SECONDS = 0.25
"""Between two looks at one that is not."""
_FOLDER_SECONDS = 1.0
"""Between two looks at all runs of the folder."""
_WATCHED_SECONDS = 2.0
"""How often a run's processes are told which episodes are looked at."""
_STEP_SECONDS = 0.25
"""How long a look may take before those who follow hear of what it found so far."""
_AGAIN_SECONDS = 5.0
"""After a defect, before the same is tried again."""
_TOPICS = 200
_THREADS = 8
_RETRY = 500
"""Milliseconds after which a browser connects again."""


class Hub:
    """All connections, and the looking that is done for them; lives in the event loop."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._threads = ThreadPoolExecutor(_THREADS, "watch")
        self._connections: set[Connection] = set()
        self._looking: dict[str | None, asyncio.Task[None]] = {}
        self.closed = False

    async def in_thread(self, call: Callable[[], T]) -> T:
        """`call()` in a thread of the stream's own, which slow answers do not occupy."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    @contextlib.contextmanager
    def joined(self, connection: Connection) -> Iterator[None]:
        """`connection` is told of changes."""
        self._connections.add(connection)
        for run in connection.runs:
            if run not in self._looking:
                self._looking[run] = asyncio.create_task(self._look(run))
        try:
            yield
        finally:
            self._connections.discard(connection)

    def close(self) -> None:
        """End all streams at once; the page connects again when there is a server again."""
        self.closed = True
        for connection in self._connections:
            connection.woken.set()
        for task in self._looking.values():
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _followers(self, run: str | None) -> list[Connection]:
        return [connection for connection in self._connections if run in connection.runs]

    async def _look(self, run: str | None) -> None:
        try:
            while self._followers(run):
                try:
                    await (self._look_at_all() if run is None else self._look_at(run))
                except Exception:
                    # A defect of ours is seen, and ends nothing for those who follow.
                    _LOG.exception("looking at %s failed", run or "the runs")
                    await asyncio.sleep(_AGAIN_SECONDS)
        finally:
            del self._looking[run]

    async def _look_at_all(self) -> None:
        """Look at the folder for as long as somebody follows it."""
        seen: object = None
        while self._followers(None):
            whole = await self.in_thread(partial(self.index.look, _STEP_SECONDS))
            *_, rev = self.index.rows_after(0)
            seen = self._wake(None, seen, (rev, self.index.complete))
            await asyncio.sleep(_FOLDER_SECONDS if whole else 0)

    async def _look_at(self, name: str) -> None:
        """Look at one run for as long as somebody follows it or one of its episodes."""
        seen: object = None
        told = 0.0
        while followers := self._followers(name):
            episodes = {e for connection in followers for e in connection.episodes(name)}
            tell = bool(episodes) and time.monotonic() - told >= _WATCHED_SECONDS
            told = time.monotonic() if tell else told
            looked = await self.in_thread(partial(self._look_once, name, episodes, tell))
            if looked is None:
                await asyncio.sleep(_IDLE_SECONDS)
                continue
            run, whole = looked
            seen = self._wake(name, seen, run.version)
            live = not (run.is_idle or run.row.done == run.row.total)
            await asyncio.sleep(0 if not whole else _LIVE_SECONDS if live else _IDLE_SECONDS)

    def _wake(self, run: str | None, seen: object, now: object) -> object:
        """Wake whoever follows now, if something is not as it was seen; returns what is."""
        if now != seen:
            for connection in self._followers(run):
                connection.woken.set()
        return now

    def _look_once(
        self, name: str, episodes: set[str], tell: bool
    ) -> tuple[IndexedRun, bool] | None:
        try:
            run = self.index.run(name)
        except Refused:
            return None
        whole = run.read_on(_STEP_SECONDS)
        if episodes and run.row.live:
            run.look_at_frames()
            if tell:
                mark_watched(run.path, episodes)
        return run, whole


class Connection:
    """One browser's stream."""

    def __init__(self, hub: Hub, topics: list[Followed]) -> None:
        self.woken = asyncio.Event()
        self._hub = hub
        self._topics = topics
        self.runs = {None if isinstance(one, RunsTopic) else one.run for one in topics}

    def episodes(self, run: str) -> Iterator[str]:
        """The episodes of a run that are followed here."""
        for one in self._topics:
            if isinstance(one, EpisodeTopic) and one.run == run:
                yield one.episode

    async def messages(self) -> AsyncIterator[ServerSentEvent]:
        """What is new, as it becomes known, until the hub closes or the browser goes."""
        yield ServerSentEvent(comment="following", retry=_RETRY)
        with self._hub.joined(self):
            while not self._hub.closed:
                self.woken.clear()
                sent = False
                for one in self._topics:
                    if time.monotonic() < one.due or self._hub.closed:
                        continue
                    message = await self._message(one)
                    if message is not None:
                        sent = True
                        yield ServerSentEvent(message.decode(), id=self._cursors())
                if not sent:
                    await self._wait()

    async def _message(self, one: Followed) -> bytes | None:
        try:
            return await self._hub.in_thread(one.message)
        except Exception:
            # One topic that cannot be told is not the end of the others.
            _LOG.exception("telling of %s failed", one.name)
            one.due = time.monotonic() + _AGAIN_SECONDS
            return None

    async def _wait(self) -> None:
        """Until something has changed, or a topic that had to wait may be asked again."""
        now = time.monotonic()
        soon = min((one.due for one in self._topics if one.due > now), default=None)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.woken.wait(), None if soon is None else soon - now)

    def _cursors(self) -> str:
        return " ".join(f"{one.name}@{one.cursor}" for one in self._topics)


def router(hub: Hub) -> APIRouter:
    """`GET /api/stream`."""
    api = APIRouter()

    @api.get("/api/stream")
    async def stream(
        topic_: Annotated[list[str], Query(alias="topic", max_length=_TOPICS)],
        last_event_id: Annotated[str, Header()] = "",
    ) -> EventSourceResponse:
        topics = {one.name: one for one in (topic(given, hub.index) for given in topic_)}
        # What this browser was told last is newer than the address it began with.
        for one in (topic(given, hub.index) for given in last_event_id.split()):
            if one.name in topics:
                topics[one.name] = one
        connection = Connection(hub, list(topics.values()))
        return EventSourceResponse(connection.messages())

    return api
