"""What models did in whole conversations: one report for each model and level, and a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from .interactive import ConversationScore
from .report import ResponseFigures, Share
from .rouge_scores import mean_score
from .samples import Level


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ConversationFigures(_Record):
    """Over the conversations of a level."""

    effects: Share
    """Conversations that end with the effects of the annotated calls."""
    changing: Share
    """The same, of those alone in which the annotated calls change anything."""
    calls: Share
    """Annotated calls that were made too."""
    made: int
    """Calls of the model, the matching ones included."""
    responses: ResponseFigures
    flags: dict[str, int] = Field(default_factory=dict)
    """How often each thing happened that should not."""


class InteractiveReport(_Record):
    """One model on one level."""

    schema_version: int = 1
    benchmark: str = "API-Bank"
    model: str
    protocol: str = "interactive"
    level: Level
    sources: int
    sources_available: int
    figures: ConversationFigures
    gold: ConversationFigures
    """The annotated side, played through the same protocol."""
    style: str
    prompts: str = "project"
    tools: str
    encoder: str | None
    data_digest: str


def conversation_figures(scores: Sequence[ConversationScore]) -> ConversationFigures:
    changing = [score for score in scores if score.effects_wanted]
    replies = [reply for score in scores for reply in score.replies]
    flags: dict[str, int] = {}
    for score in scores:
        for flag, count in score.flags.items():
            flags[flag] = flags.get(flag, 0) + count
    return ConversationFigures(
        effects=_effects(scores, "conversations"),
        changing=_effects(changing, "conversations that change something"),
        calls=Share(
            right=sum(score.matched for score in scores),
            of=sum(score.gold_calls for score in scores),
            counted="annotated calls",
        ),
        made=sum(score.made for score in scores),
        responses=ResponseFigures(
            samples=len(replies),
            missing=sum(score.unanswered for score in scores),
            rouge_l=mean_score(replies),
        ),
        flags=dict(sorted(flags.items())),
    )


def _effects(scores: Sequence[ConversationScore], counted: str) -> Share:
    right = sum(score.effects_right for score in scores)
    return Share(right=right, of=len(scores), counted=counted)


_HEADINGS = ("model", "level", "right effects", "of those with effects", "gold calls made",
             "calls in all", "ROUGE-L")  # fmt: skip


def interactive_lines(reports: Sequence[InteractiveReport]) -> Iterator[str]:
    """As Markdown, the annotated side beside each model."""
    yield "| " + " | ".join(_HEADINGS) + " |"
    yield "|---|" + "---:|" * (len(_HEADINGS) - 1)
    for report in reports:
        yield _row(report.model, report.level, report.figures)
        if report.model != "gold":
            yield _row(f"gold beside {report.model}", report.level, report.gold)
    yield ""
    for report in reports:
        searched = "" if report.encoder is None else f", searched with {report.encoder}"
        yield (
            f"{report.model}, level {report.level}: interactive protocol, {report.sources} of "
            f"{report.sources_available} conversations, {report.prompts} prompts, style "
            f"{report.style}, {report.tools} tools{searched}"
        )
        if report.figures.flags:
            flags = ", ".join(f"{name} {count}" for name, count in report.figures.flags.items())
            yield f"  flags: {flags}"


def _row(model: str, level: int, figures: ConversationFigures) -> str:
    words = figures.responses
    rouge = (
        f"{words.rouge_l.published:.4f} (rouge), {words.rouge_l.standard:.4f} (rouge_score) "
        f"of {words.samples}"
    )
    shares = (figures.effects, figures.changing, figures.calls)
    cells = (model, str(level), *map(str, shares), str(figures.made), rouge)
    return "| " + " | ".join(cells) + " |"
