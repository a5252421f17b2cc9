"""Anthropic's messages as OpenAI's: parts of type `tool_use`, `tool_result` and `thinking` in the
content become calls, messages of tools, and a thought.

A user's message may hold several results and words around them: each result is a message of its
own, and the words are one where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .format import Losses, Refused

_CALL, _RESULT, _THOUGHT = "tool_use", "tool_result", "thinking"
_KINDS = frozenset((_CALL, _RESULT, _THOUGHT))


def kinds_of(message: Mapping[str, Any]) -> set[str]:
    """Which of these types its content has."""
    content = message.get("content")
    if not isinstance(content, list):
        return set()
    types = (part.get("type") for part in content if isinstance(part, dict))
    return {kind for kind in types if isinstance(kind, str)} & _KINDS


def holds_calls(message: Mapping[str, Any]) -> bool:
    """Whether its content has calls."""
    return _CALL in kinds_of(message)


def holds_results(message: Mapping[str, Any]) -> bool:
    """Whether its content has results."""
    return _RESULT in kinds_of(message)


def in_fields(message: Mapping[str, Any], losses: Losses) -> Iterator[Mapping[str, Any]]:
    """The message with its calls and thought in fields, as several where it holds results; as it
    stands where it has no such parts. Raises `Refused`."""
    kinds = kinds_of(message)
    if not kinds:
        yield message
    elif not all(isinstance(part, dict) for part in message["content"]):
        raise Refused("its content has parts that are no objects")
    elif message.get("role") == "assistant":
        yield _answer(message, losses)
    elif kinds == {_RESULT}:
        yield from _results(message, losses)
    else:
        raise Refused(f"calls or thoughts stand in a message of {message.get('role')!r:.40}")


def _answer(message: Mapping[str, Any], losses: Losses) -> dict[str, Any]:
    words, thoughts = [], []
    calls = list(message.get("tool_calls") or ())
    for part in message["content"]:
        if part.get("type") == _CALL:
            function = {"name": part.get("name"), "arguments": part.get("input")}
            calls.append({"id": part.get("id"), "function": function})
        elif part.get("type") == _THOUGHT:
            losses.lose("signatures of thoughts", bool(part.get("signature")))
            thoughts.append(str(part.get("thinking") or ""))
        elif part.get("type") == _RESULT:
            raise Refused("a result stands in an assistant's message")
        else:
            words.append(part)
    answer = {**message, "content": words or None, "tool_calls": calls}
    return {**answer, "reasoning_content": "\n".join(thoughts)} if thoughts else answer


def _results(message: Mapping[str, Any], losses: Losses) -> Iterator[Mapping[str, Any]]:
    words: list[Any] = []
    for part in message["content"]:
        if part.get("type") != _RESULT:
            words.append(part)
            continue
        if words:
            yield {**message, "content": words}
            words = []
        losses.lose("marks of failed results", bool(part.get("is_error")))
        yield {"role": "tool", "tool_call_id": part.get("tool_use_id"),
               "content": part.get("content")}  # fmt: skip
    if words:
        yield {**message, "content": words}
