"""An episode's events as turns: what the user said, and what came of it.

A turn begins with the user's words and holds the assistant's words and its calls, each call with
its result. What models were asked, and how the plan was kept, is not in it; verdicts and usage
belong to the whole episode. Made for reading and comparing, not for replay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .event import Event


@dataclass(slots=True)
class Piece:
    """Words, a thought that nobody else heard, or a call with its result."""

    kind: Literal["words", "thought", "call"]
    source: str
    """Who spoke or called: user or assistant."""
    seq: int
    """Of the message or of the call's event."""
    text: str = ""
    """What was said or thought; of a call, nothing."""
    name: str = ""
    """The called tool."""
    arguments: Any = None
    result: Any = None
    """What the tool gave; None while it has not answered."""
    ok: bool | None = None
    """Whether the call succeeded; None while it has not ended."""


@dataclass(slots=True)
class Turn:
    """One turn of the user's with all that follows it."""

    number: int
    """From 1; 0 is what happened before the user spoke."""
    step: int | None
    """The plan's step that it is about, from 0; None where the plan says nothing."""
    pieces: list[Piece] = field(default_factory=list)


def turns_of(events: Iterable[Event]) -> list[Turn]:
    """The turns of one episode, in order; of an unfinished one, those there are."""
    turns: list[Turn] = []
    calls: dict[int, Piece] = {}
    for event in events:
        if event.kind == "message":
            _turn(turns, event).pieces.extend(_said(event))
        elif event.kind == "tool_call":
            called = _call(event)
            calls[event.data["ordinal"]] = called
            (turns[-1] if turns else _turn(turns, event)).pieces.append(called)
        elif event.kind == "tool_result" and event.data["ordinal"] in calls:
            called = calls[event.data["ordinal"]]
            called.result, called.ok = event.data["content"], event.data["ok"]
    return turns


def _turn(turns: list[Turn], event: Event) -> Turn:
    """The turn that the event is in: a new one where the user speaks."""
    if not turns or event.source == "user":
        turns.append(Turn(event.data.get("turn", len(turns)), event.data.get("step")))
    return turns[-1]


def _said(event: Event) -> Iterator[Piece]:
    """The thought and the words of a message; what comes with calls was never said to the user."""
    message = event.data["message"]
    text, thought = message.get("content") or "", event.data.get("thought") or ""
    if message.get("tool_calls"):
        text, thought = "", text or thought
    if thought:
        yield Piece("thought", event.source, event.seq, text=thought)
    if text:
        yield Piece("words", event.source, event.seq, text=text)


def _call(event: Event) -> Piece:
    data = event.data
    return Piece("call", event.source, event.seq, name=data["name"], arguments=data["arguments"])


def ending(events: Sequence[Event]) -> dict[str, Any] | None:
    """How the episode ended, as its last event says; None for an unfinished one."""
    data = events[-1].data if events and events[-1].kind == "status" else {}
    return data if data.get("state") == "ended" else None


def seconds(events: Sequence[Event]) -> float | None:
    """Wall-clock time from the first event to the last; None where the log does not say."""
    clock = [event.ambient["t"] for event in (*events[:1], *events[-1:]) if "t" in event.ambient]
    return round(clock[1] - clock[0], 3) if len(clock) == 2 else None
