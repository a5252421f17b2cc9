"""From trajectory to events and back: the same conversation, and nothing else."""

from __future__ import annotations

from pathlib import Path

from drawn_trajectories import dialogues
from hypothesis import given, settings

from callsheet.scenarios import library, load_scenario
from callsheet.simulation import RunConfig, simulate
from callsheet.trajectories.from_events import tool_message
from callsheet.trajectories.log import read_episodes
from callsheet.trajectories.reading import read_trajectories
from callsheet.trajectories.to_events import events_of
from callsheet.trajectories.trajectory import Trajectory

SAME = {
    "message": ("message", "turn"),
    "tool_call": ("call_id", "name", "arguments", "ordinal"),
    "tool_result": ("call_id", "name", "content", "ok", "ordinal"),
}


def test_a_played_episode_comes_back_as_it_was_logged(tmp_path: Path) -> None:
    names = ("parallel-calls", "fault-and-retry", "react-contact")
    simulate([load_scenario(library()[n]) for n in names], RunConfig(), tmp_path / "0001")
    logged = dict(read_episodes(tmp_path / "0001"))
    for one in read_trajectories(tmp_path / "0001" / "trajectories.jsonl"):
        again = events_of(one)
        assert [event.seq for event in again] == list(range(len(again)))
        # Parallel calls of a sandbox are logged each with its result; here all calls come first.
        for kind, known in SAME.items():
            found = [event for event in again if event.kind == kind]
            first = [event for event in logged[one.id] if event.kind == kind]
            assert [event.source for event in found] == [event.source for event in first]
            for now, was in zip(found, first, strict=True):
                assert {key: now.data[key] for key in known} == {
                    key: was.data[key] for key in known
                }


@settings(deadline=None)
@given(dialogues())
def test_everything_said_is_in_it_and_nothing_else(one: Trajectory) -> None:
    events = events_of(one)
    spoken = [e.data["message"] for e in events if e.kind == "message"]
    assert spoken == [m.chat() for m in one.path() if m.role in ("user", "assistant")]
    results = [tool_message(e.data) for e in events if e.kind == "tool_result"]
    assert len(results) == sum(m.role == "tool" for m in one.path())
    marked = one.model_copy(update={"model_name": "secret", "score": 0.25, "scenario": "hidden"})
    assert [e.data for e in events_of(marked)] == [e.data for e in events]
