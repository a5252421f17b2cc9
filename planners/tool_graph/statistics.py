"""What a tool graph is like, in figures: density, degrees, components, isolated tools."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from .graph import ALIKE, FED, FEEDS, ToolGraph


class GraphStatistics(BaseModel):
    """Figures of one graph."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    tools: int
    strings: int
    """Different fields that are not too common."""
    similar_strings: int
    """Pairs of different strings above the threshold."""
    hubs: int
    """Strings that were left out, being in too many tools."""
    edges: int
    alike_only: int
    """Edges by parameters alone."""
    feeding: int
    """Edges by which an output of one feeds a parameter of the other."""
    density: float
    """Edges of all that there could be."""
    mean_degree: float
    largest_degree: int
    isolated: int
    """Tools without any edge."""
    components: int
    """Isolated tools among them."""
    largest_component: int
    """Tools in it."""


def statistics(graph: ToolGraph) -> GraphStatistics:
    """The figures of `graph`. Raises `ImportError` without numpy."""
    import numpy as np

    tools = len(graph)
    degrees = np.diff(graph.starts)
    sizes = component_sizes(graph)
    possible = tools * (tools - 1) // 2
    strings = {s for one in (*graph.parameters, *graph.returns) for s in one if s >= 0}
    return GraphStatistics(
        tools=tools,
        strings=len(strings),
        similar_strings=len(graph.similar[0]),
        hubs=graph.hubs,
        edges=graph.edges,
        alike_only=int((graph.kinds == ALIKE).sum()) // 2,
        feeding=int(((graph.kinds & (FEEDS | FED)) != 0).sum()) // 2,
        density=graph.edges / possible if possible else 0.0,
        mean_degree=float(degrees.mean()) if tools else 0.0,
        largest_degree=int(degrees.max(initial=0)),
        isolated=int((degrees == 0).sum()),
        components=len(sizes),
        largest_component=max(sizes, default=0),
    )


def component_sizes(graph: ToolGraph) -> list[int]:
    """Tools in each connected component, isolated ones included, in the order of the pool.

    Breadth first over the arrays as they are: scipy's own would copy every edge as a float.
    """
    import numpy as np

    seen: Any = np.zeros(len(graph), bool)
    sizes = []
    for tool in range(len(graph)):
        if seen[tool]:
            continue
        seen[tool] = True
        frontier, size = np.array([tool]), 0
        while len(frontier):
            size += len(frontier)
            found = np.unique(np.concatenate([graph.of(one) for one in frontier]))
            frontier = found[~seen[found]]
            seen[frontier] = True
        sizes.append(size)
    return sizes
