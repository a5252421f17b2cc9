"""How varied the words of a data set are: entropy and distinct 3-grams (ToolFlow, table 2).

H is the Shannon entropy of word frequencies in bits. D-3 is the number of different 3-grams over
the number of all 3-grams of the whole data set; a 3-gram never crosses the end of a message.

D-3 falls as a data set grows, whatever it says, so that two data sets can be compared only at the
same size. `growth` therefore gives it at fixed sizes too: dialogues in an order drawn by seed, up
to so many 3-grams; several draws, without replacement, and their spread.

Exact: a 3-gram is three word numbers of 21 bits in one integer. Only the words after the first
2,097,152 different ones have hashes for numbers; then two different 3-grams could be taken for
one, with a chance of at most n²/2⁶⁴ for n 3-grams. Memory: the vocabulary and 8 bytes a 3-gram
(16 at the end).
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random

from pydantic import BaseModel, ConfigDict, Field

from .words import words

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000)
"""Numbers of 3-grams at which `growth` measures."""
DRAWS = 5
_BITS = 21
_HASHED = 1 << 63
_BUCKETS = 64


class DistinctAtSize(BaseModel):
    """D-3 of parts of the data set that have the same size."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    size: int
    """3-grams in each part."""
    mean: float
    low: float
    """The smallest of the draws."""
    high: float
    draws: int


class Diversity(BaseModel):
    """Over what user and assistant said to each other."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    words: int
    vocabulary: int
    """Different words."""
    entropy: float
    """H in bits."""
    trigrams: int
    distinct_trigrams: int
    distinct_3: float | None
    """D-3 over the whole data set, from 0 to 1; None without a 3-gram."""
    growth: list[DistinctAtSize] = Field(default_factory=list)
    """D-3 at equal sizes, the sizes that the data set has."""

    def at_size(self, size: int) -> DistinctAtSize | None:
        return next((one for one in self.growth if one.size == size), None)


class DiversityMeter:
    """Takes dialogues' words one after another."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._numbers: dict[str, int] = {}
        self._trigrams = array("Q")
        self._ends = array("Q")
        """Where each dialogue's 3-grams end."""

    def add(self, texts: Iterable[str]) -> None:
        """The messages of one dialogue."""
        numbers, append = self._numbers, self._trigrams.append
        for text in texts:
            said = words(text)
            self._counts.update(said)
            row = [numbers.setdefault(word, len(numbers)) for word in said]
            for first, second, third in zip(row, row[1:], row[2:], strict=False):
                if (first | second | third) >> _BITS:
                    append(_hashed(first, second, third))
                else:
                    append(first << 42 | second << 21 | third)
        self._ends.append(len(self._trigrams))

    def result(self, seed: int = 0) -> Diversity:
        """The figures so far; `seed` decides the order of dialogues in `growth`."""
        distinct = _distinct(self._trigrams)
        total = len(self._trigrams)
        return Diversity(
            words=self._counts.total(),
            vocabulary=len(self._counts),
            entropy=round(entropy(self._counts.values()), 6),
            trigrams=total,
            distinct_trigrams=distinct,
            distinct_3=round(distinct / total, 6) if total else None,
            growth=self._growth(seed),
        )

    def _growth(self, seed: int) -> list[DistinctAtSize]:
        sizes = [size for size in SIZES if size <= len(self._trigrams)]
        if not sizes:
            return []
        draws = [self._draw(Random(f"{seed}/{draw}"), sizes) for draw in range(DRAWS)]  # noqa: S311
        return [
            DistinctAtSize(
                size=size,
                mean=round(sum(found) / DRAWS, 6),
                low=round(min(found), 6),
                high=round(max(found), 6),
                draws=DRAWS,
            )
            for size, found in zip(sizes, zip(*draws, strict=True), strict=True)
        ]

    def _draw(self, chance: Random, sizes: list[int]) -> list[float]:
        """D-3 at each of `sizes` as dialogues are added in one order."""
        order = list(range(len(self._ends)))
        chance.shuffle(order)
        seen: set[int] = set()
        taken, shares = 0, []
        waiting = list(sizes)
        for place in order:
            start = self._ends[place - 1] if place else 0
            rest = self._trigrams[start : self._ends[place]]
            while waiting and taken + len(rest) >= waiting[0]:
                size = waiting.pop(0)
                seen.update(rest[: size - taken])
                shares.append(len(seen) / size)
                rest, taken = rest[size - taken :], size
            if not waiting:
                break
            seen.update(rest)
            taken += len(rest)
        return shares


def common_size(sets: Sequence[Diversity]) -> int | None:
    """The largest number of 3-grams at which D-3 of all sets is known; None where there is none."""
    largest = [one.growth[-1].size for one in sets if one.growth]
    return min(largest) if largest and len(largest) == len(sets) else None


def entropy(counts: Iterable[int]) -> float:
    """Shannon entropy in bits of frequencies; 0 where there is none."""
    present = [count for count in counts if count]
    total = sum(present)
    if not total:
        return 0.0
    # fsum: the order in which words came must not show in the last digits.
    return max(0.0, math.log2(total) - math.fsum(n * math.log2(n) for n in present) / total)


def _distinct(trigrams: array[int]) -> int:
    """How many different numbers there are; in buckets, so that no set holds them all."""
    buckets = [array("Q") for _ in range(_BUCKETS)]
    for trigram in trigrams:
        buckets[(trigram ^ trigram >> 21 ^ trigram >> 42) % _BUCKETS].append(trigram)
    return sum(len(set(bucket)) for bucket in buckets)


def _hashed(*numbers: int) -> int:
    payload = array("Q", numbers).tobytes()
    return int.from_bytes(hashlib.blake2b(payload, digest_size=8).digest()) | _HASHED
