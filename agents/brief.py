"""The briefs: the machine-readable part of each prompt.

Every agent but the assistant is told its task in one JSON object, so that a language model and
the `rules` baseline read exactly the same thing, and each answers in a schema. The assistant
gets no brief: it sees the conversation and the tool schemas, as any deployed one would.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Brief(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StepBrief(_Brief):
    kind: Literal["tool_call", "chitchat"]
    request: str


class UserBrief(_Brief):
    """Last message of the user agent's prompt, before every user turn."""

    task: Literal["user_turn"] = "user_turn"
    style: str
    facts: dict[str, Any] = Field(default_factory=dict)
    """What the user knows and reveals only when asked."""
    current: StepBrief | None
    """The step being talked about; None before the first one."""
    upcoming: StepBrief | None
    """The step to word once `current` is met; None when `current` is the last."""
    times_said: int
    """How many turns `current` has taken so far."""
    improvise: list[dict[str, Any]] | None = None
    """Where the user has no plan: the tools (name, description, parameters) of which the next
    request, in place of `upcoming`, is to need one."""


class UserReply(_Brief):
    """The user agent's answer."""

    step_met: bool
    """Whether `current` is dealt with, so that the plan goes on (true where `current` is None)."""
    message: str
    """What the user says: words `upcoming` if the step is met, else answers the assistant. Empty
    when the last step is met: the dialogue then ends."""


class ToolBrief(_Brief):
    """Last message of the tool agent's prompt."""

    task: Literal["tool_result"] = "tool_result"
    tool: dict[str, Any]
    """name, description, parameters."""
    returns: dict[str, Any] | None
    arguments: dict[str, Any]
    world: list[dict[str, Any]] = Field(default_factory=list)
    """Earlier calls of the dialogue: {"name", "arguments", "output"}."""
    context: dict[str, Any] = Field(default_factory=dict)
    refuse: bool = False
    """Whether this call is to be refused as the real tool might; left out where it is not."""


class TesterBrief(_Brief):
    """Last message of the judge's prompt."""

    task: Literal["verdict"] = "verdict"
    plan: list[StepBrief]
    conversation: list[dict[str, Any]]
    """Messages in OpenAI's chat shape."""


class TesterReply(_Brief):
    passed: bool
    reason: str
