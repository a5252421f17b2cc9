"""What is said and called in a scripted conversation, turn by turn.

A script holds the assistant's side of every turn of the user, and where the assistant only asked
something, what the user answers. It is made from a recorded dialogue (`from_dialogues`) or from a
scenario's own solution (`solution`), and played by `AnnotatedClient`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_ROUNDS = 8
"""Rounds of calls that an assistant may make in one turn (`agents.assistant.MAX_TOOL_ROUNDS`)."""


@dataclass(frozen=True, slots=True)
class ScriptedCall:
    """One call of the assistant."""

    name: str
    arguments: Mapping[str, Any]
    recorded: Any = None
    """The output that a recording has for it; where the tool makes ids up, the one that comes in
    its place is used in all later calls."""


@dataclass(frozen=True, slots=True)
class Round:
    """Calls made at the same time."""

    calls: tuple[ScriptedCall, ...]
    words: str = ""
    """Said before the calls."""


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A call with what it gave."""

    name: str
    arguments: Mapping[str, Any]
    output: Any
    """The tool's output, or {"error": message}."""
    ok: bool = True


Telling = Callable[[Sequence[MadeCall]], str]
"""The assistant's words about a turn's calls."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The assistant's side of one turn."""

    rounds: tuple[Round, ...] = ()
    words: str | Telling = ""
    answer: str | None = None
    """Where the words are a question: what the user says to it. None: the user goes on."""


@dataclass(frozen=True)
class Script:
    """The assistant's replies to the user's messages, in order."""

    replies: tuple[Reply, ...]
    generated: frozenset[str] = field(
        default=frozenset({"RegisterUser", "AppointmentRegistration"})
    )
    """Tools whose output is made up anew in every episode."""


def in_rounds(calls: Sequence[tuple[str, ScriptedCall]]) -> tuple[Round, ...]:
    """One call a round, each with the words before it; where that would be more rounds than a
    turn has, neighbouring calls of the same tool without words between them share one."""
    rounds = [Round((call,), words) for words, call in calls]
    at = 0
    while len(rounds) > MOST_ROUNDS and at < len(rounds) - 1:
        first, second = rounds[at], rounds[at + 1]
        if first.calls[0].name == second.calls[0].name and not second.words:
            rounds[at : at + 2] = [Round(first.calls + second.calls, first.words)]
        else:
            at += 1
    return tuple(rounds)
