"""A trajectory laid out step by step for whoever reads it whole: raters, judges, people.

One JSON object: `tools`, `steps` and how it `ended`. A step is a request, or a turn of the agent's
with its thought, its words and its calls, each call with what came of it. JSON because every text
stays within its quotes: nothing that a tool or a user wrote can end the material and go on as
somebody else. Long texts lose their middle, with a mark; where there are too many steps the middle
ones go. Beginning and end always stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from ..tools import ToolSpec
from .actions import observations
from .filters.branch import Branch, Call
from .trajectory import Message, Trajectory

LONGEST = 32_000
"""Characters of a layout, unless another length is asked for."""
_TEXT, _SHORTEST_TEXT = 4_000, 40
_STEPS, _FEWEST_STEPS = 400, 6
_TOOLS = 60


def layout(trajectory: Trajectory, longest: int = LONGEST) -> str:
    """The main branch as JSON text of about `longest` characters at most; the same for the same
    trajectory."""
    branch = Branch.of(trajectory, trajectory.path())
    called = {call.name for call in branch.calls}
    tools = sorted(trajectory.tools, key=lambda tool: tool.name not in called)[:_TOOLS]
    text, most = _TEXT, _STEPS
    while True:
        laid = _laid(branch, tools, text, most)
        if len(laid) <= longest or (text <= _SHORTEST_TEXT and most <= _FEWEST_STEPS and not tools):
            return laid
        # What says least about the run goes first: tools that nobody called, then long texts.
        if len(tools) > len(called):
            tools = tools[: max(len(called), len(tools) // 2)]
        elif text > 500:
            text //= 2
        else:
            tools = tools[: len(tools) // 2]
            text, most = max(_SHORTEST_TEXT, text // 2), max(_FEWEST_STEPS, most // 2)


def shortened(text: str, longest: int) -> str:
    """`text`, or its beginning and end with a mark between them."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}[… {len(text) - 2 * half} characters left out]{text[len(text) - half :]}"


def tool_outline(tool: ToolSpec, longest: int = 400) -> dict[str, Any]:
    """What a reader needs to know of a tool: its description is cut to `longest` characters."""
    return {
        "name": tool.name,
        "description": shortened(tool.description, longest),
        "parameters": list(tool.properties)[:40],
        "required": list(tool.required)[:40],
    }


def _laid(branch: Branch, tools: Sequence[ToolSpec], text: int, most: int) -> str:
    outcome = branch.trajectory.outcome
    ended = outcome.status if not outcome.reason else f"{outcome.status}: {outcome.reason}"
    record = {
        "tools": [tool_outline(tool, min(400, text)) for tool in tools],
        "steps": _without_middle(_steps(branch, text, most), most, "steps"),
        "ended": shortened(ended, text),
    }
    return orjson.dumps(record).decode()


def _steps(branch: Branch, longest: int, most: int) -> list[dict[str, Any]]:
    seen_at = observations(branch)
    calls: dict[int, list[Call]] = {}
    for call in branch.calls:
        calls.setdefault(call.at, []).append(call)
    taken = {call.result_at for call in branch.calls}
    steps: list[dict[str, Any]] = []
    turn = 0
    for at, message in enumerate(branch.messages):
        if at in taken:
            continue
        if message.role == "assistant":
            turn += 1
            made = _without_middle(
                [_call(branch, call, longest) for call in calls.get(at, ())], most, "calls"
            )
            steps.append(_turn(turn, message, made, longest))
        else:
            kind = "observation" if at in seen_at or message.role == "tool" else message.role
            steps.append({kind: shortened(message.content or "", longest)})
    return steps


def _turn(number: int, message: Message, calls: list[Any], longest: int) -> dict[str, Any]:
    shaped: dict[str, Any] = {"step": number}
    if message.thought:
        shaped["thought"] = shortened(message.thought, longest)
    if message.content is not None:
        shaped["says"] = shortened(message.content, longest)
    if calls:
        shaped["calls"] = calls
    return shaped


def _call(branch: Branch, call: Call, longest: int) -> dict[str, Any]:
    result = None if call.result_at is None else branch.text(call.result_at)
    return {
        "name": shortened(call.name, max(longest, 128)),
        "arguments": shortened(call.text, longest),
        "result": None if result is None else shortened(result, longest),
    }


def _without_middle(items: list[dict[str, Any]], most: int, what: str) -> list[dict[str, Any]]:
    if len(items) <= most:
        return items
    half = most // 2
    left_out = {"left_out": f"{len(items) - 2 * half} {what}"}
    return [*items[:half], left_out, *items[len(items) - half :]]
