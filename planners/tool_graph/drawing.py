"""A part of a tool graph as a picture: SVG that any browser shows, without a script in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from html import escape
from random import Random
from typing import TYPE_CHECKING

from .graph import FED, FEEDS, Neighbours, ToolGraph

if TYPE_CHECKING:
    import networkx

_SIZE = 1000
_MARGIN = 60
_LABEL = 28
"""Characters of a name that are shown; the whole name is in its title."""


def around(graph: Neighbours, tool: int, size: int) -> list[int]:
    """`tool` and those nearest to it in edges, at most `size`, in the order of meeting them."""
    met, queue = {tool: None}, deque([tool])
    while queue and len(met) < size:
        for other in graph.of(queue.popleft()).tolist():
            if other not in met and len(met) < size:
                met[other] = None
                queue.append(other)
    return list(met)


def some(graph: Neighbours, size: int, seed: int) -> list[int]:
    """A part of `size` tools around tools drawn by `seed` that have neighbours."""
    chance = Random(f"part {seed}")  # noqa: S311 - a seeded draw, no secret
    joined = [tool for tool in range(len(graph)) if len(graph.of(tool))] or list(range(len(graph)))
    met: dict[int, None] = {}
    while len(met) < min(size, len(joined)):
        for other in around(graph, chance.choice(joined), 6):
            if len(met) < size:
                met[other] = None
    return list(met)


def drawing(graph: ToolGraph, tools: Sequence[int], seed: int = 0) -> str:
    """The SVG of `tools` and the edges among them.

    An edge by which an output feeds a parameter is a strong line, one by alike parameters a thin
    one. Equal arguments give equal text. Raises `ImportError` without networkx.
    """
    view = graph.view(tools)
    at = _places(view, seed)
    lines, points = [], []
    for one, other, data in view.edges(data=True):
        kind = "feeds" if data["kind"] & (FEEDS | FED) else "alike"
        (x1, y1), (x2, y2) = at[one], at[other]
        lines.append(f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>')
    for name, (x, y) in at.items():
        label = escape(name if len(name) <= _LABEL else name[: _LABEL - 1] + "…")
        points.append(
            f'<g><title>{escape(name)}</title><circle cx="{x}" cy="{y}" r="6"/>'
            f'<text x="{x + 9}" y="{y + 4}">{label}</text></g>'
        )
    feeding = sum('"feeds"' in line for line in lines)
    caption = (
        f"{len(at)} tools, {len(lines)} edges; strong: an output feeds a parameter ({feeding})"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" '
        f'role="img" aria-label="{escape(caption)}"><style>{_STYLE}</style>'
        + "".join(sorted(lines))
        + "".join(points)
        + f'<text class="caption" x="{_MARGIN}" y="{_SIZE - 14}">{escape(caption)}</text></svg>\n'
    )


def _places(view: networkx.Graph[str], seed: int) -> dict[str, tuple[float, float]]:
    """Where each tool is drawn: every component in a square of its own, side by side, the
    largest first, so that none lies on another."""
    import networkx

    parts = sorted(networkx.connected_components(view), key=lambda part: (-len(part), min(part)))
    sides = [len(part) ** 0.5 + 1 for part in parts]
    width = max([*sides, (1.25 * sum(side * side for side in sides)) ** 0.5])
    placed: dict[str, tuple[float, float]] = {}
    left = top = below = 0.0
    for part, side in zip(parts, sides, strict=True):
        if left + side > width:
            left, top, below = 0.0, below, below
        inner = networkx.spring_layout(
            view.subgraph(sorted(part)), seed=seed, iterations=150, k=1.6 / len(part) ** 0.5
        )
        for name, (x, y) in inner.items():
            reach = (side - 1) / 2
            placed[name] = (left + side / 2 + reach * x, top + side / 2 + reach * y)
        left, below = left + side, max(below, top + side)
    scale = (_SIZE - 3 * _MARGIN) / max(width, below)
    return {
        name: (round(_MARGIN / 2 + x * scale, 1), round(_MARGIN / 2 + y * scale, 1))
        for name, (x, y) in sorted(placed.items())
    }


_STYLE = (
    "svg{background:#fff;font:11px system-ui,sans-serif}"
    "line.alike{stroke:#b9c0c9;stroke-width:1}"
    "line.feeds{stroke:#2b6cb0;stroke-width:2}"
    "circle{fill:#1a365d}text{fill:#1a202c}"
    "text.caption{fill:#4a5568;font-size:13px}"
    "@media(prefers-color-scheme:dark){svg{background:#11161d}line.alike{stroke:#3c4653}"
    "line.feeds{stroke:#63b3ed}circle{fill:#bee3f8}text{fill:#e2e8f0}text.caption{fill:#a0aec0}}"
)
