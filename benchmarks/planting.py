"""What the planters of `benchmarks/filters.py` have in common: a dialogue as plain JSON, and how to
cut and join it. Nothing here or in the planters is imported from the filters they test.

A planter takes a clean record (a trajectory as JSON, one branch) that it may change freely, and a
`Random`; it returns the damaged record, or None where the dialogue has no place for its defect.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

Record = dict[str, Any]
Planter = Callable[[Record, Random], Record | None]
PLANTERS: dict[str, Planter] = {}
"""By the reason code that the filters should find."""


def plants(reason: str) -> Callable[[Planter], Planter]:
    """Register a planter."""

    def register(planter: Planter) -> Planter:
        PLANTERS[reason] = planter
        return planter

    return register


def chained(record: Record) -> Record:
    """The record with its messages numbered in their order again."""
    for at, message in enumerate(record["messages"]):
        message["id"], message["parent"] = at, at - 1 if at else None
    return record


def said_by(record: Record, role: str) -> list[int]:
    """Places of the turns with words of a role; an assistant's with calls are left out."""
    return [
        at
        for at, message in enumerate(record["messages"])
        if message["role"] == role and message.get("content") and not message.get("tool_calls")
    ]


def call_places(record: Record) -> list[tuple[int, int]]:
    """Place of each call: message, and which of its calls."""
    return [
        (at, which)
        for at, message in enumerate(record["messages"])
        for which, _ in enumerate(message.get("tool_calls") or ())
    ]


def function(record: Record, place: tuple[int, int]) -> dict[str, Any]:
    found: dict[str, Any] = record["messages"][place[0]]["tool_calls"][place[1]]["function"]
    return found


def arguments(record: Record, place: tuple[int, int]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(function(record, place)["arguments"])
    return found


def rewrite(record: Record, place: tuple[int, int], changed: Any) -> None:
    function(record, place)["arguments"] = json.dumps(changed, ensure_ascii=False)


def spec_of(record: Record, name: str) -> dict[str, Any]:
    return next((tool for tool in record["tools"] if tool["name"] == name), {})


def schema_of(record: Record, place: tuple[int, int]) -> dict[str, Any]:
    """Properties of the called tool."""
    spec = spec_of(record, function(record, place)["name"])
    found: dict[str, Any] = spec.get("parameters", {}).get("properties", {})
    return found


def required_of(record: Record, place: tuple[int, int]) -> list[str]:
    spec = spec_of(record, function(record, place)["name"])
    found: list[str] = spec.get("parameters", {}).get("required", [])
    return found


def result_of(record: Record, place: tuple[int, int]) -> int | None:
    """Place of a call's result."""
    wanted = record["messages"][place[0]]["tool_calls"][place[1]]["id"]
    for at in range(place[0] + 1, len(record["messages"])):
        message = record["messages"][at]
        if message["role"] != "tool":
            return None
        if message.get("tool_call_id") == wanted:
            return at
    return None


def rounds(record: Record) -> list[range]:
    """Places of each user's turn with all that follows it."""
    starts = said_by(record, "user")
    return [
        range(start, end)
        for start, end in zip(starts, [*starts[1:], len(record["messages"])], strict=False)
    ]


def called_rounds(record: Record) -> list[range]:
    """Those in which a tool was called and the assistant then answered."""
    return [
        part
        for part in rounds(record)
        if any(record["messages"][at].get("tool_calls") for at in part)
        and record["messages"][part[-1]]["role"] == "assistant"
        and not record["messages"][part[-1]].get("tool_calls")
    ]


def user_words(record: Record, before: int) -> str:
    """All that the user said before a place."""
    messages = record["messages"][:before]
    return "\n".join(m.get("content") or "" for m in messages if m["role"] == "user")


def drop(record: Record, places: list[int] | range) -> None:
    gone = set(places)
    record["messages"] = [m for at, m in enumerate(record["messages"]) if at not in gone]


def insert(record: Record, at: int, role: str, content: str | None, **more: Any) -> None:
    record["messages"].insert(at, {"role": role, "content": content, **more})


def pick(rng: Random, options: list[Any]) -> Any:
    """One of them, or None where there is none."""
    return rng.choice(options) if options else None
