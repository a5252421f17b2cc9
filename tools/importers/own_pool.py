"""Callsheet's own pools, so that they can be merged, renamed and verified as any other document.

Other people's lists of functions may also say `returns` or `tags`: those that are no whole specs
are `functions`.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from ..spec import ToolSpec
from ..validation import SchemaUnusable, check_schema
from .draft import Draft, Refused, Yielded

_OWN = ("returns", "tags", "source")


def recognised(value: Any) -> str | None:
    """Why `value` is such a tool, or None."""
    if (
        isinstance(value, dict)
        and "name" in value
        and any(word in value for word in _OWN)
        and set(value) <= set(ToolSpec.model_fields)
        # Nobody else says where a tool came from in that way: it is ours also where it is damaged.
        and (isinstance(value.get("source"), dict) or _whole(value))
    ):
        return "a tool spec of callsheet's own"
    return None


def _whole(value: Any) -> bool:
    try:
        spec = ToolSpec.model_validate(value)
        check_schema(spec.parameters)
        check_schema(spec.returns or {})
    except (ValidationError, SchemaUnusable):
        return False
    return spec.parameters.get("type") == "object"


def read(value: Any) -> Yielded:
    """One draft a spec."""
    for number, record in enumerate(value if isinstance(value, list) else [value], 1):
        place = f"tool {number}"
        try:
            spec = ToolSpec.model_validate(record)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            yield Refused(place, "not-a-spec", f"{where}: {first['msg']}".lstrip(": "))
            continue
        if spec.parameters.get("type") != "object":
            yield Refused(place, "not-a-spec", 'the type of the parameters is not "object"')
            continue
        yield Draft(
            name=spec.name, place=place, description=spec.description, parameters=spec.parameters,
            returns=spec.returns, tags=spec.tags, source=spec.source,
            group=(spec.source and spec.source.document) or "",
        )  # fmt: skip
