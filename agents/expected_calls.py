"""Comparing the calls that were made with those of the author's own solution.

Expected calls must be made, with success, with equal arguments, in order; calls of one plan step
may come in any order among themselves. Further calls (looking something up, a retry) are no fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ..environments.protocol import ToolCall, ToolOutcome
from ..scenarios.schema import ExpectedCall
from ..tools import ToolSpec
from ..trajectories.canonical import canonical


def missing_calls(
    expected: Sequence[ExpectedCall],
    made: Sequence[tuple[ToolCall, ToolOutcome]],
    tools: Sequence[ToolSpec],
) -> list[str]:
    """What is missing, one line for each expected call that was not made in its place."""
    defaults = {tool.name: _defaults(tool) for tool in tools}
    succeeded = [
        (call.name, comparable(call.arguments, defaults.get(call.name, {})))
        for call, outcome in made
        if outcome.ok
    ]
    missing: list[str] = []
    start = 0
    for group in _groups(expected):
        used: set[int] = set()
        for wanted in group:
            goal = (wanted.name, comparable(wanted.arguments, defaults.get(wanted.name, {})))
            at = next(
                (i for i in range(start, len(succeeded)) if i not in used and succeeded[i] == goal),
                None,
            )
            if at is None:
                arguments = canonical(wanted.arguments).decode()
                missing.append(f"missing {wanted.name}({arguments})")
            else:
                used.add(at)
        start = max(used, default=start - 1) + 1
    return missing


def comparable(arguments: Mapping[str, Any], defaults: Mapping[str, Any] = {}) -> bytes:
    """Arguments in a form whose bytes are equal when they mean the same: 2 and 2.0 are one
    number, and an argument that says its default says nothing."""
    told = {
        name: value
        for name, value in arguments.items()
        if not (name in defaults and _plain(value) == _plain(defaults[name]))
    }
    return canonical(_plain(told))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _defaults(tool: ToolSpec) -> dict[str, Any]:
    return {
        name: schema["default"]
        for name, schema in tool.properties.items()
        if isinstance(schema, dict) and "default" in schema
    }


def _groups(expected: Sequence[ExpectedCall]) -> Iterator[list[ExpectedCall]]:
    """Calls that may come in any order among themselves; without a step, each stands alone."""
    for step, group in groupby(expected, key=lambda call: call.step):
        if step is None:
            yield from ([call] for call in group)
        else:
            yield list(group)
