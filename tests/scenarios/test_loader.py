"""Scenario files: what is right loads, what is wrong is placed by line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.scenarios import (
    Scenario,
    ScenarioError,
    json_schema,
    library,
    load_scenario,
    load_scenarios,
    render,
    scenario_files,
    variations,
)
from callsheet.scenarios.document import read_document
from callsheet.scenarios.lint import lint_file
from callsheet.scenarios.loader import LIBRARY
from callsheet.tools import problems

GOOD = "name: a\nplan:\n  - {tool_call: do it}\n"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "scene.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def complaints(folder: Path, text: str | bytes) -> list[str]:
    path = write(folder, text)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    return [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines()]


def test_text_keeps_its_text(tmp_path: Path) -> None:
    knows = "user: {knows: {at: 12:30, answer: on, no: no, day: 2026-01-01, n: 0o17, s: '0123'}}"
    scenario = load_scenario(write(tmp_path, GOOD + knows))
    assert scenario.user.knows == {
        "at": "12:30", "answer": "on", "no": "no", "day": "2026-01-01", "n": 15, "s": "0123",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD + "toolz: []\n", "4:1: unknown key 'toolz'; did you mean 'tools'?"),
        (GOOD + "limits: {turns: 0}\n", "4:17: limits.turns: Input should be greater than"),
        ("name: a\nplan: []\n", "2:7: plan: List should have at least 1 item"),
        ("plan:\n  - {chitchat: hi}\n", "1:1: the key 'name' is missing"),
        (GOOD + "name: b\n", "4:1: the key 'name' stands here twice"),
        ("name: a\nplan:\n  - {tool_call: 3}\n", "3:17: plan.0.tool_call: text is wanted here"),
        ("name: [\n", "not YAML"),
        ("name: a\n\tplan: x\n", "not YAML"),
        (b"name: \xff\n", "1:1: not UTF-8 text"),
        ("", "1:1: a scenario is a mapping"),
        ("- a\n", "1:1: a scenario is a mapping"),
        ("name: !!python/object/apply:os.system [x]\n", "is not read here"),
        ("a: &a [*a]\n", "too large or too deep"),
        ("? [a]\n: b\n", "a key is one word"),
    ],
)
def test_a_mistake_is_placed_and_explained(
    tmp_path: Path, text: str | bytes, expected: str
) -> None:
    assert any(expected in line for line in complaints(tmp_path, text))


def test_all_mistakes_of_a_file_are_told(tmp_path: Path) -> None:
    lines = complaints(tmp_path, "name: a\ntoolz: 1\nplan:\n  - {tool_cal: x}\n  - {chitchat: 3}\n")
    assert [line.split(":")[0] for line in lines] == ["2", "4", "5"]


def test_a_source_that_names_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="did you mean the library's single-call"):
        load_scenarios(["single-cal"])
    with pytest.raises(ScenarioError, match="no scenario here"):
        load_scenarios([tmp_path])


@settings(max_examples=200, deadline=None)
@given(st.text() | st.binary())
def test_anything_is_a_scenario_or_a_placed_error(
    tmp_path_factory: pytest.TempPathFactory, text: str | bytes
) -> None:
    payload = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(payload)
    try:
        load_scenario(path)
    except ScenarioError as error:
        assert all(str(problem).startswith(f"{path}:") for problem in error.problems)


def test_variations_are_drawn_by_seed_and_keep_types() -> None:
    scenario = Scenario.model_validate(
        {
            "name": "v",
            "plan": [{"tool_call": "pay {n} to {who}, not {nobody}"}],
            "expect": {"calls": [{"name": "Pay", "arguments": {"n": "{n}", "to": "{who}"}}]},
            "vary": {"n": [1, 2, 3], "who": ["Ann", "Bo"]},
        }
    )
    assert variations(scenario) == 6
    seen = set()
    for seed in range(60):
        one = render(scenario, seed)
        assert one == render(scenario, seed) and not one.vary
        n = one.expect.calls[0].arguments["n"]
        assert isinstance(n, int)
        who = one.expect.calls[0].arguments["to"]
        assert one.plan[0].request == f"pay {n} to {who}, not {{nobody}}"
        seen.add((n, who))
    assert len(seen) == 6


def test_the_library_loads_and_makes_sense() -> None:
    files = library()
    assert len(files) >= 8
    for name, path in files.items():
        assert load_scenario(path).name == name
        assert lint_file(path) == []


def test_editors_accept_every_packaged_scenario() -> None:
    schema = json_schema()
    for path in scenario_files([LIBRARY.parent]):
        assert problems(schema, read_document(path.read_bytes()).value) == [], path
    wrong = {"name": "a", "plan": [{"tool_call": "x"}], "tester": {"checks": ["no_such_rule"]}}
    assert problems(schema, wrong)


def test_editors_get_a_schema_with_a_description_of_every_field() -> None:
    schema = json_schema()
    assert schema["additionalProperties"] is False
    check = schema["$defs"]["Check"]["anyOf"][1]
    for name, part in {"Scenario": schema, "Check": check, **schema["$defs"]}.items():
        for field, described in part.get("properties", {}).items():
            assert described.get("description"), (name, field)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("environment: worksace\n", "unknown environment 'worksace'; did you mean workspace?"),
        ("tools: [GetWether]\n", "unknown tool 'GetWether' in workspace; did you mean GetWeather"),
        ("tools: [GetToday]\nexpect: {calls: [{name: Calculator}]}\n", "is not on offer"),
        (
            "tools: [Calculator]\n"
            "expect: {calls: [{name: Calculator, arguments: {formula: 1/0}}]}\n",
            "Calculator fails: Division by zero.",
        ),
        ("tester: {checks: [{query: drop table words, equals: []}]}\n", "query refused"),
        (
            "tester: {checks: [{query: select word from words, equals: []}]}\n",
            "several rows without `order by`",
        ),
        (
            "expect: {calls: [{name: GetToday}]}\n"
            "tester: {checks: [{query: select 1, equals: [[1]]}]}\n",
            "proves nothing",
        ),
        ("vary: {x: [1]}\n", "vary.x is used nowhere"),
        ("state: {nowhere: []}\n", "no table 'nowhere'"),
        ("environment: planned\npool: none.json\n", "cannot be read"),
        ("limits: {tool_calls: 0}\nexpect: {calls: [{name: GetToday}]}\n", "0 allowed"),
    ],
)
def test_the_linter_finds_what_makes_no_sense(tmp_path: Path, text: str, expected: str) -> None:
    found = [str(problem) for problem in lint_file(write(tmp_path, GOOD + text))]
    assert any(expected in line for line in found), found


def test_a_scenario_names_models_and_never_folders() -> None:
    from pydantic import ValidationError

    from callsheet.scenarios.schema import Assistant

    assert Assistant(model="my-model.v2").model == "my-model.v2"
    for name in ("./weights", "smollm2+adapter", "/abs", "..", ""):
        with pytest.raises(ValidationError):
            Assistant(model=name)
