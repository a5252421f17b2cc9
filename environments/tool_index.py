"""Tools found by what they do: any list of tools ranked by nearness to some keywords.

A tool is found by its name in words and its description. The index of a list is made once a
process and encoder, and the vectors are kept on disk (`models.embedding_cache`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from ..models.embedding import Encoder, encoder
from ..models.text_index import text_index
from ..tools import ToolSpec

_JOINTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-./]+")


class ToolIndex:
    """Ranks `tools`; of equal ones, the first comes first."""

    def __init__(self, tools: Sequence[ToolSpec], chosen: Encoder | str = "auto") -> None:
        """`chosen`: an encoder or its name. Raises `ModelUnavailable` and `ValueError` where
        there is none of that name."""
        self.tools = tuple(tools)
        self.encoder = encoder(chosen) if isinstance(chosen, str) else chosen

    def search(
        self, keywords: str, top: int = 1, threshold: float = 0.0
    ) -> list[tuple[ToolSpec, float]]:
        """At most `top` tools whose cosine similarity to `keywords` is above `threshold`.

        Raises `ModelUnavailable` where the encoder cannot be loaded.
        """
        index = text_index(self._texts, self.encoder)
        ranked = index.search(keywords, top, threshold)
        return [(self.tools[place], score) for place, score in ranked]

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        return tuple(map(tool_text, self.tools))


def tool_text(tool: ToolSpec) -> str:
    """The text that a tool is found by."""
    return f"{_JOINTS.sub(' ', tool.name).lower()} {tool.description}"
