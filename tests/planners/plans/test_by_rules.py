"""Plans by rules: what every one of them is, and what the dialogues are that they lead to."""

from collections import Counter

import pytest
from planned_play import dialogue, played, said
from planned_tools import subset

from callsheet.agents.rules.leaks import leaks
from callsheet.agents.rules.tool_index import index_of
from callsheet.planners.plans import (
    Link,
    PlannedBy,
    check_plan,
    draft_by_rules,
    plan_by_rules,
)
from callsheet.planners.plans.plan import offered
from callsheet.tools import ToolSpec
from callsheet.trajectories.event import Event

TEXT = {"type": "string"}


@pytest.mark.parametrize("block", range(6))
def test_every_plan_meets_the_six_requirements(block: int) -> None:
    for seed in range(block * 50, block * 50 + 50):
        tools, turns = subset(seed), 1 + seed % 8
        draft = draft_by_rules(tools, turns=turns, seed=seed)
        faults = check_plan(draft.requests, tools, turns)
        assert not faults, (seed, faults, draft.requests)


def test_equal_arguments_give_equal_scenarios() -> None:
    one, other, third = (
        plan_by_rules(subset(5), turns=5, seed=seed, name="five").model_dump_json()
        for seed in (7, 7, 8)
    )
    assert one == other != third


def test_a_plan_says_who_made_it() -> None:
    scenario = plan_by_rules(subset(1), turns=3, seed=1, name="one")
    assert PlannedBy.of(scenario.tags) == PlannedBy(by="rules")
    assert len(scenario.plan) == 3 and scenario.environment == "planned"


@pytest.mark.parametrize(("tools", "turns"), [([], 3), (subset(1), 0)])
def test_there_is_something_to_plan(tools: list[ToolSpec], turns: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        plan_by_rules(tools, turns=turns, seed=0, name="none")


def test_dialogues_pass_their_checks_and_make_the_calls_that_are_meant() -> None:
    count: Counter[str] = Counter()
    for seed in range(60):
        tools = subset(seed)
        scenario = plan_by_rules(tools, turns=2 + seed % 5, seed=seed, name=f"d{seed}")
        episode, events = played(scenario, seed)
        made = [(call.name, dict(call.arguments)) for call, _ in episode.workbench.calls]
        count["passed"] += events[-1].data.get("score") == 1.0
        count["as meant"] += all((c.name, c.arguments) in made for c in scenario.expect.calls)
        index = index_of([offered(tool) for tool in tools])
        words = [e.data["message"]["content"] for e in events
                 if e.kind == "message" and e.source == "user"]  # fmt: skip
        assert not any(leaks(text, index.tools) for text in words if text)
    assert count["passed"] >= 58 and count["as meant"] >= 55, count


def test_an_episode_repeats_itself_and_can_be_picked_up_anywhere() -> None:
    scenario = plan_by_rules(subset(11), turns=4, seed=11, name="eleven")
    _, whole = played(scenario, 11)
    ids = [event.identity() for event in whole]
    assert [event.identity() for event in played(scenario, 11)[1]] == ids
    recorded: list[Event] = whole[: len(whole) // 2]
    assert [event.identity() for event in played(scenario, 11, recorded)[1]] == ids


MAKE = ToolSpec(
    name="makeParcel",
    description="Creates a parcel.",
    parameters={"type": "object", "properties": {"weight": {"type": "number"}},
                "required": ["weight"]},
    returns={"type": "object", "properties": {"parcelId": TEXT}, "required": ["parcelId"]},
)  # fmt: skip
SEND = ToolSpec(
    name="dispatch_parcel",
    description="Dispatches a parcel to its receiver.",
    parameters={"type": "object", "properties": {"parcelId": TEXT}, "required": ["parcelId"]},
    returns={"type": "object", "properties": {"departed": {"type": "boolean"}}},
)


def test_an_output_feeds_an_input() -> None:
    fed = 0
    for seed in range(20):
        link = Link(
            from_tool="makeParcel", field="parcelId", to_tool="dispatch_parcel",
            parameter="parcelId",
        )  # fmt: skip
        scenario = plan_by_rules([MAKE, SEND], turns=2, seed=seed, name="fed", links=[link])
        episode, _ = played(scenario, seed)
        given = [o.output["parcelId"] for c, o in episode.workbench.calls
                 if c.name == "makeParcel" and o.ok]  # fmt: skip
        taken = [c.arguments["parcelId"] for c, _ in episode.workbench.calls
                 if c.name == "dispatch_parcel"]  # fmt: skip
        fed += bool(set(given) & set(taken))
    assert fed >= 6


def test_what_is_withheld_is_asked_for_and_told() -> None:
    asked = 0
    for seed in range(40):
        scenario = plan_by_rules([MAKE], turns=1, seed=seed, name="asked")
        if "weight" not in scenario.user.knows:
            continue
        asked += 1
        trajectory = dialogue(scenario, seed)
        assert "weight" in said(trajectory, "assistant")[0]
        calls = [c for m in trajectory.messages for c in m.tool_calls or ()]
        assert str(scenario.user.knows["weight"]) in calls[0].function.arguments
    assert asked >= 3
