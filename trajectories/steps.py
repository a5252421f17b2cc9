"""A trajectory as steps: what the assistant was given, what it put out, and what it met then.

A view of one branch, computed where it is asked for. Each assistant's message is a step. Its
output is its words, or, where it thinks or calls tools, one JSON object with `thought`, `content`
and `tool_calls` (the form that function-calling models of the unified format learn). How the input
of a step is put together from what came before is the caller's to choose: `CompileInput`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from .trajectory import Message, StepRecord, Trajectory


class CompileInput(Protocol):
    """How the input of a step is put together."""

    def __call__(self, first: str, earlier: Sequence[StepRecord]) -> str:
        """The input of the step after `earlier`; `first` is the input of the first step."""
        ...


def actions_and_observations(first: str, earlier: Sequence[StepRecord]) -> str:
    """The first input, then `Action: ...` and `Observation: ...` of each earlier step, a line
    each; an observation that is empty is left out."""
    lines = [first]
    for step in earlier:
        lines.append(f"Action: {step.output}")
        if step.next_observation:
            lines.append(f"Observation: {step.next_observation}")
    return "\n".join(lines)


def steps(
    trajectory: Trajectory,
    leaf: int | None = None,
    compile_input: CompileInput = actions_and_observations,
) -> list[StepRecord]:
    """The steps of the branch that ends in `leaf` (default: the main one). System messages are
    no part of them."""
    return steps_of(trajectory.path(leaf), compile_input)


def steps_of(
    messages: Sequence[Message], compile_input: CompileInput = actions_and_observations
) -> list[StepRecord]:
    """The steps of messages in a row."""
    path = [message for message in messages if message.role != "system"]
    starts = [place for place, message in enumerate(path) if message.role == "assistant"]
    first = said(path[: starts[0]] if starts else path, "user")
    records: list[StepRecord] = []
    # Without a start, the one end that is left is no step's.
    for place, end in zip(starts, [*starts[1:], len(path)], strict=False):
        expected = "tool" if path[place].tool_calls else "user"
        records.append(
            StepRecord(
                step_id=len(records),
                input=compile_input(first, records),
                output=output(path[place]),
                next_observation=said(path[place + 1 : end], expected),
            )
        )
    return records


def output(message: Message) -> str:
    """What an assistant put out with `message`."""
    content = message.content or ""
    if message.thought is None and not message.tool_calls and not looks_structured(content):
        return content
    whole: dict[str, Any] = {"thought": message.thought or "", "tool_calls": []}
    if message.content is not None:
        whole["content"] = message.content
    for call in message.tool_calls or ():
        arguments = _as_object(call.function.arguments)
        whole["tool_calls"].append({"name": call.function.name, "arguments": arguments})
    return orjson.dumps(whole).decode()


def said(messages: Sequence[Message], expected: str) -> str:
    """What `messages` say: the words of a single one of the `expected` role, empty for none, else
    a JSON list of roles and words."""
    if not messages:
        return ""
    only = messages[0].content if len(messages) == 1 else None
    if only and messages[0].role == expected and not looks_listed(only):
        return only
    return orjson.dumps([{"role": m.role, "content": m.content or ""} for m in messages]).decode()


def looks_structured(text: str) -> bool:
    """Whether an output is the JSON object of a message that thinks or calls."""
    value = _json(text, "{")
    return isinstance(value, dict) and isinstance(value.get("tool_calls"), list)


def looks_listed(text: str) -> bool:
    """Whether an observation is the JSON list of several messages."""
    value = _json(text, "[")
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, dict) and set(each) == {"role", "content"} for each in value)
    )


def _json(text: str, opening: str) -> Any:
    if not text.startswith(opening):
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _as_object(arguments: str) -> Any:
    """The object that `arguments` spell; their text where it cannot be written again as it is."""
    value = _json(arguments, "{")
    try:
        # Within three levels, as in an output: more nesting can be read than can be written.
        text = orjson.dumps([[[value]]]).decode()
    except orjson.JSONEncodeError:
        return arguments
    exact = isinstance(value, dict) and text == f"[[[{arguments}]]]"
    return value if exact else arguments
