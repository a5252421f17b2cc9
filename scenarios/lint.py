"""The linter: what is well-formed and still makes no sense.

The author's own solution (`expect.calls`) is really carried out in a fresh sandbox, so that a goal
that cannot be reached, a call that fails and a check that proves nothing are found before a model
is asked anything. Simulated tools cannot be tried; there, arguments are checked by schema alone.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

from ..environments import Environment, ToolCall, environment_for
from ..environments.protocol import ToolOutcome, ToolSimulator
from ..environments.registry import PLANNED
from ..tools import SchemaUnusable, ToolSpec, check_arguments, problems
from .document import Document
from .loader import Problem, load_with_places, render
from .schema import Check, Scenario

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")
_SEEDS = 3
"""Variations that are tried."""


class _NoSimulator:
    """Stands in where simulated tools are only described, never called."""

    async def simulate(self, spec: ToolSpec, call: ToolCall, world: object) -> ToolOutcome:
        raise AssertionError("the linter calls no simulated tool")


def lint_file(path: Path) -> list[Problem]:
    """The findings of one file, in the file's order. Raises `ScenarioError` where it does not
    even load."""
    scenario, document = load_with_places(path)
    found = {
        (problem.place.line, problem.place.column, problem.what): problem
        for problem in _findings(path, scenario, document)
    }
    return [found[key] for key in sorted(found)]


def _findings(path: Path, scenario: Scenario, document: Document) -> Iterator[Problem]:
    def at(where: tuple[str | int, ...], what: str) -> Problem:
        return Problem(path, document.place(where), what)

    for where, what in _names(scenario):
        yield at(where, what)
    try:
        tools = _open(scenario, 0).tools
    except ValueError as error:
        yield at(_part_of(str(error)), str(error))
        return
    for tool in tools:
        try:
            problems(tool.parameters, {})
            problems(tool.returns or {}, {})
        except SchemaUnusable as error:
            yield at(("tools",), f"{tool.name}: {error}")
            return
    for where, what in _reach(scenario, tools):
        yield at(where, what)
    for seed in range(_SEEDS):
        for where, what in _rehearse(render(scenario, seed), seed):
            yield at(where, what)


def _part_of(message: str) -> tuple[str, ...]:
    """The part of the file that an environment's complaint is about."""
    if "environment" in message:
        return ("environment",)
    if message.startswith("state"):
        return ("state",)
    return ("tools",)


def _open(scenario: Scenario, seed: int) -> Environment:
    """A fresh environment, without faults: the author's solution is tried in fair weather."""
    simulator: ToolSimulator = _NoSimulator()
    return environment_for(
        scenario.environment,
        tools=scenario.tools,
        pool=scenario.pool,
        state=scenario.state,
        now=scenario.context.now,
        seed=seed,
        simulator=simulator,
    )


def _names(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Variables that nothing uses, and placeholders that nothing fills."""
    text = scenario.model_dump_json(exclude={"vary"})
    used = _PLACEHOLDER.findall(text)
    for name in scenario.vary:
        if name not in used:
            yield ("vary", name), f"vary.{name} is used nowhere; write {{{name}}} where it belongs"
        elif not scenario.vary[name]:
            yield ("vary", name), f"vary.{name} has no values"
    for i, step in enumerate(scenario.plan):
        for name in _PLACEHOLDER.findall(step.request):
            if name not in scenario.vary:
                yield ("plan", i), f"nothing fills {{{name}}}; name it under vary"


def _reach(
    scenario: Scenario, tools: tuple[ToolSpec, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What the tools on offer cannot do, and limits that the plan cannot keep."""
    by_name = {tool.name: tool for tool in tools}
    for i, call in enumerate(scenario.expect.calls):
        if call.name not in by_name:
            yield ("expect", "calls", i), f"the expected call {call.name} is not on offer"
        if call.step is not None and call.step >= len(scenario.plan):
            yield ("expect", "calls", i), f"the plan has no step {call.step}"
    for i, check in enumerate(scenario.tester.checks):
        for name in (check.called, check.not_called):
            if name is not None and name not in by_name:
                yield ("tester", "checks", i), f"the tool {name} is not on offer"
        if check.rule == "expected_calls" and not scenario.expect.calls:
            yield ("tester", "checks", i), "expected_calls needs expect.calls"
        if check.rule == "state" and not scenario.expect.state:
            yield ("tester", "checks", i), "the check `state` needs expect.state"
    wants_tools = any(step.kind == "tool_call" for step in scenario.plan)
    if scenario.expect.calls and not wants_tools:
        yield ("plan",), "calls are expected, but no step of the plan is a tool_call"
    if scenario.limits.turns < len(scenario.plan):
        yield (
            ("limits", "turns"),
            f"{scenario.limits.turns} turns cannot hold a plan of {len(scenario.plan)} steps",
        )
    expected, allowed = len(scenario.expect.calls), scenario.limits.tool_calls
    if allowed < expected:
        yield ("limits", "tool_calls"), f"{expected} calls are expected, {allowed} allowed"


def _rehearse(scenario: Scenario, seed: int) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Carry out the expected calls and look at what the checks then say."""
    try:
        environment = _open(scenario, seed)
    except ValueError as error:
        yield _part_of(str(error)), str(error)
        return
    try:
        before = {i: _rows(environment, c) for i, c in enumerate(scenario.tester.checks) if c.query}
        yield from _calls(scenario, environment)
        if scenario.environment == PLANNED:
            return
        for i, check in enumerate(scenario.tester.checks):
            if check.query:
                yield from _query(scenario, environment, i, check, before[i])
    finally:
        asyncio.run(environment.close())


def _calls(
    scenario: Scenario, environment: Environment
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    by_name = {tool.name: tool for tool in environment.tools}
    for i, expected in enumerate(scenario.expect.calls):
        if expected.name not in by_name:
            continue
        wrong = check_arguments(by_name[expected.name], expected.arguments)
        if wrong:
            yield ("expect", "calls", i), f"{expected.name}: {'; '.join(wrong)}"
        elif scenario.environment != PLANNED:
            call = ToolCall(f"call_{i}", i, expected.name, expected.arguments)
            outcome = asyncio.run(environment.call(call))
            if not outcome.ok:
                yield ("expect", "calls", i), f"{expected.name} fails: {outcome.error}"


def _rows(environment: Environment, check: Check) -> list[list[object]] | str:
    """What a check's query gives, or why it gives nothing."""
    try:
        return environment.query(check.query or "")
    except ValueError as error:
        return str(error)


def _query(
    scenario: Scenario,
    environment: Environment,
    number: int,
    check: Check,
    before: list[list[object]] | str,
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    where = ("tester", "checks", number)
    after = _rows(environment, check)
    if isinstance(after, str):
        yield (*where, "query"), after
        return
    if scenario.expect.calls and after != check.equals:
        yield (*where, "equals"), f"after the expected calls, the query gives {after}"
    elif before == check.equals and scenario.expect.calls:
        yield where, "this holds before anything is done, so that it proves nothing"
    if len(after) > 1 and "order by" not in (check.query or "").lower():
        yield (*where, "query"), "several rows without `order by`: their order is chance"
