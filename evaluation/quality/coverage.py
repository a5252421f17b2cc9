"""Which tools and domains the dialogues use, how evenly, and how much of a pool that is.

A domain is a tag of a tool; a tool with several tags counts for each. Evenness is told twice:
Gini (0: all tools equally often, towards 1: one has everything) and entropy in bits with its share
of the most that so many tools allow. Tools that are on offer and never called count as used
nought times; calls of tools that were not on offer are counted apart. Memory: the tools' names.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ...tools import ToolSpec
from .diversity import entropy
from .rounds import Dialogue

LISTED = 100
"""Names kept in a report, the most frequent first."""
UNTAGGED = "(untagged)"


class Use(BaseModel):
    """How often something was on offer, called, or called without having been on offer."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    offered: int
    """Dialogues in which it was on offer."""
    calls: int


class Coverage(BaseModel):
    """Tools and domains of the data set; shares run from 0 to 1."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    tools_offered: int
    """Different tools that were on offer somewhere."""
    tools_called: int
    """Those of them that were called."""
    unknown_calls: int
    """Calls of tools that were not on offer in their dialogue."""
    gini: float | None
    """Of the calls over all tools on offer."""
    entropy: float
    """Of the calls over tools, in bits."""
    evenness: float | None
    """That entropy over the logarithm of the number of tools on offer; None below two tools."""
    lorenz: list[tuple[float, float]] = Field(default_factory=list)
    """Share of tools, the least used first, and their share of the calls."""
    domains_offered: int
    domains_called: int
    domains: list[Use] = Field(default_factory=list)
    tools: list[Use] = Field(default_factory=list)
    pool_size: int | None = None
    """Tools in the pool, where one was given."""
    pool_offered_share: float | None = None
    pool_called_share: float | None = None
    outside_pool: int | None = None
    """Tools on offer that the pool does not have."""


class CoverageMeter:
    """Takes dialogues one after another."""

    def __init__(self) -> None:
        self._offered: Counter[str] = Counter()
        self._called: Counter[str] = Counter()
        self._domains_offered: Counter[str] = Counter()
        self._domains_called: Counter[str] = Counter()
        self._unknown = 0

    def add(self, dialogue: Dialogue) -> None:
        tags = {tool.name: tool.tags or (UNTAGGED,) for tool in dialogue.trajectory.tools}
        self._offered.update(tags.keys())
        self._domains_offered.update(sorted({tag for of in tags.values() for tag in of}))
        for call in dialogue.calls():
            if call.name in tags:
                self._called[call.name] += 1
                self._domains_called.update(tags[call.name])
            else:
                self._unknown += 1

    def result(self, pool: Sequence[ToolSpec] | None = None) -> Coverage:
        """With a pool, the shares of it that were on offer and called, by name."""
        counts = sorted(self._called[name] for name in self._offered)
        bits = entropy(counts)
        figures = _pool_figures(pool, self._offered, self._called) if pool is not None else {}
        return Coverage(
            tools_offered=len(self._offered),
            tools_called=len(self._called),
            unknown_calls=self._unknown,
            gini=gini(counts),
            entropy=round(bits, 6),
            evenness=round(bits / math.log2(len(counts)), 6) if len(counts) > 1 else None,
            lorenz=_lorenz(counts),
            domains_offered=len(self._domains_offered),
            domains_called=len(self._domains_called),
            domains=_uses(self._domains_offered, self._domains_called),
            tools=_uses(self._offered, self._called),
            **figures,
        )


def gini(counts: Sequence[int]) -> float | None:
    """The Gini coefficient of `counts`; None where they are all nought or there are none."""
    total = sum(counts)
    if not total:
        return None
    ordered = sorted(counts)
    weighted = sum(rank * count for rank, count in enumerate(ordered, start=1))
    return round((2 * weighted) / (len(ordered) * total) - (len(ordered) + 1) / len(ordered), 6)


def _lorenz(ordered: Sequence[int]) -> list[tuple[float, float]]:
    """At most 50 points of the curve, both ends included."""
    total = sum(ordered)
    if not total:
        return []
    steps = min(50, len(ordered))
    ends = [round(step * len(ordered) / steps) for step in range(steps + 1)]
    sums = [0]
    for count in ordered:
        sums.append(sums[-1] + count)
    return [(round(end / len(ordered), 6), round(sums[end] / total, 6)) for end in ends]


def _uses(offered: Mapping[str, int], called: Mapping[str, int]) -> list[Use]:
    names = sorted(offered, key=lambda name: (-called.get(name, 0), -offered[name], name))
    return [Use(name=n[:200], offered=offered[n], calls=called.get(n, 0)) for n in names[:LISTED]]


def _pool_figures(
    pool: Sequence[ToolSpec], offered: Iterable[str], called: Iterable[str]
) -> dict[str, Any]:
    names = {tool.name for tool in pool}
    if not names:
        return {"pool_size": 0, "outside_pool": len(set(offered))}
    return {
        "pool_size": len(names),
        "pool_offered_share": round(len(names & set(offered)) / len(names), 6),
        "pool_called_share": round(len(names & set(called)) / len(names), 6),
        "outside_pool": len(set(offered) - names),
    }
