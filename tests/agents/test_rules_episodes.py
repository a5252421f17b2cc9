"""The rules in whole episodes: they see no gold, repeat themselves to the byte, and solve most of
what the packaged scenarios ask."""

import asyncio
from pathlib import Path

import pytest

from callsheet.agents.expected_calls import missing_calls
from callsheet.scenarios.loader import load_scenarios, render
from callsheet.scenarios.schema import Expect, Scenario
from callsheet.scenarios.schema import Tester as Checks
from callsheet.simulation.build import build_episode
from callsheet.simulation.cast import Cast
from callsheet.simulation.driver import Episode, play
from callsheet.simulation.journal import Journal
from callsheet.trajectories.event import Event

SCENARIOS = Path(__file__).parents[2] / "scenarios"
CAST = Cast({})


def played(scenario: Scenario, seed: int) -> tuple[Episode, list[Event]]:
    journal = Journal("episode", [], lambda *_: None)
    episode = build_episode(scenario, episode="episode", seed=seed, cast=CAST, journal=journal)

    async def run() -> list[Event]:
        try:
            return [event async for event in play(episode)]
        finally:
            await episode.environment.close()

    return episode, asyncio.run(run())


def solved(folder: str, seeds: int) -> tuple[int, int]:
    """How many episodes made all expected calls and passed all checks, and how many there were."""
    good = count = 0
    for scenario in load_scenarios([SCENARIOS / folder]):
        for seed in range(seeds if scenario.vary else 1):
            rendered = render(scenario, seed)
            episode, events = played(rendered, seed)
            missing = missing_calls(
                rendered.expect.calls, episode.workbench.calls, episode.environment.tools
            )
            good += not missing and events[-1].data.get("score") == 1.0
            count += 1
    return good, count


def without_gold(scenario: Scenario) -> Scenario:
    return scenario.model_copy(update={"expect": Expect(), "tester": Checks(checks=[])})


def test_hiding_the_expected_calls_changes_no_byte() -> None:
    for scenario in load_scenarios([SCENARIOS / "library"]):
        rendered = render(scenario, 3)
        _, with_gold = played(rendered, 3)
        _, blind = played(without_gold(rendered), 3)
        said = [e.identity() for e in with_gold if e.kind not in ("verdict", "status")]
        assert said == [e.identity() for e in blind if e.kind not in ("verdict", "status")]


def test_equal_seeds_give_equal_episodes_and_seeds_vary_them() -> None:
    scenario = render(load_scenarios([SCENARIOS / "library" / "single-call.yaml"])[0], 0)
    runs = [[e.identity() for e in played(scenario, seed)[1]] for seed in (1, 1, 2, 3, 4)]
    assert runs[0] == runs[1]
    assert len({tuple(run) for run in runs}) > 2


def test_the_library_is_solved() -> None:
    good, count = solved("library", 6)
    assert good >= 0.95 * count, f"{good} of {count}"


@pytest.mark.slow
def test_the_training_scenarios_are_solved() -> None:
    good, count = solved("training", 10)
    assert good >= 0.95 * count, f"{good} of {count}"
