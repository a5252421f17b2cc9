"""Flat lists of fields, `[{"name", "type", "description", "required"}]`, as an object's schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Fields = dict[str, Mapping[str, Any]]
"""Field records by name, in the list's order."""


def named_fields(records: list[Any]) -> tuple[Fields, list[str]]:
    """The usable fields, and in words what is wrong with each of the others."""
    fields: Fields = {}
    problems: list[str] = []
    for number, record in enumerate(records, 1):
        name = record.get("name") if isinstance(record, dict) else None
        if not isinstance(name, str) or not name.strip():
            problems.append(f"field {number} has no name")
        elif name in fields:
            problems.append(f"the field {name} stands there twice; the first is kept")
        else:
            fields[name] = record
    return fields, problems


def flat_schema(fields: Fields, *, dotted: bool = False) -> dict[str, Any]:
    """The object that has `fields`. With `dotted`, a dot in a name begins a level of its own."""
    root: dict[str, Any] = {"type": "object", "properties": {}}
    for name, record in fields.items():
        owner = root
        *levels, last = name.split(".") if dotted and _levels(name) else [name]
        for level in levels:
            inner = owner["properties"].setdefault(level, {"type": "object"})
            inner.setdefault("properties", {})
            owner = inner
        schema = _schema(record)
        known = owner["properties"].get(last)
        owner["properties"][last] = {**schema, **(known or {})} if known else schema
        if record.get("required") is True and not levels:
            root.setdefault("required", []).append(name)
    return root


def _levels(name: str) -> bool:
    parts = name.split(".")
    return 1 < len(parts) <= 5 and all(part.strip() for part in parts)


def _schema(record: Mapping[str, Any]) -> dict[str, Any]:
    schema = {word: value for word, value in record.items() if word not in ("name", "required")}
    if isinstance(schema.get("type"), dict):
        # The schema of a field that is itself called "type", taken for the field's type.
        inner = schema.pop("type")
        schema = {**inner, **{word: value for word, value in schema.items() if value}}
    return schema
