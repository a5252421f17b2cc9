from __future__ import annotations

from typing import Any

import pytest
from drawn_trajectories import SOLID, dialogues
from hypothesis import given
from hypothesis import strategies as st
from trajectory_data import EXAMPLES, again, native, needs_data, read_one, records, written

from callsheet.trajectories.formats import Format, Losses, Refused
from callsheet.trajectories.formats import (
    llamafactory_preferences as sharegpt_pairs,
)
from callsheet.trajectories.formats import (
    llamafactory_v1_preferences as parted_pairs,
)
from callsheet.trajectories.formats import trl_preferences as trl_pairs
from callsheet.trajectories.trajectory import Preference, Trajectory

TRL, SHAREGPT, PARTED = trl_pairs.FORMAT, sharegpt_pairs.FORMAT, parted_pairs.FORMAT
_ASKED = {"role": "user", "content": "Tides?"}
_BETTER, _WORSE = ({"role": "assistant", "content": text} for text in ("High at ten.", "Wet."))


def _sides(trajectory: Trajectory) -> tuple[str | None, str | None]:
    (pair,) = trajectory.preferences
    return trajectory.path(pair.chosen)[-1].content, trajectory.path(pair.rejected)[-1].content


def test_branches_share_the_prompt() -> None:
    record = {"prompt": [_ASKED], "chosen": [_BETTER], "rejected": [_WORSE], "margin": 1.5}
    trajectory = read_one(TRL, record)
    assert [m.parent for m in trajectory.messages] == [None, 0, 0]
    assert _sides(trajectory) == ("High at ten.", "Wet.")
    assert trajectory.preferences[0].margin == 1.5
    assert trajectory.path()[-1].content == "High at ten."
    assert written(TRL, trajectory) == record


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": "Tides?", "chosen": "High at ten.", "rejected": "Wet."},
        {"chosen": [_ASKED, _BETTER], "rejected": [_ASKED, _WORSE]},
        {"prompt": "Tides?", "chosen": [_ASKED, _BETTER], "rejected": [_ASKED, _WORSE]},
        {"prompt": "Tides?", "chosen": [_BETTER], "rejected": [_WORSE]},
    ],
)
def test_every_shape_of_a_pair_is_read(record: dict[str, Any]) -> None:
    trajectory = read_one(TRL, record)
    assert [m.content for m in trajectory.messages] == ["Tides?", "High at ten.", "Wet."]


def test_scores_are_a_margin() -> None:
    record = {"prompt": "Tides?", "chosen": "High.", "rejected": "Wet.",
              "score_chosen": 8.5, "score_rejected": 3}  # fmt: skip
    assert read_one(TRL, record).preferences[0].margin == 5.5


def test_pairs_with_calls_and_tools() -> None:
    function = {"name": "tides", "arguments": {"port": "Oban"}}
    call = {"role": "assistant", "tool_calls": [{"type": "function", "function": function}]}
    schema = {"type": "object", "properties": {}}
    described = {"name": "tides", "description": "", "parameters": schema}
    tool = {"type": "function", "function": described}
    record = {"prompt": [_ASKED], "chosen": [call], "rejected": [_WORSE], "tools": [tool]}
    trajectory = read_one(TRL, record)
    assert trajectory.tools[0].name == "tides"
    assert trajectory.path()[-1].tool_calls is not None
    assert again(TRL, trajectory) == trajectory


@pytest.mark.parametrize(
    ("format", "record"),
    [
        (TRL, {"chosen": "\n\nHuman: Tides?", "rejected": "\n\nHuman: Tides? Wet."}),
        (TRL, {"prompt": [_ASKED], "chosen": [_BETTER], "rejected": [_BETTER]}),
        (TRL, {"chosen": [_ASKED], "rejected": [_ASKED, _WORSE]}),
        (SHAREGPT, {"conversations": [], "chosen": {}, "rejected": {}}),
    ],
)
def test_what_is_no_pair_is_refused(format: Format, record: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        read_one(format, record)


def test_alpaca_pairs_are_read() -> None:
    record = {"instruction": "Answer.", "input": "Tides?", "history": [["Hi", "Hello"]],
              "chosen": "High.", "rejected": "Wet."}  # fmt: skip
    trajectory = read_one(SHAREGPT, record)
    assert [m.content for m in trajectory.path()] == ["Hi", "Hello", "Answer.\nTides?", "High."]


def test_sharegpt_pairs_go_on_with_one_turn() -> None:
    record = {"conversations": [{"from": "human", "value": "Tides?"}],
              "chosen": {"from": "gpt", "value": "High."},
              "rejected": {"from": "gpt", "value": "Wet."}}  # fmt: skip
    trajectory = read_one(SHAREGPT, record)
    assert written(SHAREGPT, trajectory).items() >= record.items()
    longer = read_one(TRL, {"prompt": [_ASKED], "chosen": [_BETTER, _ASKED, _BETTER],
                            "rejected": [_WORSE]})  # fmt: skip
    with pytest.raises(Refused, match="one turn"):
        written(SHAREGPT, longer)


def test_without_a_preference_there_is_no_pair() -> None:
    trajectory = read_one(TRL, {"prompt": "Tides?", "chosen": "High.", "rejected": "Wet."})
    for format in (TRL, SHAREGPT, PARTED):
        with pytest.raises(Refused, match="prefers no branch"):
            written(format, trajectory.model_copy(update={"preferences": []}))


def test_of_several_pairs_the_first_is_written_and_the_rest_told() -> None:
    trajectory = read_one(TRL, {"prompt": "Tides?", "chosen": "High.", "rejected": "Wet."})
    pair = trajectory.preferences[0]
    swapped = Preference(chosen=pair.rejected, rejected=pair.chosen)
    losses = Losses()
    written(TRL, trajectory.model_copy(update={"preferences": [pair, swapped]}), losses)
    assert losses.kinds == {"further pairs of the same trajectory": 1}


@EXAMPLES
@given(
    dialogues(), SOLID, SOLID, st.sampled_from([TRL, SHAREGPT, PARTED]),
    st.none() | st.floats(0, 9),
)  # fmt: skip
def test_written_and_read_it_is_the_same(
    trajectory: Trajectory, better: str, worse: str, format: Format, margin: float | None
) -> None:
    if better == worse:
        worse = f"{worse}!"
    last = trajectory.messages[-1]
    next_turn = {"id": last.id + 1, "parent": last.id, "role": "user", "content": "And?",
                 "thought": None}  # fmt: skip
    asked = [*trajectory.messages, last.model_copy(update=next_turn)]
    leaves = [
        last.model_copy(update={"id": last.id + place, "parent": last.id + 1, "content": text})
        for place, text in ((2, better), (3, worse))
    ]
    margin = margin if format is TRL else None
    pair = Preference(chosen=last.id + 2, rejected=last.id + 3, by="label", margin=margin)
    forked = trajectory.model_copy(update={"messages": [*asked, *leaves]})
    id = trajectory.id if format is SHAREGPT else ""
    whole = native(format, forked, main=pair.chosen, preferences=[pair], id=id)
    losses = Losses()
    assert written(format, whole, losses)
    assert not losses.kinds
    assert again(format, whole) == whole


@needs_data
def test_published_pairs_are_read_and_written() -> None:
    pairs = [(SHAREGPT, r) for r in records("dpo_sharegpt/dpo_en_demo.json")]
    pairs += [(PARTED, r) for r in records("llamafactory_v1_dpo/v1_dpo_demo.jsonl")]
    assert len(pairs) == 309
    for format, record in pairs:
        trajectory = read_one(format, record)
        assert len(trajectory.preferences) == 1 and len(trajectory.leaves()) == 2
        assert again(format, trajectory) == trajectory
        for other in (TRL, SHAREGPT, PARTED):
            assert _sides(again(other, trajectory)) == _sides(trajectory)
    parted = records("llamafactory_v1_dpo/v1_dpo_demo.jsonl")
    assert [written(PARTED, read_one(PARTED, record)) for record in parted] == parted
