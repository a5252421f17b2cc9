from __future__ import annotations

import pytest
from drawn_trajectories import dialogues
from hypothesis import given
from hypothesis import strategies as st
from trajectory_data import EXAMPLES, again, native, read_one, written

from callsheet.trajectories.formats import Losses, Refused
from callsheet.trajectories.formats.unified import FORMAT, writer
from callsheet.trajectories.steps import StepRecord, steps
from callsheet.trajectories.trajectory import Trajectory, line_of

_STEPS = [
    {"input": "Ferry?", "output": "ferries[Oban]", "next observation": "10:00", "step_id": 0},
    {"input": "Ferry?\nAction: ferries[Oban]\nObservation: 10:00", "output": "At ten.",
     "next observation": "", "step_id": 1},
]  # fmt: skip
_RECORD = {
    "user query": "Ferry?", "model name": "m-1", "score": 0.5, "other information": {"lot": 3},
    "steps": _STEPS,
}  # fmt: skip


def test_words_and_observations_become_messages() -> None:
    losses = Losses()
    trajectory = read_one(FORMAT, _RECORD, losses)
    assert [(m.role, m.content) for m in trajectory.path()] == [
        ("user", "Ferry?"), ("assistant", "ferries[Oban]"), ("user", "10:00"),
        ("assistant", "At ten."),
    ]  # fmt: skip
    assert (trajectory.user_query, trajectory.model_name) == ("Ferry?", "m-1")
    assert (trajectory.score, trajectory.other_information) == (0.5, {"lot": 3})
    assert not losses.kinds


def test_its_steps_are_written_as_they_were_read() -> None:
    record = written(FORMAT, read_one(FORMAT, _RECORD))
    assert record["steps"] == _STEPS
    assert record["user query"] == "Ferry?"


def test_keys_may_have_underscores_and_outputs_may_call() -> None:
    output = '{"thought":"look","tool_calls":[{"name":"ferries","arguments":{"to":"Oban"}}]}'
    step = {"input": "Ferry?", "output": output, "next_observation": "10:00", "step_id": 0}
    _, asked, seen = read_one(FORMAT, {"user_query": "Ferry?", "steps": [step]}).path()
    assert asked.thought == "look" and asked.tool_calls is not None
    assert asked.tool_calls[0].function.arguments == '{"to":"Oban"}'
    assert (seen.role, seen.content, seen.tool_call_id) == ("tool", "10:00", "call_0")


def test_a_score_of_another_scale_is_no_score() -> None:
    trajectory = read_one(FORMAT, {**_RECORD, "score": 4})
    assert trajectory.score is None
    assert trajectory.other_information["score"] == 4


def test_inputs_compiled_in_another_way_are_told() -> None:
    def last_only(first: str, earlier: object) -> str:
        return f"{first} ({len(list(earlier))} before)"  # type: ignore[call-overload]

    record = writer(last_only)(read_one(FORMAT, _RECORD), Losses())
    assert [step["input"] for step in record["steps"]] == ["Ferry? (0 before)", "Ferry? (1 before)"]
    losses = Losses()
    read_one(FORMAT, record, losses)
    assert losses.kinds == {"inputs compiled in another way": 1}


def test_the_input_of_a_step_holds_every_earlier_one() -> None:
    trajectory = read_one(FORMAT, _RECORD)
    assert steps(trajectory)[1] == StepRecord(
        step_id=1, input="Ferry?\nAction: ferries[Oban]\nObservation: 10:00", output="At ten.",
        next_observation="",
    )  # fmt: skip


@pytest.mark.parametrize(
    "record",
    [
        {**_RECORD, "steps": [{**_STEPS[0], "output": 3}]},
        {**_RECORD, "other information": {"callsheet": {"form": "x"}}},
        {**_RECORD, "other information": {"callsheet": {"tools": [{"name": "no name"}]}}},
    ],
)
def test_what_cannot_be_held_is_refused(record: object) -> None:
    with pytest.raises(Refused):
        read_one(FORMAT, record)


def test_a_task_alone_has_no_steps() -> None:
    task = Trajectory(
        id="t", scenario="unified", environment="e",
        messages=line_of([{"role": "user", "content": "Ferry?"}]),
    )  # fmt: skip
    with pytest.raises(Refused, match="no steps"):
        written(FORMAT, task)


@EXAMPLES
@given(dialogues())
def test_written_and_read_it_is_the_same(trajectory: Trajectory) -> None:
    whole = native(FORMAT, trajectory, score=0.25, rater_score=4.0)
    losses = Losses()
    assert written(FORMAT, whole, losses)
    assert not losses.kinds
    assert again(FORMAT, whole) == whole


@EXAMPLES
@given(st.sampled_from(['{"tool_calls": []}', '[{"role": "tool", "content": "x"}]', "{", "[]"]))
def test_words_that_look_like_structure_stay_words(tricky: str) -> None:
    said = [("user", tricky), ("assistant", tricky), ("user", tricky), ("assistant", tricky)]
    trajectory = Trajectory(
        id="t", scenario="unified", environment="unified", user_query=tricky,
        messages=line_of([{"role": role, "content": text} for role, text in said]),
    )  # fmt: skip
    assert again(FORMAT, trajectory) == trajectory
