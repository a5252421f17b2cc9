"""What an evaluation on API-Bank found: one report for each model, level and protocol.

Every share names its denominator, because the benchmark has several: the paper counts a call that
follows a call twice, and level 3 also counts whole records. The score of the annotated calls under
the same protocol stands beside each model's: under the paper's it is no 100 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from .call_score import CallScore
from .chat_prompt import Wording
from .reading import Protocol
from .rouge_scores import ResponseScore
from .samples import Level
from .taxonomy import counted, grouped


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Share(_Record):
    """So many of so many."""

    right: int
    of: int
    counted: str
    """What is counted, such as "call samples"."""

    @property
    def value(self) -> float:
        """From 0 to 1; 0 where nothing is counted."""
        return self.right / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.right}/{self.of} ({self.value:.2%})"


class CallFigures(_Record):
    """Calls under a protocol that asks for single ones."""

    calls: Share
    whole: Share
    """Dialogues or records of which every counted call is right."""
    missing: int = 0
    """Samples without a prediction; they are in the denominator, as wrong."""
    errors: dict[str, int] = Field(default_factory=dict)
    """How often each kind of error occurs; see `taxonomy.py`."""
    groups: dict[str, int] = Field(default_factory=dict)
    """The same in the groups in which errors are mostly told."""


class GoldFigures(_Record):
    """The annotated calls as if a model had made them: the ceiling of the protocol."""

    calls: Share
    whole: Share
    online: int
    """Of the right ones, those of Dictionary and Translate, whose answers are recorded ones;
    without the network, upstream counts them as wrong."""
    errors: dict[str, int] = Field(default_factory=dict)
    reasons: dict[str, int] = Field(default_factory=dict)
    """Why the others fail; see `gold_reasons.py`."""


class ResponseFigures(_Record):
    """Answers in words against the annotated ones."""

    samples: int
    missing: int
    """Samples without an answer; they are in the mean, as 0."""
    rouge_l: ResponseScore


class ApiBankReport(_Record):
    """One model on one level under one protocol."""

    schema_version: int = 1
    benchmark: str = "API-Bank"
    model: str
    protocol: Protocol
    level: Level
    sources: int
    """Dialogues or records that were used."""
    sources_available: int
    """Dialogues or records that the data have."""
    calls: CallFigures
    gold: GoldFigures
    responses: ResponseFigures | None = None
    style: str
    """How calls were written: bracket, json or native; gold: bracket."""
    prompts: Wording | None
    """Whose wording the prompts had; None where no model was asked."""
    tools: str
    """The tools' behaviour: strict-upstream or reference."""
    encoder: str | None
    """Behind ToolSearcher; None in level 1, where nothing is searched for."""
    data_digest: str
    samples_digest: str = ""
    """Over all prompts; equal for models that were asked the same."""


def call_figures(scores: Sequence[CallScore], level: Level, missing: int = 0) -> CallFigures:
    errors = counted(score.kind for score in scores)
    return CallFigures(
        calls=call_share(scores),
        whole=whole_share(scores, level),
        missing=missing,
        errors=errors,
        groups=grouped(errors),
    )


def gold_figures(
    scores: Sequence[CallScore], level: Level, reasons: Mapping[tuple[str, int], str]
) -> GoldFigures:
    """`reasons` by sample, as `gold_reasons` gives them."""
    found = list(reasons.values())
    online = sum(score.correct and score.tool in ("Dictionary", "Translate") for score in scores)
    return GoldFigures(
        calls=call_share(scores),
        whole=whole_share(scores, level),
        online=online,
        errors=counted(score.kind for score in scores),
        reasons={reason: found.count(reason) for reason in sorted(set(found))},
    )


def call_share(scores: Sequence[CallScore]) -> Share:
    right = sum(score.correct for score in scores)
    return Share(right=right, of=len(scores), counted="call samples")


def whole_share(scores: Sequence[CallScore], level: Level) -> Share:
    """Records (level 3: the paper's samples) or dialogues without an error."""
    all_of_them = {score.file for score in scores}
    wrong = {score.file for score in scores if not score.correct}
    what = "records" if level == 3 else "dialogues"
    return Share(right=len(all_of_them - wrong), of=len(all_of_them), counted=what)
