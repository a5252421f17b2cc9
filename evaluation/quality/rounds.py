"""A dialogue as rounds: what the user asked, what was called for it, and what was answered.

A round begins with a user's message and ends before the next; everything that this folder counts
is counted over rounds of the main branch (the last leaf). What an assistant says before the first
request belongs to no round, but to the dialogue's words. Thoughts are nobody's words here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson

from ...trajectories.trajectory import Message, Trajectory


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as the model wrote it."""

    name: str
    arguments: str
    """JSON text; not necessarily valid."""

    def argument_count(self) -> int | None:
        """How many arguments are given; None where they are no JSON object."""
        try:
            value = orjson.loads(self.arguments or "{}")
        except orjson.JSONDecodeError:
            return None
        return len(value) if isinstance(value, dict) else None


@dataclass(slots=True)
class Round:
    """One request with all that followed it until the next."""

    request: str
    said: list[str] = field(default_factory=list)
    """The assistant's words, message by message."""
    batches: list[list[Call]] = field(default_factory=list)
    """Calls, one list for each message of the assistant that made some."""

    @property
    def response(self) -> str:
        return "\n".join(self.said)

    @property
    def calls(self) -> list[Call]:
        return [call for batch in self.batches for call in batch]

    @property
    def parallel(self) -> bool:
        """Whether some message made several calls at once."""
        return any(len(batch) > 1 for batch in self.batches)

    @property
    def multiple(self) -> bool:
        """Whether calls were made one after another, in several messages."""
        return len(self.batches) > 1


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A trajectory with its main branch cut into rounds."""

    trajectory: Trajectory
    messages: Sequence[Message]
    rounds: Sequence[Round]

    def calls(self) -> Iterator[Call]:
        for round_ in self.rounds:
            yield from round_.calls

    def speech(self) -> Iterator[str]:
        """What user and assistant said to each other, one text a message."""
        for message in self.messages:
            if message.role in ("user", "assistant") and message.content:
                yield message.content

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Premise and hypothesis for coherence: the previous round's request and response, and
        the request that follows (ToolFlow, section 4.3). Rounds without words make no pair."""
        for before, after in zip(self.rounds, self.rounds[1:], strict=False):
            premise = "\n".join(text for text in (before.request, *before.said) if text.strip())
            if premise and after.request.strip():
                yield premise, after.request


def dialogue_of(trajectory: Trajectory) -> Dialogue:
    """The main branch of a trajectory in rounds."""
    messages = trajectory.path()
    return Dialogue(trajectory, messages, _rounds(messages))


def _rounds(messages: Sequence[Message]) -> list[Round]:
    rounds: list[Round] = []
    for message in messages:
        if message.role == "user":
            rounds.append(Round(message.content or ""))
        elif message.role == "assistant" and rounds:
            if message.content:
                rounds[-1].said.append(message.content)
            if message.tool_calls:
                rounds[-1].batches.append(
                    [Call(c.function.name, c.function.arguments) for c in message.tool_calls]
                )
    return rounds
