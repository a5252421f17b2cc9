"""Subsets of tools to plan a dialogue with: by the graph, by output to input, or at random.

The graph walk is the paper's Algorithm 1 (ToolFlow, section 3.1): a uniform start, and then, from
the tool that was added last, a uniform neighbour, added if it is new, until there are `size`.
As printed it never ends where all neighbours are taken. Here it goes on: from the tool that was
added most recently and still has a neighbour that is not taken; and where none has one, the
component being used up, from a new uniform start among the tools that are left.

Every sampler always ends with `size` different tools, the pool having them, and equal seeds give
equal subsets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Literal

from .graph import FEEDS, ToolGraph

By = Literal["graph", "chain", "random"]
Sampler = Callable[[Random, int], list[int]]
"""Draws so many different tools, by place in the pool. Raises `ValueError` for more than it has."""

_DRAWS = 8
"""How often a neighbour is drawn before those not taken are listed; the outcome has the same
chances either way, and drawing is cheaper while few are taken."""


def sampler(graph: ToolGraph, by: By = "graph") -> Sampler:
    """graph: the walk over all edges. chain: the walk along edges by which an output of the tool
    before feeds a parameter of the next. random: without the graph, the ablation."""
    if by == "random":
        return uniform(len(graph))
    if by == "chain":
        return _Walk(*_fed(graph))
    return _Walk(graph.starts, graph.neighbours)


def uniform(count: int) -> Sampler:
    """A sampler of a pool of `count` tools that needs no graph."""

    def draw(chance: Random, size: int) -> list[int]:
        _check(count, size)
        return chance.sample(range(count), size)

    return draw


class _Walk:
    """Algorithm 1, made total. Buffers of plain integers: numpy's own are slow one at a time."""

    def __init__(self, starts: Any, neighbours: Any) -> None:
        self._starts = memoryview(starts)
        self._neighbours = memoryview(neighbours)
        self._count = len(starts) - 1

    def __call__(self, chance: Random, size: int) -> list[int]:
        _check(self._count, size)
        if size == 0:
            return []
        taken = [self._elsewhere(chance, ())]
        while len(taken) < size:
            taken.append(self._next(chance, taken))
        return taken

    def _next(self, chance: Random, taken: Sequence[int]) -> int:
        for tool in reversed(taken):
            found = self._neighbour(chance, tool, taken)
            if found is not None:
                return found
        return self._elsewhere(chance, taken)

    def _neighbour(self, chance: Random, tool: int, taken: Sequence[int]) -> int | None:
        """A uniform neighbour of `tool` that is not taken; None where all are."""
        start, end = self._starts[tool], self._starts[tool + 1]
        if start == end:
            return None
        for _ in range(_DRAWS):
            found = self._neighbours[start + int(chance.random() * (end - start))]
            if found not in taken:
                return found
        left = [other for other in self._neighbours[start:end] if other not in taken]
        return chance.choice(left) if left else None

    def _elsewhere(self, chance: Random, taken: Sequence[int]) -> int:
        """A uniform tool that is not taken."""
        found = chance.randrange(self._count - len(taken))
        for tool in sorted(taken):
            found += found >= tool
        return found


def _fed(graph: ToolGraph) -> tuple[Any, Any]:
    """The edges along which an output feeds a parameter, as sparse rows."""
    import numpy as np

    feeding = (graph.kinds & FEEDS) != 0
    before = np.concatenate([[0], np.cumsum(feeding)]).astype(np.int64)
    return before[graph.starts], np.ascontiguousarray(graph.neighbours[feeding])


def _check(count: int, size: int) -> None:
    if not 0 <= size <= count:
        raise ValueError(f"{size} tools cannot be drawn from a pool of {count}")
