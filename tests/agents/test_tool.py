"""The tool agent: what reaches the assistant fits the returns schema, or is a fault."""

import asyncio
from typing import Any

import pytest
from scripted_model import Scripted

from callsheet.agents import ToolAgent
from callsheet.agents.tool import reply_schema
from callsheet.environments.protocol import ToolCall, ToolOutcome
from callsheet.tools import ToolSpec

SPEC = ToolSpec(
    name="find_room",
    description="Find a room",
    returns={
        "type": "object",
        "properties": {"room": {"$ref": "#/$defs/Room"}},
        "required": ["room"],
        "$defs": {"Room": {"type": "string", "minLength": 2}},
    },
)


def outcome(model: Scripted, spec: ToolSpec = SPEC, world: Any = ()) -> ToolOutcome:
    call = ToolCall("c1", 0, spec.name, {"seats": 4})
    return asyncio.run(ToolAgent(model, context={"now": "today"}).simulate(spec, call, world))


def test_an_output_that_fits_is_the_outcome() -> None:
    model = Scripted({"output": {"room": "B12"}})
    assert outcome(model) == ToolOutcome(output={"room": "B12"})
    assert model.brief()["tool"]["name"] == "find_room"
    assert model.brief()["context"] == {"now": "today"}


def test_the_world_is_told() -> None:
    model = Scripted({"output": {"room": "B12"}})
    world = [
        (ToolCall("c0", 0, "add_room", {"name": "B12"}), ToolOutcome({"ok": True})),
        (ToolCall("c1", 1, "add_room", {}), ToolOutcome(error_type="failed", error="no name")),
    ]
    outcome(model, world=world)
    assert model.brief()["world"] == [
        {"name": "add_room", "arguments": {"name": "B12"}, "output": {"ok": True}},
        {"name": "add_room", "arguments": {}, "output": {"error": "no name"}},
    ]


def test_a_wrong_output_is_sent_back_once() -> None:
    model = Scripted({"output": {"room": 7}}, {"output": {"room": "B12"}})
    assert outcome(model).output == {"room": "B12"}


def test_an_output_that_stays_wrong_is_a_fault_of_the_tool() -> None:
    got = outcome(Scripted({"output": {"room": "x"}}, {"output": {}, "error": "both"}))
    assert got.error_type == "invalid_output"
    assert got.output is None


def test_a_refusal_is_a_failure_with_its_words() -> None:
    got = outcome(Scripted({"error": "All rooms are taken."}))
    assert (got.error_type, got.error) == ("failed", "All rooms are taken.")


def test_without_a_returns_schema_any_object_will_do() -> None:
    spec = ToolSpec(name="ping")
    assert outcome(Scripted({"output": {"pong": 1}}), spec).output == {"pong": 1}
    assert not outcome(Scripted({"output": 3}, {"output": 3}), spec).ok


TREE = {
    "type": "object",
    "properties": {"leaf": {"$ref": "#/$defs/Leaf"}, "nodes": {"items": {"$ref": "#"}}},
    "required": ["leaf"],
    "$defs": {"Leaf": {"type": "string"}},
}
POINTER = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"$ref": "#/properties/a"}},
}
NAMED = {**SPEC.returns, "$id": "https://example.org/room"} if SPEC.returns else {}


@pytest.mark.parametrize(
    ("returns", "good", "bad"),
    [
        (TREE, {"leaf": "a", "nodes": [{"leaf": "b"}]}, {"leaf": "a", "nodes": [{"leaf": 1}]}),
        (POINTER, {"a": 1, "b": 2}, {"a": 1, "b": "two"}),
        (NAMED, {"room": "B12"}, {"room": "x"}),
    ],
)
def test_a_returns_schema_may_refer_to_itself(returns: Any, good: Any, bad: Any) -> None:
    spec = ToolSpec(name="find_room", returns=returns)
    assert outcome(Scripted({"output": good}), spec) == ToolOutcome(output=good)
    assert outcome(Scripted(*[{"output": bad}] * 2), spec).error_type == "invalid_output"


def test_a_returns_schema_with_definitions_alone_is_asked_for_as_ever() -> None:
    asked = reply_schema(SPEC.returns)
    assert asked["properties"]["output"]["properties"] == {"room": {"$ref": "#/$defs/Room"}}
    assert asked["$defs"] == {"Room": {"type": "string", "minLength": 2}}


def test_a_returns_schema_that_is_none_is_a_fault_of_the_tool() -> None:
    spec = ToolSpec(name="find_room", returns={"$ref": "#/$defs/Room"})
    got = outcome(Scripted({"output": {"room": "B12"}}), spec)
    assert got.error_type == "invalid_output" and "cannot be used" in (got.error or "")
