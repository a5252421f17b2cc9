"""An episode's view of tools that run outside: checked before and after, and never raising.

What carries a call out is a `Caller`, one a source and shared by its episodes: HTTP, MCP or
Python. Here is what all of them have in common. Not covered: that a call whose result is recorded
is not made again, which is the business of the episode's workbench.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from ...models.secrets import hidden
from ...tools import ToolSpec
from ...tools.validation import SchemaUnusable, check_arguments, check_output
from ..protocol import Execution, StateDiff, ToolCall, ToolOutcome

_DEPTH = 100
"""Levels of nesting in an answer, beyond which it is refused."""


class Caller(Protocol):
    """Carries calls out. Shared by all episodes of a process, in whatever event loop."""

    def prepare(self) -> None:
        """Look whether calls can be made at all. Raises `ModelUnavailable` for a missing
        credential or package, and `ValueError`."""
        ...

    def idempotent(self, spec: ToolSpec) -> bool:
        """Whether calling the tool twice does what calling it once does."""
        ...

    async def call(self, spec: ToolSpec, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Make one call, whose arguments fit the schema. Never raises but for cancellation."""
        ...

    def for_episode(self) -> Caller:
        """The caller for one episode: this one, unless episodes must not share it."""
        ...

    async def close(self) -> None:
        """Give back what belongs to the episode alone."""
        ...


class ExternalSource:
    """Tools that run outside, by a name; see `EnvironmentSource`."""

    def __init__(
        self,
        name: str,
        caller: Caller,
        specs: Callable[[], Sequence[ToolSpec]],
        digest: Callable[[], str],
        *,
        idempotent: Sequence[str] = (),
        check_output: bool = True,
    ) -> None:
        """`specs` is asked once, when the tools are first needed; it raises `ValueError`.
        `idempotent`: names that the project calls so, which must exist."""
        self.name = name
        self.caller = caller
        self._specs = specs
        self._digest = digest
        self._idempotent = idempotent
        self._check_output = check_output

    def with_caller(self, caller: Caller) -> ExternalSource:
        """The same tools, called otherwise."""
        return ExternalSource(
            self.name, caller, self._specs, self._digest, check_output=self._check_output
        )

    @cached_property
    def tools(self) -> dict[str, ToolSpec]:
        found = {spec.name: spec for spec in self._specs()}
        for name in self._idempotent:
            if name not in found:
                raise ValueError(f"{self.name}: idempotent: there is no tool {name!r}")
        return found

    @property
    def digest(self) -> str:
        """Of the settings, without credentials. Asked when a run begins or goes on, it also looks
        whether calls can be made, and raises as `Caller.prepare` does."""
        self.caller.prepare()
        return self._digest()

    def open(
        self,
        tools: Sequence[str],
        *,
        now: datetime,
        seed: int,
        state: Mapping[str, Any] | None = None,
    ) -> ExternalEnvironment:
        """An episode's view; nothing is contacted before its first call."""
        if state:
            raise ValueError(f"state: {self.name} runs outside and has no tables to fill")
        unknown = [name for name in tools if name not in self.tools]
        if unknown:
            raise ValueError(f"{self.name} has no tool {unknown[0]!r}")
        offered = [self.tools[name] for name in (tools or self.tools)]
        return ExternalEnvironment(self.name, offered, self.caller, self._check_output)


class ExternalEnvironment:
    """One episode's tools; see `Environment`."""

    execution: Execution = "external"

    def __init__(
        self, name: str, tools: Sequence[ToolSpec], caller: Caller, check_output: bool = True
    ) -> None:
        self.name = name
        self.tools = tuple(tools)
        self._by_name = {tool.name: tool for tool in tools}
        self._caller = caller.for_episode()
        self._check_output = check_output

    def repeatable(self, call: ToolCall) -> bool | None:
        """See `callsheet.environments.protocol.Repeatable`."""
        spec = self._by_name.get(call.name)
        if spec is None or _refusal(spec, call.arguments) is not None:
            return None
        return self._caller.idempotent(spec)

    async def call(self, call: ToolCall) -> ToolOutcome:
        spec = self._by_name.get(call.name)
        if spec is None:
            return ToolOutcome(error_type="unknown_tool", error=f"There is no tool {call.name!r}.")
        refusal = _refusal(spec, call.arguments)
        if refusal is not None:
            return refusal
        return self._checked(spec, await self._caller.call(spec, call.arguments))

    def _checked(self, spec: ToolSpec, outcome: ToolOutcome) -> ToolOutcome:
        """The outcome without secrets, and as an error where it does not fit the tool."""
        if not outcome.ok:
            return ToolOutcome(error_type=outcome.error_type, error=hidden(outcome.error or ""))
        try:
            output = without_secrets(outcome.output)
            wrong = check_output(spec, output) if self._check_output else []
        except (SchemaUnusable, TooDeep) as error:
            wrong = [str(error)]
        if wrong:
            what = hidden("; ".join(wrong))
            return ToolOutcome(
                error_type="invalid_output", error=f"{spec.name} answered badly: {what}"[:2000]
            )
        return ToolOutcome(output)

    def digest(self) -> None:
        return None

    def diff(self) -> StateDiff:
        return StateDiff()

    def query(self, sql: str) -> list[list[Any]]:
        raise ValueError("query refused: what runs outside has no tables to look at")

    async def close(self) -> None:
        await self._caller.close()


class TooDeep(ValueError):
    """An answer is nested beyond what any reader of it could bear."""


def without_secrets(value: Any, depth: int = 0) -> Any:
    """A JSON value with every live secret taken out of its texts. Raises `TooDeep`."""
    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, dict | list) and depth > _DEPTH:
        raise TooDeep(f"the answer is nested deeper than {_DEPTH} levels")
    if isinstance(value, dict):
        return {hidden(str(k)): without_secrets(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [without_secrets(item, depth + 1) for item in value]
    return value


def _refusal(spec: ToolSpec, arguments: Mapping[str, Any]) -> ToolOutcome | None:
    """What is said of arguments that do not fit, before anything is sent."""
    try:
        wrong = check_arguments(spec, dict(arguments))
    except SchemaUnusable as error:
        return ToolOutcome(error_type="failed", error=f"{spec.name} cannot be called: {error}")
    if wrong:
        return ToolOutcome(error_type="invalid_arguments", error="; ".join(wrong))
    return None
