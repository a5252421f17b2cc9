"""A source of environments: what stands behind an environment's name in a scenario.

A `Sandbox` is one; so is whatever an installed package offers under the entry point group
`callsheet.environments`. It is made once a process and opens a world for each episode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from ..tools import ToolSpec
from .protocol import Environment
from .sandbox import SandboxTool


class EnvironmentSource(Protocol):
    """Tools, and worlds for them to act in."""

    @property
    def name(self) -> str: ...

    @property
    def tools(self) -> Mapping[str, ToolSpec] | Mapping[str, SandboxTool]:
        """All tools by name. Raises `ValueError` where what they are made of cannot be read."""
        ...

    @property
    def digest(self) -> str | None:
        """Hex digest of the data that answers depend on besides code and tools' descriptions;
        None where there are none. A run that goes on after it changed says so."""
        ...

    def open(
        self,
        tools: Sequence[str],
        *,
        now: datetime,
        seed: int,
        state: Mapping[str, Any] | None = None,
    ) -> Environment:
        """A world for one episode, with `tools` on offer (none named: all) and `state` merged in.

        Raises `ValueError` for a tool, table or column that does not exist.
        """
        ...


def specs_of(source: EnvironmentSource) -> dict[str, ToolSpec]:
    """The tools of a source as models read them, by name, in its order."""
    return {
        name: tool.spec if isinstance(tool, SandboxTool) else tool
        for name, tool in source.tools.items()
    }
