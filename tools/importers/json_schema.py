"""Tools that come with JSON Schemas of their own: what their importers share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .draft import Draft
from .references import Unresolved, local
from .schemas import RETURNS, convert, summary


def text(value: Any) -> str:
    """`value` where it is text, without space around it; else empty."""
    return value.strip() if isinstance(value, str) else ""


def set_parameters(draft: Draft, schema: Any) -> None:
    """Give `draft` the parameters that `schema` describes; none where there is no schema. Raises
    `Unresolved` for one that does not describe an object."""
    if schema is None:
        schema = {"type": "object"}
    if not isinstance(schema, dict):
        raise Unresolved("unusable-schema", "the schema of the parameters is no object")
    converted = convert(schema, local(schema))
    draft.remarks += summary("parameters", converted.left_out)
    for kind, reason in converted.unresolved:
        if kind == "unusable-schema":
            raise Unresolved(kind, f"parameters: {reason}")
        draft.troubles.append((kind, f"parameters: {reason}"))
    given = converted.schema.get("type", "object")
    if given != "object" and not (isinstance(given, list) and "object" in given):
        raise Unresolved("unusable-schema", f"parameters are an object, and here of type {given}")
    draft.parameters = {"type": "object", "properties": {}} | converted.schema | {"type": "object"}


def set_returns(draft: Draft, schema: Any) -> None:
    """Give `draft` the output that `schema` describes, where there is one."""
    if not isinstance(schema, dict) or not schema:
        return
    converted = convert(schema, local(schema), RETURNS)
    draft.remarks += summary("returns", converted.left_out)
    draft.troubles += [(kind, f"returns: {reason}") for kind, reason in converted.unresolved]
    draft.returns = converted.schema or None


def fields_schema(fields: Mapping[Any, Any], required: Any) -> dict[str, Any]:
    """An object with `fields` by name: each a schema, or only the word for its type."""
    properties = {
        name: value if isinstance(value, dict) else {"type": value}
        for name, value in fields.items()
        if isinstance(name, str)
    }
    names = required if isinstance(required, list) else []
    return {"type": "object", "properties": properties,
            "required": names, "additionalProperties": False}  # fmt: skip
