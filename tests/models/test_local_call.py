"""From AutoGen's arguments to the prompt and the schema, and back to AutoGen's answer."""

from __future__ import annotations

from typing import Any

import pytest
from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import FunctionTool, ToolSchema
from pydantic import BaseModel

from callsheet.models.bounded_schema import MAX_WORDS
from callsheet.models.call_parsing import answer_schema
from callsheet.models.errors import AnswerCutOff
from callsheet.models.local_call import MAX_TOKENS, LocalCall, LocalText, local_call, local_result
from callsheet.models.messages import tool_schemas


def weather(city: str) -> str:
    """Tell the weather."""
    return city


TOOL = FunctionTool(weather, description="Tell the weather.")
SCHEMA = ToolSchema(name="clock", description="Tell the time.")
HISTORY = [
    SystemMessage(content="Help."),
    UserMessage(content="Rome?", source="user"),
    AssistantMessage(
        content=[
            FunctionCall(id="a", name="weather", arguments='{"city": "Rome"}'),
            FunctionCall(id="b", name="clock", arguments="{}"),
        ],
        source="assistant",
    ),
    FunctionExecutionResultMessage(
        content=[
            FunctionExecutionResult(content="rain", name="weather", call_id="a", is_error=False),
            FunctionExecutionResult(content="12:00", name="clock", call_id="b", is_error=False),
        ]
    ),
]


class Pick(BaseModel):
    colour: str


def made(**changes: Any) -> LocalCall:
    given: dict[str, Any] = {
        "tools": [TOOL, SCHEMA], "tool_choice": "auto", "json_output": None, "params": {},
    }  # fmt: skip
    return local_call(HISTORY, **{**given, **changes})


def test_the_prompt_is_the_templates() -> None:
    call = made()
    assert call.prompt.startswith("<|im_start|>system\nHelp.\n\nTools:\nweather: Tell the weather.")
    assert "<|im_start|>tool\nrain<|im_end|>\n<|im_start|>tool\n12:00<|im_end|>" in call.prompt
    assert call.prompt.endswith("<|im_start|>assistant\n")
    assert call.first_call == 2 and call.offers_tools


def test_parameters_and_their_defaults() -> None:
    plain = made()
    assert (plain.max_tokens, plain.temperature, plain.top_p) == (MAX_TOKENS, 0.0, 1.0)
    assert plain.seed is None
    asked = {"max_tokens": 7, "temperature": 0.5, "top_p": 0.9, "seed": 0, "unknown": 1}
    full = made(params=asked)
    assert (full.max_tokens, full.temperature, full.top_p, full.seed) == (7, 0.5, 0.9, 0)


def test_what_the_answer_must_fit() -> None:
    shaped = tool_schemas([TOOL, SCHEMA])
    assert made().schema == answer_schema(shaped)
    assert made(tool_choice="required").schema == answer_schema(shaped, "required")
    assert made(tool_choice=TOOL).schema == answer_schema(shaped, "weather")
    assert made(tools=[]).schema is None
    pick = {
        "type": "object",
        "properties": {"colour": {"type": "string", "maxLength": MAX_WORDS}},
        "required": ["colour"],
        "additionalProperties": False,
    }
    assert made(tools=[], json_output=Pick).schema == pick
    assert made(tools=[], json_output=True).schema == {"type": "object"}
    wanted = {"type": "json_schema", "json_schema": {"schema": Pick.model_json_schema()}}
    assert made(tools=[], params={"response_format": wanted}).schema == pick
    assert made(tool_choice="none", json_output=Pick).schema == pick
    both = made(json_output=Pick).schema
    assert both == {"anyOf": [answer_schema(shaped, "required"), pick]}


def wrote(text: str, ended: bool = True) -> LocalText:
    return LocalText(text, ended, prompt_tokens=10, completion_tokens=3)


CALLED = '{"tool_calls": [{"name": "clock", "arguments": {}}]}'


def test_calls_words_and_usage() -> None:
    called = local_result(made(), wrote(CALLED))
    assert called.finish_reason == "function_calls" and called.thought is None
    assert called.content == [FunctionCall(id="call_2", name="clock", arguments="{}")]
    assert (called.usage.prompt_tokens, called.usage.completion_tokens) == (10, 3)
    said = local_result(made(), wrote('{"say": "Noon."}'))
    assert (said.content, said.finish_reason) == ("Noon.", "stop")
    thought = local_result(made(), wrote("Let me look. " + CALLED))
    assert thought.thought == "Let me look."


def test_without_tools_the_text_is_the_answer() -> None:
    call = made(tools=[])
    assert local_result(call, wrote(f" {CALLED} ")).content == CALLED
    cut = local_result(call, wrote("It is", ended=False))
    assert (cut.content, cut.finish_reason) == ("It is", "length")


def test_what_was_cut_off() -> None:
    cut = local_result(made(), wrote('{"say": "It is no', ended=False))
    assert (cut.content, cut.finish_reason) == ("It is no", "length")
    with pytest.raises(AnswerCutOff, match="within a tool call, after 3 tokens"):
        local_result(made(), wrote(CALLED[:-4], ended=False))
