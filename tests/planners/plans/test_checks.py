"""Each requirement on a plan has a case that meets it and one that does not."""

import pytest

from callsheet.planners.plans import PlannedRequest, check_plan
from callsheet.scenarios.schema import Step
from callsheet.tools import ToolSpec

TEXT = {"type": "string"}


def tool(name: str, description: str, **properties: object) -> ToolSpec:
    parameters = {"type": "object", "properties": properties}
    return ToolSpec(name=name, description=description, parameters=parameters)


TOOLS = [
    tool("getTideTable", "Gets the tide table of a harbour.", harbourName=TEXT),
    tool("book_berth", "Books a berth in a harbour.", boat_name=TEXT, nights={"type": "integer"}),
]
TIDE = PlannedRequest(
    kind="tool_call", request='look up the tides for "Bergen"', tools=("getTideTable",), calls=1
)
BERTH = PlannedRequest(
    kind="tool_call", request='then book a berth for the boat "Nereid"', tools=("book_berth",),
    calls=1,
)  # fmt: skip
BOTH = PlannedRequest(
    kind="tool_call",
    request='also look up the tides for "Oslo" and book a berth there',
    tools=("getTideTable", "book_berth"),
    calls=2,
)
TALK = PlannedRequest(kind="chitchat", request="I love the smell of a harbour")


def codes(*plan: PlannedRequest | Step, turns: int | None = None) -> set[str]:
    return {f.code for f in check_plan(plan, TOOLS, len(plan) if turns is None else turns)}


def test_a_good_plan_has_no_fault() -> None:
    assert codes(TIDE, BERTH, TALK, BOTH) == set()


def test_the_number_of_turns_is_exact() -> None:
    assert codes(TIDE, BERTH, turns=3) == {"wrong-number-of-turns"}
    assert codes(TIDE, BERTH, turns=2) == set()


@pytest.mark.parametrize(
    ("request_", "leaks"),
    [
        ("call getTideTable for Bergen", True),
        ("get tide table for Bergen", True),
        ("look up the tides, harbourName Bergen", True),
        ("book a berth, boat_name Nereid", True),
        ("look up the tide table of Bergen harbour", False),
    ],
)
def test_names_of_tools_and_parameters_are_not_said(request_: str, leaks: bool) -> None:
    step = TIDE.model_copy(update={"request": request_})
    assert ("names-a-tool" in codes(step)) == leaks


def test_chitchat_asks_for_nothing() -> None:
    asks = PlannedRequest(kind="chitchat", request='please book a berth for the boat "Nereid"')
    assert "wrong-kind" in codes(TIDE, asks)
    assert "wrong-kind" not in codes(TIDE, TALK)


def test_chitchat_needs_no_tool_and_tools_exist() -> None:
    assert "wrong-kind" in codes(TIDE, TALK.model_copy(update={"tools": ("book_berth",)}))
    assert "wrong-kind" in codes(TIDE.model_copy(update={"tools": ("fly_kite",)}))


def test_there_is_some_chitchat_but_not_too_much() -> None:
    assert codes(TIDE, BERTH, BOTH, BERTH) == {"no-chitchat"}
    assert codes(TIDE, TALK, TALK, BOTH) == {"too-much-chitchat"}
    assert codes(TIDE, BERTH) == set()


def test_requests_are_connected() -> None:
    loose = BERTH.model_copy(update={"request": 'reserve a place for "Nereid"'})
    assert codes(TIDE, loose) == {"not-connected"}
    assert codes(TIDE, BERTH) == set()


def test_one_request_is_complex() -> None:
    assert codes(TIDE, BERTH, TALK, BERTH) == {"not-complex"}
    many = TIDE.model_copy(update={"calls": 2})
    assert codes(many, BERTH, TALK, BERTH) == set()


def test_a_bare_step_is_read_from_its_words() -> None:
    both = Step(
        tool_call='Also get the tide table of the harbour "Oslo" and book a berth for "Ann"'
    )
    steps = [Step(tool_call=TIDE.request), Step(tool_call=BERTH.request)]
    assert "not-complex" not in codes(*steps, both)
    assert "not-complex" in codes(*steps, Step(tool_call=BERTH.request))
