"""What calls give their tools, as values: read from JSON text, and written as the same text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson


def arguments_of(call: Mapping[str, Any]) -> Any:
    """What a call gives its tool, as a value; blank text gives nothing, which is `{}`.

    Raises `ValueError` where the text is no JSON.
    """
    text = call["function"]["arguments"]
    return read_json(text) if text.strip() else {}


def read_json(text: str) -> Any:
    """The value of a text; integers keep all their digits, of which orjson has 64 bits.

    Raises `ValueError` where it is no JSON, or has what could not be written again: a number that
    is none, half a character.
    """
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def json_text(value: Any) -> str:
    """The value as JSON without spaces, as orjson spells it; what it cannot hold, as Python does.
    (Some numbers have two spellings, and samples stay what they were.)"""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def properties_of(tool: Mapping[str, Any]) -> dict[str, Any]:
    """Schemas by parameter name; none where the tool's schema is damaged there."""
    properties = tool["function"]["parameters"].get("properties")
    return properties if isinstance(properties, dict) else {}
