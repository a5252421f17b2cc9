import asyncio

import pytest

from callsheet.evaluation.gold import GoldFails, call_items, steps_of
from callsheet.scenarios.schema import Scenario


def scenario(**changes) -> Scenario:
    base = {
        "name": "offsite",
        "environment": "workspace",
        "tools": ["GetUserToken", "AddMeeting", "GetWeather", "LookUpWord"],
        "user": {"knows": {"username": "foo", "password": "bar"}},
        "plan": [
            {"tool_call": "Log me in please"},
            {"chitchat": "what a day"},
            {"tool_call": "What is the weather in Oslo on 2026-03-03, and what is a quorum?"},
        ],
        "expect": {
            "calls": [
                {"name": "GetUserToken", "arguments": {"username": "foo", "password": "bar"}},
                {"name": "GetWeather", "arguments": {"city": "Oslo", "date": "2026-03-03"}},
                {"name": "LookUpWord", "arguments": {"word": "quorum"}},
            ]
        },
    }
    return Scenario.model_validate({**base, **changes})


def items(*scenarios: Scenario):
    return asyncio.run(call_items(scenarios))


def with_steps(*steps: int | None) -> Scenario:
    whole = scenario()
    calls = [
        c.model_copy(update={"step": s}) for c, s in zip(whole.expect.calls, steps, strict=True)
    ]
    return whole.model_copy(update={"expect": whole.expect.model_copy(update={"calls": calls})})


def test_each_expected_call_is_asked_after_the_authors_own_history():
    first, second, third = items(with_steps(0, 2, 2))
    assert [i.id for i in (first, second, third)] == ["offsite/0", "offsite/1", "offsite/2"]
    assert [m["role"] for m in first.messages] == ["system", "user", "assistant", "user"]
    assert first.messages[-1]["content"] == "username: foo, password: bar"
    assert [m["role"] for m in second.messages[4:]] == [
        *("assistant", "tool", "assistant", "user", "assistant", "user")
    ]
    assert "tok-9f31c2" in second.messages[5]["content"]
    assert second.messages[-1]["content"].startswith("What is the weather in Oslo")
    assert third.messages[-1]["role"] == "tool" and third.position == 2


def test_calls_of_one_step_may_come_in_any_order():
    first, second, third = items(with_steps(0, 2, 2))
    assert [g.name for g in first.goals] == ["GetUserToken"]
    assert [g.name for g in second.goals] == ["GetWeather", "LookUpWord"]
    assert [g.name for g in third.goals] == ["LookUpWord"]


def test_a_call_that_needs_an_earlier_one_is_no_goal_before_it():
    token = "tok-9f31c2"
    meeting = {"topic": "lunch", "start": "2026-03-09 12:00:00", "end": "2026-03-09 13:00:00"}
    (first, second) = items(
        scenario(
            tools=["AddMeeting", "DeleteMeeting"],
            plan=[{"tool_call": "Add lunch and take it out again"}],
            expect={
                "calls": [
                    {
                        "name": "AddMeeting",
                        "arguments": {"token": token, "location": "Bar", **meeting},
                        "step": 0,
                    },
                    {
                        "name": "DeleteMeeting",
                        "arguments": {"token": token, "topic": "lunch"},
                        "step": 0,
                    },
                ]
            },
        )
    )
    assert [g.name for g in first.goals] == ["AddMeeting"]
    assert first.goals[0].state != second.goals[0].state


def test_calls_without_a_step_are_spread_over_the_requests():
    assert [(s, len(c)) for s, c in steps_of(scenario())] == [(0, 2), (1, 0), (2, 1)]
    assert [(s, len(c)) for s, c in steps_of(with_steps(0, 2, 2))] == [(0, 1), (1, 0), (2, 2)]
    with pytest.raises(GoldFails, match="no step"):
        steps_of(with_steps(0, 7, 2))


def test_a_solution_that_does_not_work_is_refused():
    wrong = {"calls": [{"name": "LookUpWord", "arguments": {"word": "zzz"}, "step": 2}]}
    with pytest.raises(GoldFails, match="expected call 0, LookUpWord, fails"):
        items(scenario(expect=wrong))
    with pytest.raises(ValueError, match=r"no sandbox|simulator"):
        items(scenario(environment="planned", tools=[]))


def test_prompts_are_told_apart():
    one, two = items(with_steps(0, 2, 2)), items(with_steps(0, 2, 2))
    assert [i.prompt_digest for i in one] == [i.prompt_digest for i in two]
    assert len({i.prompt_digest for i in one}) == 3
