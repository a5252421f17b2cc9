"""Whether a request says what it is meant to: read as the `rules` assistant reads it.

A request that the words of another tool fit better, or whose values cannot be told apart, would
be unclear to any listener. The planner words such a request anew before anybody hears it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .arguments import fill
from .dialogue import Dialogue, Made, Turn
from .reading import read
from .requests import is_request
from .tool_choice import goal_of_statement, goals_in
from .tool_index import CompiledTool, ToolIndex

Meant = tuple[CompiledTool, list[dict[str, Any]], frozenset[str]]
"""A tool, the arguments of each call to it, and the names of what the user leaves unsaid."""


def is_understood(
    text: str,
    meant: Sequence[Meant],
    index: ToolIndex,
    context: Mapping[str, str],
    earlier: Sequence[Made] = (),
) -> bool:
    """Whether exactly the calls that are meant, with these arguments, are read from the text.
    `earlier`: calls of the dialogue with their results, as far as they matter."""
    dialogue = Dialogue(dict(context))
    if earlier:
        dialogue.turns.append(Turn("", list(earlier)))
    dialogue.turns.append(Turn(text))
    goals = goals_in(index, read(text, dialogue.now))
    if [goal.tool for goal in goals] != [tool for tool, _, _ in meant]:
        return False
    for goal, (_, calls, unsaid) in zip(goals, meant, strict=True):
        filling = fill(goal, dialogue, ())
        if {p.name for p in filling.missing} != unsaid:
            return False
        if list(filling.calls()) != calls:
            return False
    return True


def is_talk(text: str, index: ToolIndex, now: datetime) -> bool:
    """Whether a remark asks for nothing."""
    reading = read(text, now)
    return (
        not is_request(text, index.verbs)
        and not goals_in(index, reading)
        and goal_of_statement(index, reading) is None
    )
