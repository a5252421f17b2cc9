"""The encoder that needs nothing: hashed words and character n-grams.

Two texts are near where they share words, or parts of words ("cancelling", "cancel"). Meaning it
does not know: "remove" is as far from "delete" as from "add". Equal on every machine.
"""

from __future__ import annotations

import hashlib
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

_VERSION = "words and 3- to 5-grams 1"
_DIMENSIONS = 1 << 20
_WORD = re.compile(r"[^\W_]+")
_BEFORE_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_GRAMS = (3, 4, 5)
_GRAM_WEIGHT = 0.35
"""What a part of a word counts beside a whole one."""
_LONGEST = 40
"""Characters of a word that are looked at."""
_EMPTY = frozenset(
    _WORD.findall(
        "a an and any are as at be by can do for from give given gives has have his her i if in "
        "into is it its me my of on one or our shall that the their them then there these this "
        "those to use used uses using want wants was were what when which who will with would "
        "you your"
    )
)
"""Words that say next to nothing of what a text is about."""
_EMPTY_WEIGHT = 0.1


class LexicalEncoder:
    """See `Encoder`; vectors are mappings from hashed feature to weight."""

    name = "lexical"
    sparse = True
    digest = hashlib.blake2b(_VERSION.encode(), digest_size=16).hexdigest()

    def encode(self, texts: Sequence[str]) -> list[dict[int, float]]:
        return [_vector(text) for text in texts]


def _vector(text: str) -> dict[int, float]:
    counts = Counter(_words(text))
    vector: dict[int, float] = {}
    for word, times in counts.items():
        weight = (1 + math.log(times)) * (_EMPTY_WEIGHT if word in _EMPTY else 1)
        for feature, share in _features(word):
            place = zlib.crc32(feature.encode()) % _DIMENSIONS
            vector[place] = vector.get(place, 0.0) + weight * share
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {place: value / length for place, value in vector.items()} if length else {}


def _words(text: str) -> Iterator[str]:
    """Lower-cased words, "getToday" being two."""
    spaced = _BEFORE_CAPITAL.sub(" ", text).lower()
    return (word[:_LONGEST] for word in _WORD.findall(spaced))


def _features(word: str) -> Iterator[tuple[str, float]]:
    """The word and its parts, each with its share; all parts of a word weigh as much together."""
    yield f"w {word}", 1.0
    framed = f"<{word}>"
    grams = [framed[at : at + n] for n in _GRAMS for at in range(len(framed) - n + 1)]
    share = _GRAM_WEIGHT * math.sqrt(1 / len(grams)) if grams else 0.0
    yield from ((f"g {gram}", share) for gram in grams)
