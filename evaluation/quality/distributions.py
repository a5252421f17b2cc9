"""How often each whole number occurs, and the few figures that describe it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

SHOWN = 30
"""Columns of a histogram at most; wider ranges are grouped."""


class Bin(BaseModel):
    """How many values lie from `low` to `high`, both included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: int
    high: int
    count: int


class Distribution(BaseModel):
    """Whole numbers, described; all None where there is no value."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    count: int = 0
    mean: float | None = None
    minimum: int | None = None
    median: int | None = None
    """The lower one of two middle values."""
    p90: int | None = None
    """The smallest value that at least nine in ten do not exceed."""
    maximum: int | None = None
    bins: list[Bin] = Field(default_factory=list)
    """Of equal width, from the smallest value to the largest."""


def distribution(counts: Mapping[int, int]) -> Distribution:
    """The description of values given with how often each occurs."""
    present = sorted((value, n) for value, n in counts.items() if n)
    if not present:
        return Distribution()
    total = sum(n for _, n in present)
    return Distribution(
        count=total,
        mean=round(sum(value * n for value, n in present) / total, 6),
        minimum=present[0][0],
        median=_quantile(present, total, 50),
        p90=_quantile(present, total, 90),
        maximum=present[-1][0],
        bins=_bins(present),
    )


def _quantile(present: list[tuple[int, int]], total: int, percent: int) -> int:
    passed = 0
    for value, n in present:
        passed += n
        if passed * 100 >= percent * total:
            return value
    raise AssertionError("the last value has all before it")


def _bins(present: list[tuple[int, int]]) -> list[Bin]:
    low, high = present[0][0], present[-1][0]
    width = _round_width(high - low + 1)
    start = low if width == 1 else low // width * width
    grouped: Counter[int] = Counter()
    for value, n in present:
        grouped[(value - start) // width] += n
    return [
        Bin(low=start + at * width, high=start + (at + 1) * width - 1, count=grouped[at])
        for at in range(max(grouped) + 1)
    ]


def _round_width(span: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, … that makes at most `SHOWN` columns of `span`."""
    width = 1
    while True:
        for factor in (1, 2, 5):
            # One more, because the first column begins at a round number.
            if span <= (SHOWN - 1) * width * factor:
                return width * factor
        width *= 10
