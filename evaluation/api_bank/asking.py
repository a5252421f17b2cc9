"""Asking a model for samples: at the same time as far as it can take, and going on where it was.

A call is asked for with `tool_choice` required where the interface offers tools, so that only the
choice and the arguments are measured; in the other styles the prompt says that a call is due.
Words are asked for with `none`. Greedy, seed 0.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autogen_core.models import ChatCompletionClient
from autogen_core.tools import ToolSchema

from ...environments.api_bank import ApiBankData
from ...models.errors import AnswerCutOff, ModelError
from ...models.messages import prompt_of
from ...tools import ToolSpec
from ...trajectories.canonical import encodable
from .annotations import Key
from .answers import MAX_KEPT, Answer, FunctionAnswer, append_answer, read_answers, write_answers
from .benchmark import Benchmark
from .call_styles import Style
from .chat_prompt import ChatPrompt, Wording
from .project_prompts import project_prompt
from .published_prompts import PublishedPrompts, published_prompts
from .samples import CallSample, ResponseSample

Progress = Callable[[int, int, str], None]
"""Told how many samples are answered, of how many, and a line about the newest."""
MAX_ANSWER_TOKENS = 400
NOT_THERE = ("endpoint", "unavailable", "budget")
"""Kinds of `ModelError` after which no other sample would be answered either."""


class WordingNotThere(ValueError):
    """Prompts in the wording that was asked for cannot be made; says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """A sample with its prompt."""

    sample: CallSample | ResponseSample
    prompt: ChatPrompt

    @property
    def key(self) -> Key:
        return self.sample.key


def wording_for(data: ApiBankData, style: Style, wanted: Wording | None) -> Wording:
    """The published wording where the data have it and the style is its own, else the project's.

    Raises `WordingNotThere` where the published one is wanted and is not there.
    """
    if wanted == "project":
        return "project"
    there = published_prompts(data) is not None
    if wanted == "published" and style != "bracket":
        raise WordingNotThere(f"published prompts ask for the style bracket, not {style}")
    if wanted == "published" and not there:
        raise WordingNotThere(f"{data.folder} has no published prompts (prompts.json, test-data)")
    return "published" if there and style == "bracket" else "project"


def questions(
    benchmark: Benchmark,
    samples: Sequence[CallSample | ResponseSample],
    style: Style,
    wording: Wording,
) -> list[Question]:
    """The samples with their prompts. Raises `ApiBankDataError` and `WordingNotThere`."""
    if wording == "project":
        return [Question(s, project_prompt(s, style, benchmark.specs)) for s in samples]
    prompts: PublishedPrompts | None = published_prompts(benchmark.data)
    if prompts is None:
        raise WordingNotThere(f"{benchmark.data.folder} has no published prompts")
    return [Question(s, prompts.prompt(s).chat) for s in samples]


async def ask_all(
    client: ChatCompletionClient | None,
    asked: Sequence[Question],
    path: Path,
    *,
    concurrency: int = 8,
    on_progress: Progress | None = None,
) -> dict[Key, Answer]:
    """Ask what `path` (JSONL, one `Answer` a line) does not answer yet; `client` may be None
    where it answers all.

    Answers to other prompts are dropped from `path`. A `ModelError` is an empty answer, unless it
    says that the model is not there: that is raised, and what was answered before stays.
    """
    wanted = {question.key: question.prompt.digest for question in asked}
    done = {a.key: a for a in read_answers(path) if wanted.get(a.key) == a.prompt_digest}
    write_answers(path, done.values())
    gate = asyncio.Semaphore(concurrency)

    async def one(question: Question) -> None:
        async with gate:
            assert client is not None
            answer = await ask(client, question)
        append_answer(path, answer)
        done[answer.key] = answer
        if on_progress is not None:
            on_progress(len(done), len(asked), f"{answer.file[:40]} {answer.id}")

    try:
        async with asyncio.TaskGroup() as group:
            for question in asked:
                if question.key not in done:
                    group.create_task(one(question))
    except ExceptionGroup as several:
        # The first says it all; the others were asked at the same time and found the same.
        raise several.exceptions[0] from None
    ordered = {question.key: done[question.key] for question in asked}
    write_answers(path, ordered.values())
    return ordered


def unanswered(asked: Sequence[Question], path: Path) -> int:
    """How many of the questions `path` does not answer."""
    known = {answer.key: answer.prompt_digest for answer in read_answers(path)}
    return sum(known.get(question.key) != question.prompt.digest for question in asked)


async def ask(client: ChatCompletionClient, question: Question) -> Answer:
    """One answer. Raises `ModelError` where the model is not there."""
    started = time.perf_counter()
    prompt = question.prompt
    answer = Answer(file=question.key[0], id=question.key[1], prompt_digest=prompt.digest)
    call = isinstance(question.sample, CallSample)
    choice: Literal["required", "none"] = "required" if call else "none"
    try:
        result = await client.create(
            prompt_of(prompt.messages),
            tools=schemas(prompt.tools) if prompt.native else [],
            tool_choice=choice if prompt.native else "auto",
            extra_create_args={"temperature": 0, "seed": 0, "max_tokens": MAX_ANSWER_TOKENS},
        )
    except ModelError as error:
        if error.kind in NOT_THERE:
            raise
        update: dict[str, object] = {"problem": error.kind, "cut": isinstance(error, AnswerCutOff)}
        return answer.model_copy(update={**update, "seconds": _since(started)})
    if isinstance(result.content, str):
        update = {"pred": encodable(result.content[:MAX_KEPT])[0]}
    else:
        calls = [
            FunctionAnswer(name=encodable(c.name)[0], arguments=encodable(c.arguments)[0])
            for c in result.content
        ]
        update = {"calls": tuple(calls)}
    update["cut"] = result.finish_reason == "length"
    return answer.model_copy(update={**update, "seconds": _since(started)})


def schemas(tools: Sequence[ToolSpec]) -> list[ToolSchema]:
    """Tools as a client takes them."""
    return [
        ToolSchema(name=t.name, description=t.description, parameters=t.parameters)  # type: ignore[typeddict-item]
        for t in tools
    ]


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)
