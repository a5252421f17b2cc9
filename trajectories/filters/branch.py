"""One branch of a trajectory as the rules read it: messages in order, calls with their results.

Everything is worked out once per branch and shared by the rules. Nothing here judges.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from ...tools import ToolSpec
from ..trajectory import Message, ToolCallPart, Trajectory
from .evidence import Reading
from .words import word_set

_FAILED_TEXT = re.compile(
    r"\s*(?:\W{0,3}(?:error|exception|failed|failure|traceback|invalid|unauthorized|forbidden|"
    r"not found|bad request|internal server error|timed? ?out)\b|[A-Z]\w*(?:Error|Exception)\b|"
    r"http(?:/[\d.]+)? ?(?:error )?[45]\d\d)",
    re.IGNORECASE,
)
_OF_ERRORS = word_set(
    """error errors exception code message msg status detail details type success ok statuscode
    status_code reason description hint path timestamp time traceback stack trace request_id
    requestid title instance data result"""
)
"""Keys that stand beside an error."""
_FAILED_STATUS = {"error", "failed", "failure", "fail", "fault", "rejected", "denied"}


@dataclass(slots=True)
class Call:
    """One call with what came of it."""

    at: int
    """Place of its message in the branch."""
    message: int
    """Id of its message."""
    id: str
    name: str
    text: str
    """The arguments as the model wrote them."""
    arguments: Any
    """Decoded; None where the text is no JSON."""
    problem: str
    """Why the text is no JSON; empty where it is."""
    spec: ToolSpec | None
    """None for a tool that the trajectory does not document."""
    result_at: int | None = None
    """Place of the result's message; None where there is none."""
    result: Any = None
    """Decoded JSON, else the text itself."""
    failed: bool = False
    """Whether the result is an error."""


@dataclass(frozen=True, slots=True)
class Round:
    """A user's turn and everything up to the next one."""

    user: int
    """Place of the user's message."""
    until: int
    """Place after the round's last message."""


@dataclass
class Branch:
    """The messages from a tree's root to one leaf."""

    trajectory: Trajectory
    messages: Sequence[Message]
    calls: list[Call] = field(default_factory=list)
    strays: list[int] = field(default_factory=list)
    """Places of results that come where no call waits for one."""
    unknown_ids: list[int] = field(default_factory=list)
    """Places of results that name another id than the calls that wait."""
    _readings: dict[int, Reading] = field(default_factory=dict)

    @classmethod
    def of(cls, trajectory: Trajectory, messages: Sequence[Message]) -> Branch:
        """The branch with its calls paired to their results."""
        branch = cls(trajectory, messages)
        specs = {tool.name: tool for tool in trajectory.tools}
        open_calls: list[Call] = []
        for at, message in enumerate(messages):
            if message.role == "tool":
                branch._take_result(at, message, open_calls)
                continue
            open_calls = []
            if message.role == "assistant":
                for part in message.tool_calls or ():
                    open_calls.append(_call(at, message.id, part, specs))
                branch.calls += open_calls
        return branch

    def _take_result(self, at: int, message: Message, open_calls: list[Call]) -> None:
        if not open_calls:
            self.strays.append(at)
            return
        waiting = [call for call in open_calls if call.result_at is None]
        # Other people's records may not say which call a result is for: then it is the next one's.
        asked = message.tool_call_id
        call = next((c for c in waiting if not asked or c.id == asked), None)
        if call is None:
            # Where all calls have their results, this one is of no call at all.
            (self.unknown_ids if waiting else self.strays).append(at)
            return
        call.result_at = at
        call.result = decoded(message.content)
        call.failed = is_failure(call.result)

    @cached_property
    def rounds(self) -> list[Round]:
        """Every user's turn with what follows it."""
        starts = [at for at, message in enumerate(self.messages) if message.role == "user"]
        return [
            Round(start, until)
            for start, until in zip(starts, [*starts[1:], len(self.messages)], strict=False)
        ]

    def calls_in(self, part: Round) -> list[Call]:
        """The calls of one round, in order."""
        return [call for call in self.calls if part.user <= call.at < part.until]

    def answer_of(self, part: Round) -> int | None:
        """Place of the round's last assistant message without calls; None where there is none."""
        for at in range(part.until - 1, part.user, -1):
            message = self.messages[at]
            if message.role == "assistant" and not message.tool_calls:
                return at
        return None

    def text(self, at: int) -> str:
        """What the message at a place says; empty where it says nothing."""
        return self.messages[at].content or ""

    def reading(self, at: int) -> Reading:
        """The same, read; one object for all rules."""
        found = self._readings.get(at)
        if found is None:
            found = self._readings[at] = Reading(self.text(at))
        return found


def is_failure(result: Any) -> bool:
    """Whether a tool's result reports an error, as far as its shape tells."""
    if isinstance(result, str):
        return _FAILED_TEXT.match(result[:200]) is not None
    if not isinstance(result, dict):
        return False
    # A record that has, among others, a field of that name is no failure.
    others = sum(str(key).casefold() not in _OF_ERRORS for key in result)
    if others < 2 and any(result.get(k) for k in ("error", "errors", "exception", "Error")):
        return True
    if result.get("success") is False or result.get("ok") is False or result.get("isError") is True:
        return True
    status = result.get("status")
    return isinstance(status, str) and status.casefold() in _FAILED_STATUS


def _call(at: int, message: int, part: ToolCallPart, specs: dict[str, ToolSpec]) -> Call:
    text, name = part.function.arguments, part.function.name
    arguments, problem = None, ""
    try:
        # A call without arguments is often written as no text at all.
        arguments = _loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        problem = str(error)
    return Call(at, message, part.id, name, text, arguments, problem, specs.get(name))


def decoded(content: str | None) -> Any:
    """A result's JSON value, or its text where it is none."""
    text = content or ""
    try:
        return _loads(text)
    except (ValueError, RecursionError):
        return text


def _loads(text: str) -> Any:
    """A JSON value that the rules can write again. Raises `ValueError`."""
    value = orjson.loads(text)
    try:
        # Four times as deep can be read as can be written.
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise ValueError("nested too deeply") from None
    return value
