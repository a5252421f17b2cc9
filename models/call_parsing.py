"""From what a model wrote to words or tool calls, and the schema that makes it write calls.

A call is read by a JSON decoder, wherever it stands: bare, in a code fence, in Hermes'
`<tool_call>` tags, before or after words. Nothing is guessed: what is not whole JSON is words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import orjson
from autogen_core import FunctionCall

MAX_STRING = 200
MAX_ITEMS = 8
MAX_CALLS = 4
_KEPT = ("type", "enum", "const", "properties", "required", "items", "anyOf", "oneOf", "$ref",
         "$defs", "minItems", "minimum", "maximum")  # fmt: skip
_DECODER = json.JSONDecoder()


def parse_answer(text: str) -> str | list[FunctionCall]:
    """The calls that `text` makes, or `text` itself without surrounding space."""
    for start, character in enumerate(text):
        if character not in "[{":
            continue
        try:
            value, _ = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        calls = _calls(value)
        if calls:
            return calls
        if start == 0:
            break
    return text.strip()


def _calls(value: Any) -> list[FunctionCall]:
    """The calls that a JSON value stands for; none where any part of it is something else."""
    if isinstance(value, dict):
        value = value.get("tool_calls", [value])
    if not isinstance(value, list) or not value:
        return []
    calls = []
    for i, item in enumerate(value):
        item = item.get("function", item) if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            return []
        arguments = item.get("arguments", item.get("parameters"))
        if isinstance(arguments, str):
            text = arguments
        elif isinstance(arguments, dict):
            text = orjson.dumps(arguments).decode()
        else:
            return []
        calls.append(FunctionCall(id=f"call_{i}", name=item["name"], arguments=text))
    return calls


def answer_schema(
    tools: Sequence[Mapping[str, Any]],
    tool_choice: Literal["auto", "required", "none"] | str = "required",
    *,
    calls: int = MAX_CALLS,
) -> dict[str, Any]:
    """JSON Schema of an answer with tools in OpenAI's shape.

    "required": a list of calls. A tool's name: a list of calls of that tool. "auto": such a list
    or `{"say": words}`. Features that grammars cannot express (patterns, formats) are left out,
    and text and lists are bounded, so that decoding always ends.
    """
    offered = [tool["function"] for tool in tools]
    if tool_choice not in ("auto", "required"):
        offered = [function for function in offered if function["name"] == tool_choice]
    one = [
        {
            "type": "object",
            "properties": {
                "name": {"const": function["name"]},
                "arguments": bounded(function.get("parameters") or {"type": "object"}),
            },
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }
        for function in offered
    ]
    listed = {
        "type": "array",
        "items": one[0] if len(one) == 1 else {"anyOf": one},
        "minItems": 1,
        "maxItems": calls,
    }
    if tool_choice != "auto":
        return listed
    words = {
        "type": "object",
        "properties": {"say": {"type": "string", "maxLength": 600}},
        "required": ["say"],
        "additionalProperties": False,
    }
    return {"anyOf": [words, listed]}


def bounded(schema: Any) -> Any:
    """A JSON Schema that constrained decoding can take, and that every answer ends under."""
    if not isinstance(schema, Mapping):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key not in _KEPT:
            continue
        if key in ("properties", "$defs"):
            kept[key] = {name: bounded(item) for name, item in value.items()}
        elif key in ("anyOf", "oneOf"):
            kept["anyOf"] = [bounded(item) for item in value]
        elif key == "items":
            kept[key] = bounded(value)
        else:
            kept[key] = value
    kind = kept.get("type")
    if kind == "string" and "enum" not in kept and "const" not in kept:
        kept["maxLength"] = MAX_STRING
    elif kind == "array":
        kept["maxItems"] = max(MAX_ITEMS, kept.get("minItems", 0))
    elif kind == "object" or "properties" in kept:
        kept["type"] = "object"
        if kept.get("properties"):
            kept["additionalProperties"] = False
    return kept
