"""The tester agent: what of a finished conversation was done right.

Rules come first, then execution (queries over the state that the calls left), then, where a
model is given, its judgement. A check that cannot be made at all fails with a reason that begins
with "cannot be checked": that is the scenario's fault, not the assistant's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, LLMMessage, SystemMessage, UserMessage

from ..environments.counting import rows_with
from ..environments.protocol import Environment, ToolCall, ToolOutcome
from ..models.errors import ContextOverflow, InvalidAnswer, ModelError
from ..models.structured import ask_structured
from ..scenarios.schema import Check, Scenario
from ..trajectories.trajectory import TOOL_OUTPUTS, Verdict
from .brief import StepBrief, TesterBrief, TesterReply
from .expected_calls import missing_calls
from .prompting import prompt

_UNJUDGED = (InvalidAnswer.kind, ContextOverflow.kind)
"""Failures of the judge that cost its verdict and not the finished episode, by kind: a recorded
error has no other type than `ModelError`."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finished conversation, as the tester sees it."""

    scenario: Scenario
    """With the episode's variation filled in."""
    plan: Sequence[StepBrief]
    """What the user wanted: the scenario's steps, or what was improvised."""
    messages: Sequence[Mapping[str, Any]]
    """In OpenAI's chat shape, with tool results, without the system message."""
    calls: Sequence[tuple[ToolCall, ToolOutcome]]
    """In the order in which they were made."""
    steps_met: Sequence[bool]
    """One for each step of the plan."""
    environment: Environment
    """In its final state."""


class TesterAgent:
    """Runs a scenario's checks."""

    __test__ = False  # or pytest takes its name for a test's

    def __init__(self, model_client: ChatCompletionClient | None = None) -> None:
        """With a model, it judges too, after all checks."""
        self._client = model_client

    async def judge(
        self, evidence: Evidence, cancellation_token: CancellationToken | None = None
    ) -> list[Verdict]:
        """One verdict for each check: those by rule, then those by execution, each in the
        scenario's order, then the judge's. Raises a `ModelError` of the judge's client that says
        nothing of the dialogue, such as an endpoint's."""
        checks = evidence.scenario.tester.checks
        verdicts = [_verdict(check, evidence) for check in checks]
        verdicts.sort(key=lambda verdict: verdict.by == "execution")
        verdicts += _unusable_outputs(evidence)
        if self._client is not None:
            verdicts.append(await self._ask(self._client, evidence, cancellation_token))
        return verdicts

    async def _ask(
        self,
        client: ChatCompletionClient,
        evidence: Evidence,
        cancellation_token: CancellationToken | None,
    ) -> Verdict:
        brief = TesterBrief(
            plan=list(evidence.plan),
            conversation=[dict(message) for message in evidence.messages],
        )
        text = orjson.dumps(brief.model_dump(mode="json")).decode()
        prompted: list[LLMMessage] = [
            SystemMessage(content=prompt("tester")),
            UserMessage(content=text, source="director"),
        ]
        try:
            reply = await ask_structured(
                client, prompted, TesterReply, cancellation_token=cancellation_token
            )
        except ModelError as error:
            if error.kind not in _UNJUDGED:
                raise
            return Verdict(
                check="judge", passed=False, reason=f"cannot be checked: {error}", by="judge"
            )
        return Verdict(check="judge", passed=reply.passed, reason=reply.reason, by="judge")


def _unusable_outputs(evidence: Evidence) -> list[Verdict]:
    """Not asked for by any check: what a simulator made up and no tool could have given spoils the
    dialogue, and what is said of it is no tool's answer. A sandbox's or a service's own failure is
    part of the world."""
    if evidence.environment.execution != "simulated":
        return []
    bad = [outcome for _, outcome in evidence.calls if outcome.error_type == "invalid_output"]
    if not bad:
        return []
    reason = f"{len(bad)} of {len(evidence.calls)} outputs, first: {bad[0].error}"
    return [Verdict(check=TOOL_OUTPUTS, passed=False, reason=reason)]


def _verdict(check: Check, evidence: Evidence) -> Verdict:
    if check.rule == "state":
        return _state(evidence)
    if check.rule is not None:
        return _rule(check.rule, evidence)
    if check.query is not None:
        return _query(check.query, check.equals or [], evidence.environment)
    if check.says is not None:
        return _says(check.says, evidence.messages)
    name = check.called or check.not_called or ""
    times = sum(call.name == name and outcome.ok for call, outcome in evidence.calls)
    if check.called is not None:
        reason = "" if times else f"{name} was never called with success"
        return Verdict(check=f"called: {name}", passed=times > 0, reason=reason)
    made = sum(call.name == name for call, _ in evidence.calls)
    reason = f"{name} was called {made} times" if made else ""
    return Verdict(check=f"not_called: {name}", passed=made == 0, reason=reason)


def _rule(rule: str, evidence: Evidence) -> Verdict:
    reason = ""
    if rule == "plan_completed":
        plan = evidence.scenario.plan
        missed = [i for i, met in enumerate(evidence.steps_met) if not met]
        if missed:
            first = plan[missed[0]].request if plan else f"request {missed[0] + 1}"
            count = f"{len(missed)} of {len(evidence.steps_met)}"
            reason = f"{count} steps not met, first: {first}"
    elif rule == "calls_valid":
        refused = [
            f"{call.name}: {outcome.error}"
            for call, outcome in evidence.calls
            if outcome.error_type in ("unknown_tool", "invalid_arguments")
        ]
        reason = f"{len(refused)} calls refused, first: {refused[0]}" if refused else ""
    elif rule == "no_calls":
        names = ", ".join(call.name for call, _ in evidence.calls)
        reason = f"called {names}" if names else ""
    else:
        missing = missing_calls(
            evidence.scenario.expect.calls, evidence.calls, evidence.environment.tools
        )
        reason = "; ".join(missing)
    return Verdict(check=rule, passed=not reason, reason=reason)


def _says(text: str, messages: Sequence[Mapping[str, Any]]) -> Verdict:
    wanted = text.casefold()
    passed = any(
        message["role"] == "assistant"
        and not message.get("tool_calls")
        and wanted in (message.get("content") or "").casefold()
        for message in messages
    )
    reason = "" if passed else "no message of the assistant contains it"
    return Verdict(check=f"says: {text}", passed=passed, reason=reason)


def _query(sql: str, expected: list[list[Any]], environment: Environment) -> Verdict:
    check = f"query: {sql}"
    try:
        rows = environment.query(sql)
    except ValueError as error:
        reason = f"cannot be checked: {error}"
        return Verdict(check=check, passed=False, reason=reason, by="execution")
    passed = rows == expected
    reason = "" if passed else f"expected {_short(expected)}, found {_short(rows)}"
    return Verdict(check=check, passed=passed, reason=reason, by="execution")


def _state(evidence: Evidence) -> Verdict:
    """Every expected row is in its table, as often as it is expected."""
    for table, rows in evidence.scenario.expect.state.items():
        for row in rows:
            wanted = sum(other == row for other in rows)
            try:
                found = rows_with(evidence.environment, table, row)
            except ValueError as error:
                reason = f"cannot be checked: {error}"
                return Verdict(check="state", passed=False, reason=reason, by="execution")
            if found < wanted:
                reason = f"{table} has no row {_short(row)}"
                if found:
                    reason = f"{table} has {found} of {wanted} rows {_short(row)}"
                return Verdict(check="state", passed=False, reason=reason, by="execution")
    return Verdict(check="state", passed=True, by="execution")


def _short(value: Any) -> str:
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= 300 else text[:297] + "..."
