"""What the judge reads: tools and messages of one dialogue as JSON, no longer than it can take.

Long texts lose their middle, with a mark; tool descriptions go first where all is too long. System
messages are left out: the judge grades what was said, not what was ordered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from ...tools import ToolSpec
from ...trajectories.layout import shortened, tool_outline
from ...trajectories.trajectory import Message
from .rounds import Dialogue

LONGEST = 32_000
"""Characters of a transcript."""
_TEXT = 4_000
_TOOLS = 60


def transcript(dialogue: Dialogue) -> str:
    """JSON text with `tools` and `dialogue`; the same for the same dialogue."""
    messages = [m for m in dialogue.messages if m.role != "system"]
    called = {call.name for call in dialogue.calls()}
    tools = sorted(dialogue.trajectory.tools, key=lambda tool: tool.name not in called)[:_TOOLS]
    longest_text = _TEXT
    while True:
        text = _text(tools, messages, longest_text)
        if len(text) <= LONGEST or (not tools and longest_text < 20):
            return text[:LONGEST]
        if len(tools) > len(called):
            tools = tools[: max(len(called), len(tools) // 2)]
        else:
            tools, longest_text = tools[: len(tools) // 2], longest_text // 2


def _text(tools: Sequence[ToolSpec], messages: Sequence[Message], longest: int) -> str:
    record = {
        "tools": [tool_outline(tool) for tool in tools],
        "dialogue": [_message(message, longest) for message in messages],
    }
    return orjson.dumps(record).decode()


def _message(message: Message, longest: int) -> dict[str, Any]:
    shaped: dict[str, Any] = {"role": message.role}
    if message.content is not None:
        shaped["content"] = shortened(message.content, longest)
    if message.tool_calls:
        shaped["calls"] = [
            {
                "name": call.function.name,
                "arguments": shortened(call.function.arguments, longest),
            }
            for call in message.tool_calls
        ]
    return shaped
