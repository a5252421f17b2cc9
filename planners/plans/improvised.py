"""Scenarios without a plan, for the ablation: the user chooses each request as the dialogue goes.

All else is drawn as for planned ones of the same seed: who speaks, when and where, what is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...agents.rules.plausible import NoValue
from ...agents.rules.tool_index import index_of
from ...scenarios.schema import Context, Limits, Scenario, User
from ...tools import ToolSpec
from .plan import PlannedBy, offered
from .scene import Scene


def improvised_by_rules(tools: Sequence[ToolSpec], *, turns: int, seed: int, name: str) -> Scenario:
    """A scenario in which the user makes `turns` requests of their own choice; equal arguments,
    equal bytes. Raises `ValueError` for no tools or fewer than one turn."""
    if not tools or turns < 1:
        raise ValueError("a dialogue needs at least one tool and one turn")
    scene = Scene(seed)
    chance = scene.chance("improvised")
    knows: dict[str, Any] = {}
    for tool in index_of([offered(tool) for tool in tools]).tools:
        for param in tool.required:
            if scene.is_configured(param) or param.label in knows or param.type in _UNTOLD:
                continue
            try:
                value = scene.value(param, tool, chance)
            except NoValue:
                continue
            if param.schema.get("enum") and len(param.schema["enum"]) == 1:
                continue
            scene.use(param, value)
            knows[param.label] = value
    facts = {"now": scene.now, "location": scene.location, **scene.facts}
    return Scenario(
        name=name,
        description=f"{turns} requests on {len(tools)} tools, not planned",
        tags=[PlannedBy(by="improvised").tag],
        environment="planned",
        context=Context.model_validate(facts),
        tools=list(tools),
        user=User(persona=scene.persona, style=scene.style, knows=knows, improvises=turns),
        faults=scene.faults,
        limits=Limits(turns=3 * turns + 6, tool_calls=8 * turns + 12, tokens=2_000_000),
    )


_UNTOLD = ("object", "array")
"""Types of what nobody answers a question with."""
