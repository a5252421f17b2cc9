"""In which order tools are wanted, which requests are complex, and where talk stands between.

From n tools and a number of turns to a list of slots: each is talk, or one tool, or several. What
an earlier tool gives comes before what takes it; what is made comes before what is read, changed
and deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from ...agents.rules.tool_index import CompiledTool
from .plan import Link

TALK_SHARE = 0.2
"""Share of turns that are talk, about."""
_RANK = {"create": 0, "list": 1, "read": 2, "other": 2, "update": 3, "delete": 4}


@dataclass(frozen=True, slots=True)
class Slot:
    """One turn to be filled."""

    tools: tuple[CompiledTool, ...]
    """Empty for talk."""
    times: int = 1
    """How many values a single tool is wanted for."""


def slots(
    tools: Sequence[CompiledTool], links: Sequence[Link], turns: int, chance: Random
) -> list[Slot]:
    """Exactly `turns` slots, the first of them no talk."""
    talk = talk_turns(turns, chance)
    ordered = _ordered(tools, links, chance)
    fed = frozenset(link.to_tool for link in links)
    filled = _filled(ordered, turns - len(talk), fed, chance)
    for place in sorted(talk):
        filled.insert(place, Slot(()))
    return filled


def talk_turns(turns: int, chance: Random) -> list[int]:
    """Places of talk among the turns: never the first, never two in a row."""
    if turns < 3:
        return []
    most = max(1, turns // 3)
    share = turns * TALK_SHARE
    count = int(share) + (chance.random() < share - int(share))
    count = min(most, max(1 if turns >= 4 else 0, count))
    places = list(range(1, turns))
    found: list[int] = []
    while places and len(found) < count:
        place = chance.choice(places)
        found.append(place)
        places = [p for p in places if abs(p - place) > 1]
    return sorted(found)


def _ordered(
    tools: Sequence[CompiledTool], links: Sequence[Link], chance: Random
) -> list[CompiledTool]:
    """Givers before takers, otherwise by what is done to the world, with a little chance."""
    rank = {t.name: _RANK[t.spoken.act] + 2.5 * chance.random() for t in tools}
    for _ in range(len(tools)):
        for link in links:
            giver, taker = rank.get(link.from_tool), rank.get(link.to_tool)
            if giver is not None and taker is not None and taker <= giver:
                rank[link.to_tool] = giver + 0.01
    return sorted(tools, key=lambda t: (rank[t.name], t.name))


def _filled(
    ordered: Sequence[CompiledTool], count: int, fed: frozenset[str], chance: Random
) -> list[Slot]:
    """`count` slots with tools in order, a complex one among them where that fits. `fed`: names of
    tools that take another one's output, and so are wanted for that one thing."""
    if not ordered or count <= 0:
        return []
    queue = list(ordered)
    made: list[Slot] = []
    complex_at = chance.randrange(count) if count > 1 else -1
    while len(made) < count:
        left = count - len(made)
        if not queue:
            queue = [chance.choice(list(ordered)) for _ in range(left)]
        wants = len(made) == complex_at or (len(queue) > left and chance.random() < 0.6)
        if wants and len(queue) > left and len(queue) > 1:
            made.append(Slot((queue.pop(0), queue.pop(0))))
        elif (
            wants
            and queue[0].name not in fed
            and (queue[0].params or len(queue) < 2 or queue[0] is queue[1])
        ):
            made.append(Slot((queue.pop(0),), times=chance.choice((2, 2, 3))))
        elif wants and queue[0].name not in fed:
            made.append(Slot((queue.pop(0), queue[0])))
            if len(queue) > 1:
                queue.pop(0)
        else:
            made.append(Slot((queue.pop(0),)))
    return made
