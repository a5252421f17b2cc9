"""Okapi BM25 ranking (Robertson and Zaragoza, 2009) over documents that are words already.

Inverse document frequency is ln(N - n + 0.5) - ln(n + 0.5); where that is negative, a quarter of
the mean over all words stands for it. Each word's part in each document's score is computed once,
so that a query only adds. Documents of equal score keep their order; there is no least score.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

K1 = 1.5
B = 0.75
EPSILON = 0.25
"""What part of the mean stands for a negative inverse document frequency."""


class Okapi:
    """An index over `documents`."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self.size = len(documents)
        counts = [Counter(document) for document in documents]
        mean_length = sum(map(len, documents)) / max(1, self.size)
        self._parts: dict[str, list[tuple[int, float]]] = {}
        """By word, the documents that have it and its part in their scores."""
        weights = _weights(counts)
        for number, (document, count) in enumerate(zip(documents, counts, strict=True)):
            length = K1 * (1 - B + B * len(document) / (mean_length or 1))
            for word, times in count.items():
                part = weights[word] * (times * (K1 + 1) / (times + length))
                self._parts.setdefault(word, []).append((number, part))

    def scores(self, query: Iterable[str]) -> list[float]:
        """The score of every document; a word counts as often as the query has it."""
        found = [0.0] * self.size
        for word in query:
            for number, part in self._parts.get(word, ()):
                found[number] += part
        return found

    def best(self, query: Iterable[str], most: int) -> list[int]:
        """Numbers of the documents with the highest scores, at most so many."""
        scores = self.scores(query)
        return sorted(range(self.size), key=scores.__getitem__, reverse=True)[:most]


def _weights(counts: Sequence[Counter[str]]) -> dict[str, float]:
    """Inverse document frequency by word."""
    having = Counter(word for count in counts for word in count)
    total = len(counts)
    weights = {n: math.log(total - k + 0.5) - math.log(k + 0.5) for n, k in having.items()}
    if weights:
        floor = EPSILON * sum(weights.values()) / len(weights)
        weights = {word: floor if weight < 0 else weight for word, weight in weights.items()}
    return weights
