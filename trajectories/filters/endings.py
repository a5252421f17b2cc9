"""Dialogues that are not finished: somebody was not answered, or a plan was not carried out."""

from __future__ import annotations

from collections.abc import Iterator

from .branch import Branch
from .config import FilterConfig
from .defect import Defect, defect, shown


def endings(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """How the dialogue ends, rounds in which nothing was answered, steps that were not met."""
    messages = branch.messages
    if not any(message.role == "assistant" for message in messages):
        yield defect("no_assistant_turn", f"{len(messages)} messages")
    if messages:
        last = messages[-1]
        if last.role == "user":
            yield defect("ends_on_user_message", shown(branch.text(-1), 80), last.id)
        elif last.role == "tool":
            yield defect("ends_on_tool_result", shown(branch.text(-1), 80), last.id)
    yield from _unanswered(branch)
    yield from _outcome(branch)
    yield from _plan(branch)
    yield from _uncalled(branch)


def _unanswered(branch: Branch) -> Iterator[Defect]:
    """Results after which the user speaks again."""
    for at, message in enumerate(branch.messages[1:], 1):
        if message.role == "user" and branch.messages[at - 1].role == "tool":
            detail = "the user speaks right after a tool's result"
            yield defect("no_answer_after_calls", detail, branch.messages[at - 1].id)


def _outcome(branch: Branch) -> Iterator[Defect]:
    outcome = branch.trajectory.outcome
    if outcome.status != "completed":
        detail = f"{outcome.status}: {outcome.reason}" if outcome.reason else outcome.status
        yield defect("not_completed", detail, blame=outcome.blame)


def _plan(branch: Branch) -> Iterator[Defect]:
    plan = branch.trajectory.plan
    for number, step in enumerate(plan, 1):
        if step.get("met") is False:
            detail = f"step {number} of {len(plan)}: {step.get('request', '')}"
            blame = branch.trajectory.outcome.blame or "assistant"
            yield defect("plan_step_unanswered", detail, blame=blame)
    # Each step takes a turn of the user's at least.
    turns = len(branch.rounds)
    if turns < len(plan) and not any(step.get("met") is False for step in plan):
        step = plan[turns]
        detail = f"{turns} user turns for {len(plan)} steps, missing: {step.get('request', '')}"
        yield defect("plan_step_unanswered", detail)


def _uncalled(branch: Branch) -> Iterator[Defect]:
    """Requests that need tools, of which less than half led to a call. Where the author wants no
    call made (a `no_calls` check that passed), none is missed."""
    wanted = sum(step.get("kind") == "tool_call" for step in branch.trajectory.plan)
    called = sum(bool(branch.calls_in(part)) for part in branch.rounds)
    none_wanted = any(v.check == "no_calls" and v.passed for v in branch.trajectory.verdicts)
    if 2 * called < wanted and not none_wanted:
        detail = f"{wanted} requests need tools, in {called} rounds one was called"
        yield defect("uncalled_requests", detail)
