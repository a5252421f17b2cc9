"""One tool with damaged documentation stops nothing: it is planned for or refused, and played."""

from __future__ import annotations

from typing import Any

import pytest
from planned_play import dialogue
from planned_tools import subset

from callsheet.planners.plans import improvised_by_rules, plan_by_rules
from callsheet.planners.plans.outputs import stand_in
from callsheet.tools import ToolSpec

SUBSCHEMAS: list[Any] = [
    True,
    False,
    None,
    [],
    {"enum": None},
    {"enum": {}},
    {"anyOf": [True, {"type": "string"}]},
    {"oneOf": {"type": "string"}},
    {"allOf": "string"},
    {"type": "integer", "maximum": "9"},
    {"type": "string", "format": []},
    {"type": "array", "items": [{"type": "string"}]},
    {"type": "object", "properties": {"inner": True}, "required": ["inner"]},
]
PARAMETERS: list[dict[str, Any]] = [
    {"properties": []},
    {"properties": {"x": {"type": "string"}}, "required": [{}]},
    {"properties": {"x": {"type": "string"}}, "required": "x"},
    *({"properties": {"x": odd}, "required": ["x"]} for odd in SUBSCHEMAS),
]


@pytest.mark.parametrize("planner", [plan_by_rules, improvised_by_rules])
@pytest.mark.parametrize("parameters", PARAMETERS, ids=str)
def test_odd_parameters_are_planned_for_and_played(
    planner: Any, parameters: dict[str, Any]
) -> None:
    odd = ToolSpec(name="paint_fence", description="Paints a fence.", parameters=parameters)
    for seed in (0, 1):
        try:
            scenario = planner([odd, *subset(3)[:1]], turns=3, seed=seed, name="odd")
        except ValueError:
            continue
        assert dialogue(scenario, seed).outcome.status == "completed"


@pytest.mark.parametrize("odd", SUBSCHEMAS, ids=str)
def test_what_a_tool_returns_may_be_odd_too(odd: Any) -> None:
    returns = {"type": "object", "properties": {"shade": odd}}
    assert "shade" in stand_in(returns)
    tool = ToolSpec(name="paint_fence", description="Paints a fence.", returns=returns)
    scenario = plan_by_rules([tool], turns=1, seed=0, name="odd")
    assert dialogue(scenario).outcome.status == "completed"
