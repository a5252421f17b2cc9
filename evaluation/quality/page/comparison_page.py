"""The page of a comparison."""

from __future__ import annotations

from ..comparison import Comparison
from ..comparison_rows import Rows, difference_rows, quality_rows, size_rows
from ..intervals import Interval
from ..judge import QUALITIES
from ..wording import count
from .charts import Estimate, estimates, legend
from .coherence_section import growth_figure, judge_section
from .elements import Markup, document, el, joined, table
from .layout import card, facts, figure, grid, section
from .scale import extent


def comparison_page(comparison: Comparison) -> str:
    """HTML that says all that the comparison holds; the same for the same comparison."""
    runs = comparison.runs
    names = ", ".join(run.name for run in runs)
    return document(
        f"Runs compared: {names}",
        el("header",
           el("h1", "Runs compared"),
           legend([(run.name, at) for at, run in enumerate(runs)]),
           [el("p", note) for note in comparison.notes]),
        el("main",
           _tables(comparison),
           _drawings(comparison),
           judge_section(runs),
           _method(comparison)),
        el("footer", "Made by callsheet compare; the same figures are in compare.json."),
    )  # fmt: skip


def _tables(comparison: Comparison) -> Markup:
    return section(
        "Tables",
        "Brackets: 95 % bootstrap intervals, dialogues of one scenario drawn together. * marks a "
        "difference whose interval "
        "excludes 0. H has no interval: a resampled set has fewer different words than the set.",
        [_table(rows) for rows in (quality_rows(comparison), difference_rows(comparison),
                                   size_rows(comparison))],
    )  # fmt: skip


def _table(rows: Rows) -> Markup:
    return card(table(rows.headings, rows.cells), title=rows.title)


def _drawings(comparison: Comparison) -> Markup:
    first = comparison.runs[0].name
    similarity = [
        (run.name, at, run.coherence.similarity) for at, run in enumerate(comparison.runs)
    ]
    gains = [
        (run.name, at, one.similarity)
        for at, (run, one) in enumerate(
            zip(comparison.runs[1:], comparison.differences, strict=True), start=1
        )
    ]
    return section(
        "Drawn",
        f"Differences are from {first}; hover over a point for its numbers.",
        grid(
            figure("SS of each run", estimates(_estimates(similarity), "SS of each run"),
                   "100 × mean cosine of a request and the round before it, with 95 % intervals."),
            figure(f"SS, difference from {first}",
                   estimates(_estimates(gains), "differences of SS", zero=True),
                   "Both sets drawn independently."),
            wide=True,
        ),
        grid(growth_figure([(run.name, run.diversity) for run in comparison.runs]),
             _grade_gains(comparison), wide=True),
    )  # fmt: skip


def _grade_gains(comparison: Comparison) -> Markup | None:
    drawn = {
        quality: _estimates(
            [
                (run.name, at, one.grades.get(quality))
                for at, (run, one) in enumerate(
                    zip(comparison.runs[1:], comparison.differences, strict=True), start=1
                )
            ]
        )
        for quality in QUALITIES
    }
    ends = [end for rows in drawn.values() for row in rows for end in (row.low, row.high)]
    if not ends:
        return None
    # One scale for all four, so that differences can be compared across them.
    domain = extent([*ends, 0.0])
    parts = [
        joined(
            el("h3", quality),
            estimates(rows, f"differences in {quality}", domain=domain, zero=True),
        )
        for quality, rows in drawn.items()
        if rows
    ]
    return card(parts, title="Grades, differences")


def _estimates(rows: list[tuple[str, int, Interval | None]]) -> list[Estimate]:
    return [
        Estimate(name, at, value.mean, value.low, value.high)
        for name, at, value in rows
        if value is not None
    ]


def _method(comparison: Comparison) -> Markup:
    settings, coherence = comparison.settings, comparison.runs[0].coherence
    pairs = [(run.name, f"{', '.join(run.sources)} ({run.digest})") for run in comparison.runs]
    pairs += [
        ("Encoder", f"{coherence.encoder} ({coherence.encoder_digest})"),
        ("NLI model", coherence.nli or "none named; EnR was not measured"),
        ("Tokens counted by", settings.tokenizer),
        ("Words", settings.words),
        ("3-grams at equal size", count(comparison.common_size)),
        ("Seed", str(settings.seed)),
    ]
    return section("How it was measured", "", card(facts(pairs)))
