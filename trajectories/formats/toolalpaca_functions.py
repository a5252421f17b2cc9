"""ToolAlpaca's descriptions of functions, which are text: `name: what it does`, then `Parameters:`
with a JSON object of `Required. type. description` by name, then `Output:`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from ...tools import ToolSpec
from ...tools.importers.keywords import type_word
from .derived import used_tools
from .format import Refused
from .tools import callable_name

SHARED = "The detailed output format for the tools is outlined below"
"""What stands before the outputs that functions share, which no tool keeps."""
IMPLIED = ("getDetails", "retrievalDataFromFile")
"""Functions that the assistant has always, and that no description names."""
_HEADER = re.compile(r"([A-Za-z_][A-Za-z0-9_.\-]*): ?(.*)")
_PARAMETERS = "Parameters: "
_WORD = re.compile(
    r"(Required\. ?|Optional\. ?)?([A-Za-z]+)?(\[[^\]]*\]|\{[^}]*\})?\.? ?(.*)", re.S
)


def by_name(described: Mapping[str, Any]) -> list[ToolSpec]:
    """The functions of a record's `Function_Description`. Its `components` are none: they say how
    outputs look that several functions share."""
    return [
        _spec(name, *_parts(text))
        for name, text in described.items()
        if isinstance(text, str) and _PARAMETERS in text
    ]


@lru_cache(1024)
def in_text(text: str) -> tuple[ToolSpec, ...]:
    """The functions that a text describes one after another, and not how outputs
    look that they share. Raises `Refused` where it has none."""
    specs: list[ToolSpec] = []
    block: list[str] = []
    name = ""
    functions = text.strip().partition(f"\n{SHARED}")[0].rstrip()
    for line in [*functions.split("\n"), "end: "]:
        header = _HEADER.fullmatch(line)
        whole = any(one.startswith(_PARAMETERS) for one in block)
        of_block = line.startswith((_PARAMETERS, "Output:"))
        if header and not of_block and (whole or not name):
            if name:
                specs.append(_spec(name, *_parts("\n".join(block))))
            name, block = header[1], [header[2]]
        else:
            block.append(line)
    if not specs:
        raise Refused("its documentation describes no functions")
    return tuple(specs)


def with_implied(specs: Sequence[ToolSpec], messages: list[dict[str, Any]]) -> list[ToolSpec]:
    """`specs`, and those of the implied functions that are called."""
    known = {spec.name for spec in specs}
    extra = [t for t in used_tools(messages) if t.name in IMPLIED and t.name not in known]
    return [*specs, *extra]


def _parts(text: str) -> tuple[str, str]:
    """What a function does and gives back, and its parameters."""
    lines = text.split("\n")
    given = [line for line in lines if line.startswith(_PARAMETERS)]
    rest = [line for line in lines if not line.startswith(_PARAMETERS)]
    return "\n".join(rest).strip(), given[0].removeprefix(_PARAMETERS) if given else "{}"


def _spec(name: str, description: str, parameters: str) -> ToolSpec:
    try:
        fields = orjson.loads(parameters)
    except orjson.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict):
        raise Refused(f"the parameters of {name:.60} are no JSON object: {parameters!r:.80}")
    properties: dict[str, Any] = {}
    required: list[str] = []
    for key, text in fields.items():
        must, properties[key] = _field(str(text))
        if must:
            required.append(key)
    schema = {"type": "object", "properties": properties}
    return ToolSpec(
        name=callable_name(name), description=description,
        parameters={**schema, "required": required} if required else schema,
    )  # fmt: skip


def _field(text: str) -> tuple[bool, dict[str, Any]]:
    """Whether a field is required, and its schema."""
    parts = _WORD.fullmatch(text)
    assert parts is not None  # every part of the pattern may be empty
    known = type_word(parts[2]) if parts[2] else None
    schema: dict[str, Any] = {"type": known} if known else {}
    words = parts[4] if known else text
    if words:
        schema["description"] = words
    return (parts[1] or "").startswith("Required"), schema
