"""Tools that a record only calls and nowhere describes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from ...tools import ToolSpec

_TYPES: Mapping[type, str] = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object",
}  # fmt: skip


def used_tools(messages: Iterable[Mapping[str, Any]]) -> list[ToolSpec]:
    """A spec for each tool that `messages` call, in the order of first use: its name, and the
    names and types of the arguments it is called with. None is required."""
    tools: dict[str, dict[str, Any]] = {}
    for message in messages:
        for call in message.get("tool_calls") or ():
            function = call["function"]
            fields = tools.setdefault(function["name"], {})
            for name, value in _arguments(function["arguments"]).items():
                fields.setdefault(name, {} if value is None else {"type": _TYPES[type(value)]})
    return [
        ToolSpec(name=name, parameters={"type": "object", "properties": fields})
        for name, fields in tools.items()
    ]


def _arguments(text: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
