"""The chat-shaped formats, each on records of its shape in words of our own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from callsheet.trajectories.formats import FORMATS, Losses, Refused
from callsheet.trajectories.formats.detect import find
from callsheet.trajectories.trajectory import Trajectory

LAMP = {
    "name": "switch_lamp",
    "description": "Switch a lamp.",
    "parameters": {
        "type": "object",
        "properties": {"room": {"type": "string"}, "on": {"type": "boolean"}},
        "required": ["room"],
    },
}
TOOL = {"type": "function", "function": LAMP}
ARGUMENTS = {"room": "attic", "on": True}
CALL = {"name": "switch_lamp", "arguments": ARGUMENTS}
ASKED = {"role": "user", "content": "Light in the attic, please."}
DONE = {"role": "assistant", "content": "It is on."}


def _openai_call(arguments: Any, id: str | None = "c9") -> dict[str, Any]:
    call = {"type": "function", "function": {"name": "switch_lamp", "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call | ({"id": id} if id else {})]}


OPENAI = {
    "messages": [
        ASKED, _openai_call('{"room": "attic", "on":true}'),
        {"role": "tool", "tool_call_id": "c9", "content": "ok"},
        {**DONE, "weight": 0},
    ],
    "tools": [TOOL],
    "parallel_tool_calls": False,
}  # fmt: skip
LEGACY = {
    "messages": [
        ASKED,
        {"role": "assistant", "content": None, "function_call": {**CALL, "arguments": "{}"}},
        {"role": "function", "name": "switch_lamp", "content": "ok"},
        DONE,
    ],
    "functions": [LAMP],
}
TRL = {
    "messages": [
        ASKED, _openai_call(ARGUMENTS, None),
        {"role": "tool", "name": "switch_lamp", "content": "ok"}, DONE,
    ],
    "tools": [TOOL],
}  # fmt: skip
PROMPT = {"prompt": [ASKED, DONE, ASKED], "completion": [DONE], "tools": json.dumps([TOOL])}
SHAREGPT = {
    "conversations": [
        {"from": "human", "value": ASKED["content"]},
        {"from": "function_call", "value": json.dumps([CALL, CALL])},
        {"from": "observation", "value": '["ok", {"on": true}]'},
        {"from": "gpt", "value": "<think>\nBoth went well.\n</think>\n\nIt is on."},
    ],
    "tools": json.dumps([LAMP]),
    "system": "Be brief.",
}
HERMES = {
    "conversations": [
        {"from": "system", "value": "You are a function calling AI model. You are provided with "
         f"function signatures within <tools></tools> XML tags. <tools> {json.dumps([TOOL])} "
         "</tools> For each call return <tool_call>\n{...}\n</tool_call>"},
        {"from": "human", "value": ASKED["content"]},
        {"from": "gpt", "value": "<scratch_pad>It is dark.</scratch_pad>\nAt once."
         f"\n<tool_call>\n{CALL!r}\n</tool_call>\n<tool_call>\n{json.dumps(CALL)}\n</tool_call>"},
        {"from": "tool", "value": '<tool_response>\n{"name": "switch_lamp", "content": {"on": 1}}'
         "\n</tool_response>\n<tool_response>\nfine\n</tool_response>"},
        {"from": "gpt", "value": "It is on."},
    ],
    "id": "h1", "category": "home",
}  # fmt: skip
HERMES_FLAT = {
    "system": f"Help.\n<tools>{json.dumps([LAMP])}</tools>",
    "user": "Light.",
    "assistant": f"<tool_call>{json.dumps(CALL)}</tool_call>",
}
LLAMAFACTORY = {
    "messages": [
        {"role": "user", "content": [{"type": "text", "value": "Light."}]},
        {"role": "assistant", "loss_weight": 0.0, "content": [
            {"type": "reasoning", "value": "It is dark."},
            {"type": "tool_call", "value": json.dumps(CALL)}]},
        {"role": "tool", "content": [{"type": "text", "value": "ok"}]},
        {"role": "assistant", "content": [{"type": "text", "value": "Done."}]},
    ],
    "tools": json.dumps([{"type": "function", "function": {
        "name": "switch_lamp", "description": "Switch a lamp.", "required": ["room"],
        "parameters": {"type": "dict", "properties": {"room": {"type": "str"}}}}}]),
}  # fmt: skip
XLAM = {
    "id": 7,
    "query": "Light in attic and hall.",
    "answers": json.dumps([CALL, CALL]),
    "tools": json.dumps([{"name": "switch lamp!", "description": "Switch.", "parameters": {
        "room": {"type": "str", "description": "Where."},
        "on": {"type": "bool, optional", "description": "Whether."},
        "tint": {"type": "str", "description": "Colour.", "default": "warm"}}}]),
}  # fmt: skip
XLAM_UNIFIED = {
    "unique_trajectory_id": "u1",
    "task_instruction": "Mind the cat.",
    "conversation": [ASKED, {**_openai_call(ARGUMENTS), "content": "The attic."},
                     {"role": "tool", "tool_call_id": "c9", "name": "switch_lamp",
                      "content": {"on": True}}, DONE],
    "tools": [TOOL],
    "critic": {"score": "4", "explanation": "Well done."},
}  # fmt: skip

GLAIVE = {
    "system": "SYSTEM: You are a helpful assistant with access to these. Use them if required -\n"
    f"{json.dumps(LAMP, indent=4)}\n\n{json.dumps({**LAMP, 'name': 'switch_fan'})}\n",
    "chat": "USER: Light, please.\n\n\nASSISTANT: <functioncall> "
    '{"name": "switch_lamp", "arguments": \'{"room": "the cat\\\'s attic"}\'} <|endoftext|>'
    '\n\n\nFUNCTION RESPONSE: {"on": true}\n\n\nASSISTANT: It is on. <|endoftext|>\n\n\n',
}

SHAPES = {
    "openai": [OPENAI, LEGACY, {"messages": [ASKED, DONE]}],
    "trl": [TRL, PROMPT],
    "glaive": [GLAIVE],
    "sharegpt": [SHAREGPT],
    "hermes": [HERMES, HERMES_FLAT],
    "llamafactory-v1": [LLAMAFACTORY],
    "xlam": [XLAM, {**XLAM, "answers": [CALL], "tools": [LAMP]}],
    "xlam-unified": [XLAM_UNIFIED],
}
RECORDS = [(name, record) for name, records in SHAPES.items() for record in records]


def read(name: str, record: Any) -> tuple[Trajectory, dict[str, int]]:
    losses = Losses()
    (trajectory,) = FORMATS[name].read(record, losses)
    return trajectory, dict(losses.kinds)


@pytest.mark.parametrize(("name", "record"), RECORDS)
def test_each_shape_is_claimed_by_its_format_alone(name: str, record: Any) -> None:
    assert [other for other, one in FORMATS.items() if one.recognize(record)] == [name]
    found = find(record)
    assert found is not None and found.why


@pytest.mark.parametrize(("name", "record"), RECORDS)
def test_each_shape_is_read_and_written_again(name: str, record: Any) -> None:
    form = FORMATS[name]
    trajectory, _ = read(name, record)
    if form.write is None:
        return
    back, _ = read(name, json.loads(json.dumps(form.write(trajectory, Losses()))))
    if name != "trl":
        assert back.messages == trajectory.messages
    assert back.tools == trajectory.tools


def test_arguments_stay_the_text_that_they_were() -> None:
    trajectory, losses = read("openai", OPENAI)
    calls = trajectory.messages[1].tool_calls
    assert calls is not None
    assert (calls[0].id, calls[0].function.arguments) == ("c9", '{"room": "attic", "on":true}')
    assert trajectory.messages[3].weight == 0
    assert trajectory.other_information == {"parallel_tool_calls": False}
    assert trajectory.tools[0].openai == TOOL
    assert losses == {}


def test_calls_without_ids_are_numbered_and_results_find_them() -> None:
    for name, record in (("openai", LEGACY), ("trl", TRL)):
        trajectory, _ = read(name, record)
        calls = trajectory.messages[1].tool_calls
        assert calls is not None and calls[0].id == "call_0"
        assert trajectory.messages[2].tool_call_id == "call_0"


def test_of_a_prompt_and_its_completion_only_the_completion_is_learnt() -> None:
    trajectory, _ = read("trl", PROMPT)
    assert [m.weight for m in trajectory.messages] == [None, 0, None, None]


def test_the_results_of_parallel_calls_are_taken_apart() -> None:
    trajectory, _ = read("sharegpt", SHAREGPT)
    assert [m.role for m in trajectory.path()] == [
        "system", "user", "assistant", "tool", "tool", "assistant"]  # fmt: skip
    results = [(m.tool_call_id, m.content) for m in trajectory.messages if m.role == "tool"]
    assert results == [("call_0", "ok"), ("call_1", '{"on":true}')]
    assert trajectory.messages[-1].thought == "Both went well."
    assert trajectory.messages[-1].content == "It is on."


def test_hermes_tags_are_read_and_its_explanation_is_left_out() -> None:
    trajectory, losses = read("hermes", HERMES)
    system, _, asks, first, second, _ = trajectory.messages
    assert system.content == "You are a function calling AI model."
    assert losses == {"explanations of how to call": 1}
    assert (asks.thought, asks.content) == ("It is dark.", "At once.")
    assert asks.tool_calls is not None
    texts = [call.function.arguments for call in asks.tool_calls]
    assert texts == ['{"room":"attic","on":true}'] * 2
    assert (first.content, second.content) == ('{"on":1}', "fine")
    assert trajectory.id == "h1" and trajectory.other_information == {"category": "home"}


def test_glaives_text_is_taken_apart() -> None:
    trajectory, _ = read("glaive", GLAIVE)
    assert [m.role for m in trajectory.messages] == [
        "system", "user", "assistant", "tool", "assistant"]  # fmt: skip
    assert [tool.name for tool in trajectory.tools] == ["switch_lamp", "switch_fan"]
    calls = trajectory.messages[2].tool_calls
    assert calls is not None and calls[0].function.arguments == '{"room": "the cat\'s attic"}'
    assert trajectory.messages[3].content == '{"on": true}'
    assert trajectory.messages[4].content == "It is on."
    torn = {**GLAIVE, "chat": GLAIVE["chat"].replace("'}", "}")}
    with pytest.raises(Refused, match="not of Glaive's form"):
        read("glaive", torn)


def test_loose_schemas_become_json_schemas() -> None:
    trajectory, losses = read("llamafactory-v1", LLAMAFACTORY)
    parameters = trajectory.tools[0].parameters
    assert parameters["properties"] == {"room": {"type": "string"}}
    assert parameters["required"] == ["room"]
    assert losses == {"schemas of tools put right": 1}
    assert trajectory.messages[1].weight == 0
    assert trajectory.messages[1].thought == "It is dark."


def test_xlam_fields_by_name_become_an_object() -> None:
    trajectory, losses = read("xlam", XLAM)
    tool = trajectory.tools[0]
    assert tool.name == "switch_lamp"
    assert losses["tool names changed"] == 1
    assert tool.parameters["required"] == ["room"]
    assert tool.parameters["properties"]["on"]["type"] == "boolean"
    assert trajectory.id == "7"


def test_a_schema_without_properties_is_not_taken_for_fields_by_name() -> None:
    tool = {"name": "switch_lamp", "parameters": {"$defs": {"Room": {"type": "string"}}}}
    trajectory, _ = read("openai", {**OPENAI, "tools": [tool]})
    assert trajectory.tools[0].properties == {}


def test_a_critics_score_is_a_rating() -> None:
    trajectory, _ = read("xlam-unified", XLAM_UNIFIED)
    assert (trajectory.rater_score, trajectory.rater_explanation) == (4.0, "Well done.")
    assert trajectory.messages[0].content == "Mind the cat."
    assert trajectory.messages[3].content == '{"on":true}'


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("openai", {"messages": [{"role": "robot", "content": "x"}]}),
        ("openai", {"messages": []}),
        ("openai", {**OPENAI, "tools": "no json"}),
        ("openai", {"messages": [ASKED, {"role": "assistant", "tool_calls": [{"function": 3}]}]}),
        ("sharegpt", {"conversations": [{"from": "function_call", "value": "{broken"}]}),
        ("sharegpt", {"conversations": [{"from": "function_call", "value": "[]"}]}),
        ("hermes", {"conversations": [{"from": "gpt", "value": "<tool_call>{"}]}),
        ("llamafactory-v1", {"messages": [{"role": "user", "content": [{"type": "text"}]}]}),
        ("xlam", {"query": "x", "answers": "{}", "tools": []}),
    ],
)
def test_what_is_broken_is_refused(name: str, record: Any) -> None:
    with pytest.raises(Refused):
        read(name, record)


def test_what_a_format_cannot_hold_is_told_or_refused() -> None:
    trajectory, _ = read("openai", OPENAI)
    losses = Losses()
    write = FORMATS["trl"].write
    assert write is not None
    write(trajectory, losses)
    assert losses.kinds["call ids"] == 1
    assert losses.kinds["exact texts of arguments"] == 1
    assert losses.kinds["weights of messages"] == 1
    broken = {"messages": [ASKED, _openai_call("{torn"), DONE]}
    with pytest.raises(Refused, match="no JSON object"):
        write(read("openai", broken)[0], Losses())


def test_numbers_in_arguments_keep_their_value() -> None:
    record = {"messages": [ASKED, _openai_call('{"n": 123456789012345678901234567890}'), DONE]}
    write = FORMATS["trl"].write
    assert write is not None
    written = write(read("openai", record)[0], Losses())
    arguments = written["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert arguments == {"n": "123456789012345678901234567890"}


def test_images_are_told_and_text_beside_them_is_kept() -> None:
    parts = [{"type": "text", "text": "See."}, {"type": "image_url", "image_url": {"url": "x"}}]
    trajectory, losses = read("openai", {"messages": [{"role": "user", "content": parts}, DONE]})
    assert trajectory.messages[0].content == "See."
    assert losses == {"parts of type image_url": 1}
