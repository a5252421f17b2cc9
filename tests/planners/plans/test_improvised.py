"""Without a plan: as many requests as asked for, each answered, and nothing else differs."""

import asyncio

import pytest
from planned_play import dialogue, played
from planned_tools import subset
from pydantic import ValidationError
from scripted_model import Scripted

from callsheet.agents import UserAgent
from callsheet.planners.plans import PlannedBy, improvised_by_rules, plan_by_rules
from callsheet.scenarios.loader import render
from callsheet.scenarios.schema import Scenario


def test_as_many_requests_are_made_as_asked_for() -> None:
    passed = 0
    for seed in range(25):
        turns = 1 + seed % 5
        scenario = improvised_by_rules(subset(seed), turns=turns, seed=seed, name="free")
        trajectory = dialogue(scenario, seed)
        assert trajectory.outcome.status == "completed"
        assert len(trajectory.plan) == turns
        passed += all(verdict.passed for verdict in trajectory.verdicts)
    assert passed >= 23


def test_it_repeats_itself() -> None:
    scenario = improvised_by_rules(subset(2), turns=4, seed=2, name="free")
    one, other = (played(scenario, 2)[1] for _ in range(2))
    assert [e.identity() for e in one] == [e.identity() for e in other]
    assert render(scenario, 2) == scenario


def test_who_speaks_and_when_is_as_in_the_planned_one() -> None:
    free = improvised_by_rules(subset(2), turns=4, seed=2, name="free")
    bound = plan_by_rules(subset(2), turns=4, seed=2, name="bound")
    assert (free.user.persona, free.user.style) == (bound.user.persona, bound.user.style)
    assert free.context.now == bound.context.now
    assert PlannedBy.of(free.tags) == PlannedBy(by="improvised")


def test_a_plan_is_empty_exactly_where_the_user_improvises() -> None:
    step = [{"tool_call": "ring the bell"}]
    assert Scenario.model_validate({"name": "a", "plan": step}).requests == 1
    free = Scenario.model_validate({"name": "a", "user": {"improvises": 3}})
    assert free.requests == 3
    assert Scenario.model_validate(free.model_dump()) == free
    for wrong in ({"name": "a"}, {"name": "a", "plan": step, "user": {"improvises": 3}}):
        with pytest.raises(ValidationError):
            Scenario.model_validate(wrong)


def test_a_model_that_improvises_is_shown_the_tools_and_stopped_by_code() -> None:
    tool = {"name": "ring_bell", "description": "Rings.", "parameters": {"type": "object"}}
    client = Scripted(
        {"step_met": True, "message": "Ring it once."},
        {"step_met": True, "message": "Once more."},
        {"step_met": True, "message": "And again, for ever."},
    )
    user = UserAgent(client, steps=[], improvises=2, tools=[tool])

    async def turns() -> list[tuple[str, bool]]:
        said = [await user.next(None), await user.next("Done."), await user.next("Done.")]
        return [(turn.message, turn.done) for turn in said]

    assert asyncio.run(turns()) == [("Ring it once.", False), ("Once more.", False), ("", True)]
    assert '"improvise":[{"name":"ring_bell"' in str(client.prompts[0][-1].content)
    assert '"request":"Ring it once."' in str(client.prompts[1][-1].content)
    assert "improvise" not in str(client.prompts[2][-1].content)
