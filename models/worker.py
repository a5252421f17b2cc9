"""A thread of its own for a model that computes in this process.

The event loop stays free, questions that arrive together are answered together, and a question
nobody waits for any more is abandoned. The thread starts with the first question; it ends when
the worker is closed or forgotten, and at the latest when the process exits, within one step of
the computation that goes on: native code must never be cut off in the middle.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from autogen_core import CancellationToken

Question = TypeVar("Question")
Answer = TypeVar("Answer")

_GATHERING = 0.003
"""Seconds to wait for company: tasks of one event loop ask within this."""
_LAST_STEP = 10.0
"""Seconds that the process waits at exit for the step that goes on."""


@dataclass(eq=False, slots=True)
class Job(Generic[Question, Answer]):
    """A question and where its answer goes."""

    question: Question
    closing: threading.Event
    answer: Future[Answer] = field(default_factory=Future)
    heard: Callable[[Answer], None] | None = None
    """Told, in the thread, what there is of the answer so far, where whoever asks listens."""

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits any more; look between steps."""
        return self.closing.is_set() or self.answer.cancelled()

    def succeed(self, value: Answer) -> None:
        if self.answer.set_running_or_notify_cancel():
            self.answer.set_result(value)

    def fail(self, error: BaseException) -> None:
        if not self.answer.done() and self.answer.set_running_or_notify_cancel():
            self.answer.set_exception(error)


class Worker(Generic[Question, Answer]):
    """Gives questions, in the order of asking and up to `batch` together, to `serve`.

    `serve` runs in the thread. It gives each job an answer or an error; what it raises becomes
    the error of all jobs of the batch that have none.
    """

    def __init__(
        self, serve: Callable[[Sequence[Job[Question, Answer]]], None], *, batch: int = 1
    ) -> None:
        self._serve = serve
        self._batch = batch
        self._state: _State[Question, Answer] | None = None

    async def ask(
        self,
        question: Question,
        token: CancellationToken | None = None,
        heard: Callable[[Answer], None] | None = None,
    ) -> Answer:
        """The answer. `heard` is told in the thread what there is of it, as often as `serve` does.

        Raises what `serve` raised, and `CancelledError` as soon as cancelled.
        """
        if self._state is None:
            self._state = _State(self._serve, self._batch)
            self._end = weakref.finalize(self, self._state.end)
        job: Job[Question, Answer] = Job(question, self._state.closing, heard=heard)
        self._state.waiting.put(job)
        answer = asyncio.wrap_future(job.answer)
        if token is not None:
            token.link_future(answer)
        return await answer

    def close(self) -> None:
        """End the thread after its present step; asking again starts another one."""
        if self._state is not None:
            self._end()
            self._state = None


class _State(Generic[Question, Answer]):
    """What the thread holds. It must not hold the worker, whose end is what ends the thread."""

    def __init__(
        self, serve: Callable[[Sequence[Job[Question, Answer]]], None], batch: int
    ) -> None:
        self.waiting: SimpleQueue[Job[Question, Answer] | None] = SimpleQueue()
        self.closing = threading.Event()
        self._thread = threading.Thread(
            target=_work, args=(self.waiting, self.closing, serve, batch), daemon=True
        )
        self._thread.start()

    def end(self) -> None:
        self.closing.set()
        self.waiting.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(_LAST_STEP)


def _work(
    waiting: SimpleQueue[Job[Question, Answer] | None],
    closing: threading.Event,
    serve: Callable[[Sequence[Job[Question, Answer]]], None],
    batch: int,
) -> None:
    while not closing.is_set():
        jobs = _gathered(waiting, batch)
        wanted = [job for job in jobs if not job.abandoned]
        if wanted:
            try:
                serve(wanted)
            except Exception as error:  # every waiting caller must hear of it
                for job in wanted:
                    job.fail(error)
        for job in jobs:
            if not job.answer.done():
                job.answer.cancel()
        del jobs, wanted
    while (left := _next(waiting, 0.0)) is not None:
        left.answer.cancel()


def _gathered(
    waiting: SimpleQueue[Job[Question, Answer] | None], batch: int
) -> list[Job[Question, Answer]]:
    first = waiting.get()
    jobs = [] if first is None else [first]
    while jobs and len(jobs) < batch and (job := _next(waiting, _GATHERING)) is not None:
        jobs.append(job)
    return jobs


def _next(
    waiting: SimpleQueue[Job[Question, Answer] | None], timeout: float
) -> Job[Question, Answer] | None:
    try:
        return waiting.get(block=timeout > 0, timeout=timeout or None)
    except Empty:
        return None
