"""A prompt as the assistant's rules read it: context, turns, calls and their results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)

_SOME_DAY = datetime.fromisoformat("2026-01-01T09:00:00")
_PASSING = (
    "timed out", "timeout", "time out", "unavailable", "temporar", "try again", "overloaded",
    "busy", "did not answer",
)  # fmt: skip


@dataclass(slots=True)
class Made:
    """A call that was made and, once it has ended, what it gave."""

    name: str
    arguments: dict[str, Any]
    ok: bool = True
    output: Any = None
    """Decoded JSON, or text where it is none."""

    @property
    def error(self) -> str:
        """The error as a sentence; empty for a call that went well."""
        if self.ok:
            return ""
        if isinstance(self.output, dict) and "error" in self.output:
            return str(self.output["error"])
        return str(self.output)

    @property
    def passing(self) -> bool:
        """Whether it failed for a reason that may pass."""
        error = self.error.casefold()
        return any(mark in error for mark in _PASSING)


@dataclass(slots=True)
class Turn:
    """What the user said, the calls that followed, and the assistant's words after them."""

    said: str
    made: list[Made] = field(default_factory=list)
    answer: str = ""


@dataclass(slots=True)
class Dialogue:
    """A conversation so far."""

    context: dict[str, str] = field(default_factory=dict)
    """Lines "name: value" of the system message, such as now and location."""
    thinks: bool = False
    """Whether a thought is asked for before every action."""
    turns: list[Turn] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        try:
            moment = datetime.fromisoformat(self.context.get("now", "").replace("Z", "+00:00"))
        except ValueError:
            return _SOME_DAY
        return moment.replace(tzinfo=None, microsecond=0)

    def request(self) -> list[Turn]:
        """The turns of the request under way: the last one, and those before it in which the
        assistant asked something back."""
        first = len(self.turns) - 1
        while first > 0 and self.turns[first - 1].answer.rstrip().endswith("?"):
            first -= 1
        return self.turns[max(first, 0) :]

    def succeeded(self) -> Iterator[Made]:
        """All calls that went well, the latest first."""
        for turn in reversed(self.turns):
            for made in reversed(turn.made):
                if made.ok and made.output is not None:
                    yield made


def read_dialogue(messages: Sequence[LLMMessage]) -> Dialogue:
    """The conversation in a prompt."""
    dialogue = Dialogue()
    open_calls: dict[str, Made] = {}
    for message in messages:
        if isinstance(message, SystemMessage):
            dialogue.context.update(_context(message.content))
            dialogue.thinks = dialogue.thinks or '"Thought:"' in message.content
        elif isinstance(message, UserMessage):
            said = message.content if isinstance(message.content, str) else ""
            dialogue.turns.append(Turn(said))
        elif isinstance(message, AssistantMessage):
            turn = _current(dialogue)
            if isinstance(message.content, str):
                turn.answer = message.content
                continue
            for call in message.content:
                made = Made(call.name, _arguments(call.arguments))
                open_calls[call.id] = made
                turn.made.append(made)
        elif isinstance(message, FunctionExecutionResultMessage):
            for result in message.content:
                ended = open_calls.pop(result.call_id, None)
                if ended is not None:
                    ended.output = _decoded(result.content)
                    ended.ok = not result.is_error
    return dialogue


def _current(dialogue: Dialogue) -> Turn:
    if not dialogue.turns:
        dialogue.turns.append(Turn(""))
    return dialogue.turns[-1]


def _context(text: str) -> Mapping[str, str]:
    """Lines of the form "name: value" with a one-word name."""
    found = {}
    for line in text.splitlines():
        name, colon, value = line.partition(": ")
        if colon and name.isidentifier():
            found[name] = value.strip()
    return found


def _arguments(text: str) -> dict[str, Any]:
    decoded = _decoded(text)
    return decoded if isinstance(decoded, dict) else {}


def _decoded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
