"""Shapes in which other people publish the same conversations: each is read whole or refused."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from callsheet.trajectories.formats import FORMATS, Losses, Refused
from callsheet.trajectories.formats.convert import convert_file
from callsheet.trajectories.formats.detect import find
from callsheet.trajectories.formats.toolace import calls_in
from callsheet.trajectories.trajectory import Trajectory

TIDES = {"name": "tides", "description": "Tides of a port.",
         "parameters": {"type": "object", "properties": {"port": {"type": "string"}}}}  # fmt: skip
WINDS = {**TIDES, "name": "winds"}
TOOL = {"type": "function", "function": TIDES}
ASKED = {"role": "user", "content": "Tides?"}
DONE = {"role": "assistant", "content": "High at ten."}
PLAIN = {"messages": [ASKED, DONE]}
CALL = {"name": "tides", "arguments": {"port": "Oban"}}
TAGGED = f"<tool_call>{json.dumps(CALL)}</tool_call>"


def find_and_read(record: Any) -> tuple[str, Trajectory, dict[str, int]]:
    found = find(record)
    assert found is not None
    losses = Losses()
    (trajectory,) = found.format.read(found.record, losses)
    return found.format.name, trajectory, dict(losses.kinds)


def calls(trajectory: Trajectory) -> list[tuple[str, str]]:
    return [(call.function.name, call.function.arguments)
            for message in trajectory.messages for call in message.tool_calls or ()]  # fmt: skip


def results(trajectory: Trajectory) -> list[tuple[str | None, str | None]]:
    """The names of the tools whose results the messages are, and what they say."""
    names = {call.id: call.function.name
             for message in trajectory.messages for call in message.tool_calls or ()}  # fmt: skip
    return [(names.get(m.tool_call_id or ""), m.content)
            for m in trajectory.messages if m.role == "tool"]  # fmt: skip


TOUCAN_SFT = {
    "uuid": "u-1", "subset_name": "single", "question": "Tides?", "tools": json.dumps([TOOL]),
    "messages": [
        ASKED,
        {"role": "tool_call", "content": str({"name": "tides", "arguments": '{"port": "Oban"}'})},
        {"role": "tool_response", "content": "high"},
        DONE,
    ],
}  # fmt: skip
TOOLACE = {
    "system": "You compose functions. Today is Monday.\nHere is a list of functions in JSON format "
    f"that you can invoke:\n{json.dumps([{**TIDES, 'name': 'Tides of Ports'}, WINDS])}. \nShould "
    "you decide to return the function call(s).\nPut it in the format of [func1(a=1), func2(b)]\n",
    "conversations": [
        {"from": "user", "value": "Tides and winds?"},
        {"from": "assistant", "value": '[Tides of Ports(port="Oban, (old)"), '
                                       "winds(at=[1, 2], deep={'a': None}, yes=true)]"},
        {"from": "tool", "value": json.dumps([{"name": "Tides of Ports", "results": {"high": 10}},
                                              {"name": "winds", "results": "calm"}])},
        {"from": "assistant", "value": "High at ten, and calm."},
    ],
}  # fmt: skip
GLAIVE_TURNS = {
    "conversations": [
        {"from": "system", "value": f"You have these. Use them if required -\n{json.dumps(TIDES)}"},
        {"from": "human", "value": "Tides?"},
        {"from": "gpt", "value": '<functioncall> {"name": "tides", "arguments": '
                                 '\'{"port": "Oban"}\'} <|endoftext|>'},
        {"from": "function_response", "value": "high"},
        {"from": "gpt", "value": "High at ten."},
    ],
}  # fmt: skip
GLAIVE_SAMPLE = {
    "sample": f"SYSTEM: You have these functions -\n{json.dumps(TIDES)}\nUSER: Tides?\n"
    'ASSISTANT: <functioncall> {"name": "tides", "arguments": {"port": "Oban"}}\n'
    "FUNCTION RESPONSE: high\nASSISTANT: High at ten. <|endoftext|>",
}
HERMES_MESSAGES = {
    "messages": [{"role": "system", "content": f"Help.\n<tools>{json.dumps([TOOL])}</tools>"},
                 ASKED, {"role": "assistant", "content": TAGGED},
                 {"role": "tool", "content": "<tool_response>high</tool_response>"}, DONE],
}  # fmt: skip
HERMES_COLUMN = {
    "conversations": [{"from": "human", "value": "Tides?"},
                      {"from": "gpt", "value": TAGGED, "weight": 0},
                      {"from": "tool", "value": "<tool_response>high</tool_response>"},
                      {"from": "gpt", "value": "High at ten."}],
    "tools": json.dumps([TOOL]), "system": "Be brief.",
}  # fmt: skip
ANTHROPIC = {
    "system": "Be brief.",
    "messages": [
        ASKED,
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Two ports.", "signature": "s"},
            {"type": "text", "text": "I look."},
            {"type": "tool_use", "id": "t1", "name": "tides", "input": {"port": "Oban"}},
            {"type": "tool_use", "id": "t2", "name": "tides", "input": {"port": "Ayr"}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t2", "content": "low"},
            {"type": "tool_result", "tool_use_id": "t1", "is_error": True,
             "content": [{"type": "text", "text": "no answer"}]},
            {"type": "text", "text": "Go on."}]},
        DONE,
    ],
    "tools": [TOOL],
}  # fmt: skip
SWIFT = {
    "messages": [ASKED, {"role": "tool_call", "content": json.dumps(CALL)},
                 {"role": "tool_call", "content": json.dumps({**CALL, "name": "winds"})},
                 {"role": "tool_response", "content": "high"},
                 {"role": "tool_response", "content": "calm"}, DONE],
    "tools": json.dumps([TOOL]),
}  # fmt: skip
ALPACA = {"instruction": "Say the tides.", "input": "Oban", "output": "High at ten.",
          "system": "Be brief.", "history": [["Hi", "Hello"]]}  # fmt: skip
TEXTS = {"prompt": "Tides?", "completion": "High at ten."}
REACT = {"text": "Question: What is 2+2?\nThought: I reckon.\nAction: Calculator\n"
         "Action Input: 2+2\nObservation: 4\nThought: I know.\nFinal Answer: 4"}  # fmt: skip
PAIR = {"messages": [ASKED], "chosen": DONE, "rejected": {"role": "assistant", "content": "Wet."}}
WHEN2CALL = {"messages": [ASKED], "tools": [json.dumps(TIDES)], "chosen_response": DONE,
             "rejected_response": {"role": "assistant", "content": "Wet."}}  # fmt: skip
OPENAI_DPO = {"input": {"messages": [ASKED], "tools": [TOOL]}, "preferred_output": [DONE],
              "non_preferred_output": [{"role": "assistant", "content": "Wet."}]}  # fmt: skip

SHAPES: list[tuple[str, dict[str, Any]]] = [
    ("toucan", TOUCAN_SFT), ("toolace", TOOLACE), ("glaive", GLAIVE_TURNS),
    ("glaive", GLAIVE_SAMPLE), ("hermes", HERMES_MESSAGES), ("hermes", HERMES_COLUMN),
    ("openai", ANTHROPIC), ("openai", SWIFT), ("openai", PLAIN), ("alpaca", ALPACA),
    ("trl", TEXTS), ("react", REACT), ("trl-preferences", PAIR), ("trl-preferences", WHEN2CALL),
    ("trl-preferences", OPENAI_DPO),
]  # fmt: skip


@pytest.mark.parametrize(("name", "record"), SHAPES)
def test_each_shape_is_claimed_by_its_format_alone(name: str, record: dict[str, Any]) -> None:
    assert [other for other, one in FORMATS.items() if one.recognize(record)] == [name]
    format, trajectory, _ = find_and_read(record)
    assert format == name and trajectory.outcome.status == "completed"


def test_what_a_record_is_does_not_depend_on_those_before(tmp_path: Path) -> None:
    """Hermes' messages after plain ones are Hermes' still."""
    ways = [SHAPES, SHAPES[::-1], [("openai", PLAIN), *SHAPES], [*SHAPES, ("openai", PLAIN)]]
    for way in ways:
        (tmp_path / "a.json").write_text(json.dumps([record for _, record in way]))
        report = convert_file(tmp_path / "a.json", tmp_path / "out.jsonl")
        assert report.formats == Counter(name for name, _ in way)
        assert report.converted == len(way) and not report.refused


@pytest.mark.parametrize("first", [record for _, record in SHAPES])
def test_hermes_messages_after_any_record(first: dict[str, Any], tmp_path: Path) -> None:
    bare = {"messages": [ASKED, {"role": "assistant", "content": TAGGED}], "tools": [TOOL]}
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, [first, bare, bare])))
    report = convert_file(tmp_path / "a.jsonl", tmp_path / "out.jsonl")
    assert report.formats["hermes"] >= 2 and report.converted == 3


def test_calls_that_are_literals_of_python_are_read() -> None:
    _, trajectory, losses = find_and_read(TOUCAN_SFT)
    assert calls(trajectory) == [("tides", '{"port": "Oban"}')]
    assert results(trajectory) == [("tides", "high")] and losses == {}


def test_toolaces_calls_results_and_functions_are_read() -> None:
    _, trajectory, losses = find_and_read(TOOLACE)
    names = [tool.name for tool in trajectory.tools]
    assert len(names) == 2 and names[1] == "winds"
    assert trajectory.messages[0].content == "You compose functions. Today is Monday."
    assert calls(trajectory) == [
        (names[0], '{"port":"Oban, (old)"}'),
        ("winds", '{"at":[1,2],"deep":{"a":null},"yes":true}'),
    ]
    assert results(trajectory) == [(names[0], '{"high":10}'), ("winds", "calm")]
    assert losses == {"explanations of how to call": 1, "tool names changed": 1}


def test_toolaces_words_in_brackets_are_words() -> None:
    said = {"from": "assistant", "value": "[Which port do you mean?]"}
    record = {**TOOLACE, "conversations": [TOOLACE["conversations"][0], said]}
    _, trajectory, _ = find_and_read(record)
    assert trajectory.messages[-1].content == said["value"] and not calls(trajectory)


@pytest.mark.parametrize(
    "text", ["[f(a=1]", "[f(a=open('x'))]", "[f(1)]", "[f(a=1)) ]", "[f(a=1) + g(b=2)]", "[]"]
)
def test_what_is_no_list_of_calls_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        list(calls_in(text))


@pytest.mark.parametrize("record", [GLAIVE_TURNS, GLAIVE_SAMPLE])
def test_glaives_text_in_turns_and_in_one_sample(record: dict[str, Any]) -> None:
    _, trajectory, losses = find_and_read(record)
    assert [tool.name for tool in trajectory.tools] == ["tides"]
    ((name, arguments),) = calls(trajectory)
    assert (name, json.loads(arguments)) == ("tides", {"port": "Oban"})
    assert results(trajectory) == [("tides", "high")] and losses == {}
    assert trajectory.messages[-1].content == "High at ten."


def test_a_call_of_glaives_without_arguments() -> None:
    record = {**GLAIVE_SAMPLE, "sample": GLAIVE_SAMPLE["sample"].replace(
        ', "arguments": {"port": "Oban"}', "")}  # fmt: skip
    assert calls(find_and_read(record)[1]) == [("tides", "{}")]


@pytest.mark.parametrize(
    "record",
    [
        {"conversations": [{"from": "human", "value": "Tides?"}, {"from": "gpt", "value": "tides"},
                           {"from": "tool", "value": "high"}]},
        {"messages": [ASKED, {"role": "assistant", "content": "tides(Oban)"},
                      {"role": "tool", "content": "high"}, DONE]},
        {"messages": [ASKED, {"role": "function", "name": "tides", "content": "high"}, DONE]},
    ],
)  # fmt: skip
def test_results_without_calls_are_no_chat_shape(record: dict[str, Any]) -> None:
    assert find(record) is None


def test_hermes_tools_may_stand_in_a_field_and_its_system_too() -> None:
    _, trajectory, losses = find_and_read(HERMES_COLUMN)
    assert [tool.name for tool in trajectory.tools] == ["tides"]
    assert trajectory.messages[0].role == "system"
    assert trajectory.messages[0].content == "Be brief."
    assert [m.weight for m in trajectory.messages if m.role == "assistant"] == [0, None]
    assert calls(trajectory) == [("tides", '{"port":"Oban"}')] and losses == {}


def test_a_thought_in_a_field_is_kept_and_other_fields_are_counted() -> None:
    turn = {"role": "assistant", "content": TAGGED, "reasoning_content": "A port.", "mood": 3}
    _, trajectory, losses = find_and_read({"messages": [ASKED, turn]})
    assert trajectory.messages[1].thought == "A port."
    assert losses == {"unknown fields of turns": 1}


def test_tools_that_only_the_field_has_are_counted() -> None:
    record = {**HERMES_MESSAGES, "tools": [TOOL, WINDS]}
    assert find_and_read(record)[2] == {"tools beside those of the system message": 1}


def test_langchains_actions_and_answer_are_read() -> None:
    _, trajectory, _ = find_and_read(REACT)
    assert calls(trajectory) == [("Calculator", '{"input":"2+2"}')]
    assert results(trajectory) == [("Calculator", "4")]
    assert [m.thought for m in trajectory.messages] == [None, "I reckon.", None, "I know."]
    assert trajectory.messages[-1].content == "4"
    given = {"text": REACT["text"].replace("2+2\nObs", '{"sum": [2, 2]}\nObs')}
    assert calls(find_and_read(given)[1]) == [("Calculator", '{"sum":[2,2]}')]


def test_a_last_thought_ends_without_words_made_up() -> None:
    _, trajectory, _ = find_and_read({"text": "Question: Q?\nThought: First.\nThought: So yes."})
    assert [(m.role, m.content, m.thought) for m in trajectory.messages] == [
        ("user", "Q?", None), ("assistant", None, "First."), ("user", "OK.", None),
        ("assistant", None, "So yes."),
    ]  # fmt: skip


def _called(name: str) -> dict[str, Any]:
    return {"role": "assistant", "content": None,
            "function_call": {"name": name, "arguments": "{}"}}  # fmt: skip


def _with_objects(message: dict[str, Any]) -> dict[str, Any]:
    call = message.get("function_call")
    return {**message, "function_call": {**call, "arguments": {}}} if call else message


QWEN = [ASKED, _called("tides"), _called("winds"),
        {"role": "function", "name": "tides", "content": "high"},
        {"role": "function", "name": "winds", "content": "calm"}, DONE]  # fmt: skip


@pytest.mark.parametrize("order", [QWEN, [*QWEN[:3], QWEN[4], QWEN[3], DONE]])
@pytest.mark.parametrize("shape", ["openai", "trl"])
def test_calls_in_messages_of_their_own_are_parallel(
    order: list[dict[str, Any]], shape: str
) -> None:
    messages = [_with_objects(message) for message in order] if shape == "trl" else order
    name, trajectory, losses = find_and_read({"messages": messages})
    assert name == shape and losses == {}
    assert len(trajectory.messages[1].tool_calls or ()) == 2
    assert sorted(results(trajectory)) == [("tides", "high"), ("winds", "calm")]


def test_calls_in_turns_of_their_own_are_parallel() -> None:
    turns = [{"from": "human", "value": "Tides?"},
             {"from": "function_call", "value": json.dumps(CALL)},
             {"from": "function_call", "value": json.dumps({**CALL, "name": "winds"})},
             {"from": "observation", "value": "high"},
             {"from": "observation", "value": "calm"}]  # fmt: skip
    _, trajectory, _ = find_and_read({"conversations": turns})
    assert results(trajectory) == [("tides", "high"), ("winds", "calm")]


def test_calls_with_words_or_ids_or_after_a_result_stay_apart() -> None:
    spoken = {**_called("winds"), "content": "And the winds."}
    result = {"role": "function", "name": "tides", "content": "high"}
    named = {"role": "assistant", "content": None, "tool_calls": [
        {"id": "c", "function": {"name": "winds", "arguments": "{}"}}]}  # fmt: skip
    for second in ([spoken], [result, _called("winds")], [named]):
        _, trajectory, _ = find_and_read({"messages": [ASKED, _called("tides"), *second, DONE]})
        groups = [len(m.tool_calls) for m in trajectory.messages if m.tool_calls]
        assert groups == [1, 1]


def test_a_result_of_another_tool_takes_no_call() -> None:
    result = {"role": "function", "name": "winds", "content": "calm"}
    _, trajectory, losses = find_and_read({"messages": [ASKED, _called("tides"), result, DONE]})
    assert trajectory.messages[2].tool_call_id is None
    assert losses == {"results of no call": 1}


def test_a_result_for_an_id_that_no_call_has_is_counted() -> None:
    call = {"id": "c1", "function": {"name": "tides", "arguments": "{}"}}
    messages = [ASKED, {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c7", "content": "high"}, DONE]  # fmt: skip
    _, trajectory, losses = find_and_read({"messages": messages})
    assert trajectory.messages[2].tool_call_id == "c7"
    assert losses == {"results of no call": 1}


def test_ids_that_every_turn_counts_anew_are_made_unique() -> None:
    call = {"id": "call_1", "function": {"name": "tides", "arguments": "{}"}}
    turn = [ASKED, {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": "high"}]  # fmt: skip
    _, trajectory, losses = find_and_read({"messages": [*turn, *turn, DONE]})
    ids = [c.id for m in trajectory.messages for c in m.tool_calls or ()]
    assert ids == [m.tool_call_id for m in trajectory.messages if m.role == "tool"]
    assert ids == ["call_1", "call_1_2"] and losses == {"call ids that come again": 1}


def test_anthropics_parts_are_calls_results_and_thoughts() -> None:
    _, trajectory, losses = find_and_read(ANTHROPIC)
    assert [m.role for m in trajectory.messages] == [
        "system", "user", "assistant", "tool", "tool", "user", "assistant"]  # fmt: skip
    asks = trajectory.messages[2]
    assert (asks.thought, asks.content) == ("Two ports.", "I look.")
    assert [call.id for call in asks.tool_calls or ()] == ["t1", "t2"]
    assert calls(trajectory)[0] == ("tides", '{"port":"Oban"}')
    got = [(m.tool_call_id, m.content) for m in trajectory.messages if m.role == "tool"]
    assert got == [("t2", "low"), ("t1", "no answer")]
    assert trajectory.messages[5].content == "Go on."
    assert losses == {"signatures of thoughts": 1, "marks of failed results": 1}


def test_a_call_in_a_users_message_is_refused() -> None:
    part = {"type": "tool_use", "id": "t1", "name": "tides", "input": {}}
    with pytest.raises(Refused, match="stand in a message of 'user'"):
        find_and_read({"messages": [{"role": "user", "content": [part]}, DONE]})


def test_roles_of_calls_and_their_responses() -> None:
    _, trajectory, losses = find_and_read(SWIFT)
    assert results(trajectory) == [("tides", "high"), ("winds", "calm")] and losses == {}


@pytest.mark.parametrize("record", [PAIR, WHEN2CALL, OPENAI_DPO])
def test_pairs_of_single_messages(record: dict[str, Any]) -> None:
    _, trajectory, _ = find_and_read(record)
    assert [m.content for m in trajectory.messages] == ["Tides?", "High at ten.", "Wet."]
    (pair,) = trajectory.preferences
    assert trajectory.path(pair.chosen)[-1].content == "High at ten."
    assert len(trajectory.tools) == (0 if record is PAIR else 1)


def test_whole_conversations_beside_their_prompt_are_not_said_twice() -> None:
    worse = {"role": "assistant", "content": "Wet."}
    record = {"prompt": [ASKED], "chosen": [ASKED, DONE], "rejected": [ASKED, worse]}
    _, trajectory, _ = find_and_read(record)
    assert [m.content for m in trajectory.messages] == ["Tides?", "High at ten.", "Wet."]


def test_instructions_and_texts() -> None:
    _, trajectory, _ = find_and_read(ALPACA)
    assert [(m.role, m.content) for m in trajectory.messages] == [
        ("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello"),
        ("user", "Say the tides.\nOban"), ("assistant", "High at ten."),
    ]  # fmt: skip
    _, trajectory, _ = find_and_read(TEXTS)
    assert [m.content for m in trajectory.messages] == ["Tides?", "High at ten."]


@pytest.mark.parametrize("place", ["conversations", "conversation", "trajectory", "dialogue"])
@pytest.mark.parametrize("text", [False, True])
def test_messages_under_other_names_or_as_text(place: str, text: bool) -> None:
    messages: list[Any] = [ASKED, _called("tides"), QWEN[3], DONE]
    record = {place: json.dumps(messages) if text else messages, "tools": [TOOL], "kind": "x"}
    name, trajectory, losses = find_and_read(record)
    assert name == "openai" and losses == {}
    assert trajectory.messages == find_and_read({"messages": messages})[1].messages
    assert trajectory.other_information == {"kind": "x"}


def test_turns_as_text_and_lists_of_texts() -> None:
    turns = HERMES_COLUMN["conversations"]
    whole = find_and_read(HERMES_COLUMN)[1]
    for given in (json.dumps(turns), [json.dumps(turn) for turn in turns]):
        assert find_and_read({**HERMES_COLUMN, "conversations": given})[1] == whole


def test_a_question_with_an_answer_alone_is_not_hotpotqas() -> None:
    assert find({"question": "Q?", "answer": "yes", "id": 3}) is None
    assert find({"question": "Q?", "answer": "yes", "level": "easy"}) is not None


@pytest.mark.parametrize("form", ["bare", "nested"])
def test_parameters_of_tools_may_be_json_text(form: str) -> None:
    function = {**TIDES, "parameters": json.dumps(TIDES["parameters"])}
    tool = function if form == "bare" else {"type": "function", "function": function}
    _, trajectory, losses = find_and_read({**PLAIN, "tools": [tool]})
    assert trajectory.tools[0].parameters == TIDES["parameters"] and losses == {}
    broken = {**function, "parameters": '{"type":'}
    with pytest.raises(Refused, match="parameters"):
        find_and_read({**PLAIN, "tools": [broken]})


@pytest.mark.parametrize("role", [[], {}, None, 3])
def test_a_role_that_is_no_text_is_no_crash(role: Any) -> None:
    for text in ("<functioncall> {}", TAGGED):
        find({"messages": [{"role": role, "content": text}]})
        find({"conversations": [{"from": role, "value": text}]})
