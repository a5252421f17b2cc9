"""What has been said so far in a dialogue, indexed so that a value can be looked up in it.

Texts are only queued when they are added; each view of them (words, numbers, dates) is brought up
to date when it is asked for. A text beyond `MOST_CHARACTERS` is cut, and then `partial` is set:
nobody can say of a value that it occurs nowhere in what was not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Any

from .moments import Moments
from .numbers import numbers_in
from .words import STOP, folded, is_english, near, stem, tokens

MOST_CHARACTERS = 200_000
_DEPTH = 24


class Reading:
    """One text, folded, and what can be read in it; each view is made once, when asked for."""

    def __init__(self, text: str) -> None:
        self.partial = len(text) > MOST_CHARACTERS
        self.text = folded(text[:MOST_CHARACTERS])

    @cached_property
    def tokens(self) -> list[str]:
        """Its words and digit groups."""
        return tokens(self.text)

    @cached_property
    def numbers(self) -> set[float]:
        """Its numbers, read generously."""
        return numbers_in(self.text)

    @cached_property
    def compact(self) -> str:
        """Its letters and digits."""
        return compact(self.text)


class Evidence:
    """Grows along a branch; asked about single values."""

    def __init__(self, now: date | None = None) -> None:
        self.now = now
        self.partial = False
        self._texts: list[Reading] = []
        self._user_texts: list[str] = []
        self._spoken: set[int] = set()
        self._compact = ""
        self._compact_upto = 0
        self._words: set[str] = set()
        self._stems: set[str] = set()
        self._initials: set[str] = set()
        self._words_upto = 0
        self._numbers: set[float] = set()
        self._numbers_upto = 0
        self._moments = Moments()
        self._moments_upto = 0
        self._english: bool | None = None

    def add(self, said: str | Reading, *, by_user: bool = False, spoken: bool = False) -> None:
        """Add what was said; `spoken` in conversation, where "next week" means a date."""
        reading = said if isinstance(said, Reading) else Reading(said)
        self.partial = self.partial or reading.partial
        if reading.text:
            if by_user or spoken:
                self._spoken.add(len(self._texts))
            self._texts.append(reading)
            if by_user:
                self._user_texts.append(reading.text)
                self._english = None

    @property
    def compact(self) -> str:
        """Letters and digits alone, in order; texts apart."""
        if self._compact_upto < len(self._texts):
            new = self._texts[self._compact_upto :]
            self._compact += "".join(" " + reading.compact for reading in new)
            self._compact_upto = len(self._texts)
        return self._compact

    @property
    def words(self) -> set[str]:
        """All words."""
        self._read_words()
        return self._words

    @property
    def stems(self) -> set[str]:
        """The stems of all words."""
        self._read_words()
        return self._stems

    @property
    def initials(self) -> set[str]:
        """First letters of two to five words in a row: what an acronym can stand for."""
        self._read_words()
        return self._initials

    @property
    def numbers(self) -> set[float]:
        """All numbers, read generously."""
        for reading in self._texts[self._numbers_upto :]:
            self._numbers |= reading.numbers
        self._numbers_upto = len(self._texts)
        return self._numbers

    @property
    def moments(self) -> Moments:
        """All dates and times."""
        for at in range(self._moments_upto, len(self._texts)):
            self._moments.read(self._texts[at].text, loosely=at in self._spoken)
        self._moments_upto = len(self._texts)
        return self._moments

    @property
    def english(self) -> bool:
        """Whether the user's words can be compared with English ones."""
        if self._english is None:
            self._english = is_english(" ".join(self._user_texts))
        return self._english

    def user_said(self, word: str) -> bool:
        """Whether the user said a folded word, as it is, and it is not a small one."""
        return word not in STOP and any(word in tokens(text) for text in self._user_texts)

    def has_text(self, value: str) -> bool:
        """Whether `value` was said, whatever its case, accents, spaces and punctuation."""
        short = compact(folded(value))
        if len(short) >= 5:
            return short in self.compact
        return bool(short) and all(word in self.words for word in tokens(folded(value)))

    def has_word(self, word: str) -> bool:
        """Whether a folded word, a form of it or a near spelling was said."""
        if word in self.words or stem(word) in self.stems:
            return True
        if len(word) >= 5 and word in self.compact:
            return True
        return any(near(word, other) for other in self._alike(word))

    def _alike(self, word: str) -> Iterator[str]:
        first = word[:1]
        return (other for other in self._words if other[:1] == first and len(other) >= 5)

    def _read_words(self) -> None:
        for reading in self._texts[self._words_upto :]:
            found = reading.tokens
            fresh = [word for word in found if word not in self._words]
            self._words.update(fresh)
            self._stems.update(map(stem, fresh))
            if len(found) <= 2000:
                self._initials |= _initials(found)
        self._words_upto = len(self._texts)


def compact(text: str) -> str:
    """Letters and digits of a folded text, in order."""
    return "".join(filter(str.isalnum, text))


def _initials(found: list[str]) -> set[str]:
    letters = "".join(word[0] for word in found)
    sizes = range(2, 6)
    return {letters[i : i + n] for n in sizes for i in range(len(letters) - n + 1)}


def leaves(
    value: Any, path: tuple[str, ...] = (), depth: int = 0
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The scalars of a JSON value with the keys that lead to them; nothing below 24 levels."""
    if depth > _DEPTH:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key), depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, path, depth + 1)
    else:
        yield path, value
