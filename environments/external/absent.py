"""Tools whose server, program or process is not there: for replays, which take every result from
the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...tools import ToolSpec
from ..protocol import ToolOutcome
from .environment import ExternalSource


class Nobody:
    """A caller that calls nothing; see `Caller`."""

    def prepare(self) -> None:
        """Nothing is needed."""

    def idempotent(self, spec: ToolSpec) -> bool:
        return False

    async def call(self, spec: ToolSpec, arguments: Mapping[str, Any]) -> ToolOutcome:
        return ToolOutcome(error_type="unavailable", error=f"{spec.name} is not here.")

    def for_episode(self) -> Nobody:
        return self

    async def close(self) -> None:
        """Nothing to give back."""


def absent_source(name: str, tools: Sequence[ToolSpec]) -> ExternalSource:
    """A source of that name with these tools."""
    return ExternalSource(name, Nobody(), lambda: tools, lambda: "")
