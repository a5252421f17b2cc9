"""The gain of one model over another with its uncertainty: a paired bootstrap over scenarios.

Scenarios are drawn, not calls, because calls of one scenario share tools and words and rise and
fall together (a cluster bootstrap; Efron and Tibshirani 1993, chapter 8). Both models' results on
a drawn scenario are drawn together, so that its difficulty cancels out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from pydantic import BaseModel, ConfigDict

from .report import CallResult


class Gain(BaseModel):
    """How much better the second model is, in shares of calls (0.15 is 15 points)."""

    model_config = ConfigDict(frozen=True)

    mean: float
    low: float
    high: float
    """Percentile interval."""
    level: float
    resamples: int
    seed: int
    calls: int
    scenarios: int

    def points(self) -> str:
        """The gain in words, such as "+31.2 points (95 % interval +22.0 to +40.1)"."""
        return (
            f"{100 * self.mean:+.1f} points "
            f"({self.level:.0%} interval {100 * self.low:+.1f} to {100 * self.high:+.1f})"
        ).replace("95%", "95 %")


def paired_gain(
    before: Sequence[CallResult],
    after: Sequence[CallResult],
    *,
    resamples: int = 10_000,
    level: float = 0.95,
    seed: int = 0,
) -> Gain:
    """The gain in call accuracy from `before` to `after`, over the same items.

    Raises `ValueError` where the two were not asked the same.
    """
    asked = {result.id: result.prompt_digest for result in before}
    if not asked or asked != {result.id: result.prompt_digest for result in after}:
        raise ValueError("a paired comparison needs the same items, at least one, on both sides")
    clusters = _clusters(before, after)
    names = sorted(clusters)
    chance = Random(seed)  # noqa: S311 - a seeded draw, no secret
    means = sorted(_mean(clusters, chance.choices(names, k=len(names))) for _ in range(resamples))
    tail = (1 - level) / 2
    return Gain(
        mean=_mean(clusters, names),
        low=quantile(means, tail),
        high=quantile(means, 1 - tail),
        level=level,
        resamples=resamples,
        seed=seed,
        calls=len(before),
        scenarios=len(names),
    )


def _clusters(
    before: Sequence[CallResult], after: Sequence[CallResult]
) -> dict[str, tuple[int, int]]:
    """For each scenario, the difference in right calls and the number of calls."""
    later = {result.id: result for result in after}
    clusters: dict[str, tuple[int, int]] = {}
    for result in before:
        gained, count = clusters.get(result.scenario, (0, 0))
        change = int(later[result.id].correct) - int(result.correct)
        clusters[result.scenario] = (gained + change, count + 1)
    return clusters


def _mean(clusters: Mapping[str, tuple[int, int]], drawn: Sequence[str]) -> float:
    gained = sum(clusters[name][0] for name in drawn)
    return gained / sum(clusters[name][1] for name in drawn)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Linear interpolation between the two nearest order statistics."""
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])
