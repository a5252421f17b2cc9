import json
from itertools import pairwise
from typing import Any

import pytest
from api_bank_data import FOLDER, needs_data

from callsheet.environments.api_bank.data import api_bank_data
from callsheet.environments.api_bank.environment import tool_specs
from callsheet.environments.api_bank.recordings import (
    Dialogue,
    RecordedCall,
    Requirement,
    Turn,
    read_dialogues,
    read_requirements,
)
from callsheet.environments.api_bank.session import level_1, level_3
from callsheet.evaluation.api_bank.call_styles import STYLES, Style
from callsheet.evaluation.api_bank.project_prompts import (
    project_prompt,
    project_prompts_digest,
    tools_in_reach,
)
from callsheet.evaluation.api_bank.samples import CallSample, samples
from callsheet.models.messages import prompt_of
from callsheet.simulation.build import system_message
from callsheet.tools import ToolSpec

SPECS = {name: ToolSpec(name=name, description=f"Does {name}.")
         for name in ("BookRoom", "AddNote", "ToolSearcher", "Unused")}  # fmt: skip


def call(name: str, arguments: dict[str, Any], **result: Any) -> Turn:
    return Turn(role="API", api_name=name, param_dict=arguments, result=result)


DIALOGUE = Dialogue(
    name="d.jsonl",
    level=1,
    turns=(
        Turn(role="User", text="Two rooms. "),
        Turn(role="AI", text="Let me see."),
        call("BookRoom", {"rooms": "2", "device_id": "x"}, input={"rooms": 2}, output={"b": "11"}),
        call("AddNote", {"text": "it's"}, input=None, output=None, exception="No note."),
        Turn(role="AI", text="Booked."),
        Turn(role="AI", text="Anything else?"),
        Turn(role="User", text="A note."),
        Turn(role="User", text="Please."),
        Turn(role="AI", text="Yes."),
        call("AddNote", {"text": "b"}, output="success"),
        Turn(role="AI", text="Noted."),
    ),
)
TWO = DIALOGUE.model_copy(
    update={
        "level": 2,
        "turns": (
            Turn(role="User", text="Two rooms."),
            call("ToolSearcher", {"keywords": "room"},
                 output=[{"name": "AddNote"}, {"name": "Elsewhere"}, {"no": "name"}, 3]),
            call("ToolSearcher", {"keywords": "note"}, output={"name": "BookRoom"}),
            call("AddNote", {}, output="success"),
            Turn(role="AI", text="Done."),
        ),
    }
)  # fmt: skip


def last_call(dialogue: Dialogue | Requirement) -> CallSample:
    return [s for s in samples(dialogue) if isinstance(s, CallSample)][-1]


def test_conversation_in_the_chat_shape() -> None:
    prompt = project_prompt(last_call(DIALOGUE), "native", SPECS)
    assert prompt.wording == "project" and prompt.native
    system, *turns = prompt.messages
    assert system["role"] == "system" and "BookRoom" not in system["content"]
    assert [tool.name for tool in prompt.tools] == ["AddNote", "BookRoom"]
    function = {"name": "BookRoom", "arguments": '{"rooms":2,"device_id":"x"}'}
    assert turns == [
        {"role": "user", "content": "Two rooms."},
        {"role": "assistant", "content": "Let me see.",
         "tool_calls": [{"id": "call_2", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "call_2", "content": '{"b":"11"}'},
        {"role": "assistant", "content": None,
         "tool_calls": [{"id": "call_3", "type": "function",
                         "function": {"name": "AddNote", "arguments": '{"text":"it\'s"}'}}]},
        {"role": "tool", "tool_call_id": "call_3", "content": '{"error":"No note."}'},
        {"role": "assistant", "content": "Booked.\nAnything else?"},
        {"role": "user", "content": "A note.\nPlease."},
        {"role": "assistant", "content": "Yes."},
    ]  # fmt: skip
    assert len(prompt_of(prompt.messages)) == len(prompt.messages)


def test_nothing_is_added_where_the_user_or_a_result_comes_last() -> None:
    first, after_call = samples(TWO)[:2]
    assert project_prompt(first, "native", SPECS).messages[-1]["content"] == "Two rooms."
    assert project_prompt(after_call, "json", SPECS).messages[-1]["role"] == "tool"


def test_json_describes_the_tools_in_words() -> None:
    native = project_prompt(last_call(DIALOGUE), "native", SPECS)
    prompt = project_prompt(last_call(DIALOGUE), "json", SPECS)
    asked = {"role": "user", "content": "(Make the next call now.)"}
    assert prompt.messages[1:] == (*native.messages[1:], asked) and not prompt.native
    lines = prompt.messages[0]["content"].split("\n")
    described = [json.loads(line) for line in lines if line.startswith('{"name": "A')]
    assert described == [SPECS["AddNote"].openai["function"]]
    assert prompt.digest != native.digest


def test_bracket_is_a_transcript() -> None:
    system, user = project_prompt(last_call(DIALOGUE), "bracket", SPECS).messages
    assert "[ToolName(" in system["content"] and "Does BookRoom." in system["content"]
    assert user["content"].split("\n") == [
        "User: Two rooms.",
        "Assistant: Let me see.",
        "Call: [BookRoom(rooms=2, device_id='x')]",
        'Result: {"b":"11"}',
        'Call: [AddNote(text="it\'s")]',
        'Result: {"error":"No note."}',
        "Assistant: Booked.",
        "Assistant: Anything else?",
        "User: A note.",
        "User: Please.",
        "Assistant: Yes.",
        "(Make the next call now.)",
    ]


def test_level_2_and_3_begin_with_the_search_and_have_what_it_found() -> None:
    reach = [[tool.name for tool in tools_in_reach(s, SPECS)] for s in samples(TWO)]
    assert reach == [
        ["ToolSearcher"],
        ["ToolSearcher", "AddNote"],
        ["ToolSearcher", "AddNote"],
        ["ToolSearcher", "AddNote", "BookRoom"],
        ["ToolSearcher", "AddNote", "BookRoom"],
        ["ToolSearcher", "AddNote", "BookRoom"],
    ]
    record = Requirement(
        sample_id=0,
        requirement=" Two rooms.",
        response="Done.",
        apis=(
            RecordedCall(api_name="ToolSearcher", output={"output": {"name": "BookRoom"}}),
            RecordedCall(api_name="BookRoom", output={"output": 1}),
        ),
    )
    prompt = project_prompt(last_call(record), "native", SPECS)
    assert [tool.name for tool in prompt.tools] == ["ToolSearcher", "BookRoom"]
    assert prompt.messages[1] == {"role": "user", "content": "Two rooms."}
    # The published prompts of level 3 tell no year.
    told = project_prompt(last_call(record), "json", SPECS).messages[0]["content"]
    assert "2023" not in told


def test_native_asks_as_an_assistant_is_asked_in_a_conversation() -> None:
    system = project_prompt(last_call(DIALOGUE), "native", SPECS).messages[0]["content"]
    context = {"now": "2023-03-31 09:00:00", "weekday": "Friday"}
    assert system == system_message(context)


@pytest.mark.parametrize("style", STYLES)
def test_no_prompt_shows_the_answer(style: Style) -> None:
    secret = "only-in-the-answer"
    turns = (
        Turn(role="User", text="Hi"),
        call("AddNote", {"text": secret}, input={"text": secret}, output=secret),
        Turn(role="AI", text="said-only-later"),
    )
    asked, said = samples(DIALOGUE.model_copy(update={"turns": turns}))
    assert secret not in json.dumps(project_prompt(asked, style, SPECS).messages)
    assert "said-only-later" not in json.dumps(project_prompt(said, style, SPECS).messages)


def test_digest_is_of_the_wording() -> None:
    assert project_prompts_digest() == project_prompts_digest()
    assert len(project_prompts_digest()) == 32


@needs_data
@pytest.mark.parametrize("style", STYLES)
def test_every_recorded_sample_has_a_prompt(style: Style) -> None:
    assert FOLDER is not None
    data = api_bank_data(FOLDER)
    first = tool_specs(level_1(), data, "reference")
    third = tool_specs(level_3(), data, "reference")
    sources: list[Any] = [*read_dialogues(FOLDER, 1), *read_dialogues(FOLDER, 2)]
    for specs, listed in ((first, sources), (third, read_requirements(FOLDER))):
        for sample in (sample for source in listed for sample in samples(source)):
            prompt = project_prompt(sample, style, specs)
            assert prompt_of(prompt.messages) and prompt.digest
            roles = [m["role"] for m in prompt.messages]
            assert roles[-1] != "assistant" or style == "native"
            assert all(a != b or a == "tool" for a, b in pairwise(roles))
            if sample.level == 1 and isinstance(sample, CallSample):
                assert sample.gold.api_name in {tool.name for tool in prompt.tools}
