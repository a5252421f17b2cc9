"""A tool description from a Python function's signature.

Each parameter has a type that pydantic can describe, best as `Annotated[type, "what it is"]`; a
parameter without default is required. The return annotation becomes the returns schema, and the
docstring's first paragraph the description.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import Field, PydanticUserError, TypeAdapter

from .spec import ToolSpec


def tool_from_function(
    function: Callable[..., Any],
    *,
    name: str | None = None,
    skip: Sequence[str] = (),
    tags: tuple[str, ...] = (),
) -> ToolSpec:
    """The spec of `function`; parameters named in `skip` are not the caller's to give.

    Raises `TypeError` for a parameter without type, or with one that JSON Schema cannot express,
    and for `*args` and `**kwargs`; and whatever evaluating the annotations raises.
    """
    label = name or function.__name__
    hints = get_type_hints(function, include_extras=True)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in skip:
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            starred = str(parameter).partition(":")[0]
            raise TypeError(f"{label}: {starred} takes whatever is given; a tool names it all")
        if parameter.name not in hints:
            raise TypeError(f"{label}: parameter {parameter.name} needs a type")
        schema = _schema(hints[parameter.name], f"{label}: parameter {parameter.name}")
        if parameter.default is parameter.empty:
            required.append(parameter.name)
        elif parameter.default is not None:
            schema["default"] = parameter.default
        properties[parameter.name] = schema
    parameters = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    returns = hints.get("return")
    return ToolSpec(
        name=label,
        description=_first_paragraph(function),
        parameters=parameters,
        returns=None if returns is None else _schema(returns, f"{label}: the return type"),
        tags=tags,
    )


def _schema(hint: Any, where: str) -> dict[str, Any]:
    if get_origin(hint) is Annotated:
        kind, *notes = get_args(hint)
        notes = [Field(description=note) if isinstance(note, str) else note for note in notes]
        hint = Annotated[(kind, *notes)]
    try:
        schema = TypeAdapter(hint).json_schema()
    except (PydanticUserError, ValueError) as error:
        raise TypeError(f"{where} cannot be described by JSON Schema: {error}") from None
    cleaned: dict[str, Any] = _without_titles(schema)
    return cleaned


def _without_titles(schema: Any) -> Any:
    """Pydantic names every schema after its field; a model that reads them gains nothing."""
    if isinstance(schema, dict):
        return {
            key: (
                {name: _without_titles(item) for name, item in value.items()}
                if key in ("properties", "$defs")
                else _without_titles(value)
            )
            for key, value in schema.items()
            if not (key == "title" and isinstance(value, str)) and key != "default"
        }
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    return schema


def _first_paragraph(function: Callable[..., Any]) -> str:
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())
