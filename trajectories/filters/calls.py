"""Rules about a call and its tool's documentation: is there such a tool, does the call fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...tools import SchemaUnusable, ToolSpec
from ...tools.validation import violations
from .branch import Branch
from .config import FilterConfig
from .defect import Defect, defect

_BY_KEYWORD = {
    "required": "missing_required",
    "additionalProperties": "unknown_parameter",
    "unevaluatedProperties": "unknown_parameter",
    "type": "wrong_type",
    "enum": "not_in_enum",
    "const": "not_in_enum",
}
_OPEN_KEYS = ("patternProperties", "allOf", "anyOf", "oneOf", "$ref", "if", "propertyNames")


def tool_names(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """Calls of tools that are not on offer, or that a search offers only later."""
    offers = Counter(name for m in branch.trajectory.messages for name in m.offers or ())
    specs = Counter(tool.name for tool in branch.trajectory.tools)
    # What a search found stands in `tools` once more for each time that it was found.
    known = {name for name, times in specs.items() if times > offers[name]}
    offered_at: dict[str, int] = {}
    for at, message in enumerate(branch.messages):
        for name in message.offers or ():
            offered_at.setdefault(name, at)
    for call in branch.calls:
        if call.name in known or offered_at.get(call.name, call.at) < call.at:
            continue
        late = call.name in specs
        detail = f"{call.name!r} is " + ("not on offer yet" if late else "no tool of this dialogue")
        yield defect("unknown_tool", detail, call.message)


def schema(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """Arguments that the tool's schema refuses, and parameters that it does not know."""
    unusable: set[str] = set()
    for call in branch.calls:
        if call.spec is None or not isinstance(call.arguments, dict):
            continue
        try:
            found = violations(call.spec.parameters, call.arguments)
        except SchemaUnusable as error:
            if call.name not in unusable:
                unusable.add(call.name)
                yield defect("schema_unusable", f"{call.name}: {error}", call.message)
            continue
        for keyword, line in found:
            reason = _BY_KEYWORD.get(keyword, "schema_violation")
            yield defect(reason, f"{call.name}: {line}", call.message)
        for name in _unknown(call.spec, call.arguments):
            yield defect("unknown_parameter", f"{call.name} takes no {name!r}", call.message)


def _unknown(spec: ToolSpec, arguments: dict[str, object]) -> list[str]:
    """Arguments that the schema does not name, though it does not forbid them either: a schema
    from an API document hardly ever does."""
    parameters = spec.parameters
    if parameters.get("additionalProperties", None) is not None:
        return []  # either meant, or refused by the schema itself
    if any(key in parameters for key in _OPEN_KEYS):
        return []
    properties = parameters.get("properties")
    known = properties if isinstance(properties, dict) else {}
    return [name for name in arguments if name not in known]
