from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trajectory_data import EXAMPLES, again, needs_data, read_one, records, written

from callsheet.trajectories.formats import Losses, Refused
from callsheet.trajectories.formats import eto as eto_module
from callsheet.trajectories.formats.agentinstruct import FORMAT
from callsheet.trajectories.formats.spoken_thoughts import join, label_in, split

ETO = eto_module.FORMAT
TASKS = ("alfworld", "db", "kg", "mind2web", "os", "webshop")


def _record(*said: str, id: str = "alfworld_9") -> dict[str, object]:
    roles = ("user", "assistant")
    turns = [{"role": roles[place % 2], "content": text} for place, text in enumerate(said)]
    return {"id": id, "conversations": turns}


_THINKS = "THOUGHT: The mug may be on the desk.\n ACTION: go to desk 1"


def test_thoughts_are_taken_from_actions() -> None:
    trajectory = read_one(FORMAT, _record("Find the mug.", _THINKS, "A mug.", "ACTION: take mug 1"))
    _, first, _, second = trajectory.path()
    assert (first.thought, first.content) == ("The mug may be on the desk.",
                                              "\n ACTION: go to desk 1")  # fmt: skip
    assert (second.thought, second.content) == (None, "ACTION: take mug 1")
    assert (trajectory.environment, trajectory.scenario) == ("alfworld", "agentinstruct")


def test_it_is_written_to_the_letter() -> None:
    record = _record("Find the mug.", _THINKS, "A mug.", "THOUGHT:  Two spaces.\nACTION: take it")
    losses = Losses()
    assert written(FORMAT, read_one(FORMAT, record), losses) == record
    assert not losses.kinds


def test_flags_of_loss_are_weights() -> None:
    record = {"id": "x", "conversations": [
        {"from": "human", "value": "Go.", "loss": None},
        {"from": "gpt", "value": "Ok.", "loss": False},
        {"from": "human", "value": "Now.", "loss": None},
        {"from": "gpt", "value": "Think: now\n\nAct: finish", "loss": True}]}  # fmt: skip
    trajectory = read_one(FORMAT, record)
    assert [m.weight for m in trajectory.path()] == [None, 0, None, 1]
    assert written(FORMAT, trajectory) == record


def test_eto_has_a_reward() -> None:
    record = {"id": "webshop_3", "conversations": [
        {"from": "human", "value": "Buy a kite."},
        {"from": "gpt", "value": "Thought: search\nAction: search[kite]"}],
        "reward": 0.75, "source": "own"}  # fmt: skip
    trajectory = read_one(ETO, record)
    assert (trajectory.score, trajectory.environment) == (0.75, "webshop")
    assert trajectory.path()[1].thought == "search"
    assert written(ETO, trajectory) == record


def test_a_reward_of_another_scale_is_no_score() -> None:
    record = {**_record("Go.", "Ok."), "reward": 83}
    record["conversations"] = [{"from": "human", "value": "Go."}, {"from": "gpt", "value": "Ok."}]
    trajectory = read_one(ETO, record)
    assert trajectory.score is None and trajectory.other_information["reward"] == 83


@pytest.mark.parametrize("turn", [{"role": "judge", "content": "x"}, {"role": "user"}, 3])
def test_unknown_turns_are_refused(turn: object) -> None:
    record = {"id": "os_1", "conversations": [{"role": "user", "content": "x"}, turn]}
    assert FORMAT.recognize(record) is None
    with pytest.raises(Refused):
        list(FORMAT.read(record, Losses()))


_texts = st.lists(
    st.sampled_from(["Thought: ", "THOUGHT:\n", "Think: a", "\n", " ", "\nAction: b", "Act: c",
                     "\n\n  Final Answer: d", "word", "\tAnswer: e"]),
    min_size=1, max_size=6,
).map("".join)  # fmt: skip


@EXAMPLES
@given(_texts)
def test_what_was_split_joins_to_the_letter(text: str) -> None:
    label = label_in(text)
    thought, rest = split(text, label)
    assert join(thought, rest, label) == text
    assert (thought is None) == (label is None)


@EXAMPLES
@given(st.lists(_texts, min_size=1, max_size=4))
def test_any_conversation_is_written_as_it_was(said: list[str]) -> None:
    record = _record(*[part for text in said for part in ("Next.", text)])
    trajectory = read_one(FORMAT, record)
    assert written(FORMAT, trajectory) == record
    assert again(FORMAT, trajectory) == trajectory


@needs_data
@pytest.mark.parametrize("task", TASKS)
def test_published_conversations_come_back_to_the_letter(task: str) -> None:
    published = records(f"agentinstruct_{task}/sample_raw.json")
    trajectories = [read_one(FORMAT, record) for record in published]
    assert len(trajectories) == 5
    assert {t.environment for t in trajectories} == {task}
    assert any(m.thought for t in trajectories for m in t.messages)
    assert [written(FORMAT, t) for t in trajectories] == published


@needs_data
def test_published_eto_comes_back_to_the_letter() -> None:
    published = records("eto_webshop_sharegpt/sample_raw.json")
    trajectories = [read_one(ETO, record) for record in published]
    assert [t.score for t in trajectories] == [1.0, 0.75, 1.0]
    assert [written(ETO, t) for t in trajectories] == published
