"""Toucan-1.5M (Xu et al. 2025): `messages` and the tools of real MCP servers, each JSON or JSON
text, with a `question` and assessments of its quality.

The first release calls with `function_call` and answers with role `function`, its tools are
`available_tools`; the SFT release has roles `tool_call` and `tool_response`, its tools are `tools`,
and its calls are literals of Python.
A system message that only declares the tools is left out: the trajectory declares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..trajectory import Trajectory
from .conversation import Conversation, read_call, result_text, text_in
from .format import Format, Losses, Refused
from .literals import literal
from .tools import Tools, read_tools

_NAME = "toucan"
_DECLARES, _MIDDLE, _ENDS = "<|im_system|>tool_declare<|im_middle|>", "<|im_middle|>", "<|im_end|>"
_TOOLS = ("available_tools", "tools")
_KNOWN = ("messages", *_TOOLS)


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict) or "messages" not in record:
        return None
    if "subset_name" in record and record.keys() & {"question", *_TOOLS}:
        return "messages with the name of a Toucan subset"
    return None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    messages = _parsed(record.get("messages"), "messages")
    if not isinstance(messages, list):
        raise Refused("messages is no list")
    declared = next((record[key] for key in _TOOLS if record.get(key)), None)
    tools = read_tools(declared if declared is not None else _declared(messages), losses)
    conversation = Conversation(losses, parallel=True)
    for place, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            raise Refused(f"message {place} is no object")
        _take(conversation, message, tools, f"message {place}")
    asked = [m["content"] for m in conversation.messages if m["role"] == "user"]
    # Of several turns, the question is a list of them or nothing.
    said_again = asked[:1] == [record.get("question")]
    yield conversation.trajectory(
        _NAME, tools, record, (*_KNOWN, "question") if said_again else _KNOWN,
        id_key="id" if "id" in record else "uuid",
    )  # fmt: skip


def _take(conversation: Conversation, message: Mapping[str, Any], tools: Tools, place: str) -> None:
    role, content = message.get("role"), message.get("content")
    called = message.get("function_call") or (content if role == "tool_call" else None)
    if called:
        words = text_in(content or "", place) if role == "assistant" else ""
        thought = message.get("reasoning_content") or None
        conversation.call(
            [read_call(_parsed(called, place), tools)], words or None, thought=thought
        )
    elif role in ("function", "tool", "tool_response"):
        name = message.get("name")
        conversation.result(result_text(content), name=tools.name(name) if name else None)
    elif role in ("system", "user", "assistant"):
        words = text_in(content if content is not None else "", place)
        if not (role == "system" and words.startswith(_DECLARES) and tools.specs):
            conversation.say(role, words)
    else:
        raise Refused(f"{place} has no known role, but {role!r:.40}")


def _declared(messages: list[Any]) -> Any:
    """The tools that a system message declares in the form of Kimi's template."""
    for message in messages[:2]:
        words = message.get("content") if isinstance(message, dict) else None
        if isinstance(words, str) and words.startswith(_DECLARES):
            return words.partition(_MIDDLE)[2].removesuffix(_ENDS)
    return None


def _parsed(value: Any, place: str) -> Any:
    if not isinstance(value, str):
        return value
    # Calls of the SFT release are Python's literals.
    parsed = literal(value)
    if parsed is None:
        raise Refused(f"{place} is text that is no JSON: {value!r:.80}")
    return parsed


FORMAT = Format(
    name=_NAME,
    about="Toucan-1.5M: dialogues with the tools of real MCP servers",
    recognize=recognize,
    read=read,
)
