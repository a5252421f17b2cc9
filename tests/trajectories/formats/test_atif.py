from __future__ import annotations

from typing import Any

import pytest
from drawn_trajectories import dialogues
from hypothesis import given
from trajectory_data import EXAMPLES, again, native, needs_data, read_one, records, written

from callsheet.trajectories.formats import Losses, Refused
from callsheet.trajectories.formats.atif import FORMAT
from callsheet.trajectories.trajectory import Trajectory


def _call(id: str, name: str, **arguments: Any) -> dict[str, Any]:
    return {"tool_call_id": id, "function_name": name, "arguments": arguments}


def _record(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    numbered = [{"step_id": place, **step} for place, step in enumerate(steps, 1)]
    return {
        "schema_version": "ATIF-v1.6", "session_id": "s-1",
        "agent": {"name": "mule", "version": "2", "model_name": "m-1"}, "steps": numbered, **fields,
    }  # fmt: skip


_ASKED = {"source": "user", "message": "Tides?"}


def test_results_find_their_calls() -> None:
    record = _record(
        _ASKED,
        {"source": "agent", "message": "Looking.", "reasoning_content": "Both.",
         "tool_calls": [_call("a", "tides", port="Oban"), _call("b", "winds")],
         "observation": {"results": [{"source_call_id": "b", "content": "calm"},
                                     {"source_call_id": "a", "content": "high"}]}},
        {"source": "agent", "message": [{"type": "text", "text": "High."},
                                        {"type": "text", "text": "Calm."}]},
        final_metrics={"total_prompt_tokens": 7, "total_completion_tokens": 3, "total_cost_usd": 1},
    )  # fmt: skip
    trajectory = read_one(FORMAT, record)
    path = trajectory.path()
    assert (path[1].content, path[1].thought) == ("Looking.", "Both.")
    assert [(m.tool_call_id, m.content) for m in path[2:4]] == [("b", "calm"), ("a", "high")]
    assert path[4].content == "High.\nCalm."
    assert (trajectory.id, trajectory.model_name) == ("s-1", "m-1")
    assert trajectory.usage.prompt_tokens == 7
    assert trajectory.other_information["agent"] == {"name": "mule", "version": "2"}
    assert again(FORMAT, trajectory) == trajectory


def test_ids_that_come_again_are_made_unique() -> None:
    losses = Losses()
    step = {"source": "agent", "message": "", "tool_calls": [_call("c", "tides")],
            "observation": {"results": [{"source_call_id": "c", "content": "high"}]}}  # fmt: skip
    path = read_one(FORMAT, _record(_ASKED, step, step), losses).path()
    assert [m.tool_call_id for m in path if m.role == "tool"] == ["c", "c_2"]
    assert losses.kinds == {"call ids that come again": 1}


def test_copied_context_is_shown_and_not_learnt() -> None:
    copied = {"source": "agent", "message": "Before.", "is_copied_context": True}
    assert read_one(FORMAT, _record(_ASKED, copied)).path()[1].weight == 0


@pytest.mark.parametrize(
    "step",
    [
        {"source": "agent", "message": [{"type": "image", "source": {"path": "a.png"}}]},
        {"source": "wizard", "message": "x"},
        {"source": "agent", "tool_calls": 3},
        {"source": "agent", "tool_calls": [{"arguments": {}}]},
        {"source": "agent", "message": "", "tool_calls": [_call("a", "tides")],
         "observation": {"results": [{"source_call_id": "z", "content": "x"}]}},
    ],
)  # fmt: skip
def test_what_it_cannot_hold_is_refused(step: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        read_one(FORMAT, _record(_ASKED, step))


@EXAMPLES
@given(dialogues())
def test_written_and_read_it_is_the_same(trajectory: Trajectory) -> None:
    whole = native(FORMAT, trajectory, model_name="m-1")
    losses = Losses()
    record = written(FORMAT, whole, losses)
    assert [step["step_id"] for step in record["steps"]] == list(range(1, len(record["steps"]) + 1))
    assert not losses.kinds
    assert again(FORMAT, whole) == whole


@needs_data
def test_the_published_record_is_read() -> None:
    losses = Losses()
    trajectory = read_one(FORMAT, records("atif/webshop_1_trimmed.json")[0], losses)
    assert [m.role for m in trajectory.path()] == ["user", "assistant", "tool", "assistant"]
    assert [tool.name for tool in trajectory.tools] == ["search", "click"]
    assert losses.kinds == {"call ids that come again": 1}
    assert again(FORMAT, trajectory) == trajectory
