"""From what a text says to a value that fits a parameter's schema."""

from __future__ import annotations

import re
from typing import Any

from .tool_index import Param
from .values import chosen, currencies, listed


def converted(param: Param, value: Any) -> Any:
    """The value in the parameter's type, if it fits its schema; else None."""
    kind = param.type
    if kind in ("integer", "number"):
        value = _as_number(value, kind)
        low, high = param.schema.get("minimum"), param.schema.get("maximum")
        if (
            value is None
            or (low is not None and value < low)
            or (high is not None and value > high)
        ):
            return None
        return value
    if kind == "boolean":
        if isinstance(value, str):
            return {"yes": True, "true": True, "no": False, "false": False}.get(value.lower())
        return value if isinstance(value, bool) else None
    if kind == "array":
        return value if isinstance(value, list) else listed(str(value))
    if kind == "object":
        return value if isinstance(value, dict) else None
    if "enum" in param.schema:
        return value if value in param.schema["enum"] else chosen(param.schema["enum"], str(value))
    text = str(value).strip()
    if param.kind == "currency":
        found = currencies(text)
        text = found[0][1] if found else text
    if not text or (param.pattern is not None and param.pattern.search(text) is None):
        return None
    return text


def _as_number(value: Any, kind: str) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        found = re.search(r"-?\d+(?:\.\d+)?", value.replace(",", ""))
        if found is None:
            return None
        value = float(found.group())
    if not isinstance(value, int | float):
        return None
    if kind == "integer":
        return int(value) if float(value).is_integer() else None
    return plain(float(value))


def plain(value: float) -> int | float:
    """The number as JSON writes it: 3.0 is 3."""
    return int(value) if value.is_integer() else value
