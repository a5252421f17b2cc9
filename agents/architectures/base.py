"""What an architecture is given and what it gives back.

An architecture decides what the assistant does next; making calls, recording them and feeding
results back is the agent's business, the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from autogen_core import FunctionCall
from autogen_core.models import CreateResult


@dataclass(frozen=True, slots=True)
class Decision:
    """What the assistant does next: calls tools, or speaks."""

    content: str | list[FunctionCall]
    """Words for the user, or calls to make (never an empty list)."""
    thought: str | None = None
    """What it thought before; recorded, and no part of the words."""


class Ask(Protocol):
    """Asks the assistant's model, with the conversation so far."""

    async def __call__(self, note: str | None = None, *, tools: bool = True) -> CreateResult:
        """`note`: an instruction put after the conversation, for this one call. `tools`: whether
        the model may call any. Raises a `ModelError`."""
        ...


class Architecture(Protocol):
    """One way to come from a conversation to the next action."""

    instructions: str
    """Text added to the system message; may be empty."""

    async def decide(self, ask: Ask) -> Decision:
        """The next action. Called after every user message and after every round of results."""
        ...
