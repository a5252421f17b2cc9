"""Importers, one file for each form that tool descriptions come in; `tools.importing` uses them.

An importer has `recognised(value)`, which says why a document's value is of its form or None, and
`read(value)`, which yields one draft or one refusal for each record. Imports nothing of callsheet
but tools.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from .draft import Yielded, one_line

DESCRIBED = {
    "openapi": "OpenAPI 2.0 or 3.x documents, JSON or YAML",
    "pool": "callsheet's own pools",
    "mcp-list": "tool lists of MCP servers, with inputSchema",
    "rapidapi": "ToolBench and RapidAPI records, also inside questions",
    "seal-tools": "Seal-Tools records",
    "records": "endpoint records with lists of parameters and response fields",
    "functions": "OpenAI's function JSON",
    "json-schemas": "lists of JSON Schemas with titles",
    "python": "python:package.module, or python:package.module:function",
    "mcp": "mcp:command with arguments, or mcp:https://... (a live server)",
}
"""What each format is, in the order in which they are tried."""

FORMATS = tuple(DESCRIBED)

_MODULES = {
    "openapi": "openapi", "pool": "own_pool", "mcp-list": "mcp_listing", "rapidapi": "rapidapi",
    "seal-tools": "seal_tools", "records": "records", "functions": "functions",
    "json-schemas": "json_schemas", "python": "python_functions", "mcp": "mcp_server",
}  # fmt: skip
_LOOKED_AT = 20
"""Records of a list that are looked at to find out what it is a list of."""


def reader(format: str) -> Callable[[Any], Yielded]:
    """The importer's `read`."""
    read: Callable[[Any], Yielded] = _module(format).read
    return read


def detect(value: Any) -> tuple[str, str]:
    """The format of a document's value, and why it is taken for that; an empty format and what was
    found instead where it is none of them."""
    if isinstance(value, list):
        if not value:
            return "", "an empty list"
        for position, item in enumerate(value[:_LOOKED_AT], 1):
            found, why = detect_one(item)
            if found:
                return found, f"item {position} of the list is {why}"
        return "", f"a list of {type(value[0]).__name__} that looks like no known format"
    if isinstance(value, dict):
        found, why = detect_one(value)
        if found:
            return found, f"it is {why}"
        for word in ("tools", "functions"):
            inner = value.get(word)
            if isinstance(inner, list) and inner and detect_one(inner[0])[0] == "functions":
                return "functions", f"its {word} are {detect_one(inner[0])[1]}"
        named = [_module("json-schemas").recognised({"title": name, **schema})
                 for name, schema in list(value.items())[:_LOOKED_AT]
                 if isinstance(schema, dict)]  # fmt: skip
        if named and all(named):
            return "json-schemas", "it is an object of JSON Schemas by name"
        keys = ", ".join(one_line(key, 30) for key in list(value)[:6])
        return "", f"an object with the keys {keys or '(none)'} looks like no known format"
    return "", "neither an object nor a list" if value is not None else "an empty document"


def detect_one(item: Any) -> tuple[str, str]:
    """The format of one record."""
    for format in FORMATS:
        if format in ("python", "mcp"):
            continue
        why = _module(format).recognised(item)
        if why:
            return format, why
    return "", ""


def _module(format: str) -> Any:
    return import_module(f".{_MODULES[format]}", __package__)
