"""A comparison as rows of cells, for Markdown and for the page alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .comparison import Comparison
from .intervals import Interval
from .judge import QUALITIES
from .report import Figures
from .wording import (
    NONE,
    NOT_MEASURED,
    count,
    decimal,
    draws,
    interval,
    percent,
    ratio,
    share_interval,
    signed,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """A table: what it is, its headings, its cells (the first column in words)."""

    title: str
    headings: Sequence[str]
    cells: list[list[str]] = field(default_factory=list)


def size_rows(comparison: Comparison) -> Rows:
    """Table 1."""
    headings = ("run", "dialogues", "turns", "turns / dialogue", "tokens", "tokens / dialogue",
                "calls", "calls / dialogue", "call turns", "parallel", "successive",
                "chitchat steps")  # fmt: skip
    return Rows("Size (table 1)", headings, [_size(run) for run in comparison.runs])


def quality_rows(comparison: Comparison) -> Rows:
    """Table 2; the judge's columns where some run was judged."""
    size = comparison.common_size
    at = f"D-3 at {count(size)}" if size else "D-3 at equal size"
    judged = _judged(comparison)
    headings = ("run", *judged, "SS", "EnR", "H (bits)", "D-3, whole set", at)
    return Rows(
        "Quality (table 2)",
        headings,
        [
            [run.name, *(_grade(run, quality) for quality in judged), *_quality(run, size)]
            for run in comparison.runs
        ],
    )


def difference_rows(comparison: Comparison) -> Rows:
    """Every run against the first; a star marks an interval without 0."""
    judged = _judged(comparison)
    size = comparison.common_size
    at = f"D-3 at {count(size)}" if size else "D-3 at equal size"
    rows = Rows(
        f"Differences from {comparison.runs[0].name}",
        ("run", *judged, "SS", "EnR (points)", "H (bits)", at),
    )
    for run, one in zip(comparison.runs[1:], comparison.differences, strict=True):
        rows.cells.append([
            run.name,
            *(gain(one.grades.get(quality)) for quality in judged),
            gain(one.similarity),
            NOT_MEASURED if comparison.settings.nli is None else gain(one.entailment, 1, 100),
            signed(one.entropy),
            NONE if one.distinct_3 is None else signed(one.distinct_3, 3),
        ])  # fmt: skip
    return rows


def gain(value: Interval | None, places: int = 2, scale: float = 1.0) -> str:
    """A difference with its interval, starred where that excludes 0."""
    if value is None:
        return NONE
    low, high = signed(scale * value.low, places), signed(scale * value.high, places)
    star = "*" if value.excludes_zero() else ""
    return f"{signed(scale * value.mean, places)}{star} [{low}, {high}]"


def _size(run: Figures) -> list[str]:
    size = run.size
    return [
        run.name,
        count(size.dialogues),
        count(size.turns),
        decimal(size.per_dialogue("turns")),
        count(size.tokens),
        decimal(size.per_dialogue("tokens"), 1),
        count(size.calls),
        decimal(size.per_dialogue("calls")),
        percent(ratio(size.call_turns, size.turns)),
        percent(ratio(size.parallel_turns, size.turns)),
        percent(ratio(size.multiple_turns, size.turns)),
        percent(size.chitchat_share),
    ]


def _quality(run: Figures, size: int | None) -> list[str]:
    coherence, diversity = run.coherence, run.diversity
    at = diversity.at_size(size) if size is not None else None
    return [
        interval(coherence.similarity),
        NOT_MEASURED if coherence.nli is None else share_interval(coherence.entailment),
        decimal(diversity.entropy),
        decimal(diversity.distinct_3, 3),
        draws(at),
    ]


def _judged(comparison: Comparison) -> Sequence[str]:
    return QUALITIES if any(run.judgement for run in comparison.runs) else ()


def _grade(run: Figures, quality: str) -> str:
    return NONE if run.judgement is None else interval(run.judgement.grades.get(quality))
