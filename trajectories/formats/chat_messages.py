"""Messages with roles, as OpenAI's API has them and as other people's files vary them.

Read are `content` as text or as typed parts (Anthropic's too), `tool_calls` with arguments as text
or as objects, the older `function_call` and role `function`, ms-swift's roles `tool_call` and
`tool_response`, and thoughts under the names that servers give them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .anthropic_parts import in_fields
from .conversation import Call, Conversation, read_call, result_text
from .format import Losses, Refused
from .literals import literal
from .tools import Tools

THOUGHT = "reasoning_content"
"""Where chat templates look for a thought (DeepSeek, Qwen, vLLM)."""
THOUGHTS = (THOUGHT, "reasoning", "thinking")
_KNOWN = frozenset(
    (*THOUGHTS, "role", "content", "tool_calls", "tool_call_id", "function_call", "name",
     "weight", "refusal", "parent", "id")
)  # fmt: skip
_MESSAGE_ROLES = {"system": "system", "developer": "system", "user": "user"}
RESULTS = ("tool", "function", "tool_response")
"""Roles of tools' messages."""
CALLS = "tool_call"
"""The role of a message that is a call, or a list of them, as text (ms-swift)."""


def read_messages(
    messages: Iterable[Mapping[str, Any]], tools: Tools, losses: Losses
) -> Conversation:
    """The conversation. Raises `Refused` for a role or content of no known form."""
    conversation = Conversation(losses, parallel=True)
    for number, message in enumerate(messages, 1):
        try:
            for one in in_fields(message, losses):
                _read(conversation, one, tools, losses)
        except Refused as problem:
            raise Refused(f"message {number}: {problem}") from None
    return conversation


def _read(
    conversation: Conversation, message: Mapping[str, Any], tools: Tools, losses: Losses
) -> None:
    role = message.get("role")
    content = read_content(message.get("content"), losses)
    losses.lose("unknown fields of messages", len(message.keys() - _KNOWN))
    if role == "assistant":
        _assistant(conversation, message, content, tools, losses)
    elif role == CALLS:
        conversation.call(_calls_in(content or "", tools), weight=message.get("weight"))
    elif role in RESULTS:
        id, name = message.get("tool_call_id"), message.get("name")
        conversation.result(
            content or "",
            id=id if isinstance(id, str) and id else None,
            name=tools.name(name) if name else None,
        )
    elif isinstance(role, str) and role in _MESSAGE_ROLES:
        losses.lose("developer roles", role == "developer")
        losses.lose("names of speakers", bool(message.get("name")))
        conversation.say(_MESSAGE_ROLES[role], content or "")
    else:
        raise Refused(f"the role {role!r:.40} is not known")


def _assistant(
    conversation: Conversation,
    message: Mapping[str, Any],
    content: str | None,
    tools: Tools,
    losses: Losses,
) -> None:
    losses.lose("names of speakers", bool(message.get("name")))
    given = next((message[key] for key in THOUGHTS if message.get(key)), None)
    thought = given if isinstance(given, str) else None
    weight = message.get("weight")
    calls = _calls(message, tools)
    if calls:
        conversation.call(calls, content or None, thought=thought, weight=weight)
    else:
        said = content if content is not None else message.get("refusal")
        conversation.say("assistant", said or "", thought=thought, weight=weight)


def _calls(message: Mapping[str, Any], tools: Tools) -> list[Call]:
    given = message.get("tool_calls")
    if not given:
        older = message.get("function_call")
        return [read_call(older, tools)] if older else []
    if not isinstance(given, list):
        raise Refused("tool_calls is no list")
    return [read_call(call, tools) for call in given]


def _calls_in(text: str, tools: Tools) -> list[Call]:
    """The calls that a message of `CALLS` is."""
    value = literal(text)
    if not value:
        raise Refused(f"a call is no JSON: {text!r:.80}")
    return [read_call(call, tools) for call in (value if isinstance(value, list) else [value])]


def read_content(content: Any, losses: Losses) -> str | None:
    """Text, or the text of typed parts; what is no text is counted as lost."""
    if content is None or isinstance(content, str):
        return content
    if isinstance(content, list) and all(
        isinstance(part, dict) and isinstance(part.get("type"), str) for part in content
    ):
        return _parts(content, losses)
    return result_text(content)


def _parts(parts: Iterable[Mapping[str, Any]], losses: Losses) -> str:
    texts = []
    for part in parts:
        text = part.get("text", part.get("refusal"))
        if isinstance(text, str):
            texts.append(text)
        else:
            losses.lose(f"parts of type {part['type']:.30}")
    return "".join(texts)
