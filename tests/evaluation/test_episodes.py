from typing import Any

import pytest
from conversations import trajectory

from callsheet.evaluation.episodes import episode_report, evaluate_episodes
from callsheet.scenarios import load_scenarios
from callsheet.simulation import RunError
from callsheet.trajectories.trajectory import Outcome


def played(name: str, met: list[bool], outcome: Outcome, score: float):
    plan = [{"kind": "tool_call", "request": "x", "met": m} for m in met]
    return trajectory(name, score=score).model_copy(update={"plan": plan, "outcome": outcome})


def test_steps_episodes_and_blame_are_counted_apart():
    report = episode_report(
        "m",
        [
            played("a", [True, True], Outcome(status="completed"), 1.0),
            played("b", [True, False], Outcome(status="limit", blame="assistant"), 0.5),
            played("c", [True, True], Outcome(status="completed", blame="user"), 0.5),
        ],
    )
    assert report.plan_completion == pytest.approx(5 / 6)
    assert report.plans_completed == pytest.approx(2 / 3)
    assert report.accepted == pytest.approx(1 / 3)
    assert report.blame == {"assistant": 1, "user": 1}
    assert report.statuses == {"completed": 2, "limit": 1}


def test_nothing_played_is_no_report():
    with pytest.raises(ValueError, match="no episode"):
        episode_report("m", [])


def test_a_folder_with_other_conversations_is_refused(tmp_path):
    scenarios = load_scenarios(["single-call"])

    def evaluated(chosen=scenarios, **changes: Any):
        return evaluate_episodes("rules", chosen, tmp_path / "run", **changes)

    first = evaluated()
    assert evaluated(model_folders=[tmp_path]) == first
    others = load_scenarios(["chained-calls"])
    for chosen, changes in ((scenarios, {"seed": 1}), (scenarios, {"repeat": 2}), (others, {})):
        with pytest.raises(RunError, match="choose another folder"):
            evaluated(chosen, **changes)
