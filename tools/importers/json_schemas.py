"""Lists of JSON Schemas, one a tool: the title is its name, the schema itself its parameters.

Also an object of schemas by name: `{"add_note": {"type": "object", "properties": ...}}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .draft import Draft, Refused, Yielded
from .json_schema import set_parameters, text
from .references import Unresolved

_WORDS = ("properties", "$schema", "$ref", "allOf")


def recognised(value: Any) -> str | None:
    """Why `value` is such a schema, or None."""
    if not isinstance(value, dict):
        return None
    named = any(text(value.get(word)) for word in ("title", "$id", "id"))
    if named and any(word in value for word in _WORDS):
        return "a JSON Schema with a title"
    return None


def read(value: Any) -> Yielded:
    """One draft a schema."""
    for place, name, schema in _named(value):
        if not isinstance(schema, dict):
            yield Refused(place, "not-a-schema", "is no JSON Schema")
            continue
        name = text(schema.get("title")) or name or _last(text(schema.get("$id", schema.get("id"))))
        if not name:
            yield Refused(place, "no-name", "the schema has no title to name the tool by")
            continue
        draft = Draft(name=name, place=place, description=text(schema.get("description")))
        try:
            set_parameters(draft, {w: v for w, v in schema.items() if w != "description"})
        except Unresolved as problem:
            yield Refused(place, problem.kind, f"{name}: {problem}")
            continue
        yield draft


def _named(value: Any) -> Iterator[tuple[str, str, Any]]:
    if isinstance(value, dict) and not any(word in value for word in (*_WORDS, "title", "type")):
        for name, schema in value.items():
            yield f"schema {name}"[:100], str(name), schema
        return
    for number, schema in enumerate(value if isinstance(value, list) else [value], 1):
        yield f"schema {number}", "", schema


def _last(identity: str) -> str:
    return identity.rstrip("/#").rsplit("/", 1)[-1].removesuffix(".json")
