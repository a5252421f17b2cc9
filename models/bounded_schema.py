"""A JSON Schema cut down to what constrained decoding can take, and under which it always ends.

Grammars express types, properties, enumerations, alternatives, ranges and lengths. Patterns,
formats, conditions and references to other documents are left out; local references are written
out where they stand. All text and lists get an upper bound, because a small model that is never
made to stop does not. An answer under the result may therefore still break the full schema, which
is checked elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_STRING = 240
"""Characters of an argument."""
MAX_WORDS = 600
"""Characters of an answer in words."""
MAX_ITEMS = 8
"""Items of a list."""
_MAX_PARTS = 2000
"""Schemas within a schema that are kept: references written out again and again could grow without
measure."""
_RANGES = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def bounded(schema: Any, *, arguments: bool = False, words: int = MAX_STRING) -> dict[str, Any]:
    """`schema`, cut down and bounded; the given one is not changed.

    `arguments`: the schema is that of a call's arguments, which are an object whatever it says.
    `words`: the upper bound of text, in characters; a larger bound of the schema's own counts.
    """
    root = schema if isinstance(schema, Mapping) else {}
    cut = _Cutter(root, words).cut(root)
    if arguments and cut.get("type") != "object":
        cut = {"type": "object", "properties": {}, "additionalProperties": False}
    return cut


class _Cutter:
    def __init__(self, root: Mapping[str, Any], words: int) -> None:
        self._root = root
        self._words = words
        self._left = _MAX_PARTS
        self._within: list[str] = []
        """References that are being written out."""

    def cut(self, schema: Any) -> dict[str, Any]:
        self._left -= 1
        if not isinstance(schema, Mapping) or self._left < 0:
            return {}
        if isinstance(reference := schema.get("$ref"), str):
            return self._referred(reference)
        if "const" in schema:
            return {"const": schema["const"]}
        if values := _list(schema, "enum"):
            return {"enum": values}
        schema = _merged(schema)
        if choices := _list(schema, "anyOf") or _list(schema, "oneOf"):
            return {"anyOf": [self.cut(choice) for choice in choices]}
        if kinds := _list(schema, "type"):
            return {"anyOf": [self.cut({**schema, "type": kind}) for kind in kinds]}
        kind = schema.get("type")
        if kind == "object" or (kind is None and "properties" in schema):
            return self._object(schema)
        if kind == "array":
            return self._array(schema)
        if kind == "string":
            return self._string(schema)
        if kind in ("integer", "number"):
            return {"type": kind, **{key: schema[key] for key in _RANGES if _number(schema, key)}}
        return {"type": kind} if kind in ("boolean", "null") else {}

    def _referred(self, reference: str) -> dict[str, Any]:
        if reference in self._within:
            return {}  # it refers to itself: below here, anything goes
        self._within.append(reference)
        cut = self.cut(self._target(reference))
        self._within.pop()
        return cut

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        named = _mapping(schema, "properties")
        properties = {name: self.cut(inner) for name, inner in named.items()}
        required = [name for name in _list(schema, "required") if isinstance(name, str)]
        for name in required:
            properties.setdefault(name, {})
        cut: dict[str, Any] = {"type": "object", "properties": properties}
        if required:
            cut["required"] = list(dict.fromkeys(required))
        more = schema.get("additionalProperties")
        if properties or more is False:
            cut["additionalProperties"] = False
        elif isinstance(more, Mapping):
            cut["additionalProperties"] = self.cut(more)
        return cut

    def _array(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        least = _length(schema, "minItems", 0)
        cut: dict[str, Any] = {"type": "array", "items": self.cut(schema.get("items"))}
        if least:
            cut["minItems"] = least
        cut["maxItems"] = max(least, min(MAX_ITEMS, _length(schema, "maxItems", MAX_ITEMS)))
        return cut

    def _string(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        least = _length(schema, "minLength", 0)
        cut: dict[str, Any] = {"type": "string"}
        if least:
            cut["minLength"] = least
        cut["maxLength"] = max(least, min(self._words, _length(schema, "maxLength", self._words)))
        return cut

    def _target(self, reference: str) -> Any:
        """What a local reference points to; nothing is ever fetched."""
        if not reference.startswith("#"):
            return {}
        at: Any = self._root
        for part in reference[1:].split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            at = at.get(key) if isinstance(at, Mapping) else None
        return at


def _merged(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """`schema` with the parts of `allOf` written into it, as far as that is a plain union."""
    parts = _list(schema, "allOf")
    if not parts:
        return schema
    merged = {key: value for key, value in schema.items() if key != "allOf"}
    for part in parts:
        for key, value in part.items() if isinstance(part, Mapping) else ():
            held = merged.get(key)
            if isinstance(held, Mapping) and isinstance(value, Mapping):
                merged[key] = {**held, **value}
            elif isinstance(held, list) and isinstance(value, list) and key == "required":
                merged[key] = [*held, *value]
            else:
                merged.setdefault(key, value)
    return merged


def _list(schema: Mapping[str, Any], key: str) -> list[Any]:
    """The list under `key`; empty where there is none, whatever else is there."""
    value = schema.get(key)
    return value if isinstance(value, list) else []


def _mapping(schema: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = schema.get(key)
    return value if isinstance(value, Mapping) else {}


def _number(schema: Mapping[str, Any], key: str) -> bool:
    value = schema.get(key)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _length(schema: Mapping[str, Any], key: str, default: int) -> int:
    value = schema.get(key)
    return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else default
