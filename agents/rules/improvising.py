"""A user without a plan: one more request, of something that a tool can do.

The tool is drawn afresh each time, so that nothing but chance connects a request with the one
before: that is what a plan is compared with. The wording and the check that it can be understood
are those of planned requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

from .arguments import configured, lasting
from .asking import put
from .leaks import leaks
from .plausible import NoValue, plausible
from .tool_index import CompiledTool, Param, ToolIndex, index_of
from .understanding import is_understood
from .user_phrasing import word_request

_ATTEMPTS = 8
_WITHHELD = 0.3
"""How often a known value is left for the assistant to ask."""
_SOME_DAY = datetime(2026, 3, 2, 9)


def improvised(
    tools: Sequence[Mapping[str, Any]],
    facts: Mapping[str, Any],
    said: Sequence[str],
    style: str,
    chance: Random,
) -> str:
    """The user's next message. `facts`: what the user knows, by what it is called. `said`: the
    user's messages so far."""
    index = index_of([dict(tool) for tool in tools])  # type: ignore[misc]
    text = ""
    for attempt in range(_ATTEMPTS):
        tool = chance.choice(index.tools)
        made = _request(tool, facts, said, chance, attempt)
        if made is None:
            continue
        request, arguments, unsaid = made
        text = word_request(request, style, chance, said)
        if text not in said and _is_good(text, tool, arguments, unsaid, index):
            return text
    return text or "Can you help me with something?"


def _is_good(
    text: str,
    tool: CompiledTool,
    arguments: dict[str, Any],
    unsaid: frozenset[str],
    index: ToolIndex,
) -> bool:
    if leaks(text, index.tools):
        return False
    context = {"now": _SOME_DAY.strftime("%Y-%m-%d %H:%M:%S")}
    return is_understood(text, [(tool, [arguments], unsaid)], index, context)


def _request(
    tool: CompiledTool, facts: Mapping[str, Any], said: Sequence[str], chance: Random, attempt: int
) -> tuple[str, dict[str, Any], frozenset[str]] | None:
    """Words, the arguments in them, and which parameters they leave out."""
    told: list[tuple[Param, Any]] = []
    settled: dict[str, Any] = {}
    unsaid: set[str] = set()
    for param in tool.required:
        only = param.schema.get("enum", ())
        if "const" in param.schema or len(only) == 1:
            settled[param.name] = param.schema.get("const", only[0] if only else None)
            continue
        if configured(param.label):
            unsaid.add(param.name)
            continue
        value = facts.get(param.label)
        again = lasting(param.label) and any(str(value) in message for message in said)
        if value is not None and (again or chance.random() < _WITHHELD):
            unsaid.add(param.name)
            continue
        if value is None or (not lasting(param.label) and chance.random() < 0.5):
            try:
                value = plausible(param.schema, param.label, _SOME_DAY, chance)
            except NoValue:
                return None
        told.append((param, value))
    arguments = {param.name: value for param, value in told} | settled
    ordered = {p.name: arguments[p.name] for p in tool.params if p.name in arguments}
    return put(tool, told, chance, attempt), ordered, frozenset(unsaid)
