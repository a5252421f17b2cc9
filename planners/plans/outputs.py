"""Stand-ins for outputs that nobody knows yet, so that a plan can be read as it will be heard.

A stand-in has a value of its own for every field that a tool says it returns. An argument that
turns out to be one of them would be taken from a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from ...agents.rules.clean_schema import cleaned
from ...agents.rules.tool_index import type_of

_NUMBER = 987_000_000


def stand_in(returns: Mapping[str, Any] | None) -> dict[str, Any]:
    """An output with a value for each field; nested ones hold an id and a name."""
    if returns is None:
        return {"status": "success"}
    return dict(_stand_in(orjson.dumps(returns)))


@lru_cache(maxsize=512)
def _stand_in(returns: bytes) -> dict[str, Any]:
    properties = cleaned(orjson.loads(returns)).get("properties")
    if properties is None:
        return {"id": "\x01id", "name": "\x01name"}
    fields = enumerate(properties.items())
    return {name: _value(name, type_of(schema), place) for place, (name, schema) in fields}


def sentinel(returns: Mapping[str, Any] | None, field: str) -> Any:
    """The stand-in's value for a field; None where it is no plain value."""
    value = stand_in(returns).get(field)
    return value if not isinstance(value, dict | list) else None


def _value(name: str, kind: str, place: int) -> Any:
    if kind in ("integer", "number"):
        return _NUMBER + place
    if kind == "boolean":
        return True
    if kind == "array":
        return [{"id": f"\x01{name} id", "name": f"\x01{name} name"}]
    if kind == "object":
        return {"id": f"\x01{name} id", "name": f"\x01{name} name"}
    return f"\x01{name}"
