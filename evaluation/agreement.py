"""How far a rater agrees with labels: accuracy, Cohen's kappa, Pearson's r, with intervals.

Labels are numbers, or the words yes, no and uncertain. Against words a rating is read as yes from
a bound on (4 of 5), as no below it; what is labelled uncertain counts neither way. Against numbers
accuracy and kappa are over whole numbers, and kappa is weighted by squared distance (Cohen 1968),
so that 4 for 5 is less wrong than 0 for 5. Intervals are percentile bootstraps over trajectories.
Accuracy alone flatters whoever gives the commonest answer always: kappa is then 0.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ..trajectories.trajectory import Trajectory
from .bootstrap import quantile

GOOD = 4.0
"""The rating from which on a trajectory counts as labelled yes."""
RESAMPLES, LEVEL = 2_000, 0.95
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_UNCERTAIN = {"uncertain", "unknown", "unsure", "maybe"}
_Unit = TypeVar("_Unit")
Pair = tuple[float, float]
"""A rating and its label."""


class Measure(BaseModel):
    """One figure with its interval; None where it is not defined, as for equal labels only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float | None
    low: float | None = None
    high: float | None = None

    def text(self) -> str:
        """Such as "0.71 [0.60, 0.81]"."""
        if self.value is None:
            return "undefined"
        if self.low is None or self.high is None:
            return f"{self.value:.2f}"
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


class Agreement(BaseModel):
    """A rater beside labels."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    schema_version: int = 1
    rater: str
    label: str
    """The field that holds the labels."""
    compared: int
    """Trajectories with a rating and a label."""
    unrated: int
    unlabelled: int
    """Without a label, or labelled uncertain."""
    commonest: float
    """Share of the commonest label: the accuracy of saying it always."""
    accuracy: Measure
    kappa: Measure
    """Cohen's; over numbers, weighted by squared distance."""
    pearson: Measure
    """Between the rating itself and the label (yes 1, no 0)."""
    table: dict[str, dict[str, int]] = Field(default_factory=dict)
    """How often each label met each rating."""


def agreement(
    trajectories: Iterable[Trajectory], label: str, *, good: float = GOOD, seed: int = 0
) -> Agreement:
    """The agreement of `rater_score` with what `other_information` holds at the dotted path
    `label` (such as `judged.response`), or a field of the trajectory of that name.

    Raises `ValueError` where nothing has both a rating and a label, or labels are neither numbers
    nor yes and no.
    """
    pairs: list[Pair] = []
    raters: Counter[str] = Counter()
    words = numbers = unrated = unlabelled = 0
    for trajectory in trajectories:
        value, is_word = label_of(trajectory, label)
        if trajectory.rater_score is None:
            unrated += 1
        elif value is None:
            unlabelled += 1
        else:
            words, numbers = words + is_word, numbers + (not is_word)
            raters[trajectory.rate_model or "?"] += 1
            pairs.append((trajectory.rater_score, value))
    if not pairs:
        raise ValueError(
            f"no trajectory has both a rating and a label at {label!r} "
            f"({unrated} unrated, {unlabelled} without a label)"
        )
    if words and numbers:
        raise ValueError(f"the labels at {label!r} are words here and numbers there")
    return Agreement(
        rater=", ".join(sorted(raters)),
        label=label,
        compared=len(pairs),
        unrated=unrated,
        unlabelled=unlabelled,
        **_measures(pairs, good if words else None, seed),
    )


def label_of(trajectory: Trajectory, label: str) -> tuple[float | None, bool]:
    """The label as a number, None where there is none or it is uncertain; and whether it is a word.

    Raises `ValueError` for a label that is neither number nor yes or no.
    """
    found: Any = trajectory.other_information
    for part in label.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if found is None and label in type(trajectory).model_fields:
        found = getattr(trajectory, label)
    if found is None:
        return None, False
    if isinstance(found, bool):
        return float(found), True
    if isinstance(found, int | float) and math.isfinite(found):
        return float(found), False
    word = str(found).strip().casefold()
    if word in _UNCERTAIN:
        return None, True
    if word in _WORDS:
        return _WORDS[word], True
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(
            f"{trajectory.id}: the label {str(found)[:60]!r} is neither a number nor yes or no"
        )
    return number, False


def accuracy(pairs: Sequence[Pair]) -> float | None:
    """Share of equal classes."""
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else None


def kappa(pairs: Sequence[Pair], *, nominal: bool = False) -> float | None:
    """Cohen's kappa, weighted by squared distance (`nominal`: not weighted); of two classes that is
    the same. None where both sides have one and the same class only."""
    if not pairs:
        return None
    ours, theirs = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)

    def distance(a: float, b: float) -> float:
        return float(a != b) if nominal else (a - b) ** 2

    observed = sum(distance(a, b) for a, b in pairs) / len(pairs)
    expected = (
        sum(n * m * distance(a, b) for a, n in ours.items() for b, m in theirs.items())
        / len(pairs) ** 2
    )
    return 1 - observed / expected if expected else None


def pearson(pairs: Sequence[Pair]) -> float | None:
    """Pearson's correlation; None where one side does not vary."""
    if len(pairs) < 2:
        return None
    mean_a = math.fsum(a for a, _ in pairs) / len(pairs)
    mean_b = math.fsum(b for _, b in pairs) / len(pairs)
    spread_a = math.fsum((a - mean_a) ** 2 for a, _ in pairs)
    spread_b = math.fsum((b - mean_b) ** 2 for _, b in pairs)
    if spread_a <= 0 or spread_b <= 0:
        return None
    together = math.fsum((a - mean_a) * (b - mean_b) for a, b in pairs)
    return max(-1.0, min(1.0, together / math.sqrt(spread_a * spread_b)))


def agreement_lines(one: Agreement) -> list[str]:
    """The table for people."""
    ratings = sorted({float(r) for counts in one.table.values() for r in counts})
    head = "".join(f"{rating:>6g}" for rating in ratings)
    lines = [
        f"{one.rater} against {one.label}: {one.compared} compared, {one.unrated} unrated, "
        f"{one.unlabelled} without a label",
        f"  accuracy  {one.accuracy.text()}   (the commonest label alone: {one.commonest:.2f})",
        f"  kappa     {one.kappa.text()}",
        f"  Pearson   {one.pearson.text()}",
        f"  label \\ rating{head}",
    ]
    for label, counts in one.table.items():
        cells = "".join(f"{counts.get(f'{rating:g}', 0):>6}" for rating in ratings)
        lines.append(f"  {label:>14}{cells}")
    return lines


def _measures(pairs: Sequence[Pair], good: float | None, seed: int) -> dict[str, Any]:
    """`good`: labels are yes and no, and ratings are read so; None: both are numbers."""
    classes: list[Pair]
    if good is None:
        classes = [(float(round(a)), float(round(b))) for a, b in pairs]
    else:
        classes = [(float(a >= good), b) for a, b in pairs]
    table: dict[str, dict[str, int]] = {}
    for rating, label in sorted(pairs, key=lambda pair: (pair[1], pair[0])):
        name = f"{label:g}" if good is None else ("yes" if label else "no")
        row = table.setdefault(name, {})
        row[f"{rating:g}"] = row.get(f"{rating:g}", 0) + 1
    commonest = Counter(label for _, label in classes).most_common(1)[0][1] / len(classes)
    return {
        "commonest": commonest,
        "accuracy": measure(classes, accuracy, seed),
        "kappa": measure(classes, kappa, seed),
        "pearson": measure(pairs, pearson, seed),
        "table": table,
    }


def measure(
    units: Sequence[_Unit], figure: Callable[[Sequence[_Unit]], float | None], seed: int
) -> Measure:
    """A figure over units, with its percentile bootstrap over them."""
    value = figure(units)
    if value is None:
        return Measure(value=None)
    chance = Random(f"agreement/{seed}")  # noqa: S311 - a seeded draw, no secret
    drawn = (figure(chance.choices(units, k=len(units))) for _ in range(RESAMPLES))
    # A draw of equal labels alone has no kappa; it says nothing, rather than 0 or 1.
    ordered = sorted(one for one in drawn if one is not None)
    tail = (1 - LEVEL) / 2
    return Measure(
        value=value, low=quantile(ordered, tail), high=quantile(ordered, 1 - tail)
    ) if ordered else Measure(value=value)  # fmt: skip
