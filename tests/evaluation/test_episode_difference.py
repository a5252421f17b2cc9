"""Two episodes side by side: the same ones, forks, other seeds, unfinished ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.evaluation.episode_difference import episode_difference
from callsheet.scenarios import library, load_scenario
from callsheet.simulation import RunConfig, RunDirectory, fork, resume, simulate
from callsheet.trajectories.event import Event
from callsheet.trajectories.log import read_episodes

Episodes = dict[str, list[Event]]
FIRST, SECOND = "000000-reschedule-offsite", "000001-reschedule-offsite"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "a"
    simulate([load_scenario(library()["reschedule-offsite"])], RunConfig(repeat=2), folder)
    return folder


@pytest.fixture(scope="module")
def episodes(run: Path) -> Episodes:
    return {name: list(events) for name, events in read_episodes(run)}


def test_an_episode_does_not_differ_from_itself(episodes: Episodes):
    found = episode_difference(episodes[FIRST], episodes[FIRST])
    assert found.parted is None
    assert found.shared_turns == len(found.turns) == 3
    assert not found.set_up
    assert all(check.same for check in found.checks)
    assert found.before == found.after
    assert found.before["tool_calls"] == 2


def test_a_fork_shares_its_beginning_and_parts_with_the_edited_words(run: Path, episodes: Episodes):
    target = run.with_name("fork")
    fork(RunDirectory(run), FIRST, 2, target, message="Make it Saturday instead")
    resume(target)
    ((_, other),) = read_episodes(target)
    found = episode_difference(episodes[FIRST], other)
    assert (found.shared_turns, found.parted) == (1, (1, 0))
    row = found.turns[1].rows[0]
    assert row.after is not None
    assert row.after.text == "Make it Saturday instead"
    assert row.words[-1] == ("after", "Make it Saturday instead")
    call = next(row for row in found.turns[1].rows if row.before and row.before.kind == "call")
    assert call.after is None
    assert not call.same
    plan = next(check for check in found.checks if check.check == "plan_completed")
    assert plan.before is not None
    assert plan.before["passed"]


def test_other_seeds_differ_in_set_up_and_arguments(episodes: Episodes):
    found = episode_difference(episodes[FIRST], episodes[SECOND])
    assert "seed" in [change.path for change in found.set_up]
    assert found.parted is not None
    calls = [row for turn in found.turns for row in turn.rows if row.before and row.arguments]
    assert calls


def test_an_episode_that_goes_on_is_compared_as_far_as_it_is(episodes: Episodes):
    found = episode_difference(episodes[FIRST], episodes[FIRST][:9])
    assert found.after["status"] is None
    assert found.parted is not None
    assert found.turns[-1].after is None
    assert found.checks
    assert all(check.after is None for check in found.checks)
    assert episode_difference([], []).turns == []


def test_a_turn_of_a_thousand_calls_is_compared_while_one_waits():
    def turn(thoughts: bool) -> list[Event]:
        said = {"message": {"content": "on"}, "turn": 1}
        events = [Event(episode="a", seq=0, kind="message", source="user", data=said)]
        thought = {"message": {"content": None}, "thought": "so"}
        for ordinal in range(1_000):
            call = {"ordinal": ordinal, "name": "Search", "arguments": {"number": ordinal}}
            for kind, data in (("message", thought), ("tool_call", call)):
                if kind == "tool_call" or thoughts:
                    event = Event(episode="a", seq=len(events), kind=kind, source="assistant",  # type: ignore[arg-type]
                                  data=data)  # fmt: skip
                    events.append(event)
        return events

    [compared] = episode_difference(turn(thoughts=False), turn(thoughts=True)).turns
    assert len(compared.rows) == 1 + 2_000
    assert sum(row.same for row in compared.rows) == 1 + 1_000
