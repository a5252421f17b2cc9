"""A conversation that a model had with a recorded user, as it is kept.

It holds what was said and called, with what each call gave; the world that it left behind is made
again by making the calls again.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from ...environments.api_bank.recordings import Dialogue, Turn
from ...trajectories.whole_file import write_whole
from ..kept_lines import kept_lines
from .annotations import Source

GREETING = "Hello."
"""Stands for the user where a dialogue begins with the assistant."""
SILENCE = "..."
End = Literal["user", "model"]
"""Who had nothing more to say: the user, as it should be, or a model without a usable answer."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class MadeCall(_Record):
    """A call of the model, with what it gave."""

    name: str
    arguments: dict[str, Any]
    envelope: dict[str, Any]
    """As the tool gave it; of a call that did not reach its tool, the error is its exception."""
    reached: bool = True
    """Whether the call reached its tool."""
    unsearched: bool = False
    """The tool was not found by an earlier search, in a level in which it has to be."""


class Answered(_Record):
    """One answer of the model: calls made at once, or words."""

    said: str = ""
    """Words; beside calls, what was said before them."""
    calls: tuple[MadeCall, ...] = ()
    unreadable: bool = False
    """It begins a call that cannot be read; the words stand as they are."""


class Exchange(_Record):
    """A line of the user with the answers to it."""

    user: str
    answers: tuple[Answered, ...] = ()
    cut: bool = False
    """The model still made calls when it had made as many rounds of them as a line may take."""

    @property
    def words(self) -> str:
        """The last words of the model, empty where it said none."""
        return next((a.said for a in reversed(self.answers) if not a.calls), "")

    @property
    def calls(self) -> list[MadeCall]:
        return [call for answer in self.answers for call in answer.calls]


class Conversation(_Record):
    """One model with one dialogue's or record's user."""

    file: str
    """The dialogue's file, or the number of the record."""
    setting: str
    """Digest of all that it depends on but the model."""
    exchanges: tuple[Exchange, ...] = Field(default_factory=tuple)
    end: End = "user"
    problem: str | None = None
    """Why the model gave no usable answer."""
    seconds: float = 0.0

    @property
    def calls(self) -> list[MadeCall]:
        return [call for exchange in self.exchanges for call in exchange.calls]


def user_lines(source: Source) -> list[str]:
    """What the user says, in order; of level 3, the requirement."""
    if not isinstance(source, Dialogue):
        return [source.requirement.strip() or SILENCE]
    lines = [turn.text.strip() or SILENCE for turn in source.turns if turn.role == "User"]
    if not source.turns or source.turns[0].role != "User":
        lines.insert(0, GREETING)
    return lines


def annotated_exchanges(source: Source) -> list[list[Turn]]:
    """For each of `user_lines`, the annotated turns up to the next."""
    if not isinstance(source, Dialogue):
        calls = [
            Turn(role="API", api_name=c.api_name, param_dict=c.input, result=c.output)
            for c in source.apis
        ]
        return [[*calls, Turn(role="AI", text=source.response)]]
    exchanges: list[list[Turn]] = []
    for turn in source.turns:
        if turn.role == "User":
            exchanges.append([])
        else:
            if not exchanges:
                exchanges.append([])
            exchanges[-1].append(turn)
    return exchanges or [[]]


def name_of(source: Source) -> str:
    """As conversations and predictions refer to it."""
    return source.name if isinstance(source, Dialogue) else str(source.sample_id)


def read_conversations(path: Path) -> list[Conversation]:
    """Those of a file, without a torn last line; none where there is no file.

    Raises `ValueError` for a line that is none, and names it.
    """
    return kept_lines(path, Conversation, "conversation")


def write_conversations(path: Path, conversations: Iterable[Conversation]) -> None:
    """Write the file anew, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (_line(one) for one in conversations))


def append_conversation(path: Path, conversation: Conversation) -> None:
    with path.open("ab") as file:
        file.write(_line(conversation))


def _line(conversation: Conversation) -> bytes:
    return orjson.dumps(conversation.model_dump(mode="json", exclude_defaults=True)) + b"\n"
