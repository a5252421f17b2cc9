"""Functions whose parameters are no schema of an object, but fields by name; mended into one.

`{"name": ..., "parameters": {"city": {"type": "str, optional", "description": ...}}}`, as xLAM's
lists have it. Also mended: `required` beside the parameters (ToolACE).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_OPTIONAL = re.compile(r",?\s*\boptional\b\s*", re.IGNORECASE)
# Not among them: `items`, `contains` and the like, which say nothing of an object, and are what
# parameters are called too.
_KEYWORDS = frozenset((
    "properties", "patternProperties", "additionalProperties", "unevaluatedProperties",
    "propertyNames", "dependentSchemas", "dependentRequired", "definitions",
    "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
))  # fmt: skip


def object_schema(function: dict[str, Any]) -> dict[str, Any]:
    """`function` with the schema of an object for its `parameters`, where those are an object at
    all."""
    parameters = function.get("parameters")
    if not isinstance(parameters, dict):
        return function
    schema = _named_fields(parameters) if are_fields_by_name(parameters) else dict(parameters)
    names = function.get("required")
    if isinstance(names, list) and "required" not in parameters:
        schema["required"] = names
    rest = {key: value for key, value in function.items() if key != "required"}
    return {**rest, "parameters": schema}


def are_fields_by_name(parameters: Any) -> bool:
    """Whether `parameters` are fields by name, and no JSON Schema."""
    return (
        isinstance(parameters, dict)
        and bool(parameters)
        and all(isinstance(field, dict) for field in parameters.values())
        and not any(name in _KEYWORDS or name.startswith("$") for name in parameters)
    )


def _named_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    properties, required = {}, []
    for name, given in fields.items():
        word = given.get("type")
        optional = isinstance(word, str) and _OPTIONAL.search(word) is not None
        kind = _OPTIONAL.sub("", word).strip() if isinstance(word, str) else word
        properties[name] = {**given, "type": kind} if word is not None else given
        if not optional and "default" not in given and given.get("required") is not False:
            required.append(name)
    schema = {"type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema
