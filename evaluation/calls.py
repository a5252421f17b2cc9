"""Call accuracy: the model's next call is made in the sandbox and judged by what it did.

A call is right when its name is that of an expected call and executing it in the item's world
gives that call's result and leaves that call's state. Spelling the arguments differently is no
fault, and looking right is no merit. `argument_accuracy` beside it compares the arguments.

All models of a comparison get the same prompt and the same constraint: `required` obliges the
model to call some tool, so that only the choice and the arguments are measured; `auto` lets it
answer in words, which is then counted as no call. Greedy, seed 0.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import orjson
from autogen_core.models import ChatCompletionClient, CreateResult
from autogen_core.tools import ToolSchema

from ..agents.expected_calls import comparable
from ..models.errors import AnswerCutOff, ModelError
from ..models.messages import prompt_of
from ..trajectories.canonical import canonical, digest, encodable
from .gold import CallItem, Goal, run, world_after
from .report import (
    CallResult,
    EvaluationReport,
    append_result,
    read_results,
    report_of,
    write_results,
)

Constraint = Literal["required", "auto"]
Progress = Callable[[int, int, CallResult], None]
"""Told how many items are done, of how many, and the newest result."""
MAX_ANSWER_TOKENS = 160
CUT_OFF = f"cut off at {MAX_ANSWER_TOKENS} tokens"
"""Why no call can be read in an answer that was longer than that."""


async def evaluate_calls(
    client: ChatCompletionClient,
    items: Sequence[CallItem],
    path: Path,
    *,
    model: str,
    constraint: Constraint = "required",
    concurrency: int = 8,
    on_progress: Progress | None = None,
) -> EvaluationReport:
    """Ask every item that `path` (JSONL, one `CallResult` a line) does not answer yet.

    Results of other prompts than these items', or under another constraint, are dropped from
    `path`; the others are judged again, because a scenario's expected calls may have been
    corrected. A `ModelError` counts as a wrong answer unless it says that the model or its endpoint
    is not there: that is raised, and what was answered before stays.
    """
    kept = _kept(items, path, constraint)
    done = {item.id: await judge_again(item, kept[item.id]) for item in items if item.id in kept}
    write_results(path, list(done.values()))
    gate = asyncio.Semaphore(concurrency)

    async def one(item: CallItem) -> None:
        async with gate:
            result = await ask(client, item, constraint)
        append_result(path, result)
        done[item.id] = result
        if on_progress is not None:
            on_progress(len(done), len(items), result)

    try:
        async with asyncio.TaskGroup() as group:
            for item in items:
                if item.id not in done:
                    group.create_task(one(item))
    except ExceptionGroup as several:
        # The first says it all; the others were asked at the same time and found the same.
        raise several.exceptions[0] from None
    results = [done[item.id] for item in items]
    write_results(path, results)
    return report_of(model, results, constraint, digest([r.prompt_digest for r in results]))


def unanswered(items: Sequence[CallItem], path: Path, constraint: Constraint) -> int:
    """How many of the items `path` does not answer under this constraint."""
    kept = _kept(items, path, constraint)
    return sum(item.id not in kept for item in items)


def _kept(items: Sequence[CallItem], path: Path, constraint: Constraint) -> dict[str, CallResult]:
    """The results in `path` of what is asked now, by item."""
    wanted = {item.id: (item.prompt_digest, constraint) for item in items}
    return {
        kept.id: kept
        for kept in read_results(path)
        if wanted.get(kept.id) == (kept.prompt_digest, kept.constraint)
    }


async def ask(client: ChatCompletionClient, item: CallItem, constraint: Constraint) -> CallResult:
    """One item's result. Raises `ModelError` where the model is not there."""
    started = time.perf_counter()
    problem: str | None = None
    answer: CreateResult | None = None
    try:
        answer = await client.create(
            prompt_of(item.messages),
            tools=[
                ToolSchema(name=t.name, description=t.description, parameters=t.parameters)  # type: ignore[typeddict-item]
                for t in item.tools
            ],
            tool_choice=constraint,
            extra_create_args={"temperature": 0, "seed": 0, "max_tokens": MAX_ANSWER_TOKENS},
        )
    except ModelError as error:
        if error.kind in ("endpoint", "unavailable", "budget"):
            raise
        cut = isinstance(error, AnswerCutOff)
        problem = CUT_OFF if cut else f"no usable answer: {error.kind}"
    result = await judge(item, answer, problem)
    seconds = round(time.perf_counter() - started, 3)
    return result.model_copy(update={"constraint": constraint, "seconds": seconds})


async def judge(
    item: CallItem, answer: CreateResult | None, problem: str | None = None
) -> CallResult:
    """Make the answer's first call in the item's world and compare."""
    content = answer.content if answer is not None else None
    if answer is not None and answer.finish_reason == "length":
        problem = CUT_OFF
    call = content[0] if isinstance(content, list) and content else None
    if call is None:
        said = content if isinstance(content, str) else None
        return _result(item, None, problem or "no call", said=said)
    try:
        arguments = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        got = {"name": call.name, "arguments": call.arguments}
        return _result(item, got, problem or "the arguments are no JSON object")
    return await _executed(item, call.name, arguments)


async def judge_again(item: CallItem, kept: CallResult) -> CallResult:
    """A kept result by what is expected now."""
    got = kept.got
    if got is not None and isinstance(got["arguments"], dict):
        result = await _executed(item, got["name"], got["arguments"])
    else:
        result = _result(item, got, kept.reason, said=kept.said)
    return result.model_copy(update={"constraint": kept.constraint, "seconds": kept.seconds})


async def _executed(item: CallItem, name: str, arguments: dict[str, Any]) -> CallResult:
    got = {"name": name, "arguments": arguments}
    goals = [goal for goal in item.goals if goal.name == name]
    if not goals:
        reason = "wrong tool" if name in {t.name for t in item.tools} else "unknown tool"
        return _result(item, got, reason)
    defaults = _defaults(item, name)
    same = any(_means_the_same(goal, arguments, defaults) for goal in goals)
    environment = await world_after(item.scenario, item.before)
    outcome = await run(environment, name, arguments, item.position)
    state = environment.digest()
    await environment.close()
    content = canonical(encodable(outcome.content())[0])
    if any((g.ok, g.content, g.state) == (outcome.ok, content, state) for g in goals):
        return _result(item, got, "correct", name=True, arguments=same)
    if not outcome.ok:
        reason = f"the call fails: {outcome.error}"
    elif all(goal.content != content for goal in goals):
        reason = "another result"
    else:
        reason = "another state"
    return _result(item, got, reason, name=True, arguments=same)


def _means_the_same(goal: Goal, arguments: Mapping[str, Any], defaults: Mapping[str, Any]) -> bool:
    return comparable(goal.arguments, defaults) == comparable(arguments, defaults)


def _defaults(item: CallItem, name: str) -> dict[str, Any]:
    spec = next(tool for tool in item.tools if tool.name == name)
    return {
        key: schema["default"]
        for key, schema in spec.properties.items()
        if isinstance(schema, dict) and "default" in schema
    }


def _result(
    item: CallItem,
    got: dict[str, Any] | None,
    reason: str,
    *,
    name: bool = False,
    arguments: bool = False,
    said: str | None = None,
) -> CallResult:
    first = item.goals[0]
    return CallResult(
        id=item.id,
        scenario=item.scenario.name,
        prompt_digest=item.prompt_digest,
        expected={"name": first.name, "arguments": first.arguments},
        got=None if got is None else encodable(got)[0],
        said=said,
        correct=reason == "correct",
        name_correct=name,
        arguments_correct=arguments,
        reason=reason,
    )
