"""What the simulation asks of an environment, and what a tool gives back.

An environment owns the world in which tools act. It never raises for a bad call: whatever a
model sends comes back as a `ToolOutcome` that the model can read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from ..tools import ToolSpec

Execution = Literal["sandbox", "simulated", "external"]
"""sandbox: deterministic, in process, run again on resume. simulated: worded by a model.
external: has effects outside, never silently repeated."""

FaultType = Literal[
    "unknown_tool",
    "invalid_arguments",
    "failed",
    "timeout",
    "unavailable",
    "invalid_output",
]
"""invalid_arguments: refused by the schema. failed: the tool ran and said no (wrong password, no
such meeting). timeout and unavailable: injected or real faults of the tool. invalid_output: the
tool's answer does not fit its returns schema."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as the model made it; `arguments` is already decoded JSON."""

    call_id: str
    ordinal: int
    """Position among the episode's calls, from 0, in the model's order."""
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """What a call gave: an output, or an error with its type; never both."""

    output: Any = None
    error_type: FaultType | None = None
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.error_type is None

    def content(self) -> Any:
        """What the model reads: the output, or {"error": message}."""
        return self.output if self.ok else {"error": self.error}


@dataclass(frozen=True, slots=True)
class StateDiff:
    """Rows added to and removed from each table, in row order; a changed row is in both."""

    added: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    removed: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


class Environment(Protocol):
    """One episode's world."""

    @property
    def name(self) -> str: ...

    @property
    def tools(self) -> tuple[ToolSpec, ...]:
        """The tools on offer now, in the scenario's order. Where it grows with the calls, it is
        another tuple; as long as it is the same, so are the tools."""
        ...

    @property
    def execution(self) -> Execution: ...

    async def call(self, call: ToolCall) -> ToolOutcome:
        """Run one call. Never raises for anything that a model can send."""
        ...

    def digest(self) -> str | None:
        """Hex digest of the state over ordered rows; None where there is no state to compare."""
        ...

    def diff(self) -> StateDiff:
        """What changed since the last call of `diff` (or since the start)."""
        ...

    def query(self, sql: str) -> list[list[Any]]:
        """Rows of a read-only query over the state.

        Raises `ValueError` with one clear line where the query is refused, wrong or too long.
        """
        ...

    async def close(self) -> None:
        """Give back what the episode held. May be called twice."""
        ...


@runtime_checkable
class Repeatable(Protocol):
    """An environment that knows which of its calls go outside, and may do so twice."""

    def repeatable(self, call: ToolCall) -> bool | None:
        """Whether `call` may be made again if its result was lost. None: it goes nowhere, because
        it is refused or answered here; it is then answered again on resume, not from the log."""
        ...


def repeatable(environment: Environment, call: ToolCall) -> bool | None:
    """`Repeatable.repeatable`; False, the cautious answer, for an external environment that does
    not say, and None for all that is not external."""
    if environment.execution != "external":
        return None
    return environment.repeatable(call) if isinstance(environment, Repeatable) else False


class ToolSimulator(Protocol):
    """Answers for tools that do not exist; the ToolAgent implements it."""

    async def simulate(
        self, spec: ToolSpec, call: ToolCall, world: Sequence[tuple[ToolCall, ToolOutcome]]
    ) -> ToolOutcome:
        """An outcome in keeping with the tool's documentation and with `world`, the earlier
        calls of the same dialogue and what they gave."""
        ...
