"""Looking around in a tool graph: parts of bounded size, what joins two tools, finding one.

Whoever shows a graph to people asks for parts of it, because 16,000 tools may have millions of
edges. `Explorable` is what any such graph answers: the one of a pool (`PoolGraph`, here) and the
one of the tools that a run really called (`used`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from ...tools import ToolSpec
from .fields import returned
from .graph import FED, FEEDS, Neighbours, ToolGraph
from .statistics import statistics


@dataclass(frozen=True, slots=True)
class Joint:
    """One reason why two tools are joined."""

    source: str
    target: str
    source_field: str
    """An output of the source where `feeds`, else one of its parameters; may be empty."""
    target_field: str
    """A parameter of the target; may be empty."""
    feeds: bool
    """Whether the output goes into the parameter, or the two only go together."""
    strength: float
    """Cosine of the two fields, or how many calls say so."""


class Explorable(Neighbours, Protocol):
    """A tool graph that can be looked at part by part."""

    @property
    def names(self) -> Sequence[str]: ...

    def among(self, tools: Sequence[int]) -> list[tuple[int, int, int]]:
        """(one, other, bits) of the edges among `tools`; see `graph.FEEDS` and `graph.FED`."""
        ...

    def description(self, tool: int) -> str:
        """What the tool does; empty where nobody knows."""
        ...

    def joints(self, one: int, other: int) -> list[Joint]:
        """Why two tools are joined, the strongest reason first."""
        ...

    def figures(self) -> dict[str, float]:
        """What the whole graph is like."""
        ...


class PoolGraph:
    """The graph of a pool, with the pool's own words where the pool is at hand."""

    def __init__(self, graph: ToolGraph, tools: Sequence[ToolSpec] = ()) -> None:
        self.graph = graph
        self._tools = tools

    @property
    def names(self) -> Sequence[str]:
        return self.graph.names

    def __len__(self) -> int:
        return len(self.graph)

    def of(self, tool: int) -> Any:
        return self.graph.of(tool)

    def among(self, tools: Sequence[int]) -> list[tuple[int, int, int]]:
        return self.graph.among(tools)

    def description(self, tool: int) -> str:
        return self._tools[tool].description if self._tools else ""

    def joints(self, one: int, other: int) -> list[Joint]:
        return [
            Joint(
                source=self.names[link.source],
                target=self.names[link.target],
                source_field=self._field(link.source, link.source_field, output=link.output),
                target_field=self._field(link.target, link.target_field, output=False),
                feeds=link.output,
                strength=round(link.cosine, 4),
            )
            for link in self.graph.links(one, other)
        ]

    def figures(self) -> dict[str, float]:
        return self._figures

    @cached_property
    def _figures(self) -> dict[str, float]:
        # Seconds for millions of edges.
        return statistics(self.graph).model_dump()

    def _field(self, tool: int, place: int, *, output: bool) -> str:
        """Its name in the pool; without the pool, which one it is, from 1."""
        if not self._tools:
            return f"{'output' if output else 'parameter'} {place + 1}"
        spec = self._tools[tool]
        return list(returned(spec) if output else spec.properties)[place]


def part_of(graph: Explorable, tools: Sequence[int]) -> dict[str, Any]:
    """The tools with their degrees, and the edges among them: what a picture of a part needs."""
    return {
        "nodes": [
            {
                "id": tool,
                "name": graph.names[tool],
                "description": graph.description(tool)[:400],
                "degree": len(graph.of(tool)),
            }
            for tool in tools
        ],
        "edges": [
            {"one": one, "other": other, "feeds": bool(kind & FEEDS), "fed": bool(kind & FED)}
            for one, other, kind in graph.among(tools)
        ],
    }


def found(graph: Explorable, query: str, limit: int) -> list[int]:
    """Tools whose name has every word of `query`, those whose name begins with it first; then
    those that have them in name and description. Case does not count."""
    words = query.casefold().split()
    ranked: list[tuple[int, int]] = []
    for tool, name in enumerate(graph.names):
        folded = name.casefold()
        if all(word in folded for word in words):
            ranked.append((0 if words and folded.startswith(words[0]) else 1, tool))
        else:
            text = f"{folded} {graph.description(tool).casefold()}"
            if all(word in text for word in words):
                ranked.append((2, tool))
    return [tool for _, tool in sorted(ranked)[:limit]]
