"""JSON Schemas as the rules read them. A tool's documentation may hold anything; what is damaged in
it is cleaned away once, so that nobody who reads a schema need look again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FORMS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("enum", "anyOf", "oneOf", "allOf", "required", "examples"), list),
    **dict.fromkeys(("properties", "$defs", "definitions", "items"), dict),
    **dict.fromkeys(("format", "pattern"), str),
    **dict.fromkeys(("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"),
                    (int, float)),
}  # fmt: skip
"""What stands behind a keyword; anything else is damage, and not read."""


def cleaned(schema: Any) -> dict[str, Any]:
    """A copy in which a schema stands wherever the rules read one, and every keyword that they
    read has the form that JSON Schema gives it."""
    if not isinstance(schema, Mapping):
        return {}  # true and false are schemas, too, but say nothing that can be put into words
    kept: dict[str, Any] = {
        key: value for key, value in schema.items() if isinstance(value, _FORMS.get(key, object))
    }
    for key, value in kept.items():
        if key in ("anyOf", "oneOf", "allOf"):
            kept[key] = [cleaned(branch) for branch in value if isinstance(branch, Mapping)]
        elif key in ("properties", "$defs", "definitions"):
            kept[key] = {name: cleaned(sub) for name, sub in value.items()}
        elif key == "items":
            kept[key] = cleaned(value)
        elif key == "required":
            kept[key] = [name for name in value if isinstance(name, str)]
    return kept
