from __future__ import annotations

from typing import Any

import pytest
from trajectory_data import needs_data, read_one, records

from callsheet.trajectories.formats import Losses, Refused
from callsheet.trajectories.formats.seal_tools import FORMAT


def _call(api: str, result: int, **parameters: Any) -> dict[str, Any]:
    return {"api": api, "parameters": parameters, "responses": [f"API_call_{result}"]}


def test_a_call_that_needs_another_is_made_after_it() -> None:
    losses = Losses()
    trajectory = read_one(FORMAT, {"id": "d-1", "query": "Plan.", "calling": [
        _call("tides", 0, port="Oban"), _call("winds", 1, port="Oban"),
        _call("plan", 2, given=["API_call_0"])]}, losses)  # fmt: skip
    path = trajectory.path()
    assert [len(m.tool_calls) for m in path if m.tool_calls] == [2, 1]
    assert [m.role for m in path] == ["user", "assistant", "tool", "tool", "assistant", "tool"]
    assert path[2].content == '["API_call_0"]'
    assert [tool.name for tool in trajectory.tools] == ["tides", "winds", "plan"]
    assert trajectory.id == "d-1" and sum(losses.kinds.values()) == 3


def test_its_tools_are_no_trajectories() -> None:
    tool = {"api_name": "tides", "field": "Sea", "parameters": {}, "responses": {}}
    assert FORMAT.recognize(tool) is None


@pytest.mark.parametrize("call", [{"api": "x"}, {"api": 3, "responses": []}, 3])
def test_what_is_no_call_is_refused(call: object) -> None:
    with pytest.raises(Refused):
        read_one(FORMAT, {"query": "Plan.", "calling": [call]})


@needs_data
@pytest.mark.parametrize("file", ["dev", "test_in_domain"])
def test_published_queries_are_read(file: str) -> None:
    trajectories = [read_one(FORMAT, record) for record in records(f"seal_tools/{file}.jsonl")]
    assert len(trajectories) == 200
    assert all(t.messages[1].tool_calls and t.outcome.status == "completed" for t in trajectories)
