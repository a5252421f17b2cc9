"""From what a model wrote to words or tool calls, and the schema that makes it write them.

The form is the chat template's: `{"tool_calls": [...]}` or `{"say": "..."}`. Models that were not
held to it write calls bare, in a code fence, in Hermes' `<tool_call>` tags, or among words; these
are read too. Every value is found by a JSON decoder, and nothing is repaired or guessed: what is
not whole JSON is words.

The schema keeps of a tool's parameters what grammars can express and bounds all text and lists,
so that decoding under it always ends. Whether arguments fit the tool's own schema is checked
where the call is made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from autogen_core import FunctionCall

from .bounded_schema import MAX_WORDS, bounded
from .json_text import NotJson, json_in

MAX_CALLS = 4
"""Calls in one answer."""
_TAG = "<tool_call>"
_TAGS_READ = 16
_SAY = '{"say": '
_CALLS = '{"tool_calls": ['
_LONGEST_ESCAPE = 12
"""Characters of an escaped surrogate pair: what a cut may leave torn at the end of a string."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an answer says and which calls it makes; beside calls, words are thought."""

    words: str = ""
    calls: list[FunctionCall] = field(default_factory=list)


def parse_answer(text: str, *, first: int = 0, cut: bool = False) -> Parsed:
    """The words or calls in `text`. Calls get the ids `call_<first>`, `call_<first + 1>`, ...

    `cut`: the text broke off at the token limit; its whole calls count, or what there is of words.
    """
    if cut and (calls := list(_begun_calls(text))):
        return _read(calls, first) or Parsed(text.strip())
    for value, words in _values(text):
        parsed = _read(value, first)
        if parsed is not None:
            return Parsed(parsed.words or words, parsed.calls) if parsed.calls else parsed
    if cut and (said := begun_words(text)) is not None:
        return Parsed(said)
    return Parsed(text.strip())


def begun_words(text: str) -> str | None:
    """The words of an answer in words that was cut within its string."""
    begun = text.strip()
    if not begun.startswith(_SAY + '"'):
        return None
    for torn in range(min(_LONGEST_ESCAPE, len(begun) - len(_SAY) - 1) + 1):
        try:
            said = _DECODER.decode(begun[len(_SAY) : len(begun) - torn] + '"')
        except ValueError:
            continue
        return str(said)
    return None


def answer_schema(
    tools: Sequence[Mapping[str, Any]], tool_choice: str = "auto", parallel: bool = True
) -> dict[str, Any]:
    """JSON Schema of an answer where `tools` (in the shape of OpenAI's parameter) are offered.

    `tool_choice`: "auto", "required", "none", or the name of the one tool that must be called.
    `parallel` false allows one call only. Keys stand in the order in which they are written.
    Raises `ValueError` for a tool that is not offered.
    """
    functions = [tool.get("function", tool) for tool in tools]
    if tool_choice not in ("auto", "required", "none"):
        functions = [one for one in functions if one["name"] == tool_choice]
        if not functions:
            raise ValueError(f"the tool {tool_choice!r} must be called, but is not offered")
    words = _closed(say={"type": "string", "minLength": 1, "maxLength": MAX_WORDS})
    if tool_choice == "none" or not functions:
        return words
    calls = _closed(
        tool_calls={
            "type": "array",
            "items": _any_of([_call(function) for function in functions]),
            "minItems": 1,
            "maxItems": MAX_CALLS if parallel else 1,
        }
    )
    return _any_of([calls, words]) if tool_choice == "auto" else calls


def _call(function: Mapping[str, Any]) -> dict[str, Any]:
    arguments = bounded(function.get("parameters") or {}, arguments=True)
    return _closed(name={"const": function["name"]}, arguments=arguments)


def _closed(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _any_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _values(text: str) -> Iterator[tuple[Any, str]]:
    """Values that may be the answer, each with the words before it, likeliest first."""
    stripped = text.strip()
    try:
        yield _DECODER.decode(stripped), ""
    except (ValueError, RecursionError):
        pass
    else:
        return
    tagged = list(_tagged(stripped))
    if tagged:
        yield tagged, stripped[: stripped.find(_TAG)].strip()
    try:
        value = json_in(stripped)
    except NotJson:
        return
    yield value, _before(stripped)


def _before(text: str) -> str:
    """The words before the first bracket or fence."""
    starts = [at for mark in ("```", "{", "[") if (at := text.find(mark)) >= 0]
    return text[: min(starts)].strip() if starts else ""


def _tagged(text: str) -> Iterator[Any]:
    at = text.find(_TAG)
    for _ in range(_TAGS_READ):
        if at < 0:
            return
        start = at + len(_TAG)
        start += len(text[start:]) - len(text[start:].lstrip())
        try:
            value, start = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            return
        yield value
        at = text.find(_TAG, start)


def _read(value: Any, first: int) -> Parsed | None:
    """What a JSON value says, or None where it is neither words nor calls."""
    words = ""
    if isinstance(value, dict) and isinstance(value.get("say"), str):
        words = value["say"]
        if "tool_calls" not in value:
            return Parsed(words)
    calls = value.get("tool_calls", [value]) if isinstance(value, dict) else value
    if not isinstance(calls, list) or not calls:
        return None
    read: list[FunctionCall] = []
    for number, item in enumerate(calls, start=first):
        call = _read_call(item, f"call_{number}")
        if call is None:
            return None
        read.append(call)
    return Parsed(words, read)


def _read_call(item: Any, identity: str) -> FunctionCall | None:
    function = item.get("function", item) if isinstance(item, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return None
    arguments = function.get("arguments", function.get("parameters"))
    if arguments is None and "arguments" not in function:
        return None  # {"name": ...} alone is any object that has a name
    if not isinstance(arguments, str):
        arguments = json.dumps({} if arguments is None else arguments, ensure_ascii=False)
    return FunctionCall(id=identity, name=function["name"], arguments=arguments)


def _begun_calls(text: str) -> Iterator[Any]:
    """The whole calls in a list of calls that was cut."""
    begun = text.strip()
    at = len(_CALLS)
    while begun.startswith(_CALLS) and at < len(begun):
        try:
            value, at = _DECODER.raw_decode(begun, at)
        except (ValueError, RecursionError):
            return
        yield value
        at += len(", ")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
