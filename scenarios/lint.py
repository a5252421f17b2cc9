"""The linter: what is well-formed and still makes no sense.

Here: names that do not exist, goals that the tools on offer cannot reach, limits that the plan
cannot keep, checks that contradict the author's own solution, placeholders that nothing fills.
What takes carrying the solution out is found by `rehearsal`. Not covered: whether a request in
words asks for what the expected calls do.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..environments.external import is_external
from ..environments.registry import PLANNED, specs_for, tools_of
from ..models.errors import ModelUnavailable
from ..tools import PoolError, SchemaUnusable, ToolSpec
from ..tools.validation import check_schema
from .document import Document, Place
from .finding import Found, Where
from .loader import load_with_places
from .rehearsal import rehearse
from .schema import Scenario
from .search_findings import search_findings, with_search
from .variation import placeholders


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that makes no sense; its text is one line."""

    file: Path | None
    place: Place
    """Of the innermost part of the file that it is about; 1:1 for a scenario without file."""
    severity: Literal["error", "warning"]
    """error: the scenario cannot do what it says. warning: it proves less than it seems to."""
    rule: str
    """Short name of what was looked for, such as `unknown-tool`."""
    what: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file or 'scenario'}:{self.place.line}:{self.place.column}"
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}: {self.severity}: {self.what}{hint} [{self.rule}]"


def lint_file(path: Path) -> list[Finding]:
    """The findings of one file, in the file's order. Raises `ScenarioError` where it does not
    even load."""
    scenario, document = load_with_places(path)
    return lint(scenario, document, path)


def lint(
    scenario: Scenario, document: Document | None = None, file: Path | None = None
) -> list[Finding]:
    """The findings of a scenario, each once, whatever the variation. `document`: gives places."""
    places = document or Document(None)
    kept: dict[tuple[str, Where], Finding] = {}
    for found in (*_numbers(places), *_found(scenario)):
        place = places.keys.get(found.where) if found.at_key else None
        finding = Finding(
            file,
            place or places.place(found.where),
            found.severity,
            found.rule,
            found.what,
            found.hint,
        )
        kept.setdefault((found.rule, found.where), finding)
    return sorted(kept.values(), key=lambda f: (f.place.line, f.place.column, f.rule, f.what))


def _found(scenario: Scenario) -> Iterator[Found]:
    yield from _placeholders(scenario)
    yield from _contradictions(scenario)
    yield from _steps(scenario)
    yield from _limits(scenario)
    try:
        tools = _tools(scenario)
    except _Unknown as unknown:
        yield unknown.found
        return
    yield from _offer(scenario, tools)
    if scenario.retrieve is not None:
        troubles = list(search_findings(scenario, tools))
        yield from troubles
        if any(trouble.severity == "error" for trouble in troubles):
            return
        tools = with_search(scenario.retrieve, tools)
    unusable = list(_schemas(tools))
    yield from unusable
    yield from _reach(scenario, tools)
    yield from _facts(scenario, tools)
    if not unusable:
        yield from rehearse(scenario, tools)


def _numbers(document: Document) -> Iterator[Found]:
    """Numbers that were perhaps meant as text, such as a password."""
    for where, written in document.padded.items():
        what = f"{written} is read as a number, without its zeros in front"
        yield Found("padded-number", where, what, "text stands in quotes", "warning")


class _Unknown(Exception):
    def __init__(self, found: Found) -> None:
        super().__init__(found.what)
        self.found = found


def _tools(scenario: Scenario) -> tuple[ToolSpec, ...]:
    """The tools on offer. Raises `_Unknown` where the environment, a tool or the pool is not
    there."""
    if scenario.environment == PLANNED:
        try:
            return tuple(specs_for(scenario.tools, scenario.pool))
        except PoolError as error:
            raise _Unknown(Found("pool", ("pool",), str(error))) from None
        except ValueError as error:
            raise _Unknown(
                Found("unknown-tool", _at_tool(scenario, str(error)), str(error))
            ) from None
    try:
        known = {spec.name: spec for spec in tools_of(scenario.environment)}
    except (ValueError, ModelUnavailable) as error:
        raise _Unknown(Found("unknown-environment", ("environment",), str(error))) from None
    for i, tool in enumerate(scenario.tools):
        if isinstance(tool, ToolSpec):
            what = f"{tool.name}: whole tool specs belong to planned environments"
            raise _Unknown(Found("unknown-tool", ("tools", i), what))
        if tool not in known:
            what = f"unknown tool {tool!r} in {scenario.environment}"
            raise _Unknown(Found("unknown-tool", ("tools", i), what + near(tool, known)))
    names = [str(tool) for tool in scenario.tools] or list(known)
    if scenario.retrieve is not None and scenario.retrieve.tool in known:
        names.append(scenario.retrieve.tool)
        names = list(dict.fromkeys(names))
    return tuple(known[name] for name in names)


def _at_tool(scenario: Scenario, message: str) -> Where:
    named = [i for i, tool in enumerate(scenario.tools) if repr(tool) in message]
    return ("tools", named[0]) if named else ("tools",)


def near(name: str, known: Iterable[str]) -> str:
    """ "; did you mean …?", or nothing."""
    close = difflib.get_close_matches(name, list(known), n=3)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def _placeholders(scenario: Scenario) -> Iterator[Found]:
    """Variables that nothing uses, and placeholders that nothing fills."""
    text = scenario.model_dump(exclude={"tools", "pool"}, exclude_defaults=True)
    used = list(placeholders(text))
    roots = {name.split(".")[0] for path, name in used if path[:2] != ("vary", name)}
    for name, choices in scenario.vary.items():
        if not choices:
            yield Found("empty-vary", ("vary", name), f"vary.{name} has no values")
        elif name not in roots:
            what = f"vary.{name} is used nowhere"
            yield Found("unused-vary", ("vary", name), what, f"write {{{name}}} where it belongs",
                        "warning", at_key=True)  # fmt: skip
    for path, name in used:
        root, *parts = name.split(".")
        if root not in scenario.vary:
            what = f"nothing fills {{{name}}}; name it under vary{near(root, scenario.vary)}"
            yield Found("unknown-placeholder", path, what)
        elif not all(_has(choice, parts) for choice in scenario.vary[root]):
            what = f"not every value of vary.{root} has a part {'.'.join(parts)!r}"
            yield Found("unknown-placeholder", path, what)


def _has(value: Any, parts: Sequence[str]) -> bool:
    for part in parts:
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


def _contradictions(scenario: Scenario) -> Iterator[Found]:
    """Checks that the author's own solution cannot pass, or that have nothing to check."""
    expected = {call.name for call in scenario.expect.calls}
    tables = _without_tables(scenario.environment)
    for i, check in enumerate(scenario.tester.checks):
        where: Where = ("tester", "checks", i)
        if check.rule == "expected_calls" and not expected:
            yield Found("empty-check", where, "expected_calls needs expect.calls")
        if check.rule == "state" and not scenario.expect.state:
            yield Found("empty-check", where, "the check `state` needs expect.state")
        if check.rule == "no_calls" and expected:
            yield Found("contradiction", where, "no_calls, but expect.calls lists calls")
        if check.not_called in expected:
            yield Found("contradiction", where, f"{check.not_called} is an expected call")
        if tables is not None and (check.query or check.rule == "state"):
            yield Found("no-tables", where, f"{tables} have no tables to look at")
    if tables is not None and scenario.state:
        yield Found("no-tables", ("state",), f"state: {tables} have no tables")
    if scenario.environment != PLANNED and scenario.pool is not None:
        yield Found("pool", ("pool",), "only planned environments take tools from a pool")


def _without_tables(environment: str) -> str | None:
    """What an environment's tools are, where they have no tables; else None."""
    if environment == PLANNED:
        return "simulated tools"
    return "external tools" if is_external(environment) else None


def _steps(scenario: Scenario) -> Iterator[Found]:
    """Expected calls and the steps of the plan that need them."""
    calls = scenario.expect.calls
    if calls and all(step.kind != "tool_call" for step in scenario.plan):
        what = "calls are expected, but no step of the plan is a tool_call"
        yield Found("no-tool-step", ("plan",), what, at_key=True)
    latest = 0
    for i, call in enumerate(calls):
        where: Where = ("expect", "calls", i, "step")
        if call.step is None:
            continue
        if call.step >= len(scenario.plan):
            yield Found("wrong-step", where, f"the plan has no step {call.step}",
                        "steps are counted from 0")  # fmt: skip
        elif scenario.plan[call.step].kind != "tool_call":
            yield Found("wrong-step", where, f"step {call.step} is chitchat and needs no call")
        elif call.step < latest:
            yield Found("wrong-step", where, "expected calls stand in the order of their steps")
        latest = max(latest, call.step)


def _limits(scenario: Scenario) -> Iterator[Found]:
    turns, steps = scenario.limits.turns, len(scenario.plan)
    if turns < steps:
        what = f"{turns} turns cannot hold a plan of {steps} steps"
        yield Found("limits", ("limits", "turns"), what)
    elif turns == steps and scenario.user.knows:
        what = f"{turns} turns leave none for the questions that user.knows answers"
        yield Found("limits", ("limits", "turns"), what, severity="warning")
    expected, allowed = len(scenario.expect.calls), scenario.limits.tool_calls
    faults = sum(at < allowed for at in scenario.faults.at)
    if allowed < expected:
        what = f"{expected} calls are expected, {allowed} allowed"
        yield Found("limits", ("limits", "tool_calls"), what)
    elif allowed < expected + faults:
        what = f"{expected} calls are expected and {faults} made to fail, {allowed} allowed"
        yield Found("limits", ("limits", "tool_calls"), what)


def _offer(scenario: Scenario, tools: Sequence[ToolSpec]) -> Iterator[Found]:
    if not tools:
        yield Found("no-tools", ("environment",), "no tool is on offer",
                    "name some under tools, or a pool", at_key=True)  # fmt: skip
    for name, count in Counter(tool.name for tool in tools).items():
        if count > 1:
            yield Found("same-tool", ("tools",), f"the tool {name} is on offer {count} times")


def _schemas(tools: Sequence[ToolSpec]) -> Iterator[Found]:
    for tool in tools:
        for schema in (tool.parameters, tool.returns):
            try:
                if schema is not None:
                    check_schema(schema)
            except SchemaUnusable as error:
                yield Found("schema", ("tools",), f"{tool.name}: {error}")


def _reach(scenario: Scenario, tools: Sequence[ToolSpec]) -> Iterator[Found]:
    """What is expected of tools that are not on offer."""
    names = [tool.name for tool in tools]
    for i, call in enumerate(scenario.expect.calls):
        if call.name not in names and "{" not in call.name:
            what = f"the expected call {call.name} is not on offer{near(call.name, names)}"
            yield Found("unreachable", ("expect", "calls", i), what)
    for i, check in enumerate(scenario.tester.checks):
        name = check.called or check.not_called
        if name is not None and name not in names and "{" not in name:
            severity: Literal["error", "warning"] = "error" if check.called else "warning"
            what = f"the tool {name} is not on offer{near(name, names)}"
            yield Found("unreachable", ("tester", "checks", i), what, severity=severity)


def _facts(scenario: Scenario, tools: Sequence[ToolSpec]) -> Iterator[Found]:
    """Facts that the user waits to be asked for, and nobody has a reason to ask."""
    taken = {_plain(name) for tool in tools for name in tool.properties}
    values = [value for call in scenario.expect.calls for value in call.arguments.values()]
    for name, value in scenario.user.knows.items():
        if _plain(name) not in taken and value not in values:
            what = f"no tool on offer takes {name!r}"
            hint = "the assistant has no reason to ask for it"
            yield Found("idle-fact", ("user", "knows", name), what, hint, "warning", at_key=True)


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()
