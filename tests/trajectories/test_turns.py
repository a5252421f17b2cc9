"""Turns: what a reader sees of an episode, cut where the user speaks."""

from __future__ import annotations

from typing import Any

from callsheet.trajectories.event import Event, Kind
from callsheet.trajectories.turns import ending, seconds, turns_of


def episode(*made: tuple[Kind, str, dict[str, Any]]) -> list[Event]:
    return [
        Event(episode="e", seq=seq, kind=kind, source=source, data=data, ambient={"t": 10.0 + seq})
        for seq, (kind, source, data) in enumerate(made)
    ]


def said(role: str, text: str | None, turn: int, **more: Any) -> tuple[Kind, str, dict[str, Any]]:
    return "message", role, {"message": {"content": text}, "turn": turn, "step": 0, **more}


def test_a_turn_holds_words_thoughts_and_calls_with_their_results():
    calls = [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]
    events = episode(
        ("status", "driver", {"state": "started"}),
        said("user", "do it", 1),
        ("message", "assistant", {"message": {"content": "hm", "tool_calls": calls}, "turn": 1}),
        ("tool_call", "assistant", {"ordinal": 0, "name": "f", "arguments": {"a": 1}}),
        ("tool_call", "assistant", {"ordinal": 1, "name": "g", "arguments": {}}),
        ("tool_result", "tool", {"ordinal": 1, "content": [1], "ok": False}),
        said("assistant", "done", 1, thought="good"),
        said("user", "thanks", 2),
        ("status", "driver", {"state": "ended", "status": "completed"}),
    )
    first, second = turns_of(events)
    assert [(p.kind, p.source, p.text or p.name) for p in first.pieces] == [
        ("words", "user", "do it"),
        ("thought", "assistant", "hm"),
        ("call", "assistant", "f"),
        ("call", "assistant", "g"),
        ("thought", "assistant", "good"),
        ("words", "assistant", "done"),
    ]
    unanswered, failed = first.pieces[2:4]
    assert (unanswered.arguments, unanswered.result, unanswered.ok) == ({"a": 1}, None, None)
    assert (failed.result, failed.ok) == ([1], False)
    assert (second.number, second.step, len(second.pieces)) == (2, 0, 1)
    assert ending(events) == {"state": "ended", "status": "completed"}
    assert ending(events[:-1]) is None
    assert seconds(events) == 8.0


def test_nothing_has_no_turns_and_no_time():
    assert turns_of([]) == []
    assert ending([]) is None
    assert seconds([]) is None
