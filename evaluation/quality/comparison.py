"""Runs side by side: one row a run in the papers' two tables, and how each differs from the first.

Differences of SS, EnR and grades have bootstrap intervals, both sets drawn independently; an
interval without 0 is marked. D-3 is compared at the largest size that all sets have; beside it
stand the lowest and the highest of the draws, which are no interval of confidence. H has none: a
resampled set has fewer different words than the set itself, so that a bootstrap misleads. Equal
numbers of dialogues are the caller's business, and said where they differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .diversity import common_size
from .intervals import Interval, difference_interval
from .judge import QUALITIES
from .measure import Instruments, Measured, Say, measure
from .report import Figures, Settings


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Differences(_Record):
    """How a run differs from the first one; what is higher is positive."""

    similarity: Interval | None
    entailment: Interval | None
    entropy: float
    distinct_3: float | None
    """At the common size."""
    grades: dict[str, Interval] = Field(default_factory=dict)


class Comparison(_Record):
    """The content of compare.json."""

    schema_version: Literal[1] = 1
    settings: Settings
    runs: list[Figures]
    """The first is what the others are compared with."""
    common_size: int | None
    """The largest number of 3-grams at which D-3 of all runs is known."""
    differences: list[Differences]
    """One for each run but the first."""
    notes: list[str] = Field(default_factory=list)
    """What a reader has to know before trusting the rows."""


def compare(
    sources: Sequence[Path],
    using: Instruments,
    folders: Sequence[Path],
    *,
    names: Sequence[str] = (),
    say: Say | None = None,
) -> Comparison:
    """Measure every source and compare; `folders`, one a source, hold the judge's answers.

    Raises `ValueError` for fewer than two sources, and what `measure` raises.
    """
    if len(sources) < 2:
        raise ValueError("a comparison needs at least two runs")
    labels = list(names) or distinct_names(sources)
    measured = [
        measure([source], using, folder, name=label, say=say)
        for source, folder, label in zip(sources, folders, labels, strict=True)
    ]
    figures = [one.figures for one in measured]
    size = common_size([one.diversity for one in figures])
    return Comparison(
        settings=using.settings,
        runs=figures,
        common_size=size,
        differences=[
            _differences(measured[0], other, size, using.settings.seed) for other in measured[1:]
        ],
        notes=list(_notes(figures)),
    )


def distinct_names(sources: Sequence[Path]) -> list[str]:
    """The shortest ends of the paths that tell them apart."""
    parts = [
        (path.resolve() if path.is_dir() else path.resolve().with_suffix("")).parts
        for path in sources
    ]
    longest = max(len(one) for one in parts)
    for length in range(1, longest + 1):
        names = ["/".join(one[-length:]) for one in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{path} ({number})" for number, path in enumerate(sources, start=1)]


def _differences(first: Measured, other: Measured, size: int | None, seed: int) -> Differences:
    grades = {
        quality: difference_interval(first.grades[quality], other.grades[quality], seed)
        for quality in QUALITIES
        if quality in first.grades and quality in other.grades
    }
    before, after = first.figures.diversity, other.figures.diversity
    return Differences(
        similarity=difference_interval(first.similarities, other.similarities, seed),
        entailment=difference_interval(first.entailments, other.entailments, seed),
        entropy=round(after.entropy - before.entropy, 6),
        distinct_3=_gain(first.figures, other.figures, size),
        grades={quality: gain for quality, gain in grades.items() if gain is not None},
    )


def _gain(first: Figures, other: Figures, size: int | None) -> float | None:
    if size is None:
        return None
    before, after = first.diversity.at_size(size), other.diversity.at_size(size)
    return None if before is None or after is None else round(after.mean - before.mean, 6)


def _notes(runs: Sequence[Figures]) -> Iterator[str]:
    if len({run.size.dialogues for run in runs}) > 1:
        yield (
            "The runs have different numbers of dialogues: H and D-3 of whole sets depend on "
            "size; compare D-3 at the same size."
        )
    if len({run.digest for run in runs}) < len(runs):
        yield "Some of these runs have exactly the same content."
    if any(not run.coherence.pairs for run in runs):
        yield "Some run has no second turn in any dialogue, and so no SS."
