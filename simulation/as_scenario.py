"""A played episode as a scenario of its own: the same talk, to be played again.

The variation is the episode's, and the user says each step of the plan in the words with which it
was brought up; what the user said besides, such as the answer to a question, is left to the user's
model and to what it knows. Who plays the parts is left to the run, and faults that were drawn are
drawn anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..environments.registry import PLANNED, specs_for
from ..scenarios import render
from ..scenarios.schema import Scenario, Step
from ..scenarios.variation import placeholders
from ..trajectories.event import Event

_NAME = 100
"""Characters of a scenario's name."""


def as_scenario(scenario: Scenario, seed: int, events: Sequence[Event]) -> Scenario:
    """The scenario that plays `events` again, in which `scenario` was played with `seed`.

    Raises `ValueError` where a pool that the tools are from cannot be read any more.
    """
    rendered = render(scenario, seed)
    index = events[0].episode.partition("-")[0]
    changed: dict[str, object] = {
        "name": f"{rendered.name[: _NAME - len(index) - 1]}-{index}",
        "plan": _plan(rendered, events),
    }
    if changed["plan"]:
        changed["user"] = rendered.user.model_copy(update={"verbatim": True, "improvises": None})
    if rendered.environment == PLANNED and rendered.pool is not None:
        # A pool is a file elsewhere; the tools themselves go anywhere.
        changed |= {"pool": None, "tools": specs_for(rendered.tools, rendered.pool)}
    return rendered.model_copy(update=changed)


def _plan(scenario: Scenario, events: Sequence[Event]) -> list[Step]:
    """The plan in the user's own words; steps that were never reached keep the author's."""
    said = _opening_words(events)
    if not scenario.plan:
        return [Step(tool_call=said[step]) for step in sorted(said)]
    return [Step(**{step.kind: said.get(i, step.request)}) for i, step in enumerate(scenario.plan)]


def _opening_words(events: Sequence[Event]) -> Mapping[int, str]:
    """What the user said first of each step. Words with a `{name}` are left out: in a scenario it
    would stand for something else."""
    said: dict[int, str] = {}
    for event in events:
        if event.kind == "message" and event.source == "user":
            said.setdefault(event.data["step"], event.data["message"]["content"])
    return {step: words for step, words in said.items() if words and not any(placeholders(words))}
