"""Values from earlier in the conversation: what tools returned, what earlier calls were given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .dialogue import Dialogue, Made
from .tool_index import CompiledTool, Param
from .words import stem, tokens

_POINTS_BACK = re.compile(
    r"\b(?:it|that|this|them|those|these|same|result|there|him|her|again|latter|former)\b"
    r"|\bthe (?:sum|total|amount|answer|number|price)\b",
    re.IGNORECASE,
)

_LOOKED_FOR = frozenset({"opaque", "email", "phone", "url"})
"""Kinds that are taken from results whenever the user has not said them."""


def remembered(param: Param, tool: CompiledTool, text: str, dialogue: Dialogue) -> Any:
    """A value for the parameter from an earlier result or call, or None.

    Ids, tokens and addresses are taken wherever they stand; other values only where the user
    points back ("move it", "convert that").
    """
    points_back = _POINTS_BACK.search(text) is not None
    if param.kind not in _LOOKED_FOR and not points_back:
        return None
    last = dialogue.turns[-1].made if dialogue.turns else []
    own = [made for made in last if made.name == tool.name]
    for made in dialogue.succeeded():
        if any(made is call for call in own):
            continue  # what a call gave is no reason to make it again
        value = _in_result(param, tool, made, text)
        if value is not None:
            return value
        if points_back and param.name in made.arguments:
            return made.arguments[param.name]
    if param.type in ("number", "integer") and points_back:
        return _last_number(dialogue)
    return None


def record_about(text: str, dialogue: Dialogue) -> Mapping[str, Any] | None:
    """The record in the latest results that a text speaks of: one of its texts occurs there."""
    said = text.casefold()
    for made in dialogue.succeeded():
        for record in records(made.output):
            if any(isinstance(v, str) and len(v) > 2 and v.casefold() in said
                   for v in record.values()):  # fmt: skip
                return record
    return None


def records(output: Any) -> Iterator[Mapping[str, Any]]:
    """The objects in an output, outer ones first."""
    if isinstance(output, dict):
        yield output
        for value in output.values():
            yield from records(value)
    elif isinstance(output, list):
        for item in output:
            yield from records(item)


def _in_result(param: Param, tool: CompiledTool, made: Made, text: str) -> Any:
    found = [
        (record, record[key])
        for record in records(made.output)
        for key in record
        if _is_for(key, param, tool, made) and not isinstance(record[key], dict | list)
    ]
    if not found:
        return None
    if len(found) > 1:
        said = text.casefold()
        for record, value in found:
            if any(isinstance(v, str) and v != value and len(v) > 2 and v.casefold() in said
                   for v in record.values()):  # fmt: skip
                return value
    return found[0][1]


def _is_for(key: str, param: Param, tool: CompiledTool, made: Made) -> bool:
    """Whether a result's key holds what a parameter takes."""
    parts, wanted = tokens(key), tokens(param.name)
    if parts == wanted or "".join(parts) == "".join(wanted):
        return True
    if param.kind in ("email", "phone", "url"):
        return param.kind in parts
    if param.kind == "opaque" and parts == ("id",):
        came_from = frozenset(stem(p) for p in tokens(made.name))
        about = frozenset(stem(p) for p in wanted if p not in ("id", "ids"))
        return bool(came_from & (about or tool.nouns))
    if param.kind == "opaque" and wanted in (("id",), ("ids",)) and parts[-1:] == ("id",):
        return frozenset(stem(p) for p in parts[:-1]) <= tool.nouns
    return len(parts) > 1 and len(wanted) > 1 and set(wanted) < set(parts)


def _last_number(dialogue: Dialogue) -> float | int | None:
    for made in dialogue.succeeded():
        numbers = [
            value
            for record in records(made.output)
            for value in record.values()
            if isinstance(value, int | float) and not isinstance(value, bool)
        ]
        if numbers:
            return numbers[-1]
    return None
