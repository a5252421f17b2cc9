"""The tool's rules: outputs fit their schema, and the world holds within a dialogue."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import validator_for

from callsheet.agents import ToolAgent
from callsheet.agents.rules import RulesClient
from callsheet.environments.protocol import ToolCall, ToolOutcome
from callsheet.tools import ToolSpec


def returns(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


TEXT = {"type": "string"}
BERTH = returns(berth_id=TEXT, boat=TEXT, nights={"type": "integer"})
ADD = ToolSpec(name="add_berth", returns=returns(berth_id=TEXT))
LIST = ToolSpec(name="list_berths", returns=returns(berths={"type": "array", "items": BERTH}))
GET = ToolSpec(name="get_berth", returns=BERTH)
CHANGE = ToolSpec(name="change_berth", returns=BERTH)
CANCEL = ToolSpec(name="cancel_berth", returns=returns(status=TEXT))


class World:
    """Calls of one dialogue, each seen by the later ones."""

    def __init__(self) -> None:
        self.agent = ToolAgent(RulesClient("tool"), context={"now": "2026-03-02 09:00:00"})
        self.calls: list[tuple[ToolCall, ToolOutcome]] = []

    def call(self, spec: ToolSpec, **arguments: Any) -> Any:
        call = ToolCall(f"c{len(self.calls)}", len(self.calls), spec.name, arguments)
        outcome = asyncio.run(self.agent.simulate(spec, call, self.calls))
        self.calls.append((call, outcome))
        return outcome.output if outcome.ok else outcome.error


def test_what_was_created_can_be_read_changed_and_deleted() -> None:
    world = World()
    one = world.call(ADD, boat="Nereid", nights=3)["berth_id"]
    assert world.call(GET, berth_id=one) == {"berth_id": one, "boat": "Nereid", "nights": 3}
    assert world.call(LIST)["berths"] == [{"berth_id": one, "boat": "Nereid", "nights": 3}]
    assert world.call(CHANGE, berth_id=one, nights=5)["nights"] == 5
    assert world.call(GET, berth_id=one)["nights"] == 5
    world.call(CANCEL, berth_id=one)
    assert world.call(LIST)["berths"] == []
    assert one in world.call(GET, berth_id=one)


def test_the_same_question_has_the_same_answer_until_something_changes() -> None:
    world = World()
    spec = ToolSpec(name="get_tide", returns=returns(metres={"type": "number"}))
    assert world.call(spec, harbour="Oslo") == world.call(spec, harbour="Oslo")


def test_what_was_there_before_the_dialogue_may_be_spoken_of() -> None:
    assert World().call(CHANGE, berth_id="B-1", nights=2)["berth_id"] == "B-1"


def test_a_tool_without_a_returns_schema_says_success() -> None:
    assert World().call(ToolSpec(name="ring_bell")) == {"status": "success"}


_SCALARS = st.one_of(
    st.just({"type": "string"}),
    st.just({"type": "string", "format": "date-time"}),
    st.just({"type": "string", "format": "date"}),
    st.just({"type": "string", "format": "email"}),
    st.just({"type": "string", "format": "uuid"}),
    st.integers(0, 40).map(lambda n: {"type": "string", "minLength": n, "maxLength": n + 3}),
    st.just({"type": "boolean"}),
    st.just({"type": ["integer", "null"]}),
    st.tuples(st.integers(-9, 9), st.integers(1, 30)).map(
        lambda t: {"type": "integer", "minimum": t[0], "maximum": t[0] + t[1]}
    ),
    st.tuples(st.integers(-9, 9), st.integers(1, 30)).map(
        lambda t: {"type": "number", "minimum": t[0], "exclusiveMaximum": t[0] + t[1]}
    ),
    st.lists(st.text(max_size=5), min_size=1, max_size=4).map(lambda v: {"enum": v}),
    st.text(max_size=4).map(lambda v: {"const": v}),
)
_NAMES = st.sampled_from(["id", "name", "city", "total", "price", "when", "tags", "email", "note"])
_SCHEMAS = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.dictionaries(_NAMES, inner, max_size=4).map(lambda p: returns(**p)),
        st.tuples(inner, st.integers(0, 3)).map(
            lambda t: {"type": "array", "items": t[0], "minItems": t[1], "maxItems": t[1] + 1}
        ),
        st.lists(inner, min_size=1, max_size=2).map(lambda s: {"anyOf": s}),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(_NAMES, _SCHEMAS, max_size=4), st.dictionaries(_NAMES, st.text(), max_size=3)
)
def test_every_output_fits_its_schema(properties: Any, arguments: Any) -> None:
    schema = returns(**properties)
    output = World().call(ToolSpec(name="get_thing", returns=schema), **arguments)
    assert validator_for(schema).is_valid(output), output


@pytest.mark.parametrize(
    ("returned", "good"),
    [
        ({"$ref": "#/$defs/Boat"}, {"Boat": returns(name=TEXT)}),
        ({"type": "array", "items": {"$ref": "#/$defs/Boat"}}, {"Boat": returns(name=TEXT)}),
    ],
)
def test_definitions_are_followed(returned: Any, good: Any) -> None:
    schema = {**returns(found=returned), "$defs": good}
    output = World().call(ToolSpec(name="find_boat", returns=schema))
    assert validator_for(schema).is_valid(output)


def test_of_two_things_each_is_itself() -> None:
    world = World()
    one = world.call(ADD, boat="Nereid", nights=3)["berth_id"]
    other = world.call(ADD, boat="Triton", nights=5)["berth_id"]
    assert world.call(GET, berth_id=other)["boat"] == "Triton"
    assert world.call(GET, berth_id=one)["boat"] == "Nereid"
    assert len(world.call(LIST)["berths"]) == 2


def test_what_a_list_showed_can_be_looked_up() -> None:
    world = World()
    rows = world.call(LIST)["berths"]
    assert world.call(GET, berth_id=rows[0]["berth_id"]) == rows[0]
    world.call(CANCEL, berth_id=rows[0]["berth_id"])
    assert rows[0] not in world.call(LIST)["berths"]


def test_the_creators_words_come_back_under_the_things_own_names() -> None:
    make = ToolSpec(name="createPier", returns=returns(id=TEXT, name=TEXT))
    get = ToolSpec(name="getPier", returns=returns(id=TEXT, name=TEXT))
    world = World()
    made = world.call(make, pierName="North Pier")
    assert made["name"] == "North Pier"
    assert world.call(get, pierId=made["id"]) == made


def test_a_list_without_a_schema_for_its_items_shows_what_was_created() -> None:
    loose = ToolSpec(name="list_berths", returns=returns(berths={"type": "array"}))
    world = World()
    one = world.call(ADD, boat="Nereid", nights=3)["berth_id"]
    assert [row["berth_id"] for row in world.call(loose)["berths"]] == [one]


def test_as_many_calls_are_refused_as_asked_for_and_as_real_tools_refuse() -> None:
    def outcomes(refused: float) -> list[ToolOutcome]:
        agent = ToolAgent(RulesClient("tool"), refused=refused, seed=3)
        calls = (ToolCall("c", n, GET.name, {"berth_id": f"B-{n}"}) for n in range(200))
        return [asyncio.run(agent.simulate(GET, call, [])) for call in calls]

    errors = [outcome.error or "" for outcome in outcomes(0.1) if not outcome.ok]
    assert 8 <= len(errors) <= 35
    assert all(outcome.ok for outcome in outcomes(0.0))
