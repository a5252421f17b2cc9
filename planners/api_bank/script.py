"""What is said and called in a scripted conversation, turn by turn.

A script holds the assistant's side of every turn of the user, and where the assistant only asked
something, what the user answers. It is made from a recorded dialogue (`from_dialogues`) or from a
scenario's own solution (`solution`), and played by `AnnotatedClient`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .offer import SEARCH

MOST_ROUNDS = 8
"""Rounds of calls that an assistant may make in one turn (`agents.assistant.MAX_TOOL_ROUNDS`)."""
GENERATED = frozenset({"RegisterUser", "AppointmentRegistration"})
"""Tools whose output is made up anew in every episode."""


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
    generated: frozenset[str] = GENERATED
    """Tools whose output is made up anew in every episode."""


def in_rounds(
    calls: Sequence[tuple[str, ScriptedCall]], *, mixed: bool = False
) -> tuple[Round, ...]:
    """One call a round, each with the words before it; where that would be more rounds than a
    turn has, neighbouring calls of the same tool without words between them share one.

    `mixed`: where that is not enough, a search shares the round of the call before it, and then
    other neighbours share too. A call whose output is made up anew ends its round, because the
    next one may need it.
    """
    rounds = [Round((call,), words) for words, call in calls]
    _share(rounds, _same_tool)
    if mixed:
        _share(rounds, _search_after_call)
        _share(rounds, _no_new_output)
    return tuple(rounds)


def _share(rounds: list[Round], fit: Callable[[Round, Round], bool]) -> None:
    """Join neighbours that fit, from the first on, until a turn has as many rounds."""
    at = 0
    while len(rounds) > MOST_ROUNDS and at < len(rounds) - 1:
        first, second = rounds[at], rounds[at + 1]
        if fit(first, second):
            words = " ".join(filter(None, (first.words, second.words)))
            rounds[at : at + 2] = [Round(first.calls + second.calls, words)]
        else:
            at += 1


def _same_tool(first: Round, second: Round) -> bool:
    return first.calls[0].name == second.calls[0].name and not second.words


def _search_after_call(first: Round, second: Round) -> bool:
    # The call that needs the search comes a round later, when its tool is on offer.
    searches = (first.calls[-1].name == SEARCH, second.calls[0].name == SEARCH)
    return searches == (False, True) and not second.words and _no_new_output(first, second)


def _no_new_output(first: Round, second: Round) -> bool:
    return first.calls[-1].name not in GENERATED
