"""How far several people agree: Krippendorff's alpha, Cohen's kappa of each two, equal ratings.

Alpha (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability") takes any number of people
and missing ratings, which is why it stands here and Fleiss' kappa does not. Decisions differ or not
(nominal); ratings differ by the square of their distance (interval), as `agreement.kappa` weighs
them. All of it is undefined where everybody said the same of everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

from ..agreement import Pair, pearson

Unit = Mapping[str, float]
"""One item's ratings by reviewer; who is missing gave none."""
Pattern = tuple[float, ...]
"""One item's ratings in order of size, whoever gave them."""


def alpha(units: Sequence[Unit], *, nominal: bool = False) -> float | None:
    """Krippendorff's alpha; None where no two ratings of any two items differ."""
    return alpha_of(patterns(units), nominal=nominal)


def patterns(units: Sequence[Unit]) -> list[Pattern]:
    """What alpha sees of each item that has two ratings or more."""
    return [tuple(sorted(unit.values())) for unit in units if len(unit) > 1]


def alpha_of(found: Sequence[Pattern], *, nominal: bool = False) -> float | None:
    """The same of patterns, from which a bootstrap draws: few differ, and each is counted once."""
    total: Counter[float] = Counter()
    observed = 0.0
    for pattern, times in Counter(found).items():
        observed += times * _spread(Counter(pattern), nominal) / (len(pattern) - 1)
        for value in pattern:
            total[value] += times
    expected = _spread(total, nominal) / max(1, total.total() - 1)
    return 1 - observed / expected if expected else None


def _spread(counts: Counter[float], nominal: bool) -> float:
    """The differences of all ordered pairs of ratings, added up."""
    return sum(
        2 * n * m * (1.0 if nominal else (a - b) ** 2)
        for (a, n), (b, m) in combinations(counts.items(), 2)
    )


def pairs_of(units: Sequence[Unit]) -> dict[tuple[str, str], list[Pair]]:
    """What each two reviewers said of the same items."""
    found: dict[tuple[str, str], list[Pair]] = {}
    for unit in units:
        for one, other in combinations(sorted(unit), 2):
            found.setdefault((one, other), []).append((unit[one], unit[other]))
    return dict(sorted(found.items()))


def equal_share(units: Sequence[Unit]) -> float | None:
    """Share of the pairs of ratings of one item that are equal."""
    pairs = [pair for both in pairs_of(units).values() for pair in both]
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else None


def spearman(pairs: Sequence[Pair]) -> float | None:
    """Spearman's rank correlation, equal values sharing their mean rank; None where one side does
    not vary."""
    ours, theirs = _ranks([a for a, _ in pairs]), _ranks([b for _, b in pairs])
    return pearson(list(zip(ours, theirs, strict=True)))


def _ranks(values: Sequence[float]) -> list[float]:
    counts = Counter(values)
    rank: dict[float, float] = {}
    below = 0
    for value in sorted(counts):
        rank[value] = below + (counts[value] + 1) / 2
        below += counts[value]
    return [rank[value] for value in values]
