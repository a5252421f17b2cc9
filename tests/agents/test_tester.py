"""The tester: each kind of check, passed and failed."""

import asyncio
import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_model import Failing, Scripted

from callsheet.agents import Evidence, StepBrief, TesterAgent
from callsheet.agents.expected_calls import comparable, missing_calls
from callsheet.environments.protocol import StateDiff, ToolCall, ToolOutcome
from callsheet.models.errors import ContextOverflow, EndpointError, InvalidAnswer, ModelError
from callsheet.scenarios.schema import ExpectedCall, Scenario
from callsheet.tools import ToolSpec
from callsheet.trajectories.trajectory import Verdict

ADD = ToolSpec(
    name="add",
    parameters={
        "type": "object",
        "properties": {"a": {"type": "number"}, "unit": {"type": "string", "default": "m"}},
    },
)


class World:
    name = "test"
    tools = (ADD,)
    execution = "sandbox"

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:")
        self._db.executescript(
            "create table pets (name text, age integer, note text);"
            "insert into pets values ('Rex', 3, null), ('O''Mally', 7, 'old'), ('Rex', 3, null);"
        )

    async def call(self, call: ToolCall) -> ToolOutcome:
        raise AssertionError("a tester makes no calls")

    def digest(self) -> str | None:
        return None

    def diff(self) -> StateDiff:
        return StateDiff()

    def query(self, sql: str) -> list[list[Any]]:
        try:
            return [list(row) for row in self._db.execute(sql)]
        except sqlite3.Error as error:
            raise ValueError(str(error)) from None

    async def close(self) -> None: ...


def call(name: str, error: Any = None, **arguments: Any) -> tuple[ToolCall, ToolOutcome]:
    outcome = ToolOutcome(1) if error is None else ToolOutcome(error_type=error, error="no")
    return ToolCall("c", 0, name, arguments), outcome


def verdicts(
    checks: list[Any],
    calls: Any = (),
    *,
    met: Any = (True,),
    expect: Any = None,
    messages: Any = (),
    judge: Scripted | None = None,
    execution: str = "sandbox",
) -> list[Verdict]:
    scenario = Scenario.model_validate(
        {
            "name": "s",
            "plan": [{"tool_call": f"request {i}"} for i in range(len(met))],
            "tester": {"checks": checks},
            "expect": expect or {},
        }
    )
    world: Any = World()
    world.execution = execution
    plan = [StepBrief(kind="tool_call", request="as it was said")]
    evidence = Evidence(scenario, plan, list(messages), list(calls), list(met), world)
    return asyncio.run(TesterAgent(judge).judge(evidence))


def passed(*args: Any, **kwargs: Any) -> bool:
    (verdict,) = verdicts(*args, **kwargs)
    assert verdict.passed == (not verdict.reason), "a failed check says why, a passed one nothing"
    return verdict.passed


def test_plan_completed() -> None:
    assert passed(["plan_completed"], met=[True, True])
    (verdict,) = verdicts(["plan_completed"], met=[True, False])
    assert verdict.reason == "1 of 2 steps not met, first: request 1"


def test_a_simulated_tool_that_answers_what_it_cannot_is_a_failed_check() -> None:
    calls = [call("add"), call("add", "invalid_output")]
    asked, spoilt = verdicts(["calls_valid"], calls, execution="simulated")
    assert asked.passed and not spoilt.passed
    assert (spoilt.check, spoilt.reason) == ("tool_outputs", "1 of 2 outputs, first: no")
    assert passed(["calls_valid"], calls), "a sandbox's own failure is part of its world"
    assert passed(["calls_valid"], calls[:1], execution="simulated")


def test_calls_valid_forgives_tools_that_say_no() -> None:
    assert passed(["calls_valid"], [call("add"), call("add", "failed"), call("add", "timeout")])
    assert not passed(["calls_valid"], [call("add", "invalid_arguments")])
    assert not passed(["calls_valid"], [call("sub", "unknown_tool")])


def test_no_calls() -> None:
    assert passed(["no_calls"])
    assert not passed(["no_calls"], [call("add", "failed")])


def test_called_and_not_called() -> None:
    assert passed([{"called": "add"}], [call("add", "timeout"), call("add")])
    assert not passed([{"called": "add"}], [call("add", "timeout")])
    assert passed([{"not_called": "add"}], [call("sub")])
    assert not passed([{"not_called": "add"}], [call("add", "timeout")])


def test_says_looks_at_words_of_the_assistant_only() -> None:
    said = [
        {"role": "user", "content": "Is it 42?"},
        {"role": "assistant", "content": "42", "tool_calls": [{"id": "c"}]},
        {"role": "assistant", "content": "It is Forty-Two."},
    ]
    assert passed([{"says": "forty-two"}], messages=said)
    assert not passed([{"says": "42"}], messages=said)


def test_queries_are_compared_in_order() -> None:
    sql = "select name from pets order by age"
    assert passed([{"query": sql, "equals": [["Rex"], ["Rex"], ["O'Mally"]]}])
    assert not passed([{"query": sql, "equals": [["O'Mally"], ["Rex"], ["Rex"]]}])


def test_a_query_that_cannot_be_made_is_the_scenarios_fault() -> None:
    (verdict,) = verdicts([{"query": "select x from zoo", "equals": []}])
    assert verdict.reason.startswith("cannot be checked: no such table")
    assert verdict.by == "execution"


@pytest.mark.parametrize(
    ("rows", "good"),
    [
        ([{"name": "Rex", "age": 3}], True),
        ([{"name": "Rex"}, {"name": "Rex"}], True),
        ([{"name": "Rex"}] * 3, False),
        ([{"name": "O'Mally", "note": "old"}], True),
        ([{"note": None}], True),
        ([{"name": "Rex", "note": "old"}], False),
        ([{"name": "Rex'; drop table pets; --"}], False),
    ],
)
def test_state_wants_each_row_as_often_as_it_is_written(rows: Any, good: bool) -> None:
    (verdict,) = verdicts(["state"], expect={"state": {"pets": rows}})
    assert verdict.passed is good


def test_state_of_a_table_that_is_not_there() -> None:
    (verdict,) = verdicts(["state"], expect={"state": {"zoo": [{"name": "x"}]}})
    assert verdict.reason.startswith("cannot be checked")


def test_rules_come_before_execution_and_the_judge_last() -> None:
    judge = Scripted({"passed": False, "reason": "rude"})
    got = verdicts(
        [{"query": "select 1", "equals": [[1]]}, "no_calls"],
        judge=judge,
        messages=[{"role": "user", "content": "hi"}],
    )
    assert [(v.check, v.by, v.passed) for v in got] == [
        ("no_calls", "rules", True),
        ("query: select 1", "execution", True),
        ("judge", "judge", False),
    ]
    assert judge.brief()["conversation"] == [{"role": "user", "content": "hi"}]
    assert judge.brief()["plan"] == [{"kind": "tool_call", "request": "as it was said"}]


def test_a_judge_without_an_answer_cannot_check() -> None:
    (verdict,) = verdicts([], judge=Scripted("what?", "well"))
    assert verdict.reason.startswith("cannot be checked")


def recorded(kind: str) -> ModelError:
    error = ModelError("as the journal gives it back")
    error.kind = kind
    return error


@pytest.mark.parametrize(
    "error", [ContextOverflow("too long"), InvalidAnswer("no"), recorded("context_overflow")]
)
def test_a_dialogue_too_long_for_the_judge_cannot_be_checked(error: ModelError) -> None:
    (verdict,) = verdicts([], judge=Failing(error))
    assert (verdict.by, verdict.passed) == ("judge", False)
    assert verdict.reason == f"cannot be checked: {error}"


@pytest.mark.parametrize("error", [EndpointError("down"), recorded("endpoint")])
def test_a_judge_out_of_reach_says_nothing_of_the_dialogue(error: ModelError) -> None:
    with pytest.raises(ModelError):
        verdicts([], judge=Failing(error))


def expected(*calls: tuple[str, dict[str, Any], int | None]) -> list[ExpectedCall]:
    return [ExpectedCall(name=n, arguments=a, step=s) for n, a, s in calls]


def test_expected_calls_stand_among_others_in_order() -> None:
    made = [call("look"), call("add", a=1), call("add", "timeout", a=2), call("add", a=2.0)]
    assert missing_calls(expected(("add", {"a": 1}, None), ("add", {"a": 2}, None)), made, []) == []
    missing = missing_calls(expected(("add", {"a": 2}, None), ("add", {"a": 1}, None)), made, [])
    assert missing == ['missing add({"a":1})']


def test_calls_of_one_step_may_change_places_but_steps_may_not() -> None:
    made = [call("b"), call("a"), call("c")]
    assert missing_calls(expected(("a", {}, 0), ("b", {}, 0), ("c", {}, 1)), made, []) == []
    assert missing_calls(expected(("c", {}, 0), ("a", {}, 1)), made, []) != []


def test_one_call_does_not_count_twice() -> None:
    twice = expected(("a", {}, 0), ("a", {}, 0))
    assert len(missing_calls(twice, [call("a")], [])) == 1


def test_saying_a_default_is_saying_nothing() -> None:
    wanted = expected(("add", {"a": 1}, None))
    assert missing_calls(wanted, [call("add", a=1, unit="m")], [ADD]) == []
    assert missing_calls(wanted, [call("add", a=1, unit="km")], [ADD]) != []


def test_the_check_uses_them() -> None:
    expect = {"calls": [{"name": "add", "arguments": {"a": 1}}]}
    assert passed(["expected_calls"], [call("add", a=1)], expect=expect)
    assert not passed(["expected_calls"], [call("add", a=3)], expect=expect)


@given(st.dictionaries(st.text(), st.integers(-(2**40), 2**40) | st.booleans() | st.text()))
def test_integers_and_floats_of_one_value_are_equal(arguments: dict[str, Any]) -> None:
    as_floats = {
        n: float(v) if isinstance(v, int) and not isinstance(v, bool) else v
        for n, v in arguments.items()
    }
    assert comparable(arguments) == comparable(as_floats)
    for name, value in arguments.items():
        other = not value if isinstance(value, bool) else _other(value)
        assert comparable({**arguments, name: other}) != comparable(arguments)


def _other(value: int | str) -> int | str:
    return value + 1 if isinstance(value, int) else value + "!"
