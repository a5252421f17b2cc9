"""Whether what is left unsaid can be asked for: that the user's reply will be understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...agents.rules.arguments import fill
from ...agents.rules.dialogue import Dialogue, Made, Turn
from ...agents.rules.reading import read
from ...agents.rules.tool_choice import goals_in
from ...agents.rules.tool_index import CompiledTool, ToolIndex


def can_be_asked(
    text: str,
    tool: CompiledTool,
    calls: Sequence[Mapping[str, Any]],
    withheld: Mapping[str, Any],
    index: ToolIndex,
    context: Mapping[str, str],
    earlier: Sequence[Made],
) -> bool:
    """Whether every way of replying leads to the calls that are meant, and is no new request."""
    dialogue = Dialogue(dict(context), turns=[Turn("", list(earlier)), Turn(text)])
    goals = goals_in(index, read(text, dialogue.now))
    if len(goals) != 1:
        return False
    for reply in _replies(tool, withheld):
        if goals_in(index, read(reply, dialogue.now)):
            return False
        if list(fill(goals[0], dialogue, [reply]).calls()) != list(calls):
            return False
    return True


def _replies(tool: CompiledTool, withheld: Mapping[str, Any]) -> list[str]:
    facts = [(tool.by_name[name].label, _plain(value)) for name, value in withheld.items()]
    pairs = [f"{name} is {value}" for name, value in facts]
    colons = ", ".join(f"{name}: {value}" for name, value in facts)
    replies = [
        "My " + _joined(pairs) + ".",
        colons[:1].upper() + colons[1:] + ".",
        "The " + _joined([p if i == 0 else f"the {p}" for i, p in enumerate(pairs)]) + ".",
    ]
    if len(facts) == 1:
        replies += [f"{facts[0][1]}.", f"It's {facts[0][1]}."]
    return replies


def _joined(parts: Sequence[str]) -> str:
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
