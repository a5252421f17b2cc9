from __future__ import annotations

from typing import Any

import orjson
import pytest
from drawn_trajectories import dialogues
from hypothesis import given
from trajectory_data import EXAMPLES, again, native, needs_data, read_one, records, written

from callsheet.trajectories.formats import FORMATS, Losses, Refused
from callsheet.trajectories.formats.adp import CODE, FORMAT
from callsheet.trajectories.formats.derived import used_tools
from callsheet.trajectories.trajectory import Trajectory

_ASKED = {"class_": "text_observation", "content": "Tides?", "name": None, "source": "user"}


def _record(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": "t-1", "content": [_ASKED, *items], "details": {}, **fields}


def _api(name: str, description: str | None = None, **kwargs: Any) -> dict[str, Any]:
    return {"class_": "api_action", "function": name, "kwargs": kwargs, "description": description}


def _seen(content: str, source: str = "environment", **fields: Any) -> dict[str, Any]:
    return {"class_": "text_observation", "content": content, "source": source, **fields}


def test_actions_are_calls_and_what_follows_is_their_result() -> None:
    losses = Losses()
    trajectory = read_one(
        FORMAT, _record(_api("tides", "I look.", port="Oban"), _seen("high", "user")), losses
    )
    _, call, result = trajectory.path()
    assert call.thought == "I look." and call.tool_calls is not None
    assert call.tool_calls[0].function.arguments == '{"port":"Oban"}'
    assert (result.role, result.content) == ("tool", "high")
    assert losses.kinds == {"sources of results": 1}
    assert trajectory.tools[0].properties == {"port": {"type": "string"}}


def test_actions_in_a_row_are_parallel_unless_described() -> None:
    trajectory = read_one(FORMAT, _record(
        _api("tides", "both", port="Oban"), _api("winds"), _seen("high"), _seen("calm"),
        _api("tides", "again"), _api("winds", "then"), _seen("low")))  # fmt: skip
    calls = [len(m.tool_calls) for m in trajectory.path() if m.tool_calls]
    assert calls == [2, 1, 1]
    assert [m.tool_call_id for m in trajectory.path() if m.role == "tool"] == [
        "call_0", "call_1", "call_3",
    ]  # fmt: skip


def test_code_is_a_call_and_comes_back_as_code() -> None:
    code = {"class_": "code_action", "language": "c++", "content": "int x;", "description": None}
    trajectory = read_one(FORMAT, _record(code, _seen("ok")))
    assert trajectory.tools[0].name == CODE
    assert written(FORMAT, trajectory)["content"][1].items() >= code.items()


def test_rewards_of_steps_come_back() -> None:
    record = _record({**_api("tides"), "reward": 0.5}, _seen("high"), details={"split": "dev"})
    trajectory = read_one(FORMAT, record)
    assert trajectory.other_information == {"split": "dev", "rewards": {"1": 0.5}}
    assert again(FORMAT, trajectory) == trajectory


def test_pages_are_text_and_their_screenshots_are_told() -> None:
    losses = Losses()
    page = {"class_": "web_observation", "url": "http://x.test", "html": "<p>", "axtree": None,
            "image_observation": {"content": "a.png"}, "viewport_size": None}  # fmt: skip
    trajectory = read_one(FORMAT, _record(_api("open"), page), losses)
    assert orjson.loads(trajectory.path()[-1].content or "") == {
        "url": "http://x.test", "html": "<p>",
    }  # fmt: skip
    assert losses.kinds["screenshots"] == 1


def test_observations_of_json_are_its_text() -> None:
    seen = {"class_": "json_observation", "content": {"tide": 3}, "source": "environment"}
    assert read_one(FORMAT, _record(_api("tides"), seen)).path()[-1].content == '{"tide":3}'


@pytest.mark.parametrize(
    "item",
    [
        {"class_": "image_observation", "content": "a.png", "source": "user"},
        {"class_": "dance"},
        {"class_": "api_action", "function": "tides", "kwargs": "{}"},
        {"class_": "api_action", "function": "", "kwargs": {}},
        {"class_": "message_action", "content": None},
    ],
)
def test_what_it_cannot_hold_is_refused(item: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        read_one(FORMAT, _record(item))


@EXAMPLES
@given(dialogues())
def test_written_and_read_it_is_the_same(trajectory: Trajectory) -> None:
    tools = used_tools(m.model_dump() for m in trajectory.messages)
    whole = native(FORMAT, trajectory, tools=tools)
    losses = Losses()
    assert written(FORMAT, whole, losses)
    assert not losses.kinds
    assert again(FORMAT, whole) == whole


def _thoughts(trajectory: Trajectory) -> list[str]:
    return [m.thought.strip() for m in trajectory.path() if m.thought]


def _inputs(trajectory: Trajectory) -> list[str]:
    """What the agent was given, without the words that ADP takes away."""
    marks = ("Observation:", "The output of the OS:\n")
    given = [m.content or "" for m in trajectory.path() if m.role in ("user", "tool")]
    for mark in marks:
        given = [text.removeprefix(mark) for text in given]
    return [text.strip() for text in given]


@needs_data
@pytest.mark.parametrize("task", ["alfworld", "db", "kg", "mind2web", "os", "webshop"])
def test_published_records_agree_with_the_raw_ones(task: str) -> None:
    raw = [read_one(FORMATS["agentinstruct"], r)
           for r in records(f"agentinstruct_{task}/sample_raw.json")]  # fmt: skip
    standard = [read_one(FORMAT, r)
                for r in records(f"adp_std/agentinstruct_{task}/sample_std.json")]  # fmt: skip
    assert [t.id for t in raw] == [t.id for t in standard]
    for ours, theirs in zip(raw, standard, strict=True):
        # ADP adds a last turn to some, and rewords the instructions at the beginning.
        thoughts = _thoughts(ours)
        assert _thoughts(theirs)[: len(thoughts)] == thoughts
        assert set(_inputs(ours)[1:]) <= set(_inputs(theirs))
        said = [m.content or "" for m in ours.path() if m.role == "assistant"]
        for message in theirs.path():
            for call in message.tool_calls or ():
                values = orjson.loads(call.function.arguments)
                values = [values["code"]] if call.function.name == CODE else values.values()
                assert any(all(str(v).strip("'\"") in text for v in values) for text in said)


@needs_data
def test_published_toucan_and_eto_agree_with_the_raw_ones() -> None:
    raw = read_one(FORMATS["toucan"], records("toucan/sample_raw.json")[0])
    standard = read_one(FORMAT, records("adp_std/toucan/sample_std.json")[0])
    assert [m.role for m in standard.path()] == ["system", *(m.role for m in raw.path())]
    ours, theirs = raw.path()[2], standard.path()[3]
    assert ours.tool_calls is not None and theirs.tool_calls is not None
    assert orjson.loads(ours.tool_calls[0].function.arguments) == orjson.loads(
        theirs.tool_calls[0].function.arguments
    )
    eto = records("eto_webshop_sharegpt/sample_raw.json")
    agreed = records("adp_std/eto_webshop_sharegpt/sample_std.json")
    for record, same in zip(eto, agreed, strict=True):
        turns = [turn["value"] for turn in record["conversations"]]
        path = read_one(FORMAT, same).path()
        assert [m.content for m in path][:-1] == turns[:-1]


@needs_data
def test_published_records_are_written_and_read_the_same() -> None:
    for task in ("alfworld", "db", "kg", "mind2web", "os", "webshop"):
        for record in records(f"adp_std/agentinstruct_{task}/sample_std.json"):
            trajectory = read_one(FORMAT, record)
            assert again(FORMAT, trajectory) == trajectory
