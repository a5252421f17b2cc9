"""A level under a protocol that asks for single calls, and what predictions score in it.

`gold` is the annotated calls themselves, and asks nobody; a file of published predictions needs no
model either. The gold score stands in every report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...models.embedding import encoder
from .annotations import Key
from .benchmark import Benchmark
from .call_score import CallScore
from .call_styles import Style
from .chat_prompt import Wording
from .corrected import BEHAVIOUR as CORRECTED_TOOLS
from .gold_reasons import gold_reasons
from .paper import BEHAVIOUR as PAPER_TOOLS
from .predictions import Prediction, read_texts
from .reading import Protocol, read_text
from .report import ApiBankReport, GoldFigures, ResponseFigures, call_figures, gold_figures
from .response_scores import response_figures

GOLD = "gold"
"""The model that is no model: the annotated calls."""
Scored = tuple[ApiBankReport, list[CallScore]]
"""The figures, and every score."""


@dataclass(frozen=True)
class Examination:
    """A level under a protocol that asks for single calls, with the ceiling of its figures."""

    benchmark: Benchmark
    protocol: Protocol

    @cached_property
    def gold_scores(self) -> list[CallScore]:
        """The annotated calls, scored as a model's are."""
        return self.benchmark.scores(self.protocol, self.benchmark.gold(self.protocol))

    @cached_property
    def gold(self) -> GoldFigures:
        reasons = {}
        if self.protocol == "paper":
            reasons = gold_reasons(self.benchmark, self.gold_scores)
        return gold_figures(self.gold_scores, self.benchmark.level, reasons)

    def report(
        self,
        model: str,
        predictions: Mapping[Key, Prediction],
        *,
        style: Style = "bracket",
        prompts: Wording | None = None,
        responses: ResponseFigures | None = None,
        samples_digest: str = "",
    ) -> Scored:
        """The figures of predictions, and every score."""
        benchmark, level = self.benchmark, self.benchmark.level
        scores = self.gold_scores if model == GOLD else benchmark.scores(self.protocol, predictions)
        missing = sum((score.file, score.id) not in predictions for score in scores)
        report = ApiBankReport(
            model=model,
            protocol=self.protocol,
            level=level,
            sources=len(benchmark.sources),
            sources_available=benchmark.available,
            calls=call_figures(scores, level, missing),
            gold=self.gold,
            responses=responses,
            style=style,
            prompts=prompts,
            tools=PAPER_TOOLS if self.protocol == "paper" else CORRECTED_TOOLS,
            encoder=None if level == 1 else encoder().name,
            data_digest=benchmark.data.digest,
            samples_digest=samples_digest,
        )
        return report, scores


def score_gold(examination: Examination) -> Scored:
    """The annotated calls as a model of their own."""
    gold = examination.benchmark.gold(examination.protocol)
    return examination.report(GOLD, gold)


def score_predictions(
    examination: Examination, path: Path, *, model: str = "predictions", responses: bool = False
) -> Scored:
    """A file of published predictions; what it lacks is wrong. With `responses`, the response
    samples are looked for in it too.

    Raises `PredictionsUnreadable` and `OSError`.
    """
    texts = read_texts(path)
    counted = {gold.key for gold in examination.benchmark.calls(examination.protocol)}
    predictions = {
        key: read_text(text, examination.protocol) for key, text in texts.items() if key in counted
    }
    figures = None
    if responses:
        said = read_texts(path, words=True)
        figures = response_figures(examination.benchmark.response_samples(), said)
    return examination.report(model, predictions, responses=figures)
