"""Forks at any message: the user's or the assistant's, with other words, other calls, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from acted_runs import events, words

from callsheet.scenarios import Scenario
from callsheet.simulation import (
    RunConfig,
    RunDirectory,
    RunError,
    fork,
    fork_at,
    replay,
    resume,
    simulate,
)
from callsheet.trajectories.event import Event
from callsheet.trajectories.reading import read_trajectories

SUMS = {
    "name": "sums",
    "tools": ["Calculator"],
    "plan": [{"tool_call": f'work out the formula "{formula}"'} for formula in ("12*7", "3+4")],
}


@pytest.fixture
def source(tmp_path: Path) -> RunDirectory:
    simulate([Scenario.model_validate(SUMS)], RunConfig(), tmp_path / "source")
    return RunDirectory(tmp_path / "source")


def told(run: Path) -> list[Event]:
    (found,) = events(run).values()
    return found


def messages(run: RunDirectory, role: str, *, calling: bool = False) -> list[int]:
    return [e.seq for e in told(run.path) if e.kind == "message" and e.source == role
            and bool(e.data["message"].get("tool_calls")) == calling]  # fmt: skip


def played(target: Path) -> list[Event]:
    resume(target)
    assert replay(RunDirectory(target))[0].finished
    return told(target)


def test_the_assistant_says_something_else(source: RunDirectory, tmp_path: Path) -> None:
    at = messages(source, "assistant")[0]
    fork_at(source, "000000", at, tmp_path / "other", message="I will not say \ud800.")
    after = played(tmp_path / "other")
    assert words(after, "assistant")[0] == "I will not say \\ud800."
    shared = [e.data for e in told(source.path)[: at - 1]]
    assert [e.data for e in after[: at - 1]] == shared and len(shared) > 8
    origin = RunDirectory(tmp_path / "other").manifest().forked_from
    assert origin is not None and (origin["seq"], origin["turn"], origin["edited"]) == (at, 1, True)
    (trajectory,) = read_trajectories(tmp_path / "other" / "trajectories.jsonl")
    assert trajectory.other_information["people"] == ["assistant"]


def test_the_assistant_calls_something_else(source: RunDirectory, tmp_path: Path) -> None:
    first, second = messages(source, "assistant", calling=True)
    call = {"name": "Calculator", "arguments": {"formula": "1+1"}}
    fork_at(source, "000000", second, tmp_path / "calls", calls=[call, call])
    made = [e.data for e in played(tmp_path / "calls") if e.kind == "tool_call"]
    assert [c["call_id"] for c in made[:3]] == ["call_0", "call_1", "call_2"]
    assert [c["arguments"]["formula"] for c in made[1:3]] == ["1+1", "1+1"]
    fork_at(source, "000000", first, tmp_path / "words", message="I can tell without: 84.")
    assert words(played(tmp_path / "words"), "assistant")[0] == "I can tell without: 84."


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_without_other_words_the_role_is_asked_again(
    source: RunDirectory, tmp_path: Path, role: str
) -> None:
    at = messages(source, role)[1]
    fork_at(source, "000000", at, tmp_path / "again")
    assert len(told(tmp_path / "again")) < at
    assert [e.data for e in played(tmp_path / "again")] == [e.data for e in told(source.path)]


def test_the_user_says_exactly_what_is_wanted(source: RunDirectory, tmp_path: Path) -> None:
    at = messages(source, "user")[1]
    fork_at(source, "000000", at, tmp_path / "by-seq", message="3 + 4 = {?}")
    fork(source, "000000", 2, tmp_path / "by-turn", message="3 + 4 = {?}")
    for name in ("by-seq", "by-turn"):
        assert words(played(tmp_path / name), "user")[1] == "3 + 4 = {?}"


def test_a_user_who_speaks_the_plan_verbatim_can_be_edited_once_they_were_asked(
    tmp_path: Path,
) -> None:
    scenario = Scenario.model_validate({**SUMS, "user": {"verbatim": True}})
    simulate([scenario], RunConfig(), tmp_path / "source")
    source = RunDirectory(tmp_path / "source")
    first, second = messages(source, "user")
    with pytest.raises(RunError, match="says the plan verbatim; edit the scenario instead"):
        fork_at(source, "000000", first, tmp_path / "no", message="Hello")
    fork_at(source, "000000", second, tmp_path / "yes", message="Never mind.")
    assert words(played(tmp_path / "yes"), "user")[1] == "Never mind."


@pytest.mark.parametrize(
    "role, given, why",
    [
        ("assistant", {"message": " "}, "one of both"),
        ("assistant", {"message": "a", "calls": [{"name": "Calculator"}]}, "one of both"),
        ("assistant", {"calls": [{"name": "Nothing"}]}, "no tool 'Nothing' now"),
        ("user", {"calls": [{"name": "Calculator"}]}, "words only"),
    ],
)
def test_what_cannot_be_said_makes_no_run(
    source: RunDirectory, tmp_path: Path, role: str, given: dict[str, Any], why: str
) -> None:
    with pytest.raises(RunError, match=why):
        fork_at(source, "000000", messages(source, role)[1], tmp_path / "no", **given)
    for seq in (-1, 0, 10_000):
        with pytest.raises(RunError, match=f"event {seq} is no message"):
            fork_at(source, "000000", seq, tmp_path / "no", message="x")
    assert not (tmp_path / "no").exists()
