"""Runs pair by pair: who is paired with whom, and what the differences come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.evaluation.paired_runs import FIGURES, Played, paired, paired_figure, played
from callsheet.scenarios import library, load_scenario
from callsheet.simulation import RunConfig, simulate


def one(index: int, scenario: str, seed: int, turns: float | None = 1.0) -> Played:
    values = dict.fromkeys(FIGURES) | {"turns": turns}
    return Played(f"{index:06d}-{scenario}", index, scenario, seed, "completed", None, "", values)


def test_pairs_are_of_one_scenario_and_seed_and_then_of_one_place():
    before = [one(0, "a", 1), one(1, "b", 2), one(2, "a", 3), one(3, "c", 4)]
    after = [one(0, "a", 3), one(1, "a", 9), one(2, "b", 8), one(3, "d", 4)]
    found = paired(before, after)
    names = [(x.episode, y.episode) for x, y in found.pairs]
    assert names == [
        ("000000-a", "000001-a"),
        ("000001-b", "000002-b"),
        ("000002-a", "000000-a"),
    ]
    assert found.equal_seeds == 1
    assert [x.scenario for x in found.before_alone] == ["c"]
    assert [x.scenario for x in found.after_alone] == ["d"]


def test_a_difference_that_all_pairs_have_is_sure():
    pairs = [(one(i, f"s{i % 3}", i), one(i, f"s{i % 3}", i, 3.0)) for i in range(9)]
    figure = paired_figure(pairs, "turns")
    assert figure is not None
    assert (figure.before, figure.after, figure.pairs) == (1.0, 3.0, 9)
    assert (figure.difference.low, figure.difference.mean, figure.difference.high) == (2, 2, 2)
    assert figure.difference.clusters == 3
    assert paired_figure(pairs, "cost") is None
    unknown = [(one(0, "s", 0), one(0, "s", 0, None))]
    assert paired_figure(unknown, "turns") is None


def test_played_episodes_tell_what_they_used(tmp_path: Path):
    scenarios = [load_scenario(library()[name]) for name in ("chained-calls", "fault-and-retry")]
    simulate(scenarios, RunConfig(), tmp_path / "a")
    limits = scenarios[0].limits.model_copy(update={"tool_calls": 1})
    tight = [s.model_copy(update={"limits": limits}) for s in scenarios]
    simulate(tight, RunConfig(), tmp_path / "b")
    before, after = played(tmp_path / "a"), played(tmp_path / "b")
    found = paired(before, after)
    assert found.equal_seeds == 2
    assert [x.values["accepted"] for x in before] == [1.0, 1.0]
    assert [(x.status, x.blame) for x in after] == [("limit", "assistant")] * 2
    assert before[0].values["calls"] == 2
    assert before[0].values["cost"] is None
    assert before[1].values["failed_calls"] == 1
    assert all(x.same(x) and not x.same(y) for x, y in found.pairs)
    gain = paired_figure(found.pairs, "accepted")
    assert gain is not None
    assert gain.difference.mean == pytest.approx(-1)
