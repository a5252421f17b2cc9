"""JSON Schemas of what the tools answer, put together from a few words.

They describe real outputs, so that models and training data can rely on them. No tool is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXT: Mapping[str, Any] = {"type": "string"}
NUMBER: Mapping[str, Any] = {"type": "number"}
INTEGER: Mapping[str, Any] = {"type": "integer"}
STATUS: Mapping[str, Any]
"""The answer {"status": "success"}, where a tool does not say just "success"."""


def record(**fields: Mapping[str, Any]) -> dict[str, Any]:
    """An object with exactly these fields."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def several(items: Mapping[str, Any]) -> dict[str, Any]:
    """An array of such items."""
    return {"type": "array", "items": items}


STATUS = record(status={"const": "success"})
