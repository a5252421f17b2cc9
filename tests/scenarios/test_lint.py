"""The linter: each rule finds what it is for, in its place, and sense passes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callsheet.environments import tools_of
from callsheet.scenarios import Scenario, load_scenario
from callsheet.scenarios.lint import Finding, lint, lint_file
from callsheet.scenarios.rehearsal import rehearse

GOOD = """\
name: good
environment: shop
tools: [get_order_status, cancel_order]
user: {knows: {order_id: "5001"}}
plan:
  - {tool_call: cancel my order}
expect:
  calls:
    - {name: cancel_order, step: 0, arguments: {order_id: "5001"}}
  state:
    orders: [{id: "5001", status: cancelled}]
tester:
  checks:
    - plan_completed
    - state
    - {query: select status from orders where id = '5001', equals: [[cancelled]]}
"""


def found(folder: Path, text: str) -> list[Finding]:
    path = folder / "scene.yaml"
    path.write_text(text)
    return lint_file(path)


def test_sense_has_no_findings(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "line", "words"),
    [
        ("environment: shop", "environment: shp", "unknown-environment", 2, "did you mean shop"),
        ("get_order_status", "get_order_stat", "unknown-tool", 3, "mean get_order_status"),
        ("[get_order_status", "[cancel_order", "same-tool", 3, "2 times"),
        ("cancel_order]", "show_cart]", "unreachable", 9, "cancel_order is not on offer"),
        ('{order_id: "5001"}}\nplan', '{colour: red}}\nplan', "idle-fact", 4, "takes 'colour'"),
        ("tool_call: cancel", "chitchat: cancel", "no-tool-step", 5, "no step of the plan"),
        ("step: 0", "step: 7", "wrong-step", 9, "no step 7"),
        ('arguments: {order_id: "5001"', 'arguments: {order_id: "1"', "expected-call", 9, "order"),
        ('arguments: {order_id: "5001"', "arguments: {order_id: 5", "expected-call", 9, "of type"),
        ("status: cancelled", "status: shipped", "unreachable", 11, "no such row"),
        ("status: cancelled", "item: shoe", "state", 11, "no such column"),
        ("orders: [{", "carts: [{", "state", 11, "no such table"),
        ("[[cancelled]]", "[[open]]", "query", 16, 'gives [["cancelled"]]'),
        ("where id = '5001'", "where id = '5002'", "query", 16, "shipped"),
        ("select status", "delete", "query", 16, "refused"),
        ("- plan_completed", "- no_calls", "contradiction", 14, "lists calls"),
        ("- plan_completed", "- {not_called: cancel_order}", "contradiction", 14, "expected call"),
        ("- plan_completed", "- {called: show_cart}", "unreachable", 14, "not on offer"),
        ("name: good", "name: good\nlimits: {turns: 1}", "limits", 2, "none for the questions"),
        ("name: good", "name: good\nlimits: {tool_calls: 0}", "limits", 2, "0 allowed"),
        (
            "name: good", "name: good\nlimits: {tool_calls: 1}\nfaults: {at: [0]}", "limits", 2,
            "1 made to fail",
        ),
        ("name: good", "name: good\nvary: {x: [1]}", "unused-vary", 2, "used nowhere"),
        ("name: good", "name: good\nvary: {x: []}", "empty-vary", 2, "no values"),
        ("name: good", "name: good\npool: p.json", "pool", 2, "only planned"),
        ("name: good", "name: good\nstate: {orders: [{nr: 1}]}", "state", 2, "no column 'nr'"),
        ("cancel my order", "'cancel {it}'", "unknown-placeholder", 6, "nothing fills {it}"),
    ],
)  # fmt: skip
def test_each_rule_finds_its_case(
    tmp_path: Path, old: str, new: str, rule: str, line: int, words: str
) -> None:
    assert old in GOOD
    findings = found(tmp_path, GOOD.replace(old, new, 1))
    assert any(f.rule == rule and f.place.line == line and words in str(f) for f in findings), [
        str(f) for f in findings
    ]


@pytest.mark.parametrize("environment", ["workspace", "api_bank"])
@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("{reminders: }", "reminders: a list of rows is wanted, each a mapping"),
        ("{reminders: [5]}", "reminders: a list of rows is wanted, each a mapping"),
        ("{reminders: {id: 1}}", "reminders: a list of rows is wanted, each a mapping"),
        ("{reminders: hello}", "reminders: a list of rows is wanted, each a mapping"),
        ("{replace: no}", "replace: true or false is wanted, not 'no'"),
    ],
)
def test_a_state_of_another_form_is_found(
    tmp_path: Path, environment: str, state: str, words: str
) -> None:
    text = f"name: s\nenvironment: {environment}\nplan: [{{tool_call: x}}]\nstate: {state}\n"
    (finding,) = found(tmp_path, text)
    assert (finding.rule, finding.place.line) == ("state", 4) and words in finding.what
    scenario = load_scenario(tmp_path / "scene.yaml")
    assert [f.what for f in rehearse(scenario, tools_of(environment))] == [finding.what]


def test_a_number_that_lost_its_zeros_is_found(tmp_path: Path) -> None:
    text = GOOD.replace('{order_id: "5001"}}\nplan', '{order_id: "5001", pin: 0123}}\nplan')
    padded = [f for f in found(tmp_path, text) if f.rule == "padded-number"]
    assert [(f.severity, f.place.line, f.place.column) for f in padded] == [("warning", 4, 39)]
    assert "0123 is read as a number" in padded[0].what
    quoted = found(tmp_path, text.replace("0123", "'0123'"))
    assert "padded-number" not in [f.rule for f in quoted]


def test_a_finding_is_one_line_with_place_severity_and_rule(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, GOOD.replace("name: good", "name: good\nvary: {x: [1]}"))
    assert str(finding) == (
        f"{tmp_path}/scene.yaml:2:8: warning: vary.x is used nowhere "
        "(write {x} where it belongs) [unused-vary]"
    )


def test_checks_that_prove_nothing_are_found(tmp_path: Path) -> None:
    text = GOOD.replace("status: cancelled}", "quantity: 1}").replace(
        "{query: select status from orders where id = '5001', equals: [[cancelled]]}",
        "{query: select count(*) from orders, equals: [[8]]}",
    )
    assert [(f.rule, f.place.line) for f in found(tmp_path, text)] == [
        ("ambiguous", 11),
        ("ambiguous", 16),
    ]


def test_rows_in_no_order_are_found(tmp_path: Path) -> None:
    query = "{query: select id from orders where status = 'shipped', equals: [['5002'], ['5006']]}"
    text = GOOD.replace("- state\n", f"- state\n    - {query}\n")
    rules = [f.rule for f in found(tmp_path, text)]
    assert rules == ["ambiguous", "ambiguous"]
    ordered = text.replace("'shipped',", "'shipped' order by id,")
    assert ["order by" in str(f) for f in found(tmp_path, ordered)] == [False]


def test_state_that_nothing_is_expected_to_reach_is_found(tmp_path: Path) -> None:
    text = GOOD.split("  calls:")[0] + "  state:" + GOOD.split("  state:")[1].split("tester")[0]
    (finding,) = found(tmp_path, text)
    assert finding.rule == "unreachable" and "no expected call says" in finding.what


def test_a_failure_in_one_variation_is_found_and_names_it(tmp_path: Path) -> None:
    text = GOOD.replace('arguments: {order_id: "5001"', "arguments: {order_id: '{n}'")
    text += "vary: {n: ['5001', '5002']}\n"
    findings = found(tmp_path, text)
    assert any("5002 is shipped" in f.what and '{"n":"5002"}' in f.hint for f in findings)


def test_parts_of_values_must_be_there(tmp_path: Path) -> None:
    text = GOOD.replace("cancel my order", "'cancel {o.nr}'")
    text += "vary: {o: [{nr: 1}, {number: 2}]}\n"
    assert [f.rule for f in found(tmp_path, text)] == ["unknown-placeholder"]


def test_a_variation_that_is_no_scenario_is_found(tmp_path: Path) -> None:
    text = GOOD.replace("cancel my order", "'{x}'") + "vary: {x: [fine, 3]}\n"
    assert [f.rule for f in found(tmp_path, text)] == ["vary"]


PLANNED = """\
name: planned
environment: planned
tools:
  - {name: Ping, parameters: {type: object, properties: {n: {type: integer}}, required: [n]}}
plan: [{tool_call: ping}]
expect: {calls: [{name: Ping, arguments: {n: 1}}]}
"""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("n: 1", "n: one", "expected-call"),
        ("type: integer", "type: intger", "schema"),
        ("environment: planned", "environment: planned\npool: none.json", "pool"),
        ("name: Ping, parameters", "name: Pong, parameters", "unreachable"),
        ("  - {name", "  - Pung\n  - {name", "unknown-tool"),
        ("plan:", "state: {a: []}\nplan:", "no-tables"),
        ("plan:", "tester: {checks: [{query: select 1, equals: [[1]]}]}\nplan:", "no-tables"),
    ],
)
def test_planned_tools_are_checked_by_their_schemas(
    tmp_path: Path, old: str, new: str, rule: str
) -> None:
    assert found(tmp_path, PLANNED) == []
    assert rule in [f.rule for f in found(tmp_path, PLANNED.replace(old, new, 1))]


def test_no_tool_on_offer_is_found(tmp_path: Path) -> None:
    text = "name: n\nenvironment: planned\nplan: [{tool_call: x}]\n"
    assert [f.rule for f in found(tmp_path, text)] == ["no-tools"]


def test_the_linter_needs_no_file_and_no_event_loop_of_its_own() -> None:
    scenario = Scenario.model_validate(
        {"name": "s", "plan": [{"tool_call": "x"}], "expect": {"calls": [{"name": "GetToday"}]}}
    )

    async def within() -> list[Finding]:
        return lint(scenario)

    assert asyncio.run(within()) == []
