"""From an episode's events to its trajectory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..tools import ToolSpec
from .canonical import text_of
from .event import Event
from .trajectory import Outcome, Trajectory, Usage, Verdict, line_of
from .turns import ending


def trajectory_of(events: Sequence[Event], *, versions: dict[str, str] | None = None) -> Trajectory:
    """The trajectory of one episode; an unfinished one has the outcome "cancelled".

    Raises `ValueError` where the events do not begin with the episode's start.
    """
    if not events or events[0].kind != "status" or events[0].data.get("state") != "started":
        raise ValueError("an episode's events begin with its status `started`")
    started = events[0].data
    ended = ending(events) or {"status": "cancelled", "reason": "unfinished"}
    plan: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    if started.get("system") is not None:
        messages.append({"role": "system", "content": started["system"]})
    verdicts: list[Verdict] = []
    offered = list(started["tools"])
    for event in events:
        if event.kind == "message":
            messages.append(_with_thought(event.data))
        elif event.kind == "tool_result":
            found = event.data.get("offers", ())
            messages.append(tool_message(event.data) | _offers(found))
            offered += found
        elif event.kind == "plan":
            _advance(plan, event.data)
        elif event.kind == "verdict":
            verdicts.append(Verdict.model_validate(event.data))
    return Trajectory(
        id=events[0].episode,
        scenario=started["scenario"],
        environment=started["environment"],
        tools=[ToolSpec.model_validate(tool) for tool in offered],
        plan=plan,
        messages=line_of(messages),
        user_query=next((m["content"] for m in messages if m["role"] == "user"), ""),
        model_name=started["models"].get("assistant", ""),
        outcome=Outcome(
            status=ended["status"], reason=ended.get("reason", ""), blame=ended.get("blame")
        ),
        verdicts=verdicts,
        score=ended.get("score"),
        usage=Usage(**ended.get("usage", {})),
        seed=started["seed"],
        versions=versions or {},
        other_information={
            "context": started["context"],
            "models": started["models"],
            **_people(events),
        },
    )


def _people(events: Sequence[Event]) -> dict[str, list[str]]:
    """The roles that a person spoke for, wholly or at times."""
    roles = [
        event.data["role"]
        for event in events
        if event.kind == "model_call" and event.data.get("answer", {}).get("person")
    ]
    return {"people": sorted(set(roles))} if roles else {}


def tool_message(data: Mapping[str, Any]) -> dict[str, Any]:
    """The chat message with which a model reads a recorded tool result."""
    return {"role": "tool", "tool_call_id": data["call_id"], "content": text_of(data["content"])}


def _offers(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"offers": [tool["name"] for tool in found]} if found else {}


def _with_thought(data: dict[str, Any]) -> dict[str, Any]:
    return {**data["message"], "thought": data["thought"]} if "thought" in data else data["message"]


def _advance(plan: list[dict[str, Any]], data: dict[str, Any]) -> None:
    """Fill `plan` from the first plan event, then note which steps were met as the cursor moves."""
    if "steps" in data:
        plan.extend(dict(step) for step in data["steps"])
    elif "met" in data:
        for step in plan:
            if "met" not in step:
                step["met"] = data["met"]
                break
