"""Plans by rules: from tools and a number of turns to a scenario that can be played at once.

ToolFlow (Wang et al., 2024), section 3.3, without a model: requests in general words, chitchat as
transition, each connected to the one before, complex ones among them. Every request is read back
as a listener would read it before it is kept (`understanding`), so that it says what it means.

Covers English only. What the user wants is drawn from the documentation; no world is known, so
values are plausible, not true.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...agents.rules.tool_index import index_of
from ...scenarios.schema import Context, Expect, ExpectedCall, Limits, Scenario, User
from ...tools import ToolSpec
from .drafting import Draft, drafted
from .plan import Link, PlannedBy, links_of, offered


def plan_by_rules(
    tools: Sequence[ToolSpec],
    *,
    turns: int,
    seed: int,
    name: str,
    links: Sequence[Link | tuple[str, str, str, str] | Any] = (),
) -> Scenario:
    """A scenario of `turns` requests in the environment `planned`; equal arguments, equal bytes.

    `links`: outputs that feed parameters, (from_tool, return field, to_tool, parameter). Raises
    `ValueError` for no tools or fewer than one turn.
    """
    return scenario_of(draft_by_rules(tools, turns=turns, seed=seed, links=links), tools, name)


def draft_by_rules(
    tools: Sequence[ToolSpec],
    *,
    turns: int,
    seed: int,
    links: Sequence[Link | tuple[str, str, str, str] | Any] = (),
) -> Draft:
    """The plan alone, with what the user knows and which calls are expected. Raises as
    `plan_by_rules` does."""
    if not tools:
        raise ValueError("a plan needs at least one tool")
    if turns < 1:
        raise ValueError("a plan has at least one turn")
    return drafted(tools, index_of([offered(tool) for tool in tools]), links_of(links), turns, seed)


def scenario_of(draft: Draft, tools: Sequence[ToolSpec], name: str) -> Scenario:
    """The scenario around a plan."""
    scene = draft.scene
    turns = len(draft.requests)
    facts: dict[str, Any] = {"now": scene.now, "location": scene.location, **scene.facts}
    calls = [
        ExpectedCall(name=tool, arguments=arguments, step=step)
        for step, tool, arguments in draft.calls
    ]
    return Scenario(
        name=name,
        description=f"{turns} requests on {len(tools)} tools, planned by rules",
        tags=[PlannedBy(by="rules").tag],
        environment="planned",
        context=Context.model_validate(facts),
        tools=list(tools),
        user=User(persona=scene.persona, style=scene.style, knows=draft.knows),
        plan=[request.step() for request in draft.requests],
        expect=Expect(calls=calls),
        faults=scene.faults,
        limits=Limits(turns=3 * turns + 6, tool_calls=8 * turns + 12, tokens=2_000_000),
    )
