from __future__ import annotations

import json
from typing import Any

import pytest
from trajectory_data import needs_data, read_one, records

from callsheet.trajectories.formats import Refused
from callsheet.trajectories.formats.toucan import FORMAT

_TOOL = {"type": "function", "function": {
    "name": "harbour-tides", "description": "Tides.",
    "parameters": {"type": "object", "properties": {"port": {"type": "string"}}}}}  # fmt: skip
_DECLARED = f"<|im_system|>tool_declare<|im_middle|>{json.dumps([_TOOL])}<|im_end|>"


def _call(port: str) -> dict[str, Any]:
    call = {"name": "harbour-tides", "arguments": json.dumps({"port": port})}
    return {"role": "assistant", "content": "", "function_call": call}


def _record(messages: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    return {"uuid": "u-1", "subset_name": "single", "question": "Tides?",
            "messages": json.dumps(messages), **fields}  # fmt: skip


_ASKED = {"role": "user", "content": "Tides?"}


def test_columns_of_json_text_are_read() -> None:
    record = _record(
        [{"role": "system", "content": _DECLARED}, _ASKED, _call("Oban"), _call("Ayr"),
         {"role": "function", "name": "harbour-tides", "content": "high"},
         {"role": "function", "name": "harbour-tides", "content": "low"},
         {"role": "assistant", "content": "High, and low."}],
        available_tools=json.dumps([_TOOL]), target_tools='["harbour-tides"]',
    )  # fmt: skip
    trajectory = read_one(FORMAT, record)
    path = trajectory.path()
    assert [m.role for m in path] == ["user", "assistant", "tool", "tool", "assistant"]
    assert path[1].tool_calls is not None and len(path[1].tool_calls) == 2
    assert [m.tool_call_id for m in path[2:4]] == ["call_0", "call_1"]
    assert (trajectory.id, trajectory.user_query) == ("u-1", "Tides?")
    assert trajectory.other_information["target_tools"] == '["harbour-tides"]'


def test_a_question_of_several_turns_is_kept_beside_them() -> None:
    trajectory = read_one(FORMAT, {**_record([_ASKED]), "question": '["Tides?", "Winds?"]'})
    assert trajectory.user_query == "Tides?"
    assert trajectory.other_information["question"] == '["Tides?", "Winds?"]'


def test_the_newer_roles_are_read() -> None:
    call = json.dumps({"name": "harbour-tides", "arguments": {"port": "Oban"}})
    record = _record([_ASKED, {"role": "tool_call", "content": call},
                      {"role": "tool_response", "content": "high"},
                      {"role": "assistant", "content": "High."}],
                     tools=json.dumps([_TOOL]))  # fmt: skip
    path = read_one(FORMAT, record).path()
    assert path[1].tool_calls is not None
    assert path[1].tool_calls[0].function.arguments == '{"port":"Oban"}'
    assert path[2].tool_call_id == "call_0"


def test_tools_may_stand_in_the_system_message_alone() -> None:
    record = _record([{"role": "system", "content": _DECLARED}, _ASKED])
    trajectory = read_one(FORMAT, record)
    assert [tool.name for tool in trajectory.tools] == ["harbour-tides"]
    assert [m.role for m in trajectory.path()] == ["user"]


@pytest.mark.parametrize("messages", ["[", "3", '[{"role": "crowd", "content": "x"}]', "[3]"])
def test_what_is_no_conversation_is_refused(messages: str) -> None:
    with pytest.raises(Refused):
        read_one(FORMAT, {**_record([]), "messages": messages})


@needs_data
def test_the_published_record_is_read() -> None:
    trajectory = read_one(FORMAT, records("toucan/sample_raw.json")[0])
    assert [m.role for m in trajectory.path()] == [
        "user", "assistant", "assistant", "tool", "assistant",
    ]  # fmt: skip
    assert len(trajectory.tools) == 1
    assert trajectory.other_information["subset_name"] == "single-turn-original"
