"""Texts ranked by nearness to a query: cosine similarity under one encoder.

An index embeds its texts when first asked, once a process, and remembers its latest queries.
Equal scores keep the texts' order. Scores are rounded to six digits, because the last ones are
not the same on every processor.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Protocol

from .embedding import Encoder, SparseVector, encodable_text
from .embedding_cache import vectors

_REMEMBERED = 1024
"""Queries whose answers are kept."""
_DIGITS = 6

Ranked = tuple[tuple[int, float], ...]
"""Positions of texts with their scores, the nearest first."""


class _Scores(Protocol):
    def scores(self, query: str) -> Sequence[float]: ...


class TextIndex:
    """An index over `texts` in their order."""

    def __init__(self, texts: Sequence[str], encoder: Encoder) -> None:
        self.encoder = encoder
        self._texts = [encodable_text(text) for text in texts]
        self._answers: OrderedDict[tuple[str, int, float], Ranked] = OrderedDict()

    def search(self, query: str, top: int = 1, threshold: float = 0.0) -> Ranked:
        """At most `top` texts whose score is above `threshold`.

        Raises `ModelUnavailable` where the encoder cannot be loaded.
        """
        asked = (encodable_text(query), top, threshold)
        found = self._answers.get(asked)
        if found is None:
            found = self._ranked(*asked)
            self._answers[asked] = found
            if len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)
        else:
            self._answers.move_to_end(asked)
        return found

    def _ranked(self, query: str, top: int, threshold: float) -> Ranked:
        if not self._texts:
            return ()
        scores = [round(float(score), _DIGITS) for score in self._scores.scores(query)]
        order = sorted(range(len(scores)), key=lambda place: -scores[place])
        return tuple((place, scores[place]) for place in order[:top] if scores[place] > threshold)

    @cached_property
    def _scores(self) -> _Scores:
        made = _Sparse if self.encoder.sparse else _Dense
        return made(self._texts, self.encoder)


@lru_cache(maxsize=64)
def text_index(texts: tuple[str, ...], encoder: Encoder) -> TextIndex:
    """The process's own index of these texts, which all callers share."""
    return TextIndex(texts, encoder)


class _Dense:
    """Products with a matrix of all texts."""

    def __init__(self, texts: Sequence[str], encoder: Encoder) -> None:
        self._encoder = encoder
        self._matrix = vectors(texts, encoder)

    def scores(self, query: str) -> Sequence[float]:
        found: list[float] = (self._matrix @ self._encoder.encode([query])[0]).tolist()
        return found


class _Sparse:
    """Lists of texts by dimension. A dimension counts the more, the fewer texts have it (inverse
    document frequency): words in all of them tell none from another."""

    def __init__(self, texts: Sequence[str], encoder: Encoder) -> None:
        self._encoder = encoder
        rows: list[SparseVector] = encoder.encode(texts)
        having = Counter(place for row in rows for place in row)
        self._size = len(rows)
        self._weights = {p: math.log(1 + self._size / times) for p, times in having.items()}
        self._rare = math.log(1 + self._size)
        self._postings: dict[int, list[tuple[int, float]]] = {}
        for number, row in enumerate(rows):
            for place, value in self._weighted(row).items():
                self._postings.setdefault(place, []).append((number, value))

    def scores(self, query: str) -> Sequence[float]:
        found = [0.0] * self._size
        for place, value in self._weighted(self._encoder.encode([query])[0]).items():
            for number, other in self._postings.get(place, ()):
                found[number] += value * other
        return found

    def _weighted(self, row: SparseVector) -> SparseVector:
        weighted = {p: value * self._weights.get(p, self._rare) for p, value in row.items()}
        length = math.sqrt(sum(value * value for value in weighted.values()))
        return {p: value / length for p, value in weighted.items()} if length else {}
