"""Documentation as people say it: what tools do, what parameters are called, what follows."""

from datetime import datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.agents.rules.asking import put, said
from callsheet.agents.rules.documentation import first_sentence, spoken_tool
from callsheet.agents.rules.labelled import labelled
from callsheet.agents.rules.labels import label, labels
from callsheet.agents.rules.leaks import leaks
from callsheet.agents.rules.plausible import NoValue, plausible
from callsheet.agents.rules.tool_index import CompiledTool, index_of
from callsheet.tools import problems

NOW = datetime(2026, 3, 2, 9)


@pytest.mark.parametrize(
    ("name", "description", "spoken"),
    [
        ("getKite", "Retrieves the specified kite.", "retrieve the kite"),
        ("get_kites", "Returns a <b>paginated</b> list of kites.", "return the kites"),
        ("x", "This endpoint allows you to fly a kite. It is fun.", "fly the kite"),
        ("kites_create", "Creates a new kite in your account", "create the kite in my account"),
        ("getKite", "Gets a kite by its id.", "get the kite"),
        ("delete_kite_string", "", "delete the kite string"),
        ("KiteStrings_Repair", "Mends one or more of the strings!", "mend the strings"),
        ("probe", "Checks if the kite is up.", "check whether the kite is up"),
    ],
)
def test_what_a_tool_does_is_said_plainly(name: str, description: str, spoken: str) -> None:
    found = spoken_tool(name, description)
    assert f"{found.verb} {found.object}" == spoken


@pytest.mark.parametrize(
    ("name", "schema", "called"),
    [
        ("kiteUuid", {}, "kite ID"),
        ("X-API-Key", {}, "API key"),
        ("q", {}, "search text"),
        ("$.xgafv", {}, "xgafv"),
        ("id", {}, "kite ID"),
        ("pk", {"description": "The launch code of the kite."}, "kite key"),
        ("zz", {"description": "The launch site of the kite."}, "launch site"),
        ("isFlying", {"type": "boolean"}, "flying"),
    ],
)
def test_parameters_have_names_that_people_say(name: str, schema: Any, called: str) -> None:
    assert label(name, schema, "kite") == called


@given(st.text(max_size=300), st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_documentation_can_be_read(description: str, name: str) -> None:
    found = spoken_tool(name, description)
    assert found.verb and found.object
    first_sentence(description)
    label(name, {"description": description})


@given(st.lists(st.text(min_size=1, max_size=12), max_size=8, unique=True))
def test_no_two_labels_are_alike(names: list[str]) -> None:
    found = labels({"properties": {name: {} for name in names}})
    assert len(set(found.values())) == len(names)


def tool(**properties: Any) -> CompiledTool:
    schema: Any = {
        "name": "send_kite",
        "description": "Sends a kite up.",
        "parameters": {"type": "object", "properties": properties, "required": list(properties)},
    }
    return index_of([schema]).tools[0]


KITE = tool(
    kiteId={"type": "string"},
    tailLength={"type": "integer"},
    windKind={"enum": ["Light", "Storm"]},
    pilotNames={"type": "array", "items": {"type": "string"}},
    isTethered={"type": "boolean"},
    launchDay={"type": "string", "format": "date"},
    motto={"type": "string"},
    frame={"type": "object", "properties": {"width": {"type": "number"}}},
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("send the kite with the kite ID K-12", {"kiteId": "K-12"}),
        ("The tail length is 1,200 and the motto is \"up, up\".",
         {"tailLength": 1200, "motto": "up, up"}),
        ("with the wind kind storm", {"windKind": "Storm"}),
        ("the pilot names are \"Ann Lee\", Bo-2 and Cy-3",
         {"pilotNames": ["Ann Lee", "Bo-2", "Cy-3"]}),
        ("with the tethered off", {"isTethered": False}),
        ("the launch day is 2026-05-04.", {"launchDay": "2026-05-04"}),
        ("with the frame (width = 2.5)", {"frame": {"width": 2.5}}),
        ("for the kite IDs K-1 and K-2", {"kiteId": ["K-1", "K-2"]}),
        ("I like the motto of the kite", {}),
        ('she said "the tail length is 5"', {}),
    ],
)  # fmt: skip
def test_values_are_found_behind_labels(text: str, found: dict[str, Any]) -> None:
    assert labelled(KITE, text, KITE.params)[0] == found


@given(st.integers(0, 10_000))
@settings(max_examples=100, deadline=None)
def test_what_is_put_into_a_request_is_read_from_it(seed: int) -> None:
    chance = Random(seed)
    params = [p for p in KITE.params if chance.random() < 0.5]
    told = [(p, plausible(p.schema, p.label, NOW, chance)) for p in params]
    text = put(KITE, told, chance, seed % 3)
    assert labelled(KITE, text, KITE.params)[0] == {p.name: v for p, v in told}, text


_SCHEMAS = st.one_of(
    st.just({"type": "string"}),
    st.just({"type": "string", "format": "uuid"}),
    st.just({"type": "string", "format": "date-time"}),
    st.tuples(st.integers(0, 20), st.integers(0, 9)).map(
        lambda t: {"type": "string", "minLength": t[0], "maxLength": t[0] + t[1]}
    ),
    st.tuples(st.integers(-99, 99), st.integers(0, 50)).map(
        lambda t: {"type": "integer", "minimum": t[0], "maximum": t[0] + t[1]}
    ),
    st.tuples(st.integers(-99, 99), st.integers(1, 50)).map(
        lambda t: {"type": "number", "exclusiveMinimum": t[0], "maximum": t[0] + t[1]}
    ),
    st.just({"type": "array", "items": {"type": "integer"}, "minItems": 2}),
    st.just({"type": "string", "pattern": "^[0-9]{12}$"}),
    st.just({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}),
)


@given(_SCHEMAS, st.sampled_from(["city", "page size", "kite ID", "end date", "note", "x"]))
@settings(max_examples=200, deadline=None)
def test_a_plausible_value_fits_its_schema(schema: Any, called: str) -> None:
    try:
        value = plausible(schema, called, NOW, Random(called))
    except NoValue:
        return
    assert not problems(schema, value)


def test_values_are_quoted_where_they_would_be_read_as_words() -> None:
    assert said("open", None, Random(0)) == '"open"'
    assert said("K-12", None, Random(0)) == "K-12"
    assert said("two words", None, Random(0)) == '"two words"'


def test_a_leak_is_a_name_as_it_stands_in_the_schema() -> None:
    assert leaks("use send_kite now", [KITE]) == ["send_kite"]
    assert leaks("the tailLength is 5", [KITE]) == ["tailLength"]
    assert leaks("send a kite with the tail length 5", [KITE]) == []
