"""LLaMA-Factory v1: messages whose contents are lists of typed parts, each with a `value`.

Parts are text, reasoning (a thought), tool_call (one call as JSON text) and tools; a message may
have a `loss_weight`, where 0 is shown and not learnt. The record's tools are JSON text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from ..trajectory import Message, Trajectory
from .conversation import (
    Call,
    Conversation,
    in_call_order,
    list_in,
    one_branch,
    read_call,
    split_results,
    text_in,
    write_call,
)
from .format import Format, Losses, Refused
from .openai import parts_with_values, role_messages
from .tools import Tools, read_tools, write_tools

_KNOWN = frozenset(("messages", "tools"))
_ROLES = ("system", "user", "assistant", "tool")


def recognize(record: Any) -> str | None:
    """Messages whose first content is a list of parts with values."""
    messages = role_messages(record)
    if messages is not None and parts_with_values(messages):
        return "it has messages with roles, whose contents are typed parts with values"
    return None


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """One conversation."""
    messages = list_in(record, "messages")
    tools = read_tools(record.get("tools") or _tools_in(messages), losses)
    conversation = read_parted(messages, tools, losses)
    return [conversation.trajectory("llamafactory-v1", tools, record, _KNOWN)]


def read_parted(messages: list[dict[str, Any]], tools: Tools, losses: Losses) -> Conversation:
    """The conversation in such messages. Raises `Refused`."""
    conversation = Conversation(losses)
    for number, message in enumerate(messages, 1):
        around = (*messages[max(0, number - 2) : number - 1], *messages[number : number + 1])
        alone = not any(other.get("role") == "tool" for other in around)
        try:
            _read(conversation, message, tools, losses, alone=alone)
        except Refused as problem:
            raise Refused(f"message {number}: {problem}") from None
    return conversation


def _tools_in(messages: list[dict[str, Any]]) -> Any:
    for message in messages:
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            if isinstance(part, dict) and part.get("type") == "tools":
                return part.get("value")
    return None


def _read(
    conversation: Conversation,
    message: dict[str, Any],
    tools: Tools,
    losses: Losses,
    *,
    alone: bool,
) -> None:
    role = message.get("role")
    if role not in _ROLES:
        raise Refused(f"the role {role!r:.40} is not known")
    texts: list[str] = []
    thoughts: list[str] = []
    calls: list[Call] = []
    for part in list_in(message, "content"):
        kind, value = part.get("type"), part.get("value")
        if kind == "text":
            texts.append(text_in(value, "a text"))
        elif kind == "reasoning":
            thoughts.append(text_in(value, "a thought"))
        elif kind == "tool_call":
            calls.append(read_call(value, tools))
        elif kind != "tools":
            losses.lose(f"parts of type {kind!s:.30}")
    thought, text = "\n".join(thoughts) or None, "".join(texts)
    if role == "tool":
        for result in split_results(text, conversation.open_calls if alone else 1):
            conversation.result(result)
    elif calls:
        weight = _weight(message)
        conversation.call(calls, text or None, thought=thought, weight=weight)
    else:
        weight = _weight(message) if role == "assistant" else None
        conversation.say(role, text, thought=thought, weight=weight)


def _weight(message: dict[str, Any]) -> int | None:
    return 0 if message.get("loss_weight") == 0 else None


def write(trajectory: Trajectory, losses: Losses) -> Any:
    """The main branch."""
    path = one_branch(trajectory, "llamafactory-v1", losses, ("thought", "weight"))
    record: dict[str, Any] = {"messages": write_parted(in_call_order(path, losses), losses)}
    if trajectory.tools:
        record["tools"] = orjson.dumps(write_tools(trajectory.tools, losses)).decode()
    return record


def write_parted(path: Iterable[Message], losses: Losses) -> list[dict[str, Any]]:
    """Messages with typed parts."""
    return [_message(message, losses) for message in path]


def _message(message: Message, losses: Losses) -> dict[str, Any]:
    parts = []
    if message.thought:
        parts.append({"type": "reasoning", "value": message.thought})
    if message.content or not message.tool_calls:
        parts.append({"type": "text", "value": message.content or ""})
    for call in message.tool_calls or ():
        text = orjson.dumps(write_call(call, losses)).decode()
        parts.append({"type": "tool_call", "value": text})
    learnt = message.role == "assistant" and message.weight != 0
    return {"role": message.role, "content": parts, "loss_weight": 1.0 if learnt else 0.0}


FORMAT = Format(
    "llamafactory-v1",
    "LLaMA-Factory v1's messages of typed parts, with thoughts and weights",
    recognize,
    read,
    write,
)
