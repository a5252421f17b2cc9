"""Table 2: coherence and diversity, and the judge's grades, beside people's dialogues if given."""

from __future__ import annotations

from collections.abc import Sequence

from ..diversity import SIZES, Diversity, common_size
from ..judge import QUALITIES
from ..report import Figures, Settings
from ..wording import NOT_MEASURED, count, decimal, draws, interval, percent, share_interval
from .charts import Estimate, Point, bar, estimates, legend, lines
from .elements import Markup, el, joined, table
from .layout import card, figure, grid, section


def coherence_section(sets: Sequence[Figures], settings: Settings) -> Markup:
    """SS, EnR, H and D-3 of one or several sets, with D-3 at equal sizes."""
    first = sets[0].coherence
    size = common_size([one.diversity for one in sets])
    at = f"D-3 at {count(size)} 3-grams" if size is not None else "D-3 at equal size"
    headings = ("", "pairs", "SS", "EnR", "H (bits)", "D-3, whole set", at, "words", "vocabulary")
    return section(
        "Coherence and diversity",
        "Each request is compared with the round before it. SS: 100 × mean cosine, by "
        f"{first.encoder}. EnR: share of requests that the round before entails, by "
        f"{first.nli or 'an NLI model, and none was named'}. H: entropy of word frequencies in "
        "bits. D-3: different 3-grams among all. Brackets: 95 % bootstrap intervals, "
        "dialogues of one scenario drawn together; at equal size, the lowest and the highest draw.",
        card(table(headings, [_row(one, size) for one in sets])),
        grid(growth_figure([(one.name, one.diversity) for one in sets]),
             card(el("h3", "Reading these figures"), _notes(settings)), wide=True),
    )  # fmt: skip


def judge_section(sets: Sequence[Figures]) -> Markup | None:
    """The judge's grades of sets that have some; None where none has."""
    graded = [one for one in sets if one.judgement is not None and one.judgement.grades]
    if not graded:
        return None
    judgement = graded[0].judgement
    assert judgement is not None
    return section(
        "Grades by a judge",
        f"{judgement.model} graded {_sampled(graded)} with a strict rubric, 1 to 5. The intervals "
        "say how far a sample may be from its set, not how far the judge is from people.",
        grid(_grades(graded), _spread(graded), wide=True),
        _faults(graded[0]),
    )


def growth_figure(sets: Sequence[tuple[str, Diversity]]) -> Markup:
    """D-3 at equal sizes, as a drawing with its numbers."""
    series = [
        (name, [Point(float(g.size), g.mean, g.low, g.high) for g in diversity.growth])
        for name, diversity in sets
    ]
    shown = [size for size in SIZES if any(d.at_size(size) for _, d in sets)]
    if not shown:
        drawing = el("p", f"Fewer than {count(SIZES[0])} 3-grams: too few to draw.", class_="soft")
    else:
        drawing = lines(
            series, "D-3 at equal sizes", x_log=True, x_ticks=[float(size) for size in shown],
            y_range=(0.0, 1.0), x_name="3-grams",
        )  # fmt: skip
    key = legend([(name, at) for at, (name, _) in enumerate(sets)]) if len(sets) > 1 else ""
    return figure(
        "D-3 at equal sizes",
        joined(key, drawing),
        "Means of five draws of whole dialogues; bars: from the lowest draw to the highest. D-3 "
        "falls as any set grows: compare sets at the same size.",
    )


def _row(one: Figures, size: int | None) -> list[str]:
    coherence, diversity = one.coherence, one.diversity
    at = diversity.at_size(size) if size is not None else None
    return [
        one.name,
        count(coherence.pairs),
        interval(coherence.similarity),
        NOT_MEASURED if coherence.nli is None else share_interval(coherence.entailment),
        decimal(diversity.entropy),
        decimal(diversity.distinct_3, 3),
        draws(at),
        count(diversity.words),
        count(diversity.vocabulary),
    ]


def _notes(settings: Settings) -> Markup:
    notes = [
        "A high SS alone is no praise: a user who repeats himself has the highest.",
        "SS depends on the encoder; compare only figures of the same one.",
        "Most good requests are not entailed by what was said before; EnR is low by nature.",
        f"Words are {settings.words}, of what user and assistant said; calls and tool results "
        "are not counted.",
    ]
    return joined([el("p", note, class_="soft") for note in notes])


def _sampled(graded: Sequence[Figures]) -> str:
    return " and ".join(
        f"{count(one.judgement.graded)} of {count(one.judgement.sampled)} dialogues of {one.name}"
        for one in graded
        if one.judgement is not None
    )


def _grades(graded: Sequence[Figures]) -> Markup:
    rows, cells = [], []
    for quality in QUALITIES:
        row = [quality]
        for at, one in enumerate(graded):
            assert one.judgement is not None
            grade = one.judgement.grades[quality]
            label = quality if at == 0 else ""
            rows.append(Estimate(label, at, grade.mean, grade.low, grade.high))
            row.append(interval(grade))
        cells.append(row)
    key = legend([(one.name, at) for at, one in enumerate(graded)]) if len(graded) > 1 else ""
    drawing = estimates(rows, "mean grades", domain=(1.0, 5.0))
    return card(
        key, drawing, table(["", *(one.name for one in graded)], cells), title="Mean grades"
    )


def _spread(graded: Sequence[Figures]) -> Markup:
    rows = []
    for quality in QUALITIES:
        for one in graded:
            assert one.judgement is not None
            counts = one.judgement.counts[quality]
            # From the worst to the best in the order of the legend's colours.
            parts = [(f"grade {g}", float(n), _OF_GRADE[g]) for g, n in enumerate(counts, start=1)]
            share = percent(sum(counts[3:]) / sum(counts) if sum(counts) else None, 0)
            name = f"{quality}, {one.name}" if len(graded) > 1 else quality
            rows.append((name, bar(parts, float(sum(counts)), f"grades for {quality}"), share))
    key = legend([(str(grade), series) for grade, series in _OF_GRADE.items()])
    return card(key, table(["", "how often each grade was given", "4 or 5"], rows, left=2),
                title="How grades are spread")  # fmt: skip


_OF_GRADE = {1: 3, 2: 1, 3: 7, 4: 6, 5: 2}
"""Colour of each grade."""


def _faults(one: Figures) -> Markup:
    assert one.judgement is not None
    rows = [(name, words) for name, words in one.judgement.faults]
    return card(
        el("details", el("summary", "What the judge said of the dialogues it graded lowest"),
           table(["dialogue", "faults"], rows, left=2)),
    )  # fmt: skip
