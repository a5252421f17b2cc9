"""Words as the filters compare them: folded (case, accents), cut, stemmed a little.

English endings only; that a text is in English at all is asked first, because nothing can be said
about words that were translated.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TOKEN = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def word_set(text: str) -> frozenset[str]:
    """The words of a text, for lists that are easier to read as prose."""
    return frozenset(text.split())


FUNCTION_WORDS = word_set(
    """a an the of to for in on at by from with and or as is are was were be been being do does did
    it its this that these those i me my mine we us our you your yours he him his she her they
    them their can could would will shall should may might must please just also so if then than
    there here what which who whom whose when where why how not no yes any some all each every
    hello hi hey thanks thank ok okay well need want like have has had let get got up out about
    into"""
)
"""Words of which every request has some: grammar and courtesy."""

STOP = FUNCTION_WORDS | word_set("over again too very really now right s t m re ll ve d")
"""Words that say nothing about a request."""

_ENGLISH = word_set(
    """the and you your it can could would will please what how does want need have this that with
    from not thanks help i my to for are i'm let find get show book give tell"""
)
"""Words that hardly stand in a sentence of another language."""


def folded(text: str) -> str:
    """Lower case without accents; what can be compared."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


def tokens(text: str) -> list[str]:
    """The words and digit groups of a folded text."""
    return _TOKEN.findall(text)


def parts(name: str) -> list[str]:
    """The words of an identifier: `maxPrice`, `max_price`, `max-price`."""
    return tokens(_CAMEL.sub(" ", name).lower().replace("_", " "))


_ENDINGS = (
    ("ies", 5), ("ied", 5), ("ings", 7), ("ing", 6), ("ers", 6), ("ed", 5), ("ly", 6), ("er", 6),
    ("es", 5), ("s", 4), ("e", 5), ("y", 5),
)  # fmt: skip
"""Endings, and how long a word must be to lose them."""


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """`word` without a common English ending."""
    for ending, least in _ENDINGS:
        if word.endswith(ending) and len(word) >= least and not word.endswith("ss"):
            return _single(word[: -len(ending)])
    return word


def _single(word: str) -> str:
    """`planning` and `plan` meet at `plan`."""
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        return word[:-1]
    return word[:-1] if len(word) > 4 and word[-1] in "ey" else word


def is_english(text: str) -> bool:
    """Whether a folded text can be taken for English; a short one without a sign of anything else
    is."""
    found = tokens(text)
    letters = sum(c.isalpha() for c in text)
    if letters and sum(c.isalpha() and not c.isascii() for c in text) > 0.1 * letters:
        return False
    signs = sum(word in _ENGLISH for word in found)
    return signs >= max(1, len(found) // 12) if len(found) > 5 else True


def near(left: str, right: str) -> bool:
    """Whether two words are one but for spelling: a common beginning of five letters that is most
    of both, or one letter more, less, other or swapped (from five letters on)."""
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    if len(short) < 5 or len(long) - len(short) > 4:
        return False
    same = 0
    for a, b in zip(short, long, strict=False):
        if a != b:
            break
        same += 1
    if same >= 5 and same >= len(short) - 1:
        return True
    if len(long) - len(short) > 1:
        return False
    rest_short, rest_long = short[same:], long[same:]
    if len(short) == len(long):
        swapped = len(rest_short) > 1 and rest_short[:2] == rest_long[1::-1]
        return rest_short[1:] == rest_long[1:] or (swapped and rest_short[2:] == rest_long[2:])
    return rest_short == rest_long[1:]
