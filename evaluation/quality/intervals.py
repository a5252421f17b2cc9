"""Percentile bootstrap intervals over dialogues, those of one scenario drawn together.

Neither rounds nor pairs are drawn, because those of one dialogue rise and fall together, and so do
dialogues of one scenario (as in `evaluation.bootstrap`); a set in which every dialogue has a
scenario of its own comes out as drawn by dialogue, and so does one that has a single scenario. Of
a handful of scenarios, any bootstrap gives intervals that are too narrow: `clusters` says how many
were drawn. Means over pairs weigh long dialogues as the data set does.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from random import Random

from pydantic import BaseModel, ConfigDict

from ..bootstrap import quantile

RESAMPLES = 1_000
LEVEL = 0.95


class Interval(BaseModel):
    """An estimate with its uncertainty, in the measure's own units."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    mean: float
    low: float
    high: float
    level: float = LEVEL
    resamples: int = RESAMPLES
    clusters: int
    """How many scenarios, or dialogues, were drawn each time; of two sets, the smaller number."""

    def excludes_zero(self) -> bool:
        """Whether all of it is on one side of zero; of a single dialogue, nothing is known."""
        return self.clusters > 1 and (self.low > 0 or self.high < 0)


class Clusters:
    """Sums and counts by dialogue, with its scenario: 24 bytes each, and the scenarios' names."""

    def __init__(self) -> None:
        self._sums = array("d")
        self._counts = array("q")
        self._scenarios = array("q")
        self._numbers: dict[str, int] = {}
        self._alone = 0

    def add(self, values: Sequence[float], scenario: str = "") -> None:
        """One dialogue's values; a dialogue without any changes nothing. Without a scenario it
        stands alone."""
        if not values:
            return
        self._sums.append(sum(values))
        self._counts.append(len(values))
        if scenario:
            self._scenarios.append(self._numbers.setdefault(scenario, len(self._numbers)))
        else:
            self._alone += 1
            self._scenarios.append(-self._alone)

    def __len__(self) -> int:
        """Dialogues."""
        return len(self._sums)

    @property
    def values(self) -> int:
        return sum(self._counts)

    def mean(self) -> float:
        return sum(self._sums) / sum(self._counts)

    def drawn(self) -> list[tuple[float, int]]:
        """Sum and count of what is drawn together."""
        grouped: dict[int, tuple[float, int]] = {}
        for scenario, total, count in zip(self._scenarios, self._sums, self._counts, strict=True):
            before, counted = grouped.get(scenario, (0.0, 0))
            grouped[scenario] = (before + total, counted + count)
        if len(grouped) == 1:
            return list(zip(self._sums, self._counts, strict=True))
        return list(grouped.values())

    def resampled(self, chance: Random) -> list[float]:
        """Means of `RESAMPLES` data sets of as many clusters, drawn with replacement."""
        pairs = self.drawn()
        means = []
        for _ in range(RESAMPLES):
            drawn = chance.choices(pairs, k=len(pairs))
            means.append(sum(s for s, _ in drawn) / sum(n for _, n in drawn))
        return means


def mean_interval(clusters: Clusters, seed: int = 0) -> Interval | None:
    """The mean with its interval; None without a dialogue."""
    if not len(clusters):
        return None
    return _interval(clusters.mean(), clusters.resampled(_chance(seed)), len(clusters.drawn()))


def difference_interval(before: Clusters, after: Clusters, seed: int = 0) -> Interval | None:
    """By how much `after` is higher, the two drawn independently; None where one is empty."""
    if not len(before) or not len(after):
        return None
    chance = _chance(seed)
    first, second = before.resampled(chance), after.resampled(chance)
    gains = [b - a for a, b in zip(first, second, strict=True)]
    fewest = min(len(before.drawn()), len(after.drawn()))
    return _interval(after.mean() - before.mean(), gains, fewest)


def _interval(mean: float, resampled: list[float], clusters: int) -> Interval:
    ordered = sorted(resampled)
    tail = (1 - LEVEL) / 2
    return Interval(
        mean=round(mean, 6),
        low=round(quantile(ordered, tail), 6),
        high=round(quantile(ordered, 1 - tail), 6),
        clusters=clusters,
    )


def _chance(seed: int) -> Random:
    return Random(f"bootstrap/{seed}")  # noqa: S311 - a seeded draw, no secret
