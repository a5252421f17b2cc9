"""A prompt for a chat model, and whose words it is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ...tools import ToolSpec
from ...trajectories.canonical import digest

Wording = Literal["published", "project"]
"""The benchmark's own prompts, or this project's; figures of the two are not comparable, and each
report names which."""


@dataclass(frozen=True, slots=True)
class ChatPrompt:
    """What a model is given."""

    wording: Wording
    messages: tuple[dict[str, Any], ...]
    """In OpenAI's chat shape."""
    tools: tuple[ToolSpec, ...] = ()
    """The tools it may call."""
    native: bool = False
    """Whether the tools are to be offered by the interface; if not, the messages describe them."""

    @property
    def digest(self) -> str:
        """Over all that the model sees."""
        offered = [tool.digest for tool in self.tools] if self.native else []
        return digest([list(self.messages), offered])
