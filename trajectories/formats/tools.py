"""Tools as records of conversations hold them, read into specs and written again.

A function whose name and schema are valid is kept exactly; any other goes through the importers of
`tools`, which know the loose forms (`"type": "dict"`, schemas of older drafts). Files repeat the
same few tools in record after record, so a tool's JSON is read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson
from pydantic import ValidationError

from ...tools import ToolSpec
from ...tools.importers.draft import Draft
from ...tools.importers.fields_by_name import object_schema
from ...tools.importers.finishing import finish
from ...tools.importers.functions import read
from ...tools.importers.naming import valid_name
from .format import Losses, Refused

_VALID = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,127}")
_REMEMBERED = 8192


@dataclass(slots=True)
class Tools:
    """The tools of one record."""

    specs: list[ToolSpec] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    """Names as the record has them and as they are here, where those differ."""

    def name(self, given: Any) -> str:
        """What a call of `given` calls. Raises `Refused` where that is no name."""
        if not isinstance(given, str) or not given:
            raise Refused(f"a call names no tool, but {given!r:.80}")
        return self.renamed.get(given) or callable_name(given)


@lru_cache(_REMEMBERED)
def callable_name(given: str) -> str:
    """`given` where it is a valid tool's name, else made into one."""
    return given if _VALID.fullmatch(given) else valid_name(given)


def read_tools(value: Any, losses: Losses) -> Tools:
    """The tools in `value`: a list of functions, one function, JSON text of either, or nothing.
    Raises `Refused` where it is something else, or one of them cannot be read."""
    tools = Tools()
    seen: dict[str, bytes] = {}
    for function in _functions(value):
        try:
            text = orjson.dumps(function)
        except TypeError:
            raise Refused("a tool's description is nested too deeply") from None
        spec, given, changed = _tool(text)
        if given in seen:
            losses.lose("tools that stand twice", seen[given] == text)
            losses.lose("tools with the name of another", seen[given] != text)
            continue
        seen[given] = text
        if spec.name != given or any(spec.name == other.name for other in tools.specs):
            spec = _renamed(spec, given, tools)
            losses.lose("tool names changed")
        tools.specs.append(spec)
        losses.lose("schemas of tools put right", changed)
    return tools


def write_tools(specs: Iterable[ToolSpec], losses: Losses) -> list[dict[str, Any]]:
    """The tools in the shape of OpenAI's parameter `tools`."""
    written = []
    for spec in specs:
        losses.lose("outputs of tools", spec.returns is not None)
        losses.lose("tags of tools", bool(spec.tags))
        losses.lose("sources of tools", spec.source is not None)
        written.append(spec.openai)
    return written


def _renamed(spec: ToolSpec, given: str, tools: Tools) -> ToolSpec:
    taken = {other.name for other in tools.specs}
    name, number = spec.name, 1
    while name in taken:
        number += 1
        name = f"{spec.name[:120]}_{number}"
    tools.renamed[given] = name
    return spec if name == spec.name else spec.model_copy(update={"name": name})


def _functions(value: Any) -> list[Any]:
    if isinstance(value, str):
        text = value.strip()
        try:
            value = orjson.loads(text) if text else []
        except orjson.JSONDecodeError as error:
            raise Refused(f"the tools are text that is no JSON: {error}") from None
    if value is None:
        return []
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        raise Refused(f"the tools are no list, but {type(value).__name__}")
    return value


@lru_cache(_REMEMBERED)
def _tool(text: bytes) -> tuple[ToolSpec, str, bool]:
    """The spec, the name as it was given, and whether the importers had to change the schema."""
    item = orjson.loads(text)
    if isinstance(item, str):
        # Columnar files hold each tool as JSON text.
        try:
            item = orjson.loads(item)
        except orjson.JSONDecodeError:
            raise Refused(f"a tool is text that is no JSON: {item!r:.80}") from None
    function = item.get("function", item) if isinstance(item, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise Refused(f"a tool is no function with a name: {text.decode()!r:.80}")
    given: str = function["name"]
    function = object_schema(_with_parsed_parameters(function))
    exact = _exact(function)
    return (exact, given, False) if exact is not None else (_imported(function), given, True)


def _with_parsed_parameters(function: dict[str, Any]) -> dict[str, Any]:
    """`function` with its parameters as a value, where a columnar file has them as JSON text. What
    is no JSON stays as it is, and is refused by the importers."""
    parameters = function.get("parameters")
    if not isinstance(parameters, str):
        return function
    try:
        value = orjson.loads(parameters) if parameters.strip() else None
    except orjson.JSONDecodeError:
        return function
    return {**function, "parameters": value}


def _exact(function: Mapping[str, Any]) -> ToolSpec | None:
    """The function as it stands, or None where something of it is not as a spec needs it."""
    parameters = function.get("parameters")
    if not isinstance(parameters, dict) or parameters.get("type") != "object":
        return None
    if not set(function) <= {"name", "description", "parameters", "strict"}:
        return None
    if not isinstance(parameters.get("properties", {}), dict):
        return None
    try:
        jsonschema_rs.Draft202012Validator(parameters, retriever=_refuse)
        return ToolSpec(
            name=callable_name(function["name"]),
            description=function.get("description") or "",
            parameters=parameters,
        )
    except (ValueError, ValidationError):
        return None


def _refuse(uri: str) -> None:
    raise ValueError(f"the schema refers to {uri}, and nothing is fetched")


def _imported(function: dict[str, Any]) -> ToolSpec:
    name = function["name"]
    draft = next(read([function]))
    if not isinstance(draft, Draft):
        raise Refused(f"the tool {name!r:.80}: {draft.reason}")
    # The rule for valid names is ours, which lets dots be; the importers' is stricter.
    done = finish([draft])
    if not done.specs:
        raise Refused(f"the tool {name!r:.80}: {done.problems[0].reason}")
    return done.specs[0].model_copy(update={"name": callable_name(name)})
