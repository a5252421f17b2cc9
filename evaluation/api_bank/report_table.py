"""API-Bank reports for people, as Markdown. A total states what it is a total of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .report import ApiBankReport, Share

_HEADINGS = ("model", "level", "calls right", "gold", "records right", "gold", "ROUGE-L")


def report_lines(reports: Sequence[ApiBankReport]) -> Iterator[str]:
    """A table of all reports of one protocol and, below it, how its figures came about."""
    yield "| " + " | ".join(_HEADINGS) + " |"
    yield "|---|" + "---:|" * (len(_HEADINGS) - 1)
    for model in dict.fromkeys(report.model for report in reports):
        own = [report for report in reports if report.model == model]
        for report in own:
            yield _row(model, str(report.level), report)
        if len(own) > 1:
            yield _total(model, own)
    yield ""
    for report in reports:
        yield from _notes(report)


def _row(model: str, level: str, report: ApiBankReport) -> str:
    words = "" if report.responses is None else _rouge(report)
    records = ("", "")
    if report.level == 3:
        records = (str(report.calls.whole), str(report.gold.whole))
    cells = (model, level, str(report.calls.calls), str(report.gold.calls), *records, words)
    return "| " + " | ".join(cells) + " |"


def _rouge(report: ApiBankReport) -> str:
    assert report.responses is not None
    scores, of = report.responses.rouge_l, report.responses.samples
    return f"{scores.published:.4f} (rouge), {scores.standard:.4f} (rouge_score) of {of}"


def _total(model: str, reports: Sequence[ApiBankReport]) -> str:
    levels = "+".join(str(report.level) for report in reports)
    ours = _sum([report.calls.calls for report in reports])
    gold = _sum([report.gold.calls for report in reports])
    cells = (model, f"{levels} ({ours.counted})", str(ours), str(gold), "", "", "")
    return "| " + " | ".join(cells) + " |"


def _sum(shares: Sequence[Share]) -> Share:
    """Over call samples: every sample counts the same, not every level."""
    return Share(
        right=sum(share.right for share in shares),
        of=sum(share.of for share in shares),
        counted=f"all {sum(share.of for share in shares)} {shares[0].counted}",
    )


def _notes(report: ApiBankReport) -> Iterator[str]:
    what = "records" if report.level == 3 else "dialogues"
    asked = "no prompts" if report.prompts is None else f"{report.prompts} prompts"
    searched = "" if report.encoder is None else f", searched with {report.encoder}"
    yield (
        f"{report.model}, level {report.level}: {report.protocol} protocol, {report.sources} of "
        f"{report.sources_available} {what}, {asked}, style {report.style}, {report.tools} "
        f"tools{searched}"
    )
    if report.calls.missing:
        yield f"  without a prediction, counted as wrong: {report.calls.missing}{_of_lines(report)}"
    if report.calls.errors:
        yield f"  errors: {_listed(report.calls.errors)}"
        yield f"  that is: {_listed(report.calls.groups)}"
    if report.gold.reasons:
        yield f"  gold fails because of: {_listed(report.gold.reasons)}"
    if report.gold.online:
        yield (
            f"  gold has {report.gold.online} recorded answers of online tools; without them "
            f"{report.gold.calls.right - report.gold.online}/{report.gold.calls.of}"
        )


def _of_lines(report: ApiBankReport) -> str:
    """Upstream's other denominator: of level 3 it counts the predictions that there are."""
    if report.level != 3 or report.protocol != "paper":
        return ""
    calls = report.calls
    answered = calls.calls.model_copy(update={"of": calls.calls.of - calls.missing})
    return f"; of the samples with one, as upstream counts level 3: {answered}"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
