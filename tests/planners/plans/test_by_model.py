"""Plans by a model: asked in a schema, sent back with what is wrong, refused in the end."""

import asyncio
from typing import Any

import pytest
from planned_tools import subset
from scripted_model import Scripted

from callsheet.models.errors import InvalidAnswer
from callsheet.planners.plans import (
    PlannedBy,
    choose,
    improvised_by_rules,
    plan_by_rules,
    plan_with_model,
)
from callsheet.tools import ToolSpec

TOOLS = subset(3)


def answer(*requests: tuple[str, str, list[str]], knows: Any = ()) -> dict[str, Any]:
    made = [{"kind": k, "request": r, "tools": t, "calls": len(t)} for k, r, t in requests]
    return {"requests": made, "knows": list(knows)}


GOOD = answer(
    ("tool_call", "I want to see how things stand with the first one", [TOOLS[0].name]),
    ("tool_call", "then do the same for the second one", [TOOLS[1].name]),
    knows=[{"name": "workspace ID", "value": "W-12"}],
)


def planned(client: Scripted, turns: int = 2, seed: int = 4) -> Any:
    return asyncio.run(
        plan_with_model(client, TOOLS, turns=turns, seed=seed, name="m", model="owl")
    )


def test_a_good_plan_becomes_a_scenario() -> None:
    client = Scripted(GOOD)
    scenario = planned(client)
    assert [s.request for s in scenario.plan] == [r["request"] for r in GOOD["requests"]]
    assert scenario.user.knows == {"workspace ID": "W-12"}
    assert PlannedBy.of(scenario.tags) == PlannedBy(by="model", model="owl")
    assert TOOLS[0].name in str(client.prompts[0][-1].content)


def test_of_one_seed_only_the_planning_differs() -> None:
    faulty = 0
    for seed in range(10, 18):
        made = [
            planned(Scripted(GOOD), seed=seed),
            plan_by_rules(TOOLS, turns=2, seed=seed, name="r"),
            improvised_by_rules(TOOLS, turns=2, seed=seed, name="i"),
        ]
        scenes = [
            (s.faults, s.user.persona, s.user.style, s.context.now, s.context.location)
            for s in made
        ]
        assert scenes[0] == scenes[1] == scenes[2]
        assert made[0].faults.refused > 0
        faulty += made[0].faults.timeout > 0
    assert faulty == 2


def test_a_damaged_list_of_required_parameters_can_be_shown() -> None:
    odd = ToolSpec(
        name="ring_bell",
        parameters={"type": "object", "properties": {"x": True}, "required": [{}]},
    )
    client = Scripted(GOOD)
    asyncio.run(plan_with_model(client, [*TOOLS, odd], turns=2, seed=4, name="m"))
    assert "ring_bell" in str(client.prompts[0][-1].content)


def test_a_plan_with_faults_is_sent_back_with_them() -> None:
    leaky = answer(("tool_call", f"call {TOOLS[0].name}", []), ("tool_call", "then stop", []))
    client = Scripted(leaky, GOOD)
    assert planned(client).plan
    assert "names of tools" in str(client.prompts[1][-1].content)


def test_a_plan_that_stays_wrong_is_refused() -> None:
    with pytest.raises(InvalidAnswer, match="exactly 5"):
        planned(Scripted(GOOD, GOOD, GOOD), turns=5)


def test_models_are_mixed_by_seed() -> None:
    names = ["a", "b", "c"]
    drawn = [choose(seed, names) for seed in range(60)]
    assert drawn == [choose(seed, names) for seed in range(60)]
    assert set(drawn) == set(names)
    with pytest.raises(ValueError, match="no model"):
        choose(1, [])
