"""The linter's rehearsal: the author's own solution is carried out, and the checks are asked.

In a fresh sandbox, without injected faults, for variations in which every value of `vary` comes
up. So a call that fails, a query that is refused and a check that holds before anything is done
are found before a model is asked anything. Simulated tools cannot be tried: there, the arguments
are checked by schema alone.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import orjson

from ..environments import Environment, ToolCall, environment_for
from ..environments.counting import rows_with
from ..environments.external import is_external
from ..environments.registry import PLANNED
from ..tools import ToolSpec, check_arguments
from .finding import Found, Where
from .schema import Check, Scenario
from .variation import covering

_T = TypeVar("_T")
Rows = list[list[Any]]
_SHOWN = 160
"""Characters of a value in a message."""


def rehearse(scenario: Scenario, tools: Sequence[ToolSpec]) -> Iterator[Found]:
    """What goes wrong; the same thing may be found in several variations."""
    try:
        for number, (drawn, one) in enumerate(covering(scenario)):
            hint = f"with {_short(drawn)}" if drawn else ""
            for found in _one(one, tools, number):
                yield Found(found.rule, found.where, found.what, found.hint or hint, found.severity)
    except ValueError as error:
        first = next(iter(str(error).splitlines()), "")
        yield Found("vary", ("vary",), f"a variation is no scenario: {first}", at_key=True)


def _one(scenario: Scenario, tools: Sequence[ToolSpec], seed: int) -> Iterator[Found]:
    if scenario.environment == PLANNED:
        yield from _arguments(scenario, tools)
        return
    try:
        environment = environment_for(
            scenario.environment,
            tools=scenario.tools,
            # The linter has said already that what runs outside has no tables.
            state={} if is_external(scenario.environment) else scenario.state,
            now=scenario.context.now,
            seed=seed,
            retrieve=scenario.retrieve_in_solution,
        )
    except ValueError as error:
        yield Found("state", ("state",), str(error))
        return
    if environment.execution != "sandbox":
        # What has effects outside is not tried out here.
        yield from _arguments(scenario, tools)
        return
    try:
        before = [_rows(environment, check) for check in scenario.tester.checks]
        missing = _missing(scenario, environment)
        complete = yield from _calls(scenario, environment, tools)
        for i, check in enumerate(scenario.tester.checks):
            if check.query is not None:
                yield from _query(scenario, environment, i, check, before[i], complete)
        yield from _state(scenario, environment, missing, complete)
    finally:
        _now(environment.close())


def _arguments(scenario: Scenario, tools: Sequence[ToolSpec]) -> Iterator[Found]:
    by_name = {tool.name: tool for tool in tools}
    for i, call in enumerate(scenario.expect.calls):
        spec = by_name.get(call.name)
        wrong = check_arguments(spec, call.arguments) if spec is not None else []
        if wrong:
            yield Found("expected-call", ("expect", "calls", i), f"{call.name}: {'; '.join(wrong)}")


def _calls(
    scenario: Scenario, environment: Environment, tools: Sequence[ToolSpec]
) -> Generator[Found, None, bool]:
    """Make the expected calls. Returns whether all of them could be made."""
    names = [tool.name for tool in tools]
    complete = True
    for i, expected in enumerate(scenario.expect.calls):
        outcome = _now(
            environment.call(ToolCall(f"call_{i}", i, expected.name, expected.arguments))
        )
        if outcome.ok:
            continue
        complete = False
        if expected.name in names:
            verb = "" if outcome.error_type == "invalid_arguments" else " fails"
            what = f"{expected.name}{verb}: {outcome.error}"
            yield Found("expected-call", ("expect", "calls", i), what)
    return complete


def _rows(environment: Environment, check: Check) -> Rows | str | None:
    """What a check's query gives, or why it gives nothing; None for other checks."""
    if check.query is None:
        return None
    try:
        return environment.query(check.query)
    except ValueError as error:
        return str(error)


def _query(
    scenario: Scenario,
    environment: Environment,
    number: int,
    check: Check,
    before: Rows | str | None,
    complete: bool,
) -> Iterator[Found]:
    where: Where = ("tester", "checks", number)
    after = _rows(environment, check)
    if isinstance(after, str):
        yield Found("query", (*where, "query"), after)
        return
    assert after is not None
    solved = bool(scenario.expect.calls)
    if solved and complete and after != check.equals:
        what = f"after the expected calls, the query gives {_short(after)}"
        yield Found("query", (*where, "equals"), what)
    elif solved and before == check.equals:
        what = "this holds before anything is done, so that it proves nothing"
        yield Found("ambiguous", where, what, severity="warning")
    rows = max(len(after), len(check.equals or []))
    if rows > 1 and "order by" not in (check.query or "").lower():
        what = "several rows without `order by`: their order is chance"
        yield Found("ambiguous", (*where, "query"), what, severity="warning")


def _missing(scenario: Scenario, environment: Environment) -> dict[tuple[str, int], bool | str]:
    """For each expected row whether it is missing now, or why that cannot be told."""
    missing: dict[tuple[str, int], bool | str] = {}
    for table, rows in scenario.expect.state.items():
        for i, row in enumerate(rows):
            try:
                found = rows_with(environment, table, row)
                missing[table, i] = found < sum(other == row for other in rows)
            except ValueError as error:
                missing[table, i] = str(error)
    return missing


def _state(
    scenario: Scenario,
    environment: Environment,
    before: Mapping[tuple[str, int], bool | str],
    complete: bool,
) -> Iterator[Found]:
    for (table, i), missing in _missing(scenario, environment).items():
        where: Where = ("expect", "state", table, i)
        if isinstance(missing, str):
            yield Found("state", where, missing)
        elif missing and complete and scenario.expect.calls:
            what = f"after the expected calls, {table} has no such row"
            yield Found("unreachable", where, what)
        elif missing and not scenario.expect.calls:
            what = f"{table} has no such row, and no expected call says how it gets there"
            yield Found("unreachable", where, what, severity="warning")
        elif not before[table, i]:
            what = "this row is there before anything is done, so that it proves nothing"
            yield Found("ambiguous", where, what, severity="warning")


def _short(value: Any) -> str:
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _now(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine that waits for nothing, as a sandbox's do: no event loop is
    needed, and none that runs already is in the way."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: _T = done.value
        return result
    coroutine.close()
    raise RuntimeError("a sandbox must not wait")
