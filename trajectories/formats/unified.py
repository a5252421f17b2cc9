"""The unified agent-trajectory JSON: `user query`, `model name`, `score`, `other information` and
`steps` of `input`, `output`, `next observation` and `step_id`.

Steps are as `trajectories.steps` makes them. The input of each is compiled from the first input
and the steps before it, so a reader needs only the first; `writer` takes another way to compile.
What a trajectory has besides is kept under `other information`, so that reading brings it back:
`callsheet` holds our fields, `system` the system message. Of files by others, an output that is no
JSON object of `thought` and `tool_calls` is the assistant's words, and keys may have `_` for space.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ..steps import CompileInput, actions_and_observations, looks_listed, looks_structured, steps_of
from ..trajectory import StepRecord, Trajectory
from .conversation import (
    Call,
    Conversation,
    arguments_text,
    in_call_order,
    list_in,
    one_branch,
    text_in,
)
from .format import Format, Losses, Refused, Write
from .tools import Tools

_NAME = "unified"
_OURS = "callsheet"
_APART = {"messages", "main", "preferences", "user_query", "model_name", "score",
          "other_information"}  # fmt: skip
_KNOWN = ("user query", "model name", "score", "other information", "steps")


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict):
        return None
    steps = record.get("steps")
    if isinstance(steps, list) and steps and isinstance(steps[0], dict):
        first = _spaced(steps[0])
        if {"input", "output"} <= first.keys() and "next observation" in first:
            return "steps of input, output and next observation"
    return None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    record = _spaced(record)
    steps = [_step(step, place) for place, step in enumerate(list_in(record, "steps"), 1)]
    if not steps:
        raise Refused("it holds no steps")
    information = record.get("other information") or {}
    if not isinstance(information, dict):
        information = {"other information": information}
    fields, information, system = _ours(information)
    conversation = Conversation()
    if system is not None:
        conversation.say("system", system)
    _observe(conversation, steps[0].input, "user")
    for number, step in enumerate(steps):
        expected = actions_and_observations(steps[0].input, steps[:number])
        losses.lose("inputs compiled in another way", step.input != expected)
        _act(conversation, step)
    score = record.get("score")
    fraction = isinstance(score, int | float) and 0 <= score <= 1
    if score is not None and not fraction:
        information["score"] = score
    query = record.get("user query")
    tools = Tools(specs=fields.pop("tools", []))
    yield conversation.trajectory(
        _NAME, tools, record, _KNOWN, other_information=information,
        user_query=query if isinstance(query, str) else steps[0].input,
        model_name=str(record.get("model name") or ""), score=float(score) if fraction else None,
        **fields,
    )  # fmt: skip


def writer(compile_input: CompileInput = actions_and_observations) -> Write:
    """What writes records whose inputs are compiled by `compile_input`."""

    def write(trajectory: Trajectory, losses: Losses) -> dict[str, Any]:
        held = {"thought", "id", *Trajectory.model_fields} - {"preferences"}
        path = in_call_order(one_branch(trajectory, trajectory.scenario, losses, held), losses)
        leading = path[0].role == "system"
        losses.lose("system messages", sum(m.role == "system" for m in path[leading:]))
        if not any(message.role == "assistant" for message in path):
            raise Refused("it has no steps: the assistant says nothing")
        ours = trajectory.model_dump(mode="json", exclude=_APART, exclude_defaults=True)
        ours["outcome"] = trajectory.outcome.model_dump(mode="json", exclude_none=True)
        information = {**trajectory.other_information, _OURS: ours}
        if leading:
            information["system"] = path[0].content or ""
        return {
            "user query": trajectory.user_query,
            "model name": trajectory.model_name,
            "score": trajectory.score,
            "other information": information,
            "steps": [_written(step) for step in steps_of(path, compile_input)],
        }

    return write


def _written(step: StepRecord) -> dict[str, Any]:
    return {"input": step.input, "output": step.output,
            "next observation": step.next_observation, "step_id": step.step_id}  # fmt: skip


def _spaced(record: Any) -> dict[str, Any]:
    """`record` with spaces in its keys where some write `_`."""
    if not isinstance(record, dict):
        raise Refused("it is no object")
    return {key if key == "step_id" else key.replace("_", " "): record[key] for key in record}


def _step(step: Mapping[str, Any], place: int) -> StepRecord:
    given = _spaced(step)
    return StepRecord(
        step_id=place - 1,
        input=text_in(given.get("input"), f"the input of step {place}"),
        output=text_in(given.get("output"), f"the output of step {place}"),
        next_observation=text_in(given.get("next observation") or "", f"step {place} observes"),
    )


def _ours(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], str | None]:
    """Our own fields, the other information, and the system message."""
    information = dict(given)
    ours = information.pop(_OURS, None)
    fields = dict(ours) if isinstance(ours, dict) else {}
    if not fields.keys() <= Trajectory.model_fields.keys() - _APART:
        raise Refused(f"other information: {_OURS} holds what is none of the fields kept there")
    system = information.pop("system", None) if isinstance(given.get("system"), str) else None
    return fields, information, system


def _act(conversation: Conversation, step: StepRecord) -> None:
    if not looks_structured(step.output):
        conversation.say("assistant", step.output)
        _observe(conversation, step.next_observation, "user")
        return
    whole = orjson.loads(step.output)
    thought = whole.get("thought") or None
    content = whole.get("content")
    calls = [_call(each) for each in whole["tool_calls"]]
    if calls:
        conversation.call(calls, content, thought=thought)
    else:
        conversation.say("assistant", content, thought=thought)
    _observe(conversation, step.next_observation, "tool" if calls else "user")


def _call(value: Any) -> Call:
    if not isinstance(value, dict):
        raise Refused(f"a call is no object: {value!r:.80}")
    return Call(Tools().name(value.get("name")), arguments_text(value.get("arguments")))


def _observe(conversation: Conversation, text: str, role: str) -> None:
    if not text:
        return
    listed = orjson.loads(text) if looks_listed(text) else [{"role": role, "content": text}]
    for each in listed:
        content = text_in(each["content"], "an observation")
        if each["role"] == "tool":
            conversation.result(content)
        elif each["role"] in ("user", "system"):
            conversation.say(each["role"], content)
        else:
            raise Refused(f"an observation is no {each['role']!r:.40} message")


FORMAT = Format(
    name=_NAME,
    about="unified agent trajectories: steps of input, output and next observation",
    recognize=recognize,
    read=read,
    write=writer(),
)
