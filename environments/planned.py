"""The planned environment: tools that exist on paper only, answered by a simulator.

The world is what was said before: the simulator is shown the dialogue's earlier calls with their
outcomes, so that what was created can be read back. Arguments are checked before, output after.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..tools import ToolSpec
from ..tools.validation import SchemaUnusable, check_arguments, check_output
from .protocol import Execution, StateDiff, ToolCall, ToolOutcome, ToolSimulator


class PlannedEnvironment:
    """One episode's simulated tools; see `Environment`."""

    name = "planned"
    execution: Execution = "simulated"

    def __init__(self, tools: Sequence[ToolSpec], simulator: ToolSimulator) -> None:
        self.tools = tuple(tools)
        self._by_name = {tool.name: tool for tool in tools}
        self._simulator = simulator
        self._world: dict[int, tuple[ToolCall, ToolOutcome]] = {}
        self._running: dict[int, int] = {}

    async def call(self, call: ToolCall) -> ToolOutcome:
        spec = self._by_name.get(call.name)
        if spec is None:
            return ToolOutcome(error_type="unknown_tool", error=f"There is no tool {call.name!r}.")
        try:
            wrong = check_arguments(spec, dict(call.arguments))
            if wrong:
                return ToolOutcome(error_type="invalid_arguments", error="; ".join(wrong))
            # Calls of one group do not see each other: which of them ended first is chance.
            first = min([call.ordinal, *self._running.values()])
            self._running[call.ordinal] = first
            before = [self._world[n] for n in sorted(self._world) if n < first]
            outcome = await self._simulator.simulate(spec, call, before)
            wrong = check_output(spec, outcome.output) if outcome.ok else []
        except SchemaUnusable as error:
            return ToolOutcome(error_type="invalid_output", error=f"{call.name}: {error}")
        finally:
            self._running.pop(call.ordinal, None)
        if wrong:
            outcome = ToolOutcome(error_type="invalid_output", error="; ".join(wrong))
        self._world[call.ordinal] = (call, outcome)
        return outcome

    def digest(self) -> None:
        return None

    def diff(self) -> StateDiff:
        return StateDiff()

    def query(self, sql: str) -> list[list[Any]]:
        raise ValueError("query refused: simulated tools have no tables")

    async def close(self) -> None:
        """Nothing to give back."""
