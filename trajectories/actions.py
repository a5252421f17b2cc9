"""What was done in one branch and what came of it, whatever form the actions have.

An action is a call, or, in records of agents that act in plain text, what follows `Action:` (or
`Act:`) in an assistant's message; its observation is the call's result, or the message that comes
next. Whether an observation reports an error is read off its first words; nothing here judges
whether an action was wise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .filters.branch import Branch, Call, decoded, is_failure
from .filters.repeats import call_key

Outcome = Literal["fine", "error", "invalid", "unseen"]
"""error: it was carried out and failed. invalid: it could not be carried out at all. unseen: the
record does not say what came of it."""

_HEAD = 400
"""Characters of an observation in which an error shows; pages and documents speak of errors too."""
_WRITTEN = re.compile(r"^\W{0,3}act(?:ion)?(?: ?\d+)?\W{0,2}:\s*(.*)", re.I | re.M | re.S)
_FINAL = re.compile(r"^[^\w\n]{0,6}(?:final answer|answer|finish)\b", re.I | re.M)
_INVALID = re.compile(
    r"\b(?:invalid|illegal|unknown|unrecogni[sz]ed|unsupported) (?:action|command|tool|function)"
    r"|\bno such (?:action|tool|function)|\bnothing happen(?:s|ed)\b"
    r"|\b(?:is not|isn't|not) (?:an? )?(?:valid|available|known) (?:action|tool|function|command)"
    r"|\bnot a valid json\b|\binput parsing error\b|\bcommand not found\b",
    re.I,
)
_ERROR = re.compile(
    r"\b(?:status[ _]?code|http(?: error)?)\W{1,4}[45]\d\d\b"
    r"|\b(?:status|code)[\"']?\s*[:=]\s*[\"']?[45]\d\d\b"
    r"|[\"'](?:error|errors|message|detail|msg)\W{3,6}[^\",:{}]{0,80}?(?:not exist|"
    r"not found|invalid|unauthori[sz]ed|forbidden|not subscribed|too many|rate limit|time[d ]*out|"
    r"missing|not allowed|failed|error)"
    r"|\bno such file or directory\b|\berror in your sql\b|\btraceback \(most recent"
    r"|\bsyntax error\b|\b[1-9]\d{3} \([0-9A-Z]{5}\):",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing done."""

    message: int
    """Id of the message that does it."""
    round: int
    """Number of the request that it serves, from 0; observations are no requests."""
    name: str
    """The tool's; of an action in text, its first word."""
    key: str
    """Equal for actions that do the same."""
    seen: str | None
    """What came of it; None where the record does not say."""
    outcome: Outcome
    call: Call | None
    """None for an action in text."""


def written_action(content: str | None) -> str | None:
    """The action that a message states in plain text; None where it has none or ends the task."""
    found = _WRITTEN.search((content or "")[:20_000])
    if found is None or _FINAL.search(found[1]) is not None:
        return None
    return found[1].strip() or None


def observations(branch: Branch) -> frozenset[int]:
    """Places of the messages that are what came of an action in text."""
    return frozenset(
        at + 1
        for at, message in enumerate(branch.messages[:-1])
        if message.role == "assistant"
        and not message.tool_calls
        and branch.messages[at + 1].role in ("user", "tool")
        and written_action(message.content) is not None
    )


def actions_of(branch: Branch) -> list[Action]:
    """What was done, in order."""
    seen_at = observations(branch)
    calls: dict[int, list[Call]] = {}
    for call in branch.calls:
        calls.setdefault(call.at, []).append(call)
    done: list[Action] = []
    requests = -1
    for at, message in enumerate(branch.messages):
        if message.role == "user" and at not in seen_at:
            requests += 1
        elif message.role == "assistant":
            of_message = [_called(branch, call, requests) for call in calls.get(at, ())]
            text = None if of_message else written_action(message.content)
            if text is not None:
                seen = branch.text(at + 1) if at + 1 in seen_at else None
                of_message = [_written(message.id, text, seen, requests)]
            done += of_message
    return done


def outcome_of(seen: str | None) -> Outcome:
    """What an observation says of its action."""
    if seen is None:
        return "unseen"
    head = seen[:_HEAD]
    if _INVALID.search(head):
        return "invalid"
    return "error" if _ERROR.search(head) else "fine"


def _called(branch: Branch, call: Call, requests: int) -> Action:
    seen = None if call.result_at is None else branch.text(call.result_at)
    outcome = outcome_of(seen)
    if outcome == "fine" and call.failed:
        outcome = "error"
    key = " ".join(call_key(call))
    return Action(call.message, requests, call.name, key, seen, outcome, call)


def _written(message: int, text: str, seen: str | None, requests: int) -> Action:
    name = re.split(r"[^\w.-]", text, maxsplit=1)[0][:60]
    outcome = outcome_of(seen)
    if outcome == "fine" and is_failure(decoded(seen)):
        outcome = "error"
    return Action(message, requests, name, text, seen, outcome, None)
