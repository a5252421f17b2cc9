"""The assistant's rules, on tools that no sandbox of the project has."""

import asyncio
from typing import Any

import orjson
import pytest
from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.agents.rules import RulesClient
from callsheet.agents.rules.tool_index import index_of

SYSTEM = "You help.\n\nnow: 2026-03-02 09:00:00\nlocation: Zurich\nweekday: Monday"


def tool(name: str, description: str, required: tuple[str, ...] = (), **params: Any) -> Any:
    properties = {n: p if isinstance(p, dict) else {"type": p} for n, p in params.items()}
    return {
        "name": name,
        "description": description,
        "parameters": {
            "type": "object",
            "properties": properties,
            "required": list(required or params),
        },
    }


LOGIN = tool("StartSession", "Log in and get a session", username="string", password="string")
BERTH = tool(
    "ReserveBerth",
    "Reserve a berth in the harbour for a boat",
    ("session", "boat", "arrival", "nights"),
    session={"type": "string", "description": "From StartSession"},
    boat={"type": "string", "description": "Name of the boat"},
    arrival={"type": "string", "description": "Date as YYYY-MM-DD"},
    nights={"type": "integer", "description": "How many nights it stays"},
    crane="boolean",
)
TIDE = tool(
    "GetTide",
    "Get the tide at a harbour",
    harbour={"type": "string", "description": "City of the harbour"},
)
SUMS = tool("Arithmetic", "Work out arithmetic", expression="string")
CANCEL = tool("CancelBerth", "Cancel a reserved berth", berth_id="string")
ALL = [LOGIN, BERTH, TIDE, SUMS, CANCEL]


class Chat:
    """A conversation with the rules; results are given by the test."""

    def __init__(self, tools: list[Any], system: str = SYSTEM, seed: int = 1) -> None:
        self.tools = tools
        self.messages: list[LLMMessage] = [SystemMessage(content=system)]
        self.seed = seed
        self.client = RulesClient("assistant")

    def ask(self) -> CreateResult:
        result = asyncio.run(
            self.client.create(
                self.messages, tools=self.tools, extra_create_args={"seed": self.seed}
            )
        )
        self.messages.append(
            AssistantMessage(content=result.content, thought=result.thought, source="assistant")
        )
        return result

    def say(self, text: str) -> Any:
        """Words, or calls as (name, arguments)."""
        self.messages.append(UserMessage(content=text, source="user"))
        return shown(self.ask())

    def give(self, *outputs: Any) -> Any:
        """Results of the last answer's calls; a string is an error."""
        calls = self.messages[-1].content
        assert isinstance(calls, list)
        results = []
        for call, output in zip(calls, outputs, strict=True):
            assert isinstance(call, FunctionCall)
            failed = isinstance(output, str)
            content = orjson.dumps({"error": output} if failed else output).decode()
            results.append(
                FunctionExecutionResult(
                    content=content, name=call.name, call_id=call.id, is_error=failed
                )
            )
        self.messages.append(FunctionExecutionResultMessage(content=results))
        return shown(self.ask())


def shown(result: CreateResult) -> Any:
    if isinstance(result.content, str):
        return result.content
    return [(c.name, orjson.loads(c.arguments)) for c in result.content]


def test_one_request_one_call_and_the_value_in_the_answer() -> None:
    chat = Chat(ALL)
    assert chat.say("What is the tide in Lisbon?") == [("GetTide", {"harbour": "Lisbon"})]
    assert "2.4" in chat.give({"metres": 2.4})


def test_chained_calls_take_the_session_that_the_login_gave() -> None:
    chat = Chat(ALL)
    said = 'Reserve a berth for the boat "Nereid" next Friday for 3 nights.'
    asked = chat.say(said)
    assert "username" in asked
    assert "password" in asked
    assert asked.endswith("?")
    assert chat.say("My username is kim and the password is gull#7.") == [
        ("StartSession", {"username": "kim", "password": "gull#7"})
    ]
    assert chat.give({"session": "s-81"}) == [
        (
            "ReserveBerth",
            {"session": "s-81", "boat": "Nereid", "arrival": "2026-03-13", "nights": 3},
        )
    ]
    assert "B-7" in chat.give({"berth_id": "B-7"})
    # A later request uses the session again, and what an earlier result said.
    assert chat.say('Reserve a berth for the boat "Lark" tomorrow for 1 nights, please.') == [
        ("ReserveBerth", {"session": "s-81", "boat": "Lark", "arrival": "2026-03-03", "nights": 1})
    ]
    chat.give({"berth_id": "B-8"})
    assert chat.say("Now cancel it.") == [("CancelBerth", {"berth_id": "B-8"})]


def test_what_is_missing_is_asked_for_by_name() -> None:
    chat = Chat([TIDE])
    asked = chat.say("Could you get me the tide?")
    assert "harbour" in asked
    assert asked.endswith("?")
    assert chat.say("Oslo.") == [("GetTide", {"harbour": "Oslo"})]


def test_independent_calls_are_made_together() -> None:
    chat = Chat(ALL)
    assert chat.say("What's the tide in Lisbon, and what is 12 times 7?") == [
        ("GetTide", {"harbour": "Lisbon"}),
        ("Arithmetic", {"expression": "12*7"}),
    ]


def test_two_values_for_one_parameter_are_two_calls() -> None:
    assert Chat(ALL).say("What is the tide in Lisbon and Oslo?") == [
        ("GetTide", {"harbour": "Lisbon"}),
        ("GetTide", {"harbour": "Oslo"}),
    ]


@pytest.mark.parametrize(
    "text",
    ["Order a pizza for me.", "Could you paint my house?", "Send my mother some flowers, please."],
)
def test_what_no_tool_can_do_is_refused(text: str) -> None:
    answer = Chat(ALL).say(text)
    assert isinstance(answer, str)
    assert "tool" in answer
    assert not answer.endswith("?")


@pytest.mark.parametrize(
    "text", ["Too many boats these days.", "Thank you!", "I love the sea.", "Don't you like tides?"]
)
def test_talk_needs_no_tool(text: str) -> None:
    answer = Chat(ALL).say(text)
    assert isinstance(answer, str)
    assert "tool" not in answer


@pytest.mark.parametrize("error", ["The tool timed out.", "The service is unavailable, try again."])
def test_a_passing_fault_is_tried_once_more(error: str) -> None:
    chat = Chat(ALL)
    call = chat.say("What is the tide in Lisbon?")
    assert chat.give(error) == call
    assert error.rstrip(".") in chat.give(error)


def test_another_error_is_explained_and_not_repeated() -> None:
    chat = Chat(ALL)
    chat.say("What is the tide in Atlantis?")
    assert "There is no harbour Atlantis" in chat.give("There is no harbour Atlantis.")


def test_a_new_request_ends_a_question_that_was_not_answered() -> None:
    chat = Chat(ALL)
    assert "harbour" in chat.say("Get the tide.")
    assert chat.say("What is 3 + 4?") == [("Arithmetic", {"expression": "3 + 4"})]


def test_react_thinks_before_it_acts_and_only_where_it_is_asked_to() -> None:
    chat = Chat(ALL, SYSTEM + '\n\nBegin with "Thought:".')
    chat.say("What is the tide in Lisbon?")
    first = chat.messages[-1]
    assert isinstance(first, AssistantMessage)
    assert first.thought
    plain = Chat(ALL)
    plain.say("What is the tide in Lisbon?")
    assert plain.messages[-1].thought is None  # type: ignore[union-attr]


def test_no_tools_may_be_called_where_none_are_to_be_chosen() -> None:
    client = RulesClient("assistant")
    messages = [UserMessage(content="What is the tide in Lisbon?", source="user")]
    result = asyncio.run(client.create(messages, tools=ALL, tool_choice="none"))
    assert isinstance(result.content, str)


def test_equal_seeds_give_equal_answers_and_seeds_vary_the_words() -> None:
    def answers(seed: int) -> str:
        return str(Chat([TIDE], seed=seed).say("Could you get me the tide?"))

    assert answers(5) == answers(5)
    assert len({answers(seed) for seed in range(20)}) > 2


def test_one_offer_is_compiled_once() -> None:
    assert index_of(ALL) is index_of([dict(t) for t in ALL])


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer"}, "Start it with quantity 12", 12),
        ({"type": "number"}, "Start it, the quantity is 2.5", 2.5),
        ({"type": "string", "enum": ["low", "high"]}, "Start it with high quantity", "high"),
        ({"type": "array", "items": {"type": "string"}}, 'Start it: quantity "a", "b" and "c"',
         ["a", "b", "c"]),
        ({"type": "string", "description": "Code such as QX-12"}, "Start QX-7, please", "QX-7"),
        ({"type": "string", "format": "email"}, "Start it for ann@example.com", "ann@example.com"),
        ({"type": "boolean"}, "Start it with quantity", True),
        ({"type": "integer", "maximum": 10}, "Start it with quantity 12", None),
        ({"type": "string", "pattern": r"^\d{4}$"}, "Start it, the quantity is 123", None),
    ],
)  # fmt: skip
def test_values_fit_their_schema_or_are_asked_for(schema: Any, text: str, value: Any) -> None:
    answer = Chat([tool("StartPump", "Start the pump", quantity=schema)]).say(text)
    if value is None:
        assert "quantity" in answer
    else:
        assert answer == [("StartPump", {"quantity": value})]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_no_conversation_breaks_it(texts: list[str]) -> None:
    chat = Chat(ALL)
    for text in texts:
        answer = chat.say(text)
        while isinstance(answer, list):
            answer = chat.give(*["It failed." for _ in answer])
        assert answer
