"""The user's rules: words steps, keeps facts until asked for them, knows when it is answered."""

import asyncio
from typing import Any

import orjson
import pytest
from autogen_core.models import LLMMessage, UserMessage

from callsheet.agents import UserReply
from callsheet.agents.rules import RulesClient
from callsheet.agents.rules.user_policy import known_facts, questions
from callsheet.models.errors import InvalidAnswer

FACTS = {"username": "foo", "password": "bar", "start_time": "9:30", "city": "Oslo"}
STYLES = ("casual", "polite", "terse", "chatty", "formal")


def step(request: str, kind: str = "tool_call") -> dict[str, str]:
    return {"kind": kind, "request": request}


def reply(
    current: Any, upcoming: Any, heard: str = "", *, style: str = "casual", seed: int = 0
) -> UserReply:
    brief = {
        "task": "user_turn",
        "style": style,
        "facts": FACTS,
        "current": current,
        "upcoming": upcoming,
        "times_said": 0 if current is None else 1,
    }
    messages: list[LLMMessage] = []
    if heard:
        messages.append(UserMessage(content=heard, source="assistant"))
    messages.append(UserMessage(content=orjson.dumps(brief).decode(), source="director"))
    result = asyncio.run(RulesClient("user").create(messages, extra_create_args={"seed": seed}))
    assert isinstance(result.content, str)
    return UserReply.model_validate_json(result.content)


@pytest.mark.parametrize("style", STYLES)
def test_a_request_keeps_its_words_in_every_style(style: str) -> None:
    said = {
        reply(None, step("book a berth for Nereid on Friday"), style=style, seed=s).message
        for s in range(30)
    }
    assert len(said) > 1
    assert all("ook a berth for Nereid on Friday" in message for message in said)
    assert all(message[0].isupper() for message in said)


def test_a_question_stays_a_question() -> None:
    for seed in range(20):
        message = reply(None, step("what is the tide in Oslo?"), seed=seed).message
        assert message.endswith("hat is the tide in Oslo?")


def test_chitchat_is_said_and_then_done_with() -> None:
    assert "too many meetings" in reply(None, step("too many meetings", "chitchat")).message.lower()
    assert reply(step("too many meetings", "chitchat"), None, "Really?").step_met


def test_facts_are_given_when_asked_for_and_only_those() -> None:
    got = reply(step("move it"), None, "What are the username and the password?")
    assert not got.step_met
    assert "foo" in got.message
    assert "bar" in got.message
    assert "Oslo" not in got.message
    assert "foo" not in reply(None, step("move it")).message


def test_a_value_is_told_as_it_is() -> None:
    for seed in range(20):
        assert "bar" in reply(step("move it"), None, "What is the password?", seed=seed).message


def test_what_is_not_known_is_said_not_to_be() -> None:
    got = reply(step("move it"), None, "Could you tell me the harbour?")
    assert not got.step_met
    assert "harbour" in got.message


@pytest.mark.parametrize(
    ("heard", "asks"),
    [
        ("Done. It starts at 9.", False),
        ("Done. Is there anything else I can help you with?", False),
        ("I'm sorry, I can't do that.", False),
        ("What is your username?", True),
        ("I still need the city. Could you tell me?", True),
        ("Please tell me the city.", True),
        ('The message is "who has the key?".', False),
    ],
)
def test_what_counts_as_asking(heard: str, asks: bool) -> None:
    assert bool(questions(heard)) is asks
    assert reply(step("move it"), step("next"), heard).step_met is not asks


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What is your user name?", ["username"]),
        ("When does it start?", ["start_time"]),
        ("Where are you?", ["city"]),
        ("Please log in first.", ["username", "password"]),
        ("What is the start time?", ["start_time"]),
        ("What colour?", []),
    ],
)
def test_facts_are_found_by_what_is_asked(question: str, names: list[str]) -> None:
    assert known_facts(question, FACTS) == names


def test_the_last_step_met_ends_without_words() -> None:
    assert reply(step("move it"), None, "Moved.") == UserReply(step_met=True, message="")


def test_without_a_brief_it_cannot_play() -> None:
    with pytest.raises(InvalidAnswer, match="brief"):
        asyncio.run(RulesClient("user").create([UserMessage(content="hello", source="x")]))


def test_unknown_roles_are_refused() -> None:
    with pytest.raises(ValueError, match="director"):
        RulesClient("director")
