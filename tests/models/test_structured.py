"""Answers in a schema: read out of prose, validated, repaired once, refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, LLMMessage, RequestUsage, UserMessage
from hypothesis import given
from hypothesis import strategies as st

from callsheet.agents.brief import TesterReply, UserReply
from callsheet.models.base import ChatClient
from callsheet.models.errors import InvalidAnswer
from callsheet.models.json_text import NotJson, json_in
from callsheet.models.structured import ask_structured, response_format, schema_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


class Scripted(ChatClient):
    """Gives its answers one after another and keeps what it was asked."""

    def __init__(self, *answers: str | list[FunctionCall], finish: str = "stop") -> None:
        super().__init__()
        self.answers = list(answers)
        self.finish: Any = finish
        self.asked: list[tuple[list[LLMMessage], Mapping[str, Any]]] = []

    async def create(self, messages: Sequence[LLMMessage], **kwargs: Any) -> CreateResult:
        self.asked.append((list(messages), kwargs["extra_create_args"]))
        return CreateResult(
            content=self.answers.pop(0),
            finish_reason=self.finish,
            usage=RequestUsage(prompt_tokens=1, completion_tokens=1),
            cached=False,
        )


PROMPT = [UserMessage(content="Did it go well?", source="user")]
GOOD = '{"passed": true, "reason": "all met"}'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}",
        f"Here you are: {GOOD} Anything else?",
        f"Braces {{ in prose, then {GOOD}",
    ],
)
def test_the_value_is_found_in_what_models_write(text: str) -> None:
    client = Scripted(text)
    reply = asyncio.run(ask_structured(client, PROMPT, TesterReply))
    assert reply == TesterReply(passed=True, reason="all met")
    assert len(client.asked) == 1


@given(JSON, st.sampled_from(["{}", "```json\n{}\n```", "```\n{}\n```\nDone."]))
def test_any_json_value_survives_its_wrapping(value: Any, wrapping: str) -> None:
    assert json_in(wrapping.replace("{}", json.dumps(value), 1)) == value


@given(st.text())
def test_text_gives_json_or_one_clear_error(text: str) -> None:
    try:
        json_in(text)
    except NotJson as error:
        assert "answer" in str(error)


def test_hostile_text_ends_quickly_and_clearly() -> None:
    for text in ("[" * 200_000, "{" * 200_000, '{"a": NaN}', ""):
        with pytest.raises(NotJson):
            json_in(text)


def test_a_wrong_answer_is_sent_back_once_with_its_problems() -> None:
    client = Scripted('{"passed": "yes"}', GOOD)
    reply = asyncio.run(ask_structured(client, PROMPT, TesterReply, params={"seed": 3}))
    assert reply.passed
    (first, params), (second, again) = client.asked
    assert first == PROMPT
    assert [m.content for m in second[:2]] == [PROMPT[0].content, '{"passed": "yes"}']
    told = str(second[2].content)
    assert "passed: " in told and "reason" in told
    assert params["seed"] == again["seed"] == 3
    assert params["response_format"]["json_schema"]["name"] == "TesterReply"


def test_two_wrong_answers_are_an_invalid_answer_that_says_why() -> None:
    with pytest.raises(InvalidAnswer, match=r"TesterReply, asked 2 times: .*passed"):
        asyncio.run(
            ask_structured(Scripted("{}", '{"passed": 1, "reason": ""}'), PROMPT, TesterReply)
        )


def test_a_tool_call_and_a_cut_answer_are_named_as_such() -> None:
    call = [FunctionCall(id="1", name="f", arguments="{}")]
    with pytest.raises(InvalidAnswer, match="tool call"):
        asyncio.run(ask_structured(Scripted(call), PROMPT, TesterReply, repairs=0))
    with pytest.raises(InvalidAnswer, match="token limit"):
        asyncio.run(
            ask_structured(Scripted('{"pas', finish="length"), PROMPT, TesterReply, repairs=0)
        )


def test_a_bare_schema_and_a_further_check() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    client = Scripted('{"n": 3}', '{"n": 4}')
    value = asyncio.run(
        ask_structured(client, PROMPT, schema, check=lambda v: ["n is odd"] if v["n"] % 2 else [])
    )
    assert value == {"n": 4}
    assert "n is odd" in str(client.asked[1][0][-1].content)


def test_nothing_is_coerced() -> None:
    with pytest.raises(InvalidAnswer):
        asyncio.run(
            ask_structured(
                Scripted('{"step_met": "true", "message": "x"}'), PROMPT, UserReply, repairs=0
            )
        )


def test_strict_is_asked_only_where_the_schema_allows_it() -> None:
    assert response_format(schema_of(UserReply))["json_schema"]["strict"] is True
    open_schema = {"type": "object", "title": "Any thing!", "properties": {"a": {}}}
    shaped = response_format(open_schema)["json_schema"]
    assert shaped["strict"] is False and shaped["name"] == "Any_thing_"
