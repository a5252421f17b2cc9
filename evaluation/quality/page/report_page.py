"""The page of one report."""

from __future__ import annotations

from ..diversity import Diversity
from ..intervals import Interval
from ..report import QualityReport
from ..wording import NONE, count, decimal, percent, ratio
from .coherence_section import coherence_section, judge_section
from .elements import Markup, document, el
from .ending_section import ending_section, rejection_section, spending_section
from .example_section import example_section
from .layout import card, facts, section, tiles
from .size_section import size_section
from .use_section import use_section


def report_page(report: QualityReport) -> str:
    """HTML that says all that the report holds; the same for the same report."""
    figures, human = report.figures, report.human
    sets = [figures, *([human] if human else [])]
    return document(
        f"Dialogue quality: {figures.name}",
        el("header",
           el("h1", f"Dialogue quality: {figures.name}"),
           el("p", _lead(report), class_="lead"),
           _tiles(report)),
        el("main",
           coherence_section(sets, report.settings),
           judge_section(sets),
           size_section(figures, report.settings.tokenizer, human),
           use_section(report.coverage),
           ending_section(report.endings),
           rejection_section(report.rejections),
           spending_section(report.spending),
           example_section(figures.examples),
           _method(report)),
        el("footer", "Made by callsheet report; the same figures are in report.json."),
    )  # fmt: skip


def _lead(report: QualityReport) -> str:
    size = report.figures.size
    beside = (
        f", beside {count(report.human.size.dialogues)} dialogues of people" if report.human else ""
    )
    return (
        f"{count(size.dialogues)} dialogues with {count(size.turns)} turns and "
        f"{count(size.calls)} calls of {count(report.coverage.tools_called)} tools{beside}."
    )


def _tiles(report: QualityReport) -> Markup:
    figures, endings = report.figures, report.endings
    size, coherence, diversity = figures.size, figures.coherence, figures.diversity
    judgement = figures.judgement
    last = _at_equal_size(diversity)
    if judgement is not None and judgement.grades:
        mean = sum(grade.mean for grade in judgement.grades.values()) / len(judgement.grades)
        last = (f"{decimal(mean)} / 5", "mean of the judge's grades")
    entailed = percent(_mean(coherence.entailment))
    values = [
        (count(size.dialogues), "dialogues"),
        (decimal(size.per_dialogue("turns")), "turns a dialogue"),
        (decimal(size.per_dialogue("calls")), "calls a dialogue"),
        (percent(ratio(size.call_turns, size.turns)), "of turns call a tool"),
        (percent(ratio(endings.passed, endings.judged)), "passed every check"),
        (decimal(_mean(coherence.similarity), 1), "SS, coherence"),
        (entailed, "EnR, entailment" if coherence.nli else "EnR, not measured"),
        (decimal(diversity.entropy), "H, bits a word"),
        (decimal(diversity.distinct_3, 3), "D-3, whole set"),
        last,
    ]
    return tiles(values)


def _mean(value: Interval | None) -> float | None:
    return None if value is None else value.mean


def _at_equal_size(diversity: Diversity) -> tuple[str, str]:
    if not diversity.growth:
        return NONE, "D-3 at equal size"
    largest = diversity.growth[-1]
    return decimal(largest.mean, 3), f"D-3 at {count(largest.size)} 3-grams"


def _method(report: QualityReport) -> Markup:
    settings, figures = report.settings, report.figures
    coherence, judgement = figures.coherence, figures.judgement
    pairs = [
        ("Sources", ", ".join(figures.sources)),
        ("Digest of the content", figures.digest),
        ("Tokens counted by", settings.tokenizer),
        ("Words", settings.words),
        ("Encoder", f"{coherence.encoder} ({coherence.encoder_digest})"),
        ("NLI model", _nli(report)),
        ("Pairs measured", f"{count(coherence.measured)} of {count(coherence.pairs)}"),
        ("Seed", str(settings.seed)),
    ]
    if judgement is not None:
        judged = f"{judgement.model}, rubric {judgement.rubric_digest}"
        pairs.append(("Judge", f"{judged}, {count(judgement.sampled)} dialogues drawn by seed"))
    if report.human is not None:
        pairs.append(("People's dialogues", ", ".join(report.human.sources)))
    return section("How it was measured", "", card(facts(pairs)))


def _nli(report: QualityReport) -> str:
    coherence = report.figures.coherence
    if coherence.nli is None:
        return "none named; EnR was not measured"
    return f"{coherence.nli}, label {coherence.nli_label}"
