"""Seal-Tools records: parameters and responses by name, each with a type word and a description."""

from __future__ import annotations

from typing import Any

from .draft import Draft, Refused, Yielded, objects, one_line
from .json_schema import fields_schema, set_parameters, set_returns, text
from .references import Unresolved


def recognised(value: Any) -> str | None:
    """Why `value` is such a record, or None."""
    if (
        isinstance(value, dict)
        and "api_name" in value
        and isinstance(value.get("parameters"), dict)
    ):
        return "a record with api_name, field and parameters by name"
    return None


def read(value: Any) -> Yielded:
    """One draft a record."""
    for found in objects(value):
        yield found if isinstance(found, Refused) else _draft(found[1], found[0])


def _draft(record: dict[str, Any], place: str) -> Draft | Refused:
    name = text(record.get("api_name"))
    fields = record.get("parameters")
    if not name:
        return Refused(place, "no-name", "the record has no api_name")
    if not isinstance(fields, dict):
        return Refused(place, "no-parameters", f"{name}: parameters must be an object by name")
    levels = [one_line(part, 80) for part in text(record.get("field")).split("/") if part.strip()]
    draft = Draft(
        name=name, place=place, description=text(record.get("api_description")),
        group=levels[-1] if levels else "", tags=tuple(levels),
    )  # fmt: skip
    try:
        set_parameters(draft, fields_schema(fields, record.get("required")))
    except Unresolved as problem:
        return Refused(place, problem.kind, f"{name}: {problem}")
    responses = record.get("responses")
    if isinstance(responses, dict) and responses:
        set_returns(draft, {**fields_schema(responses, None), "additionalProperties": True})
    return draft
