"""A comparison for people: models side by side, and the gain with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from .bootstrap import Gain
from .episodes import EpisodeReport
from .report import EvaluationReport

HEADINGS = ("model", "calls", "call accuracy", "right tool", "right arguments")


def comparison_table(reports: Sequence[EvaluationReport], title: str = "") -> Table:
    """For a terminal. `reports` in the order to be shown."""
    table = Table(title=title or None)
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for report in reports:
        table.add_row(*_cells(report))
    return table


def comparison_lines(reports: Sequence[EvaluationReport], gain: Gain | None = None) -> list[str]:
    """The same as Markdown, with the gain below."""
    lines = [
        "| " + " | ".join(HEADINGS) + " |",
        "|---|" + "---:|" * (len(HEADINGS) - 1),
        *("| " + " | ".join(_cells(report)) + " |" for report in reports),
    ]
    if gain is not None:
        lines += ["", gain_line("the student", "its base", gain)]
    return lines


def gain_line(after: str, before: str, gain: Gain) -> str:
    """One gain in a sentence."""
    return (
        f"Gain of {after} over {before}: {gain.points()}, paired bootstrap over "
        f"{gain.scenarios} scenarios with {gain.calls} calls, {gain.resamples} resamples."
    )


def episode_lines(reports: Sequence[EpisodeReport]) -> list[str]:
    """Whole conversations as Markdown."""
    lines = [
        "| model | conversations | plan steps met | plans completed | all checks passed | blame |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for report in reports:
        shares = (report.plan_completion, report.plans_completed, report.accepted)
        percent = " | ".join(f"{100 * share:.1f} %" for share in shares)
        blame = ", ".join(f"{who} {count}" for who, count in report.blame.items()) or "nobody"
        lines.append(f"| {report.model} | {report.episodes} | {percent} | {blame} |")
    return lines


def _cells(report: EvaluationReport) -> tuple[str, ...]:
    shares = (report.call_accuracy, report.name_accuracy, report.argument_accuracy)
    return (report.model, str(report.calls), *(f"{100 * share:.1f} %" for share in shares))
