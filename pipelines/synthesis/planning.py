"""The scenarios of a synthesis, each from its number alone: drawn tools, and a plan over them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random

import orjson
from pydantic import ValidationError

from ...models.errors import BudgetExceeded, ModelError
from ...planners.plans import choose, improvised_by_rules, plan_by_rules, plan_with_model
from ...planners.tool_graph import ToolGraph, load_graph, sampler, uniform
from ...planners.tool_graph.fields import returned
from ...scenarios.schema import Scenario
from ...simulation.cast import BASELINE, Cast
from ...tools import ToolSpec
from ...tools.pool import load_pool
from ...trajectories.whole_file import write_whole
from .config import SynthesisConfig
from .folder import SynthesisFolder
from .spending import PlanningAccount

Link = tuple[str, str, str, str]
"""From tool, field of its output, to tool, parameter."""

_AT_ONCE = 8
"""Plans asked of models at the same time."""


class ScenarioSource:
    """Makes scenario `n`, always the same one."""

    def __init__(self, config: SynthesisConfig, folder: SynthesisFolder) -> None:
        """Raises `PoolError` and `GraphUnreadable`."""
        self._config = config
        self._tools = load_pool(folder.pool)
        self._graph: ToolGraph | None = None
        if config.needs_graph:
            self._graph = load_graph(folder.graph, self._tools)
            self._draw = sampler(self._graph, config.by)
        else:
            self._draw = uniform(len(self._tools))

    async def scenarios(
        self, numbers: Sequence[int], cast: Cast, place: Path
    ) -> tuple[list[Scenario], list[dict[str, str]]]:
        """The scenarios of `numbers`, and for those without one its name and why.

        What a model planned is kept in the folder `place` at once, with what that has spent, and
        not asked for again. Raises `ModelUnavailable`, `BudgetExceeded` and `ModelDown`.
        """
        by_model = [n for n in numbers if self._planner(n) != BASELINE and self._config.plan]
        made: dict[int, Scenario | str] = {
            n: self._by_rules(n) for n in numbers if n not in set(by_model)
        }
        if by_model:
            kept, account = _Kept(place / "plans.jsonl"), PlanningAccount(place, cast.ledger)
            gate = asyncio.Semaphore(_AT_ONCE)
            found = await asyncio.gather(
                *(self._asked(n, cast, kept, account, gate) for n in by_model)
            )
            made.update(zip(by_model, found, strict=True))
        scenarios = [one for n in numbers if isinstance(one := made[n], Scenario)]
        lost = [
            {"scenario": self._name(n), "reason": one}
            for n in numbers
            if isinstance(one := made[n], str)
        ]
        return scenarios, lost

    async def _asked(
        self,
        number: int,
        cast: Cast,
        kept: _Kept,
        account: PlanningAccount,
        gate: asyncio.Semaphore,
    ) -> Scenario | str:
        """What a model plans, or why it does not."""
        before = kept.get(self._name(number))
        if before is not None:
            return before
        tools, turns, links = self._drawn(number)
        planner = self._planner(number)
        client = cast.client("planner", planner)
        async with gate:
            try:
                scenario = await plan_with_model(
                    client,
                    tools,
                    turns=turns,
                    seed=self._seed(number),
                    name=self._name(number),
                    links=links,
                    model=planner,
                )
            except BudgetExceeded:
                # The synthesis stops; the plan is made when it goes on.
                raise
            except ModelError as error:
                cast.failed(planner, error)
                return f"planner {planner}: {error}"
            except ValueError as error:
                return f"planner {planner}: {error}"
            finally:
                account.note()
        cast.answered(planner)
        kept.put(scenario)
        return scenario

    def _by_rules(self, number: int) -> Scenario | str:
        tools, turns, links = self._drawn(number)
        seed, name = self._seed(number), self._name(number)
        try:
            if self._config.plan:
                return plan_by_rules(tools, turns=turns, seed=seed, name=name, links=links)
            return improvised_by_rules(tools, turns=turns, seed=seed, name=name)
        except ValueError as error:
            return f"planner rules: {error}"

    def _drawn(self, number: int) -> tuple[list[ToolSpec], int, list[Link]]:
        """Tools, turns and what feeds what. Sizes come first from a chance of their own, so that
        the arms of an ablation have dialogues of equal sizes."""
        sizes = Random(f"{self._config.seed}/{number}/sizes")  # noqa: S311 - a seeded draw
        size = min(sizes.randint(*self._config.tools), len(self._tools))
        turns = sizes.randint(*self._config.turns)
        places = self._draw(Random(f"{self._config.seed}/{number}/tools"), size)  # noqa: S311
        return [self._tools[place] for place in places], turns, self._links(places)

    def _links(self, places: Sequence[int]) -> list[Link]:
        if self._graph is None:
            return []
        found = []
        for one in places:
            for other in places:
                for link in self._graph.links(one, other) if one != other else ():
                    if link.output and link.source == one:
                        source, target = self._tools[one], self._tools[other]
                        field = list(returned(source))[link.source_field]
                        parameter = list(target.properties)[link.target_field]
                        found.append((source.name, field, target.name, parameter))
        return found

    def _planner(self, number: int) -> str:
        return choose(f"{self._config.seed}/{number}", self._config.models.planner)

    def _seed(self, number: int) -> int:
        return Random(f"{self._config.seed}/{number}/plan").getrandbits(48)  # noqa: S311

    def _name(self, number: int) -> str:
        return f"{self._config.name}-{number:06d}"


class _Kept:
    """Plans of models, a line each; a line that was cut off is asked for again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Scenario] = {}
        whole = b""
        for line in path.read_bytes().splitlines(keepends=True) if path.exists() else ():
            try:
                scenario = Scenario.model_validate_json(line)
            except ValidationError:
                break
            if not line.endswith(b"\n"):
                break
            whole += line
            self._known[scenario.name] = scenario
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, [whole])

    def get(self, name: str) -> Scenario | None:
        return self._known.get(name)

    def put(self, scenario: Scenario) -> None:
        line = orjson.dumps(scenario.model_dump(mode="json", exclude_unset=True)) + b"\n"
        with self._path.open("ab") as file:
            file.write(line)
