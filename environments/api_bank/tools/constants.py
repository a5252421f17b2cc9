"""The constant tables of level 3, which all episodes share and none may change."""

from __future__ import annotations

from typing import Any

import orjson

from ..desk import Desk


def table(desk: Desk, tool: str, part: str = "database") -> Any:
    """A part of a tool's private data; only to be read."""
    return desk.data.level_3[tool][part]


def copied(value: Any) -> Any:
    """`value` for an answer, which belongs to the caller and may be altered there."""
    return orjson.loads(orjson.dumps(value))
