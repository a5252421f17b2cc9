"""Answers in words against the annotated ones, over all response samples of a level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .annotations import Key
from .report import ResponseFigures
from .rouge_scores import (
    ResponseScore,
    mean_score,
    published_rouge_l,
    response_score,
    standard_rouge_l,
    without_speakers,
)
from .samples import ResponseSample


def response_figures(
    samples: Sequence[ResponseSample], texts: Mapping[Key, str]
) -> ResponseFigures:
    """ROUGE-L of answers to response samples; a missing one counts as 0.

    Raises `ModelUnavailable` without the extra `evaluate`.
    """
    scores = [_spoken(sample, texts.get(sample.key, "")) for sample in samples]
    return ResponseFigures(
        samples=len(samples),
        missing=sum(sample.key not in texts for sample in samples),
        rouge_l=mean_score(scores),
    )


def _spoken(sample: ResponseSample, text: str) -> ResponseScore:
    if sample.level != 3:
        return response_score(text, sample.gold.text)
    # Level 3's evaluator takes the speakers' names out, and does not round single answers.
    said, wanted = without_speakers(text), without_speakers(sample.gold.text)
    return ResponseScore(
        published=published_rouge_l(said, wanted), standard=standard_rouge_l(said, wanted)
    )
