"""One schema node's own keywords, from any dialect to JSON Schema 2020-12; its children aside.

Covers what documents really hold: OpenAPI 2 and 3.0 (`nullable`, `exclusiveMinimum: true`, `type:
file`), JSON Schema from draft 3 on, and the loose type words of tool lists (`str`, `NUMBER`). A
keyword that cannot be taken is left out, which only ever makes the schema wider, and is counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_ALIASES = {
    "str": "string", "text": "string", "char": "string", "date": "string", "time": "string",
    "datetime": "string", "date-time": "string", "timestamp": "string", "enum": "string",
    "file": "string", "binary": "string", "byte": "string", "uuid": "string", "uri": "string",
    "url": "string", "email": "string", "geopoint": "string", "password": "string",
    "int": "integer", "int32": "integer", "int64": "integer", "long": "integer",
    "short": "integer", "float": "number", "double": "number", "decimal": "number",
    "numeric": "number", "bool": "boolean", "dict": "object", "map": "object",
    "dictionary": "object", "struct": "object", "json": "object", "hash": "object",
    "list": "array", "tuple": "array", "set": "array", "none": "null", "nonetype": "null",
}  # fmt: skip
_UNTYPED = ("any", "mixed", "unknown", "variant", "")
_FORMATS = {"date": "date", "datetime": "date-time", "date-time": "date-time", "file": "binary"}
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_LIMITING = frozenset((*_COUNTS, *_NUMBERS, "multipleOf"))
_ENUM_SHOWN = 500
_VALUE_BYTES = 400
_INT64 = 2**63


def own_keywords(raw: Mapping[str, Any], left_out: Counter[str]) -> dict[str, Any]:
    """The keywords of `raw` that hold no schemas and no description.

    What is left out is counted in `left_out` by a fixed word.
    """
    schema: dict[str, Any] = {}
    kinds = _types(raw, left_out)
    if kinds:
        schema["type"] = kinds[0] if len(kinds) == 1 else kinds
    _format(raw, schema)
    _values(raw, kinds, schema, left_out)
    if not _LIMITING.isdisjoint(raw):
        _limits(raw, schema, left_out)
    pattern = raw.get("pattern")
    if isinstance(pattern, str):
        if _compiles(pattern):
            schema["pattern"] = pattern
        else:
            left_out["pattern that is no regular expression"] += 1
    if raw.get("uniqueItems") is True:
        schema["uniqueItems"] = True
    return schema


def clean_text(text: str) -> str:
    """`text` without what UTF-8 cannot hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def json_value(value: Any) -> bool:
    """Whether `value` can be written as JSON, and is small."""
    try:
        return len(orjson.dumps(value)) <= _VALUE_BYTES
    except TypeError:
        return False


def _types(raw: Mapping[str, Any], left_out: Counter[str]) -> list[str]:
    given = raw.get("type")
    kinds: list[str] = []
    for word in given if isinstance(given, list) else [given]:
        known = type_word(word)
        if known is None and word is not None and str(word).lower() not in _UNTYPED:
            left_out["unknown type"] += 1
        if known is None:
            # One word that is not understood: a value of that kind must be let through.
            if word is not None:
                kinds = []
                break
        elif known not in kinds:
            kinds.append(known)
    if not kinds and isinstance(raw.get("properties"), dict) and given is None:
        kinds = ["object"]
    elif not kinds and "items" in raw and given is None:
        kinds = ["array"]
    if kinds and "null" not in kinds and nullable(raw):
        kinds.append("null")
    return kinds


def type_word(word: Any) -> str | None:
    """The JSON Schema type that `word` means, or None."""
    if not isinstance(word, str):
        return None
    if word in TYPES:
        return word
    lowered = word.strip().lower()
    if lowered in TYPES:
        return lowered
    for part in (lowered, lowered.split("(")[0].split("[")[0].strip(), lowered.split(" ")[0]):
        if part in _ALIASES:
            return _ALIASES[part]
        if part in TYPES:
            return part
    return None


def nullable(raw: Mapping[str, Any]) -> bool:
    """Whether OpenAPI's own words say that the value may be null."""
    return raw.get("nullable") is True or raw.get("x-nullable") is True


def _format(raw: Mapping[str, Any], schema: dict[str, Any]) -> None:
    form = raw.get("format")
    word = raw.get("type")
    if isinstance(form, str) and 0 < len(form) <= 60:
        schema["format"] = clean_text(form)
    elif isinstance(word, str) and word.lower() in _FORMATS:
        schema["format"] = _FORMATS[word.lower()]


def _values(
    raw: Mapping[str, Any], kinds: list[str], schema: dict[str, Any], left_out: Counter[str]
) -> None:
    enum = raw.get("enum")
    if isinstance(enum, list) and enum:
        values = _enum(enum, kinds)
        if values and len(values) <= _ENUM_SHOWN:
            schema["enum"] = values + [None] * ("null" in kinds and None not in values)
        else:
            left_out["enum that does not fit its type, or is too long"] += 1
    if "const" in raw and json_value(raw["const"]):
        schema["const"] = raw["const"]
    if raw.get("default") is not None:
        fitting = _cast(raw["default"], kinds)
        if fitting is not _NOTHING and json_value(fitting):
            schema["default"] = fitting
        else:
            left_out["default that does not fit its type, or is too long"] += 1
    shown = raw.get("examples")
    examples = shown if isinstance(shown, list) else [raw.get("example", raw.get("x-example"))]
    kept = [value for value in (_cast(e, kinds) for e in examples[:3] if e is not None)
            if value is not _NOTHING and json_value(value)]  # fmt: skip
    if kept:
        schema["examples"] = kept


def _enum(enum: list[Any], kinds: list[str]) -> list[Any]:
    if "array" in kinds and not any(isinstance(value, list) for value in enum):
        return []
    values: list[Any] = []
    seen: set[bytes] = set()
    for value in enum:
        if isinstance(value, list) and len(value) == 1 and kinds and "array" not in kinds:
            value = value[0]
        fitting = _cast(value, kinds)
        if fitting is _NOTHING or not json_value(fitting):
            continue
        written = orjson.dumps(fitting, option=orjson.OPT_SORT_KEYS)
        if written not in seen:
            seen.add(written)
            values.append(fitting)
    return values


_NOTHING = object()


def _cast(value: Any, kinds: list[str]) -> Any:
    """`value` where it is of one of `kinds`, or its plain reading as one; else `_NOTHING`."""
    if not kinds or any(_is(value, kind) for kind in kinds):
        return clean_text(value) if isinstance(value, str) else value
    if "string" in kinds and isinstance(value, bool):
        return "true" if value else "false"
    if "string" in kinds and isinstance(value, int | float):
        return str(value)
    if isinstance(value, str) and len(value) < 40:
        if "boolean" in kinds and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return _number(value, kinds)
    return _NOTHING


def _number(text: str, kinds: list[str]) -> Any:
    try:
        if "integer" in kinds or "number" in kinds:
            number = int(text)
            return number if -_INT64 <= number < _INT64 else _NOTHING
    except ValueError:
        pass
    try:
        if "number" in kinds and math.isfinite(float(text)):
            return float(text)
    except ValueError:
        pass
    return _NOTHING


def _is(value: Any, kind: str) -> bool:
    if kind in ("integer", "number"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return isinstance(value, int) or (kind == "number") or value.is_integer()
    known = {"string": str, "boolean": bool, "object": dict, "array": list, "null": type(None)}
    return isinstance(value, known[kind])


def _limits(raw: Mapping[str, Any], schema: dict[str, Any], left_out: Counter[str]) -> None:
    for word in _NUMBERS:
        limit = raw.get(word)
        if limit is None or isinstance(limit, bool):
            continue
        if _finite(limit):
            schema[word] = limit
        else:
            left_out["limit that is no number"] += 1
    for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        # Up to draft 4, and in OpenAPI 3.0, a flag on the inclusive limit.
        if raw.get(exclusive) is True and inclusive in schema:
            schema[exclusive] = schema.pop(inclusive)
    multiple = _whole(raw.get("multipleOf"))
    # 0.01 and the like reject values such as 19.99 in some validators, by binary arithmetic.
    if isinstance(multiple, int) and 0 < multiple < _INT64 and multiple is not True:
        schema["multipleOf"] = multiple
    elif multiple is not None:
        left_out["multipleOf that is no whole number"] += 1
    for word in _COUNTS:
        count = _whole(raw.get(word))
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < _INT64:
            schema[word] = count
        elif count is not None:
            left_out["limit that is no number"] += 1


def _whole(limit: Any) -> Any:
    """`limit`, as an integer where it is one by value, such as 5.0."""
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def _finite(limit: Any) -> bool:
    if isinstance(limit, int):
        return -_INT64 <= limit < _INT64
    return isinstance(limit, float) and math.isfinite(limit)


@lru_cache(maxsize=4096)
def _compiles(pattern: str) -> bool:
    if len(pattern) > 2000:
        return False
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (ValueError, RecursionError):
        return False
    return True
