"""How near an answer in words is to the annotated one: ROUGE-L, by two packages.

`published` is the F of the package `rouge` 1.0.1, with which API-Bank's figures were computed: it
divides at full stops, compares sets of words as they are spelt, takes the union of the longest
common subsequences over sentences, and F = 2PR / (P + R + 1e-8). `standard` is that of Google's
`rouge_score` (one sequence of lower-case words, no stemming), which most other papers report. The
two are not comparable, and are never mixed.

Of hostile or endless text only the beginning is compared (`MAX_PIECES`): both packages take time
and memory in proportion to the product of the lengths, and the first recurses by the word.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from ...models.errors import ModelUnavailable

MAX_PIECES = 800
"""Words and full stops of a text that are compared; answers have some dozens."""
MAX_CHARACTERS = 100_000
_PIECE_ENDS = re.compile(r"\.|\s+")
_FRAMES_A_WORD = 3
_SPEAKERS = ("User:", "AI:")


class ResponseScore(BaseModel):
    """One answer against the annotated one, or the means over many. From 0 to 1."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    published: float
    """By `rouge` 1.0.1; single answers rounded to four decimals, as the evaluator does."""
    standard: float
    """By `rouge_score`, F of rougeL."""


def response_score(answer: str, reference: str) -> ResponseScore:
    """Compare an answer with the annotated one. Raises `ModelUnavailable` without the extra."""
    return ResponseScore(
        published=round(published_rouge_l(answer, reference), 4),
        standard=standard_rouge_l(answer, reference),
    )


def mean_score(scores: Sequence[ResponseScore]) -> ResponseScore:
    """The means, 0 without a score; an answer that is missing has to be given as an empty one."""
    count = len(scores) or 1
    return ResponseScore(
        published=sum(score.published for score in scores) / count,
        standard=sum(score.standard for score in scores) / count,
    )


def published_rouge_l(answer: str, reference: str) -> float:
    """F of `rouge` 1.0.1, not rounded; 0 where either side has no sentence.

    Raises `ModelUnavailable` without the extra.
    """
    answer, reference = _beginning(answer), _beginning(reference)
    if not _has_sentence(answer) or not _has_sentence(reference):
        return 0.0
    with _deep_recursion():
        scores = _rouge().get_scores(answer, reference)
    return float(scores[0]["rouge-l"]["f"])


def standard_rouge_l(answer: str, reference: str) -> float:
    """F of `rouge_score`'s rougeL. Raises `ModelUnavailable` without the extra."""
    score = _scorer().score(_beginning(reference), _beginning(answer))
    return float(score["rougeL"].fmeasure)


def without_speakers(answer: str) -> str:
    """An answer of level 3 as its evaluator compares it: without "User:" and "AI:"."""
    for speaker in _SPEAKERS:
        answer = answer.replace(speaker, "")
    return answer


def _beginning(text: str) -> str:
    text = text[:MAX_CHARACTERS]
    for number, end in enumerate(_PIECE_ENDS.finditer(text), start=1):
        if number == MAX_PIECES:
            return text[: end.start()]
    return text


def _has_sentence(text: str) -> bool:
    """Whether anything but full stops is there, without which the package raises."""
    return bool(text.strip("."))


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Room for the package to recurse by the word, which a long answer would exceed."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + _FRAMES_A_WORD * MAX_PIECES)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@lru_cache(maxsize=1)
def _rouge() -> Any:
    try:
        from rouge import Rouge
    except ImportError as error:
        raise _missing(error) from error
    return Rouge(metrics=["rouge-l"])


@lru_cache(maxsize=1)
def _scorer() -> Any:
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError as error:
        raise _missing(error) from error
    return RougeScorer(["rougeL"], use_stemmer=False)


def _missing(error: ImportError) -> ModelUnavailable:
    return ModelUnavailable(
        f"scores of answers need {error.name}: pip install 'callsheet[evaluate]'"
    )
