"""Callsheet's own pools, so that they can be merged, renamed and verified as any other document."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from ..spec import ToolSpec
from .draft import Draft, Refused, Yielded

_OWN = ("returns", "tags", "source")


def recognised(value: Any) -> str | None:
    """Why `value` is such a tool, or None."""
    if (
        isinstance(value, dict)
        and "name" in value
        and any(word in value for word in _OWN)
        and set(value) <= set(ToolSpec.model_fields)
        and isinstance(value.get("parameters", {}), dict)
    ):
        return "a tool spec of callsheet's own"
    return None


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
        yield Draft(
            name=spec.name, place=place, description=spec.description, parameters=spec.parameters,
            returns=spec.returns, tags=spec.tags, source=spec.source,
            group=(spec.source and spec.source.document) or "",
        )  # fmt: skip
