"""Rule signals: figures about how a trajectory went, beside whatever score it has.

A reward of 1.0 says that the end was right, not that the way there was: an agent can stumble over
invalid actions, go round in circles, pass over errors, and still arrive. The signals count such
things; they read the main branch and never ask a model. They hold for other people's records too:
tools need not be declared, and actions may be plain text (see `actions`).

English only where words are read (giving up). Not covered: whether an answer is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from .actions import Action, actions_of, observations
from .filters.branch import Branch
from .filters.calls import schema
from .filters.config import FilterConfig
from .filters.defect import shown
from .filters.empty import empty
from .filters.structure import call_format
from .trajectory import Trajectory

KEY = "signals"
"""Where a rated trajectory's `other_information` has them."""
_CONFIG = FilterConfig()
_LONGEST_CYCLE = 8
_NOTES = 20
_FINISH = re.compile(r"finish|final_?answer|submit|give_?up", re.I)
_GIVEN_UP = re.compile(
    r"give_up|\bi (?:give up|have to give up|(?:was|am) (?:unable|not able) to"
    r"|could ?n[o']t (?:find|complete|get|retrieve))|\bagent stopped due to\b"
    r"|\b(?:i'm|i am) (?:sorry|afraid)\b.{0,80}(?:unable|cannot|can't|could ?n[o']t|not able)",
    re.I | re.S,
)


class Note(BaseModel):
    """One thing that a signal counted."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    signal: str
    """Name of the field of `Signals` that counts it."""
    message: int | None = None
    """Id of the message that shows it; None where no single one does."""
    detail: str = ""


class Signals(BaseModel):
    """Counts over the main branch."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    actions: int = 0
    """Calls, and actions in plain text."""
    invalid_actions: int = 0
    """Of a tool that is not declared where tools are, with arguments that do not fit, or refused by
    the environment as no action at all."""
    failed_actions: int = 0
    """Carried out, with an error as the result."""
    unrecovered_errors: int = 0
    """Errors, and invalid actions that brought nothing, after which, for the same request, neither
    the same tool nor one that was not tried before gave a result."""
    repeated_actions: int = 0
    """Done before for the same request, with the same result."""
    looped_actions: int = 0
    """Spent on going round in the longest circle of up to eight actions."""
    empty_outputs: int = 0
    """Turns of the assistant's without words, call or thought."""
    gave_up: bool = False
    """The record says that it failed or ran into a limit, or after actions the last answer does."""
    unanswered: bool = False
    """It ends on a request or a result."""
    notes: list[Note] = Field(default_factory=list)
    """What was counted, the first twenty."""

    @property
    def flawless(self) -> bool:
        """Whether nothing was counted."""
        return not (
            self.invalid_actions
            or self.failed_actions
            or self.repeated_actions
            or self.looped_actions
            or self.empty_outputs
            or self.gave_up
            or self.unanswered
        )


def signals_of(trajectory: Trajectory) -> Signals:
    """The signals of a trajectory's main branch. Never raises for a valid trajectory."""
    branch = Branch.of(trajectory, trajectory.path())
    actions = actions_of(branch)
    notes: list[Note] = []
    invalid = {at for at, one in enumerate(actions) if _is_invalid(one, branch, notes)}
    failed = {at for at, one in enumerate(actions) if one.outcome == "error"} - invalid
    notes += [_note("failed_actions", actions[at], actions[at].seen) for at in sorted(failed)]
    # What did not fit its tool and worked all the same left nothing to make good.
    wrong = {at for at in invalid | failed if actions[at].outcome != "fine"}
    lost = _unrecovered(actions, wrong)
    notes += [_note("unrecovered_errors", one, one.name) for one in lost]
    repeated = _repeated(actions)
    notes += [_note("repeated_actions", one, one.key) for one in repeated]
    said_nothing = _empty(branch, notes)
    gave_up = _given_up(branch, bool(actions), notes)
    unanswered = _unanswered(branch, notes)
    return Signals(
        actions=len(actions),
        invalid_actions=len(invalid),
        failed_actions=len(failed),
        unrecovered_errors=len(lost),
        repeated_actions=len(repeated),
        looped_actions=_looped(actions),
        empty_outputs=said_nothing,
        gave_up=gave_up,
        unanswered=unanswered,
        notes=notes[:_NOTES],
    )


def _note(signal: str, action: Action, detail: object) -> Note:
    return Note(signal=signal, message=action.message, detail=shown(detail, 120))


def _is_invalid(action: Action, branch: Branch, notes: list[Note]) -> bool:
    """Whether the declared tools or the environment refuse it."""
    detail = None
    if action.outcome == "invalid":
        detail = f"{action.name}: {action.seen}"
    elif action.call is not None:
        # Records without tools are common, and say nothing about which calls are allowed.
        if action.call.spec is None and branch.trajectory.tools:
            detail = f"{action.name!r} is no tool of this trajectory"
        else:
            alone = replace(branch, calls=[action.call], unknown_ids=[])
            wrong = [*call_format(alone, _CONFIG), *schema(alone, _CONFIG)]
            detail = next((one.detail for one in wrong if one.blame == "assistant"), None)
    if detail is None:
        return False
    notes.append(_note("invalid_actions", action, detail))
    return True


def _unrecovered(actions: Sequence[Action], wrong: set[int]) -> list[Action]:
    """Of the actions at the places `wrong`, those that nothing made good for the same request."""
    lost: list[Action] = []
    good: set[str] = set()
    """Of one request, read backwards: names that gave a result later on."""
    for at in range(len(actions) - 1, -1, -1):
        action = actions[at]
        if at + 1 < len(actions) and actions[at + 1].round != action.round:
            good = set()
        if at not in wrong:
            good.add(action.name)
        elif not good - _tried(actions, at):
            lost.append(action)
    return lost[::-1]


def _tried(actions: Sequence[Action], upto: int) -> set[str]:
    """Names used for the same request before, but for the one that went wrong."""
    action = actions[upto]
    return {
        one.name for one in actions[:upto] if one.round == action.round and one.name != action.name
    }


def _repeated(actions: Sequence[Action]) -> list[Action]:
    seen: set[tuple[int, str, str]] = set()
    repeated: list[Action] = []
    for action in actions:
        if action.seen is None:
            continue
        key = (action.round, action.key, action.seen)
        if key in seen:
            repeated.append(action)
        seen.add(key)
    return repeated


def _looped(actions: Sequence[Action]) -> int:
    """Actions of the longest stretch that only repeats the circle before it."""
    keys = [(one.round, one.key, one.seen) for one in actions]
    longest = 0
    for cycle in range(1, _LONGEST_CYCLE + 1):
        run = 0
        for at in range(cycle, len(keys)):
            run = run + 1 if keys[at] == keys[at - cycle] else 0
            # Once more is a repetition; a circle of one is gone round when it comes thrice.
            if run >= max(cycle, 2):
                longest = max(longest, run)
    return longest


def _empty(branch: Branch, notes: list[Note]) -> int:
    thinking = {message.id for message in branch.messages if message.thought}
    found = [
        one.message
        for one in empty(branch, _CONFIG)
        if one.blame == "assistant" and one.message not in thinking
    ]
    notes += [Note(signal="empty_outputs", message=message) for message in found]
    return len(found)


def _given_up(branch: Branch, tried: bool, notes: list[Note]) -> bool:
    outcome = branch.trajectory.outcome
    if outcome.status in ("limit", "failed"):
        detail = f"{outcome.status}: {outcome.reason}" if outcome.reason else outcome.status
        notes.append(Note(signal="gave_up", detail=shown(detail, 120)))
        return True
    last = next((m for m in reversed(branch.messages) if m.role == "assistant"), None)
    # Who tries nothing declines, which may be right; who tried and declines gives up.
    if last is None or not tried:
        return False
    texts = [last.content or "", *(call.function.arguments for call in last.tool_calls or ())]
    for text in texts:
        if _GIVEN_UP.search(text[:2000]):
            notes.append(Note(signal="gave_up", message=last.id, detail=shown(text, 120)))
            return True
    return False


def _unanswered(branch: Branch, notes: list[Note]) -> bool:
    if not branch.messages:
        notes.append(Note(signal="unanswered", detail="there are no messages"))
        return True
    last = branch.messages[-1]
    if last.role == "assistant":
        return False
    # What an environment says after the last action is no request.
    at = len(branch.messages) - 1
    finished = bool(branch.calls) and _FINISH.search(branch.calls[-1].name) is not None
    if at in observations(branch) or (last.role == "tool" and finished):
        return False
    notes.append(Note(signal="unanswered", message=last.id, detail=shown(last.content, 120)))
    return True
