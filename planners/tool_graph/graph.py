"""The tool graph: which tools have to do with each other (ToolFlow, section 3.1).

Nodes are tools. Two are joined where a parameter of one is like a parameter of the other, or an
output of one like a parameter of the other: where the cosine of their strings (see `fields`)
exceeds a threshold. Which it was is kept with the edge, and the pair of fields can be asked for,
so that "the output of this feeds the input of that" is known.

The graph is symmetric and lies in two arrays (compressed sparse rows): 16,000 tools may have
millions of edges. Drawing and networkx are for parts of it. Not covered: making it (`build`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import networkx

ALIKE, FEEDS, FED = 1, 2, 4
"""Bits of an edge from tool a to tool b. ALIKE: a parameter of each. FEEDS: an output of a is like
a parameter of b. FED: an output of b is like a parameter of a."""


class Neighbours(Protocol):
    """As much of a graph of tools as a walk through it needs. Tools are meant by place."""

    def __len__(self) -> int:
        """Tools."""
        ...

    def of(self, tool: int) -> Any:
        """Places of the tools joined with it, ascending: an array with `tolist`."""
        ...


class Link(NamedTuple):
    """A pair of fields that joins two tools."""

    source: int
    """The tool whose output it is; of two parameters, the one that was named first."""
    target: int
    """The tool whose parameter it is."""
    source_field: int
    """Place among the source's outputs, or its parameters where `output` is False."""
    target_field: int
    """Place among the target's parameters."""
    output: bool
    """Whether an output feeds a parameter, or two parameters are alike."""
    cosine: float


@dataclass(frozen=True, eq=False)
class ToolGraph:
    """Edges of a pool in its order, and what they are made of."""

    names: tuple[str, ...]
    """Names of the tools."""
    starts: Any
    """int64 (tools + 1): tool i's neighbours stand at `starts[i]` up to `starts[i + 1]`."""
    neighbours: Any
    """int32: in ascending order for each tool."""
    kinds: Any
    """uint8: for each neighbour, bits of ALIKE, FEEDS and FED."""
    parameters: tuple[tuple[int, ...], ...]
    """For each tool the strings of its parameters; -1 for one that is too common to join tools."""
    returns: tuple[tuple[int, ...], ...]
    """The same of its outputs."""
    similar: Any
    """The cosines of different strings, above the threshold: (first, second, cosine), sorted."""
    threshold: float
    hubs: int
    """Strings that were left out, being in too many tools."""

    def __len__(self) -> int:
        return len(self.names)

    @property
    def edges(self) -> int:
        """Pairs of tools that are joined."""
        return len(self.neighbours) // 2

    def of(self, tool: int) -> Any:
        """The neighbours of a tool, by place in the pool."""
        return self.neighbours[self.starts[tool] : self.starts[tool + 1]]

    def kind(self, one: int, other: int) -> int:
        """The bits of the edge between two tools, 0 where there is none."""
        import numpy as np

        neighbours = self.of(one)
        at = int(np.searchsorted(neighbours, other))
        if at == len(neighbours) or neighbours[at] != other:
            return 0
        return int(self.kinds[self.starts[one] + at])

    def links(self, one: int, other: int) -> list[Link]:
        """Every pair of fields that joins two tools, the nearest first."""
        found = [
            *self._between(one, other, output=True),
            *self._between(other, one, output=True),
            *self._between(one, other, output=False),
        ]
        return sorted(found, key=lambda link: (-link.cosine, not link.output, link))

    def _between(self, source: int, target: int, *, output: bool) -> Iterator[Link]:
        given = self.returns[source] if output else self.parameters[source]
        for at, first in enumerate(given):
            for place, second in enumerate(self.parameters[target]):
                cosine = self._cosine(first, second)
                if cosine is not None:
                    yield Link(source, target, at, place, output, cosine)

    def _cosine(self, first: int, second: int) -> float | None:
        if first < 0 or second < 0:
            return None
        if first == second:
            return 1.0
        return self._cosines.get((min(first, second), max(first, second)))

    @cached_property
    def _cosines(self) -> dict[tuple[int, int], float]:
        first, second, cosine = self.similar
        return dict(
            zip(zip(first.tolist(), second.tolist(), strict=True), cosine.tolist(), strict=True)
        )

    def among(self, tools: Sequence[int]) -> list[tuple[int, int, int]]:
        """(one, other, kind) of every edge among `tools`, once, with one < other; quick also for
        tools that are joined with thousands of others."""
        import numpy as np

        part: Any = np.unique(np.asarray(tools, np.int64))
        found = []
        for at, one in enumerate(part.tolist()):
            others = part[at + 1 :]
            neighbours, start = self.of(one), int(self.starts[one])
            places: Any = np.searchsorted(neighbours, others)
            for place, other in zip(places.tolist(), others.tolist(), strict=True):
                if place < len(neighbours) and neighbours[place] == other:
                    found.append((one, other, int(self.kinds[start + place])))
        return found

    def view(self, tools: Sequence[int]) -> networkx.Graph[str]:
        """The graph among `tools` alone, for networkx: nodes by name, edges with `kind`.

        A million edges would take 320 MB there; give it some hundred tools. Raises
        `ImportError` without networkx.
        """
        import networkx

        view: networkx.Graph[str] = networkx.Graph()
        view.add_nodes_from(self.names[tool] for tool in tools)
        for one, other, kind in self.among(tools):
            view.add_edge(self.names[one], self.names[other], kind=kind)
        return view
