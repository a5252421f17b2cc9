"""A few dialogues for a reader's eye, drawn by seed and shortened."""

from __future__ import annotations

from ...trajectories.layout import shortened
from ...trajectories.trajectory import Message
from .report import Example, Turn
from .rounds import Dialogue

EXAMPLES = 3
_MESSAGES = 24
_TEXT = 600


def example_of(dialogue: Dialogue) -> Example:
    """The dialogue without system messages, at most `_MESSAGES` messages of it."""
    shown = [message for message in dialogue.messages if message.role != "system"]
    return Example(
        id=shortened(dialogue.trajectory.id, 200),
        scenario=shortened(dialogue.trajectory.scenario, 200),
        turns=[_turn(message) for message in shown[:_MESSAGES]],
        left_out=max(0, len(shown) - _MESSAGES),
    )


def _turn(message: Message) -> Turn:
    return Turn(
        role=message.role,
        text=shortened(message.content or "", _TEXT),
        calls=[
            (shortened(c.function.name, 128), shortened(c.function.arguments, _TEXT))
            for c in message.tool_calls or ()
        ],
    )
