"""The tools of a recorded episode as they were on offer then, so that a replay needs neither the
pool that described them nor the server that had them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from ..environments import PLANNED, EnvironmentSource, specs_for
from ..environments.external import is_external
from ..scenarios.schema import Scenario
from ..tools import ToolSpec
from ..trajectories.event import Event


def recorded_source(scenario: Scenario, events: Sequence[Event]) -> EnvironmentSource | None:
    """What stands in for an environment that runs outside; None where nothing went outside, or
    tools were to be found among others."""
    results = [event.data for event in events if event.kind == "tool_result"]
    outside = not results or any("key" in result for result in results)
    if not is_external(scenario.environment) or scenario.retrieve is not None or not outside:
        return None
    from ..environments.external.absent import absent_source

    return absent_source(scenario.environment, _on_offer(events))


def with_recorded_tools(scenario: Scenario, events: Sequence[Event]) -> Scenario:
    """The scenario with the tools that its pool gave then, where the pool gives others now or none.

    Of tools that were to be found among others, those that were found stand in for a pool that is
    gone: a search ranks each by itself, so that it finds them again.
    """
    if scenario.environment != PLANNED or scenario.pool is None:
        return scenario
    recorded = _on_offer(events)
    if scenario.retrieve is not None:
        recorded = [tool for tool in recorded if tool.name != scenario.retrieve.tool]
    try:
        known = specs_for(scenario.tools, scenario.pool)
        if scenario.retrieve is not None or known == recorded:
            return scenario
    except ValueError:
        pass  # the pool is gone, or lacks a tool
    return scenario.model_copy(update={"tools": recorded, "pool": None})


def _on_offer(events: Sequence[Event]) -> list[ToolSpec]:
    """What was on offer at the start, and what was found later.

    The log has the keys of every mapping in alphabetical order, and a prompt's text in their own:
    where a model was told of a tool, its schemas are taken from there, so that it is told the same.
    """
    told = {tool["name"]: tool for tool in _told(events)}
    offered = [tool for event in events for tool in event.data.get("offers", ())]
    found = []
    for tool in [*events[0].data["tools"], *offered]:
        own = {name: part for name, part in told.get(tool["name"], {}).items() if name in tool}
        found.append(ToolSpec.model_validate({**tool, **own}))
    return found


def _told(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """The tools that a tool's simulator or an improvising user was told of."""
    for event in events:
        if event.kind != "model_call" or event.data["role"] not in ("tool", "user"):
            continue
        for message in event.data["prompt"]["new"]:
            try:
                brief = orjson.loads(message.get("content", ""))
            except orjson.JSONDecodeError:
                continue  # the system's prompt, or a reference
            if isinstance(brief, dict) and brief.get("task") == "tool_result":
                yield {**brief["tool"], "returns": brief["returns"]}
            elif isinstance(brief, dict):
                yield from brief.get("improvise") or ()
