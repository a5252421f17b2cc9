"""From a trajectory back to events: what was said, called and answered on one branch.

For readers that show events where there is no log, and for people who rate blind: there is nothing
in it but words, calls and results: no model's name, score, verdict, plan or usage, and no system
prompt, which is not said. `data.at` names the message.
"""

from __future__ import annotations

from typing import Any

from .event import Event, Kind
from .filters.branch import Branch, Call, decoded, is_failure
from .trajectory import Message, Trajectory


def events_of(trajectory: Trajectory, leaf: int | None = None) -> list[Event]:
    """The events of one branch (default: the main one), numbered from 0.

    Raises `KeyError` for a leaf that the trajectory does not have.
    """
    path = trajectory.path(leaf)
    branch = Branch.of(trajectory, path)
    calls: dict[int, list[tuple[int, Call]]] = {}
    answered: dict[int, tuple[int, Call]] = {}
    for ordinal, call in enumerate(branch.calls):
        calls.setdefault(call.at, []).append((ordinal, call))
        if call.result_at is not None:
            answered[call.result_at] = ordinal, call
    events: list[Event] = []
    turn = 0

    def note(kind: Kind, source: str, data: dict[str, Any]) -> None:
        event = Event(episode=trajectory.id, seq=len(events), kind=kind, source=source, data=data)
        events.append(event)

    for at, message in enumerate(path):
        if message.role == "system":
            continue
        if message.role == "tool":
            note("tool_result", "tool", _result(message, answered.get(at)))
            continue
        turn += message.role == "user"
        data = {"message": message.chat(), "turn": turn, "at": message.id}
        note(
            "message",
            message.role,
            data | ({"thought": message.thought} if message.thought else {}),
        )
        for ordinal, call in calls.get(at, ()):
            arguments = call.text if call.problem else call.arguments
            data = {"call_id": call.id, "name": call.name, "arguments": arguments}
            note("tool_call", "assistant", data | {"ordinal": ordinal, "at": message.id})
    return events


def _result(message: Message, answered: tuple[int, Call] | None) -> dict[str, Any]:
    """What a result's event holds; one that answers no call has neither name nor ordinal."""
    content = decoded(message.content)
    told = {"content": content, "ok": not is_failure(content), "at": message.id}
    if answered is None:
        return told | {"call_id": message.tool_call_id or "", "name": "", "ordinal": None}
    ordinal, call = answered
    return told | {"call_id": call.id, "name": call.name, "ordinal": ordinal}
