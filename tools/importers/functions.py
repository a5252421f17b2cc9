"""OpenAI's function JSON: `{"type": "function", "function": {...}}`, or the functions bare.

A list of them, an object with `tools` or `functions`, or one a line. Parameters may be fields by
name. Bare JSON Schemas with a title are `json_schemas`; descriptions with `inputSchema` are `mcp`,
but those in a list that begins with a function are read here.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from ..spec import ToolSource
from .draft import Draft, Refused, Yielded
from .fields_by_name import are_fields_by_name, object_schema
from .json_schema import set_parameters, set_returns, text
from .references import Unresolved

_PARAMETERS = ("parameters", "inputSchema", "input_schema")
_RETURNS = ("returns", "response", "outputSchema", "output_schema")


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
        yield draft_of(item, f"tool {number}")


def draft_of(item: Any, place: str) -> Draft | Refused:
    """The draft of one function, which stands at `place`."""
    function = item.get("function", item) if isinstance(item, dict) else None
    if not isinstance(function, dict):
        return Refused(place, "not-a-function", "is no function's description")
    name = text(function.get("name"))
    if not name:
        return Refused(place, "no-name", "the function has no name")
    draft = Draft(
        name=name, place=place, description=text(function.get("description")),
        tags=_tags(function), source=_source(function),
    )  # fmt: skip
    if are_fields_by_name(function.get("parameters")):
        draft.remarks.append(("fields-by-name", "the parameters were fields by name"))
    try:
        set_parameters(draft, _first(object_schema(function), _PARAMETERS))
    except Unresolved as problem:
        return Refused(place, problem.kind, f"{name}: {problem}")
    returns = _first(function, _RETURNS)
    set_returns(draft, returns)
    if returns is not None and not isinstance(returns, dict):
        draft.remarks.append(("returns-left-out", "what it returns is no schema; left out"))
    return draft


def _first(function: dict[str, Any], words: tuple[str, ...]) -> Any:
    return next((function[word] for word in words if function.get(word) is not None), None)


def _tags(function: dict[str, Any]) -> tuple[str, ...]:
    tags = function.get("tags")
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def _source(function: dict[str, Any]) -> ToolSource | None:
    """The source as our own pools tell it: one whose first tools are bare functions is read here.
    What others mean by that word is left out."""
    try:
        return ToolSource.model_validate(function.get("source"))
    except ValidationError:
        return None
