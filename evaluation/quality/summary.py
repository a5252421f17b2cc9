"""A report's first figures as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from .report import Figures, QualityReport
from .wording import NOT_MEASURED, count, decimal, interval, percent, ratio, share_interval


def summary_lines(report: QualityReport) -> list[str]:
    """Tables 1 and 2 in short, then what was tested and rejected."""
    lines = list(_figures(report.figures))
    if report.human is not None:
        lines += ["people's dialogues:", *(f"  {line}" for line in _figures(report.human))]
    endings = report.endings
    if endings.judged:
        share = percent(ratio(endings.passed, endings.judged))
        lines.append(f"passed every check: {share} of {count(endings.judged)} tested")
    if report.rejections is not None:
        lines.append(f"rejected beside them: {count(report.rejections.dialogues)}")
    spending = report.spending
    if spending.cost is not None:
        planning = spending.planning_cost
        part = "" if planning is None else f" ({decimal(planning, 4)} of it for planning)"
        lines.append(f"cost: {decimal(spending.cost, 4)}{part}")
    return lines


def _figures(figures: Figures) -> Iterator[str]:
    size, coherence, diversity = figures.size, figures.coherence, figures.diversity
    entailed = share_interval(coherence.entailment)
    yield (
        f"{count(size.dialogues)} dialogues, {count(size.turns)} turns, {count(size.tokens)} "
        f"tokens, {count(size.calls)} calls in {count(size.call_turns)} call turns"
    )
    yield (
        f"SS {interval(coherence.similarity)} ({coherence.encoder}, {count(coherence.pairs)} "
        f"pairs), EnR {NOT_MEASURED if coherence.nli is None else entailed}, "
        f"H {decimal(diversity.entropy)} bits, D-3 {decimal(diversity.distinct_3, 3)}"
    )
    if diversity.growth:
        at = diversity.growth[-1]
        yield f"D-3 at {count(at.size)} 3-grams: {decimal(at.mean, 3)}"
    if figures.judgement is not None:
        grades = figures.judgement.grades.items()
        means = ", ".join(f"{quality} {interval(grade)}" for quality, grade in grades)
        yield f"grades by {figures.judgement.model}: {means or 'none'}"
