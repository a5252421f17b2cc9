"""The assistant agent: events in order, calls in the model's order, and nothing makes it raise."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pytest
from autogen_agentchat.base import Response
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.messages import (
    TextMessage,
    ThoughtEvent,
    ToolCallExecutionEvent,
    ToolCallRequestEvent,
)
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import FunctionExecutionResult, SystemMessage
from autogen_core.tools import TextResultContent, ToolResult
from scripted_model import Scripted, call

from callsheet.agents import AssistantAgent, architecture_names
from callsheet.agents.architectures.react import split_thought

SCHEMA = {
    "name": "Add",
    "description": "Add numbers",
    "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}},
}


class Bench:
    """The part of a workbench that agents use, without AutoGen's start and stop."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.listed = 0

    async def list_tools(self) -> list[dict[str, Any]]:
        self.listed += 1
        return [SCHEMA]

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
        call_id: str | None = None,
    ) -> ToolResult:
        self.calls.append((name, arguments))
        return ToolResult(name=name, result=[TextResultContent(content=f"r{len(self.calls)}")])


class GroupBench(Bench):
    def __init__(self) -> None:
        super().__init__()
        self.groups: list[list[str]] = []

    async def call_group(
        self, calls: Sequence[FunctionCall], cancellation_token: CancellationToken | None = None
    ) -> list[FunctionExecutionResult]:
        self.groups.append([c.id for c in calls])
        return [FunctionExecutionResult(content="g", name=c.name, call_id=c.id) for c in calls]


def answer(agent: AssistantAgent, said: str = "hello") -> list[Any]:
    async def run() -> list[Any]:
        message = TextMessage(content=said, source="user")
        return [item async for item in agent.on_messages_stream([message], CancellationToken())]

    return asyncio.run(run())


def made(*answers: Any, bench: Any = None, **options: Any) -> tuple[AssistantAgent, Scripted, Any]:
    model, bench = Scripted(*answers), bench or Bench()
    return AssistantAgent("assistant", model, bench, **options), model, bench


def test_requests_are_announced_before_the_calls_are_made() -> None:
    agent, _, bench = made([call("Add", '{"a": 1}')], "It is done.")

    async def run() -> None:
        stream = agent.on_messages_stream(
            [TextMessage(content="add", source="user")], CancellationToken()
        )
        async for item in stream:
            if isinstance(item, ToolCallRequestEvent):
                assert bench.calls == []
            elif isinstance(item, ToolCallExecutionEvent):
                assert bench.calls == [("Add", {"a": 1})]
                assert item.content[0].content == "r1"

    asyncio.run(run())


def test_the_stream_is_request_execution_response() -> None:
    agent, model, bench = made([call("Add")], [call("Add")], "Done.", "Again.")
    items = answer(agent)
    kinds = [type(item).__name__ for item in items]
    assert kinds == ["ToolCallRequestEvent", "ToolCallExecutionEvent"] * 2 + ["Response"]
    assert items[-1].chat_message.content == "Done."
    answer(agent)
    assert bench.listed == 1, "schemas are read once"
    assert [m.type for m in model.prompts[2]] == [
        "UserMessage",
        "AssistantMessage",
        "FunctionExecutionResultMessage",
        "AssistantMessage",
        "FunctionExecutionResultMessage",
    ]


def test_calls_are_made_in_the_models_order() -> None:
    calls = [call("Add", f'{{"a": {i}}}', f"c{i}") for i in range(4)]
    agent, _, bench = made(calls, "Done.")
    answer(agent)
    assert [arguments["a"] for _, arguments in bench.calls] == [0, 1, 2, 3]


def test_a_workbench_with_groups_gets_the_whole_answer() -> None:
    bench = GroupBench()
    agent, _, _ = made([call("Add", "{}", "x"), call("Add", "{}", "y")], "Done.", bench=bench)
    answer(agent)
    assert bench.groups == [["x", "y"]]
    assert bench.calls == []


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("Add", '{"a": ', "not JSON"),
        ("Add", "[1]", "not a JSON object"),
        ("Subtract", "{}", "no tool named 'Subtract'"),
        ("Add", "[" * 200_000, "not JSON"),
    ],
)
def test_a_call_that_cannot_be_made_is_an_error_to_read(
    name: str, arguments: str, says: str
) -> None:
    agent, _, bench = made([call(name, arguments)], "I see.")
    items = answer(agent)
    result = items[1].content[0]
    assert result.is_error
    assert says in orjson.loads(result.content)["error"]
    assert bench.calls == []
    assert items[-1].chat_message.content == "I see."


def test_rounds_are_limited_and_the_last_has_no_tools() -> None:
    agent, model, bench = made(*[[call("Add")] for _ in range(3)], max_tool_rounds=2)
    items = answer(agent)
    assert len(bench.calls) == 2
    assert model.tools[-1] == []
    assert isinstance(items[-1], Response)
    assert "could not finish" in items[-1].chat_message.content


def test_react_records_the_thought_and_says_only_the_answer() -> None:
    agent, model, _ = made(
        ("Thought: I add first.", [call("Add")]),
        "Thought: It is there.\nAnswer: The sum is 3.",
        system_message="Help.",
        architecture="react",
    )
    items = answer(agent)
    assert [i.content for i in items if isinstance(i, ThoughtEvent)] == [
        "I add first.",
        "It is there.",
    ]
    assert isinstance(items[0], ThoughtEvent), "a thought comes before its calls"
    assert items[-1].chat_message.content == "The sum is 3."
    system = model.prompts[0][0]
    assert isinstance(system, SystemMessage)
    assert system.content.startswith("Help.")
    assert "Thought:" in system.content
    assert agent.system_message == system.content


@pytest.mark.parametrize(
    ("text", "thought", "words"),
    [
        ("plain words", None, "plain words"),
        ("Answer: words", None, "words"),
        ("Thought: a\nAnswer: b", "a", "b"),
        ("Thought: a\nb", "a", "b"),
        ("Thought: only this", "only this", "only this"),
        ("Thought: a\nmore\nAnswer: b\nc", "a\nmore", "b\nc"),
    ],
)
def test_splitting_thoughts(text: str, thought: str | None, words: str) -> None:
    assert split_thought(text) == (thought, words)


def test_unknown_architectures_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="zero-shot, react"):
        made(architecture="telepathy")
    assert architecture_names()[:2] == ("zero-shot", "react")


def test_on_messages_gives_the_inner_messages_too() -> None:
    agent, _, _ = made([call("Add")], "Done.")
    message = TextMessage(content="add", source="user")
    response = asyncio.run(agent.on_messages([message], CancellationToken()))
    assert [type(m).__name__ for m in response.inner_messages or []] == [
        "ToolCallRequestEvent",
        "ToolCallExecutionEvent",
    ]


def test_it_plays_in_a_team() -> None:
    agent, _, _ = made([call("Add")], "It is 3.")
    team = RoundRobinGroupChat([agent], termination_condition=MaxMessageTermination(2))
    result = asyncio.run(team.run(task="add"))
    assert result.messages[-1].to_text() == "It is 3."  # type: ignore[union-attr]
