"""Every format that can be written is read again as what was written."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from drawn_trajectories import SOLID, dialogues
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from callsheet.trajectories.formats import FORMATS, Format, Losses, Refused
from callsheet.trajectories.trajectory import Preference, Trajectory

PAIRS = [name for name, form in FORMATS.items() if form.write and "preferences" in name]
WRITTEN = [name for name, form in FORMATS.items() if form.write and name not in PAIRS]
HOLD_THOUGHTS = ["callsheet", "sharegpt", "hermes", "llamafactory-v1", "trl"]
HOLD_DIALOGUES = [*HOLD_THOUGHTS, "openai", "xlam-unified"]
EXAMPLES = settings(
    max_examples=40, deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)  # fmt: skip


def _written(form: Format, trajectory: Trajectory) -> Any:
    assert form.write is not None
    return orjson.loads(orjson.dumps(form.write(trajectory, Losses())))


def _read(form: Format, record: Any) -> Trajectory:
    (trajectory,) = form.read(record, Losses())
    return trajectory


@pytest.mark.parametrize("name", WRITTEN)
@EXAMPLES
@given(trajectory=dialogues())
def test_what_is_written_is_read_as_itself(name: str, trajectory: Trajectory) -> None:
    form = FORMATS[name]
    try:
        first = _read(form, _written(form, trajectory))
    except Refused:
        assume(False)
    record = _written(form, first)
    assert _read(form, record) == first


@pytest.mark.parametrize("name", HOLD_DIALOGUES)
@EXAMPLES
@given(trajectory=dialogues())
def test_dialogues_are_held_whole(name: str, trajectory: Trajectory) -> None:
    """Messages, calls, results and tools; thoughts where the format has a place for them."""
    form = FORMATS[name]
    losses = Losses()
    assert form.write is not None
    try:
        record = form.write(trajectory, losses)
    except Refused:
        assume(False)
    back = _read(form, orjson.loads(orjson.dumps(record)))
    without = {"thought"} if name not in HOLD_THOUGHTS else set()
    kept = [m.model_dump(exclude=without) for m in back.messages]
    for message in kept:
        message["content"] = message["content"] or None
    assert kept == [m.model_dump(exclude=without) for m in trajectory.messages]
    assert back.tools == trajectory.tools
    assert back.user_query == trajectory.user_query
    if without:
        thoughts = sum(bool(m.thought) for m in trajectory.messages)
        assert losses.kinds["thoughts"] == thoughts


@pytest.mark.parametrize("name", HOLD_DIALOGUES)
@EXAMPLES
@given(trajectory=dialogues())
def test_what_is_written_is_recognized_by_its_own_format_alone(
    name: str, trajectory: Trajectory
) -> None:
    form = FORMATS[name]
    try:
        record = _written(form, trajectory)
    except Refused:
        assume(False)
    claimed = [other for other, one in FORMATS.items() if one.recognize(record)]
    assert len(claimed) == 1
    if trajectory.tools and any(m.tool_calls for m in trajectory.messages):
        assert claimed == [name]


@pytest.mark.parametrize("name", PAIRS)
@EXAMPLES
@given(trajectory=dialogues(), worse=SOLID)
def test_pairs_are_held(name: str, trajectory: Trajectory, worse: str) -> None:
    last = trajectory.messages[-1]
    other = last.model_copy(update={"id": last.id + 1, "content": worse})
    pair = Preference(chosen=last.id, rejected=other.id)
    forked = trajectory.model_copy(
        update={
            "messages": [*trajectory.messages, other],
            "main": last.id,
            "preferences": [pair],
        }
    )
    form = FORMATS[name]
    try:
        first = _read(form, _written(form, forked))
    except Refused:
        assume(False)
    assert len(first.preferences) == 1
    assert _read(form, _written(form, first)) == first


@EXAMPLES
@given(trajectory=dialogues(), seed=st.integers(0, 5))
def test_results_are_told_apart_by_order_where_there_are_no_ids(
    trajectory: Trajectory, seed: int
) -> None:
    """Results of parallel calls that came in another order are written in the calls' order."""
    assume(any(len(m.tool_calls or ()) > 1 for m in trajectory.messages))
    turned = trajectory.model_copy(update={"messages": _turned(trajectory)})
    form = FORMATS["trl"]
    first = _read(form, _written(form, trajectory))
    assert _read(form, _written(form, turned)) == first


def _turned(trajectory: Trajectory) -> list[Any]:
    """The messages with the results of each group of calls in reverse."""
    groups: list[list[Any]] = []
    for message in trajectory.messages:
        if message.role == "tool" and groups and groups[-1][0].role == "tool":
            groups[-1].insert(0, message)
        else:
            groups.append([message])
    flat = [message for group in groups for message in group]
    return [
        message.model_copy(update={"id": i, "parent": i - 1 if i else None})
        for i, message in enumerate(flat)
    ]
