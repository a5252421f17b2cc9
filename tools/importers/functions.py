"""OpenAI's function JSON: `{"type": "function", "function": {...}}`, or the functions bare.

A list of them, an object with `tools` or `functions`, or one a line. Bare JSON Schemas with a title
are `json_schemas`; descriptions with `inputSchema` are `mcp`.
"""

from __future__ import annotations

from typing import Any

from .draft import Draft, Refused, Yielded
from .json_schema import set_parameters, set_returns, text
from .references import Unresolved


def recognised(value: Any) -> str | None:
    """Why `value` is such a tool, or None."""
    if not isinstance(value, dict):
        return None
    if value.get("type") == "function" and isinstance(value.get("function", value), dict):
        return 'a tool of type "function"'
    parameters = value.get("parameters")
    if isinstance(value.get("name"), str) and (
        isinstance(parameters, dict) or (parameters is None and "description" in value)
    ):
        return "a function with a name and a schema of parameters"
    return None


def items(value: Any) -> list[Any]:
    """The tools in a document's value."""
    if isinstance(value, dict):
        for word in ("tools", "functions"):
            if isinstance(value.get(word), list):
                found: list[Any] = value[word]
                return found
        return [value]
    return value if isinstance(value, list) else [value]


def read(value: Any) -> Yielded:
    """One draft a function."""
    for number, item in enumerate(items(value), 1):
        place = f"tool {number}"
        function = item.get("function", item) if isinstance(item, dict) else None
        if not isinstance(function, dict):
            yield Refused(place, "not-a-function", "is no function's description")
            continue
        name = text(function.get("name"))
        if not name:
            yield Refused(place, "no-name", "the function has no name")
            continue
        draft = Draft(name=name, place=place, description=text(function.get("description")))
        try:
            set_parameters(draft, function.get("parameters"))
        except Unresolved as problem:
            yield Refused(place, problem.kind, f"{name}: {problem}")
            continue
        # Some lists add what the function returns, under either word.
        set_returns(draft, function.get("returns", function.get("response")))
        yield draft
