"""A conversation on its way to becoming samples: messages and the tools offered with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..trajectories.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One branch of a trajectory."""

    id: str
    scenario: str
    messages: tuple[dict[str, Any], ...]
    """OpenAI's chat shape; a call's arguments are JSON text."""
    tools: tuple[dict[str, Any], ...]
    """OpenAI's `tools` shape."""


def dialogues(trajectory: Trajectory) -> list[Dialogue]:
    """One dialogue for each branch; of branches that share a start, each has all of it."""
    tools = tuple(spec.openai for spec in trajectory.tools)
    leaves = trajectory.leaves()
    return [
        Dialogue(
            id=trajectory.id if len(leaves) == 1 else f"{trajectory.id}/{leaf}",
            scenario=trajectory.scenario,
            messages=tuple(trajectory.chat(leaf)),
            tools=tools,
        )
        for leaf in leaves
    ]
