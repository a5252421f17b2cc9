"""The trajectory: one finished conversation in the form that filters, exports and trainers read.

Messages form a tree, so that forks of an episode and search trees fit the same record; a plain
conversation is a tree with one branch. `steps` is a view, computed on export.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..tools import ToolSpec


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class FunctionPart(_Record):
    name: str
    arguments: str
    """JSON text, exactly as the model wrote it."""


class ToolCallPart(_Record):
    id: str
    type: Literal["function"] = "function"
    function: FunctionPart


class Message(_Record):
    """One message in OpenAI's chat shape, with its place in the tree."""

    id: int
    parent: int | None = None
    """The message before this one; None for the first."""
    role: Literal["system", "user", "assistant", "tool"]
    content: str | None = None
    tool_calls: list[ToolCallPart] | None = None
    tool_call_id: str | None = None
    thought: str | None = None
    offers: list[str] | None = None
    """Tools that this result of a search put on offer; the assistant saw none of them before."""
    weight: Literal[0, 1] | None = None
    """0: an assistant's message that is shown in training and not learnt; None is as 1."""

    def chat(self) -> dict[str, Any]:
        """The message without its place and without empty fields."""
        shaped = self.model_dump(
            exclude={"id", "parent", "thought", "offers", "weight"}, exclude_none=True
        )
        shaped.setdefault("content", None)
        return shaped


class StepRecord(_Record):
    """One step of the unified format: what the agent saw, did and met."""

    step_id: int
    input: str
    output: str
    next_observation: str


class Verdict(_Record):
    """What the tester found for one check."""

    check: str
    passed: bool
    reason: str = ""
    by: Literal["rules", "execution", "judge"] = "rules"


TOOL_OUTPUTS = "tool_outputs"
"""The check that no author asks for: whether a simulated tool gave what its tool could give. It is
among the verdicts only where it failed."""


Blame = Literal["user", "assistant", "tool", "environment", "endpoint", "scenario"]
"""Who was at fault where an episode ended badly. endpoint: the model's server."""


class Outcome(_Record):
    """How the episode ended."""

    status: Literal["completed", "limit", "failed", "cancelled"]
    reason: str = ""
    blame: Blame | None = None


class Preference(_Record):
    """Two branches of one trajectory, of which the first is the better (Rafailov et al. 2023).

    They share their messages up to where they part; what differs after it is what is compared.
    """

    chosen: int
    """Leaf of the better branch."""
    rejected: int
    """Leaf of the worse one."""
    margin: float | None = None
    """How much better, on the scale of what `by` names; None: not said."""
    by: str = ""
    """Who or what preferred it: a data set's label, a score's name, a search."""


class Usage(_Record):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_calls: int = 0
    tool_calls: int = 0


class Trajectory(_Record):
    """One conversation, with everything needed to filter it, rate it and train on it."""

    schema_version: Literal[1] = 1
    id: str
    scenario: str
    environment: str
    tools: list[ToolSpec] = Field(default_factory=list)
    plan: list[dict[str, Any]] = Field(default_factory=list)
    messages: list[Message] = Field(default_factory=list)
    main: int | None = None
    """Leaf of the branch that the conversation really took; None: the last leaf."""
    preferences: list[Preference] = Field(default_factory=list)
    """Pairs of branches for preference training."""
    user_query: str = ""
    model_name: str = ""
    """The assistant's model."""
    outcome: Outcome = Outcome(status="completed")
    verdicts: list[Verdict] = Field(default_factory=list)
    score: float | None = Field(default=None, ge=0.0, le=1.0)
    """The environment's own: share of the tester's checks that passed."""
    rater_score: float | None = Field(default=None, ge=0.0, le=5.0)
    rate_model: str | None = None
    rater_explanation: str | None = None
    review_score: float | None = Field(default=None, ge=0.0, le=5.0)
    """Mean of the overall ratings that people gave it."""
    usage: Usage = Usage()
    seed: int | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    other_information: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_a_forest(self) -> Trajectory:
        seen: set[int] = set()
        for message in self.messages:
            if message.id in seen or (message.parent is not None and message.parent not in seen):
                raise ValueError(
                    f"message {message.id}: ids are unique and a parent stands before its children"
                )
            seen.add(message.id)
        pairs = [leaf for pair in self.preferences for leaf in (pair.chosen, pair.rejected)]
        for leaf in (*pairs, *([] if self.main is None else [self.main])):
            if leaf not in seen:
                raise ValueError(f"there is no message {leaf}, which main or preferences name")
        return self

    def leaves(self) -> list[int]:
        """Ids of the messages that nothing follows, in order."""
        parents = {m.parent for m in self.messages}
        return [m.id for m in self.messages if m.id not in parents]

    def path(self, leaf: int | None = None) -> list[Message]:
        """The messages from the first to `leaf` (default: the main branch's).

        Raises `KeyError` for an id that the trajectory does not have.
        """
        if not self.messages:
            return []
        by_id = {m.id: m for m in self.messages}
        at = self.main if leaf is None else leaf
        if at is None:
            at = self.leaves()[-1]
        way: list[Message] = []
        while at is not None:
            way.append(by_id[at])
            at = by_id[at].parent
        return way[::-1]

    def chat(self, leaf: int | None = None) -> list[dict[str, Any]]:
        """The messages of one branch in OpenAI's chat shape."""
        return [m.chat() for m in self.path(leaf)]


def line_of(messages: Sequence[dict[str, Any]]) -> list[Message]:
    """Chat messages in a row as a tree with one branch."""
    return [
        Message.model_validate({"id": i, "parent": i - 1 if i else None, **message})
        for i, message in enumerate(messages)
    ]
