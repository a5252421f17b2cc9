"""Stand-ins for outputs that nobody knows yet, so that a plan can be read as it will be heard.

A stand-in has a value of its own for every field that a tool says it returns. An argument that
turns out to be one of them would be taken from a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from ...agents.rules.tool_index import type_of

_NUMBER = 987_000_000


def stand_in(returns: Mapping[str, Any] | None) -> dict[str, Any]:
    """An output with a value for each field; nested ones hold an id and a name."""
    if returns is None:
        return {"status": "success"}
    properties = returns.get("properties")
    if not isinstance(properties, Mapping):
        return {"id": "\x01id", "name": "\x01name"}
    return dict(_stand_in(orjson.dumps({n: _type(s) for n, s in properties.items()})))


@lru_cache(maxsize=4096)
def _stand_in(fields: bytes) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for place, (name, kind) in enumerate(orjson.loads(fields).items()):
        made[name] = _value(name, kind, place)
    return made


def sentinel(returns: Mapping[str, Any] | None, field: str) -> Any:
    """The stand-in's value for a field; None where it is no plain value."""
    value = stand_in(returns).get(field)
    return value if not isinstance(value, dict | list) else None


def _type(schema: Any) -> str:
    return type_of(schema) if isinstance(schema, Mapping) else "string"


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
