"""Small trajectories for the training tests."""

from __future__ import annotations

import json
from typing import Any

from callsheet.tools import ToolSpec
from callsheet.trajectories.trajectory import Outcome, Trajectory, line_of

ADD = ToolSpec(
    name="AddReminder",
    description="Add a reminder.",
    parameters={
        "type": "object",
        "properties": {
            "content": {"type": "string"},
            "date": {"type": "string"},
            "level": {"type": "string", "enum": ["high", "low"]},
        },
        "required": ["content"],
    },
)
QUERY = ToolSpec(
    name="query_stock",
    description="Units in stock.",
    parameters={
        "type": "object",
        "properties": {"item_name": {"type": "string"}, "shelf": {"type": "integer"}},
        "required": ["item_name"],
    },
)


def call(name: str, arguments: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": f"c{number}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
        ],
    }


def result(content: Any, number: int) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"c{number}", "content": json.dumps(content)}


def two_turns() -> list[dict[str, Any]]:
    return [
        {"role": "system", "content": "Help with tools. now: 2026-03-02"},
        {"role": "user", "content": "Remind me to water the plants on 2026-05-04, level high"},
        call(
            "AddReminder",
            {"content": "water the plants", "date": "2026-05-04", "level": "high"},
            0,
        ),
        result({"id": "77", "content": "water the plants"}, 0),
        {"role": "assistant", "content": "I will remind you to water the plants."},
        {"role": "user", "content": "How many lamps are on shelf 42?"},
        call("query_stock", {"item_name": "lamps", "shelf": 42}, 1),
        result({"units": 3}, 1),
        {"role": "assistant", "content": "There are 3."},
    ]


def trajectory(
    name: str = "e0",
    *,
    score: float | None = 1.0,
    status: Any = "completed",
    messages: list[dict[str, Any]] | None = None,
) -> Trajectory:
    return Trajectory(
        id=name,
        scenario="reminders",
        environment="workspace",
        tools=[ADD, QUERY],
        messages=line_of(messages or two_turns()),
        outcome=Outcome(status=status),
        score=score,
    )
