"""The student's data: training scenarios, held-out ones, and that nothing leaks between them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from callsheet.environments import PLANNED, specs_for, tools_of
from callsheet.scenarios import Scenario, load_scenarios, render, scenario_files, variations
from callsheet.scenarios.lint import lint_file
from callsheet.scenarios.loader import LIBRARY
from callsheet.tools import ToolSpec

TRAINING = LIBRARY.parent / "training"
HELDOUT = LIBRARY.parent / "heldout"
SEEDS = 40
"""Variations of each training scenario whose words are compared with the held-out ones."""


@cache
def scenarios(folder: Path) -> tuple[Scenario, ...]:
    return tuple(load_scenarios([folder]))


@cache
def tools(folder: Path) -> dict[str, ToolSpec]:
    """All tools that an environment of the folder's scenarios has, offered or not."""
    found: dict[str, ToolSpec] = {}
    for scenario in scenarios(folder):
        specs = (
            specs_for((), scenario.pool)
            if scenario.environment == PLANNED
            else tools_of(scenario.environment)
        )
        found.update({spec.name: spec for spec in specs})
    return found


def trained_tools() -> dict[str, ToolSpec]:
    return tools(TRAINING) | tools(LIBRARY)


@pytest.mark.parametrize("folder", [TRAINING, HELDOUT], ids=lambda folder: folder.name)
def test_all_scenarios_make_sense(folder: Path) -> None:
    findings = [str(finding) for path in scenario_files([folder]) for finding in lint_file(path)]
    assert findings == []


def test_files_are_named_like_their_scenarios() -> None:
    for folder in (TRAINING, HELDOUT):
        names = [path.stem for path in scenario_files([folder])]
        assert names == [scenario.name for scenario in scenarios(folder)]
    assert not {s.name for s in scenarios(TRAINING)} & {s.name for s in scenarios(HELDOUT)}


def test_there_is_enough_of_both() -> None:
    assert len(tools(TRAINING)) >= 150
    assert len({s.environment for s in scenarios(TRAINING)}) >= 8
    assert sum(variations(s) for s in scenarios(TRAINING)) >= 50_000
    assert len(scenarios(HELDOUT)) >= 60
    assert len({s.environment for s in scenarios(HELDOUT)}) >= 3
    assert sum(len(s.expect.calls) for s in scenarios(HELDOUT)) >= 120


def test_training_has_every_kind_of_dialogue() -> None:
    rules = [{c.rule for c in s.tester.checks} for s in scenarios(TRAINING)]
    assert sum("no_calls" in r for r in rules) >= 3, "impossible requests"
    assert sum(bool(s.user.knows) for s in scenarios(TRAINING)) >= 6, "missing parameters"
    assert any(any(st.kind == "chitchat" for st in s.plan) for s in scenarios(TRAINING))
    several = [
        s for s in scenarios(TRAINING)
        if len({c.step for c in s.expect.calls}) < len(s.expect.calls)
    ]  # fmt: skip
    assert len(several) >= 5, "calls that feed the next one"


def test_held_out_tools_are_no_trained_ones() -> None:
    assert not tools(HELDOUT).keys() & trained_tools().keys()
    assert not {s.environment for s in scenarios(HELDOUT)} & {
        s.environment for s in (*scenarios(TRAINING), *scenarios(LIBRARY))
    }


def test_no_held_out_parameter_has_a_trained_ones_name() -> None:
    def names(specs: dict[str, ToolSpec]) -> set[str]:
        return {name.lower() for spec in specs.values() for name in spec.properties}

    assert not names(tools(HELDOUT)) & names(trained_tools())


def test_held_out_words_are_spoken_as_they_stand_and_never_in_training() -> None:
    def plain(text: str) -> str:
        return " ".join(re.findall(r"[a-z0-9]+", text.lower()))

    assert all(s.user.verbatim and not s.vary for s in scenarios(HELDOUT))
    said = [plain(step.request) for s in scenarios(HELDOUT) for step in s.plan]
    assert len(said) == len(set(said))
    trained = {
        plain(step.request)
        for s in (*scenarios(TRAINING), *scenarios(LIBRARY))
        for seed in range(SEEDS)
        for step in render(s, seed).plan
    }
    assert not set(said) & trained
    # Nor is one held-out request a trained one with other words around it.
    assert not [one for one in said if any(len(t) > 20 and t in one for t in trained)]


def test_every_held_out_question_offers_a_choice() -> None:
    for scenario in scenarios(HELDOUT):
        assert 3 <= len(scenario.tools) <= 6
        assert all(call.step is not None for call in scenario.expect.calls)
        called = {call.name for call in scenario.expect.calls}
        assert called < set(map(str, scenario.tools)) or len(called) >= 3


def test_held_out_calls_use_every_tool_of_their_worlds() -> None:
    called = {call.name for s in scenarios(HELDOUT) for call in s.expect.calls}
    assert called == set(tools(HELDOUT))


def test_what_held_out_calls_need_has_been_said() -> None:
    """Every argument is in the words, or was returned before (booleans apart, which are meant)."""
    import asyncio

    from callsheet.evaluation.gold import call_items

    for item in asyncio.run(call_items(scenarios(HELDOUT))):
        heard = " ".join(str(m.get("content")) for m in item.messages[1:]).lower()
        for value in item.goals[0].arguments.values():
            for part in value if isinstance(value, list) else [value]:
                if not isinstance(part, bool):
                    assert str(part).lower() in heard, (item.id, part)
