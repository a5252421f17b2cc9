"""What a tool takes and gives, as the strings that are compared: "{name}: {description}".

A field is a top-level parameter, or a top-level property of the returned object (of its items,
where a list of objects is returned). Equal strings are one, however many tools have them: a pool
of 16,000 real tools has 250,000 fields and 64,429 strings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...tools import ToolSpec

MAX_STRING = 2_000
"""Characters of a string; encoders read less."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a pool's tools."""

    strings: tuple[str, ...]
    """Each once, in alphabetical order."""
    parameters: tuple[tuple[int, ...], ...]
    """For each tool the strings of its parameters, in the document's order."""
    returns: tuple[tuple[int, ...], ...]
    """For each tool the strings of what it returns."""

    @classmethod
    def of(cls, tools: Sequence[ToolSpec]) -> Fields:
        """The fields of `tools`, in their order."""
        taken = [[field_string(*item) for item in tool.properties.items()] for tool in tools]
        given = [[field_string(*item) for item in returned(tool).items()] for tool in tools]
        strings = sorted({string for lists in (taken, given) for one in lists for string in one})
        number = {string: at for at, string in enumerate(strings)}
        return cls(
            strings=tuple(strings),
            parameters=tuple(tuple(number[s] for s in one) for one in taken),
            returns=tuple(tuple(number[s] for s in one) for one in given),
        )


def returned(tool: ToolSpec) -> Mapping[str, Any]:
    """Schemas by name of what a call of `tool` gives; empty where its document does not say."""
    schema: Any = tool.returns or {}
    if isinstance(schema.get("items"), Mapping) and "properties" not in schema:
        schema = schema["items"]
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def field_string(name: str, schema: Any) -> str:
    """What stands for a field of that name and schema."""
    description = schema.get("description") if isinstance(schema, Mapping) else None
    text = f"{name}: {description if isinstance(description, str) else ''}"
    return " ".join(text.split())[:MAX_STRING]
