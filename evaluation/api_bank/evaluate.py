"""Models asked for the samples of several levels, scored and reported.

Every answer is asked for only once: it lies in a file for each level, and what is there already,
to the same prompt, is not asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from autogen_core.models import ChatCompletionClient

from ...trajectories.canonical import digest
from .annotations import Key
from .answers import Answer
from .asking import MAX_ANSWER_TOKENS, Question, ask_all, questions, unanswered, wording_for
from .call_styles import Style
from .chat_prompt import Wording
from .examination import Examination, Scored
from .predictions import Prediction
from .reading import Protocol, read_answer
from .response_scores import response_figures
from .samples import CallSample, ResponseSample

Say = Callable[[str, str, int, int, str], None]
"""Told the model, the stage, how many are done, of how many, and a line about the newest."""


def silent(model: str, stage: str, done: int, total: int, line: str) -> None:
    """For those who want to be told nothing."""


def score_model(
    examinations: Sequence[Examination],
    model: str,
    make_client: Callable[[], ChatCompletionClient],
    folder: Path,
    *,
    style: Style,
    wording: Wording | None = None,
    responses: bool = False,
    concurrency: int = 8,
    say: Say | None = None,
) -> list[Scored]:
    """Ask a model what `folder` does not answer yet, and score it, level by level. The client is
    made only where an answer is missing, and once.

    Raises `ModelError` where the model is not there, `WordingNotThere`, and what the data raise.
    """
    jobs = [
        _job(one, folder, style, wording, kind)
        for one in examinations
        for kind in (("calls", "responses") if responses else ("calls",))
    ]
    found = dict(
        zip(
            jobs,
            _answered(jobs, make_client, concurrency, partial(say or silent, model)),
            strict=True,
        )
    )
    reports = []
    for one in examinations:
        asked = {job.kind: job for job in jobs if job.examination is one}
        answers = {kind: found[job] for kind, job in asked.items()}
        figures = None
        if responses:
            said = {key: answer.pred for key, answer in answers["responses"].items()}
            figures = response_figures(one.benchmark.response_samples(), said)
        prompts = [question.prompt for question in asked["calls"].questions]
        reports.append(
            one.report(
                model,
                {k: prediction_of(a, style, one.protocol) for k, a in answers["calls"].items()},
                style=style,
                prompts=wording_for(one.benchmark.data, style, wording),
                responses=figures,
                samples_digest=digest([prompt.digest for prompt in prompts]),
            )
        )
    return reports


@dataclass(frozen=True, eq=False)
class _Job:
    """What is asked of one level, and the file with the answers."""

    examination: Examination
    kind: str
    questions: Sequence[Question]
    path: Path

    @property
    def stage(self) -> str:
        return f"level {self.examination.benchmark.level} {self.kind}"


def _job(one: Examination, folder: Path, style: Style, wording: Wording | None, kind: str) -> _Job:
    benchmark = one.benchmark
    samples: Sequence[CallSample | ResponseSample] = (
        benchmark.call_samples(one.protocol) if kind == "calls" else benchmark.response_samples()
    )
    words = wording_for(benchmark.data, style, wording)
    asked = questions(benchmark, samples, style, words)
    return _Job(one, kind, asked, folder / f"level-{benchmark.level}.{kind}.jsonl")


def prediction_of(answer: Answer, style: Style, protocol: Protocol) -> Prediction:
    """A kept answer, read in its style; one that no model gave is no call."""
    if answer.problem is None:
        read = read_answer(style, answer.result(), protocol)
    else:
        read = Prediction(failure="no_api_call", detail=f"no usable answer: {answer.problem}")
    if answer.cut and read.failure is not None:
        return replace(read, detail=f"cut off at {MAX_ANSWER_TOKENS} tokens")
    return read


def _answered(
    jobs: Sequence[_Job],
    make_client: Callable[[], ChatCompletionClient],
    concurrency: int,
    say: Callable[[str, int, int, str], None],
) -> list[dict[Key, Answer]]:
    """The answers of each job. All are asked in one event loop, which the client belongs to."""

    async def ask() -> list[dict[Key, Answer]]:
        missing = any(unanswered(job.questions, job.path) for job in jobs)
        client = make_client() if missing else None
        try:
            return [
                await ask_all(
                    client,
                    job.questions,
                    job.path,
                    concurrency=concurrency,
                    on_progress=partial(say, job.stage),
                )
                for job in jobs
            ]
        finally:
            if client is not None:
                await client.close()

    return asyncio.run(ask())
