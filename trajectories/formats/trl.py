"""TRL's conversational form with tools: arguments are objects, and calls have no ids.

`{"messages", "tools"}`, or `{"prompt", "completion"}` with messages in both, of which only the
completion is learnt; both may also be text. Tools may be JSON text, as columnar files need it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..trajectory import Message, Trajectory
from .chat_messages import THOUGHT, read_messages
from .conversation import arguments_value, in_call_order, list_in, one_branch
from .format import Format, Losses, Refused
from .openai import arguments_of, calls_of, is_pair, parts_with_values, role_messages, with_system
from .tools import read_tools, write_tools

_KNOWN = frozenset(("messages", "prompt", "completion", "tools"))


def recognize(record: Any) -> str | None:
    """Messages with roles whose calls have objects as arguments, or a prompt and a completion."""
    if not isinstance(record, dict) or is_pair(record):
        return None
    prompt, completion = role_messages(record, "prompt"), role_messages(record, "completion")
    if prompt is not None and completion is not None:
        return "it has a prompt and a completion of messages"
    if isinstance(record.get("prompt"), str) and isinstance(record.get("completion"), str):
        return "it has a prompt and a completion of text"
    messages = role_messages(record)
    if messages is None or parts_with_values(messages):
        return None
    calls = [call for message in messages for call in calls_of(message)]
    if any(not isinstance(arguments_of(call), str) for call in calls):
        return "it has messages with roles, and calls with objects as arguments"
    return None


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """One conversation."""
    tools = read_tools(record.get("tools"), losses)
    if "messages" in record:
        messages = list_in(record, "messages")
    else:
        # Only the completion is learnt; what assistants say in the prompt is shown.
        messages = [
            {**message, "weight": 0} if message.get("role") == "assistant" else message
            for message in _said(record, "prompt", "user")
        ] + _said(record, "completion", "assistant")
    messages, known = with_system(record, messages)
    conversation = read_messages(messages, tools, losses)
    return [conversation.trajectory("trl", tools, record, _KNOWN | known)]


def _said(record: dict[str, Any], key: str, role: str) -> list[dict[str, Any]]:
    """The messages under `key`, or the one of `role` that its text is."""
    if isinstance(record.get(key), str):
        return [{"role": role, "content": record[key]}]
    return list_in(record, key)


def write(trajectory: Trajectory, losses: Losses) -> Any:
    """The main branch. Raises `Refused` for a call whose arguments are no JSON object."""
    path = in_call_order(one_branch(trajectory, "trl", losses, ("thought",)), losses)
    record: dict[str, Any] = {"messages": [_message(message, losses) for message in path]}
    if trajectory.tools:
        record["tools"] = write_tools(trajectory.tools, losses)
    return record


def _message(message: Message, losses: Losses) -> dict[str, Any]:
    shaped: dict[str, Any] = {"role": message.role, "content": message.content or ""}
    if message.thought:
        shaped[THOUGHT] = message.thought
    if not message.tool_calls:
        return shaped
    shaped["tool_calls"] = []
    for call in message.tool_calls:
        arguments = arguments_value(call.function.arguments, losses)
        if arguments is None:
            raise Refused(f"the arguments of {call.function.name} are no JSON object")
        function = {"name": call.function.name, "arguments": arguments}
        shaped["tool_calls"].append({"type": "function", "function": function})
    return shaped


FORMAT = Format(
    "trl",
    "TRL's conversational form with tools; what its SFT trainer reads",
    recognize,
    read,
    write,
)
