"""Which goals there are: tasks by ability, domain and tool, spread evenly over the scenarios.

Deterministic: the same count, seed, choices and data give the same scenarios, and a longer list
begins with the shorter one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count as counted
from random import Random

from ....environments.api_bank import ApiBankData, api_bank_data, level_1, level_3
from ....scenarios.schema import Scenario
from ..end_state import CallFails
from ..offer import SEARCH
from . import (  # noqa: F401 - each declares its tasks
    accounts,
    finance,
    health,
    home,
    information,
    level_3_leisure,
    level_3_life,
    level_3_work,
    meetings,
    schedule,
    travel,
)
from .compose import LOGIN_TOOL, Ability, Bench, Unfit, compose
from .draw import NothingToDraw
from .keywords import Keywords, NotFound
from .task import DOMAINS, TASKS, Domain, Task

ABILITIES: tuple[Ability, ...] = ("call", "retrieve", "plan")
_ATTEMPTS = 30
"""Draws for one scenario before its first task is given up: tasks can stand in each other's way."""
_LAST = ("delete-account",)
"""Tasks after which nothing of the user's is left to work on."""


def generate(
    count: int,
    seed: int = 0,
    *,
    abilities: Sequence[Ability] = ABILITIES,
    domains: Sequence[Domain] = DOMAINS,
    tools: Collection[str] | None = None,
    exclude_tools: Collection[str] = (),
    data: ApiBankData | None = None,
) -> list[Scenario]:
    """`count` scenarios, the abilities in turn.

    `tools`: only goals that need no other tools (besides GetUserToken and ToolSearcher).
    `exclude_tools`: tools that no goal needs and no scenario offers. Raises `ValueError` for an
    unknown tool, or where nothing is left to draw from.
    """
    data = data or api_bank_data()
    excluded = frozenset(exclude_tools)
    _known({*excluded, *(tools or ())})
    keywords = {c.name: Keywords(c, data) for c in (level_1(), level_3())}
    bench = Bench(data, keywords, excluded)
    chosen = [task for task in TASKS.values() if _allowed(task, domains, tools, excluded)]
    made = {ability: _endless(ability, chosen, bench, seed) for ability in abilities}
    return [next(made[abilities[i % len(abilities)]]) for i in range(count)]


def covered_tools(scenarios: Sequence[Scenario]) -> set[str]:
    """The tools that the scenarios' solutions call."""
    return {made.name for scenario in scenarios for made in scenario.expect.calls}


def _known(names: Collection[str]) -> None:
    apis = {*level_1().apis, *level_3().apis}
    unknown = sorted(name for name in names if name not in apis)
    if unknown:
        raise ValueError(f"API-Bank has no tool {unknown[0]!r}")


def _allowed(
    task: Task,
    domains: Sequence[Domain],
    tools: Collection[str] | None,
    excluded: Collection[str],
) -> bool:
    catalog = level_3() if task.level == 3 else level_1()
    needed = set(task.tools)
    if any("token" in catalog.apis[name].inputs for name in needed) and task.name != "check-token":
        needed.add(LOGIN_TOOL)
    if task.domain not in domains or needed & set(excluded):
        return False
    return tools is None or set(task.tools) <= set(tools)


def _endless(
    ability: Ability, chosen: Sequence[Task], bench: Bench, seed: int
) -> Iterator[Scenario]:
    """Scenarios of one ability. Raises `ValueError` where no task serves it."""
    if ability != "call" and SEARCH in bench.excluded:
        raise ValueError(f"the ability {ability} needs {SEARCH}")
    serving = [task for task in chosen if _serves(task, ability)]
    if not serving:
        raise ValueError(f"no goal for the ability {ability} is left")
    chance = Random(f"{seed}/{ability}")  # noqa: S311 - a reproducible draw
    failures = 0
    numbers = counted()
    number = next(numbers)
    for first in _in_turn(serving, ability, chance):
        scenario = _one(first, serving, ability, bench, seed, number)
        if scenario is None:
            failures += 1
            if failures > 3 * len(serving) + 10:
                raise ValueError(f"no goal for the ability {ability} can be drawn from the data")
            continue
        failures = 0
        yield scenario
        number = next(numbers)


def _serves(task: Task, ability: Ability) -> bool:
    """plan: what takes several tools; retrieve: what takes one. Anything can be called."""
    if ability == "call":
        return True
    return len(task.tools) == 1 if ability == "retrieve" else True


def _in_turn(serving: Sequence[Task], ability: Ability, chance: Random) -> Iterator[Task]:
    """Every task again and again, heavier ones more often, in ever new orders."""
    while True:
        turn: list[Task] = []
        for task in serving:
            weight = task.weight * _share(task, ability)
            turn += [task] * int(weight)
            turn += [task] * (chance.random() < weight % 1)
        chance.shuffle(turn)
        yield from turn


def _share(task: Task, ability: Ability) -> float:
    """As in the benchmark, level 3's tools are mostly planned with, and those of levels 1 and 2
    called."""
    if ability == "plan":
        return 1.0 if len(task.tools) > 1 else 0.2
    return 0.25 if task.level == 3 else 1.0


def _one(
    first: Task, serving: Sequence[Task], ability: Ability, bench: Bench, seed: int, number: int
) -> Scenario | None:
    """A scenario that begins with a task; None where its data cannot be drawn."""
    for attempt in range(_ATTEMPTS):
        draw = f"{seed}/{ability}/{number}/{first.name}/{attempt}"
        tasks = _together(first, serving, ability, Random(draw))  # noqa: S311
        try:
            return compose(f"{ability}-{seed}-{number:05d}", tasks, ability, bench, draw)
        except NotFound:
            return None
        except (CallFails, Unfit, NothingToDraw):
            continue
    return None


def _together(first: Task, serving: Sequence[Task], ability: Ability, chance: Random) -> list[Task]:
    """The tasks of one scenario: one to three, of the same level."""
    others = [t for t in serving if t.level == first.level and t is not first]
    most = 3
    if ability == "plan":
        # One tool alone is nothing to plan; a chain of tools is enough for itself.
        wanted = chance.choice((1, 1, 1, 2)) if len(first.tools) > 1 else chance.choice((2, 2, 3))
    elif ability == "retrieve":
        wanted = chance.choice((1, 1, 1, 2))
    else:
        wanted = chance.choice((1, 1, 1, 2, 2, 3))
    tasks = [first, *chance.sample(others, min(most - 1, wanted - 1, len(others)))]
    if ability == "call" and len(tasks) < most and chance.random() < 0.12:
        # The same once more, with other values.
        tasks.insert(1, first)
    return sorted(tasks, key=lambda task: task.name in _LAST)
