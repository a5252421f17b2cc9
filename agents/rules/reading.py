"""A message taken apart: times, quotations, numbers, addresses and names, each with its place.

`masked` is the text with times blanked out (their prepositions too) at equal length, so that what
is left can be read without stumbling over them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from .dates import NUMBERS, When, find_times
from .user_phrasing import IMPERATIVES
from .words import STOP, word_set

BLANK = "\x00"
"""Stands in `masked` where a time was."""

_BEFORE_TIME = re.compile(
    r"\b(?:on|at|by|for|from|to|until|till|starting|beginning|ending|lasting|around|between|and"
    r"|this coming|the|is|,|-|–|\s)+$",
    re.IGNORECASE,
)
_QUOTE = re.compile(
    r"[\"“„«]([^\"“”„«»]+)[\"”»]|(?<![A-Za-z])['‘]([^'’]+(?:['’][a-z][^'’]*)*)['’](?![A-Za-z])"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"https?://[^\s,;]+[^\s,;.?!]")
_NUMBER = re.compile(
    r"(?<![\w.,-])[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d])"
    r"|(?<![A-Za-z\d.,-])[-+]?\d+(?:\.\d+)?(?!\d)"
)
_WORD_NUMBER = re.compile(
    r"\b(" + "|".join(n for n in NUMBERS if n not in ("a", "an", "one")) + r"|one)\b",
    re.IGNORECASE,
)
_PROPER = re.compile(
    r"\b(?:[A-Z][\w'’]*[A-Za-z0-9]|[A-Z])(?:[ -](?:[A-Z][\w'’]*|of(?= [A-Z])|de(?= [A-Z])"
    r"|van(?= [A-Z])|\d+\b))*"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?]\s+|\n)[\s\"'“]*$")
_NOT_PROPER = word_set(
    """i i'd i'm i'll i've a an the please can could would will what when where who which how why
    is are do does did add book set make move change delete cancel remove find show tell give
    get look check create schedule remind send query search list convert calculate translate my
    your it it's hi hey hello and or so also then thanks thank okay ok yes no now right ah oh if
    may kindly let need want what's who's where's we you he she they this that these those in on
    at for from to good dear"""
)


_LEADING = _NOT_PROPER | IMPERATIVES
_FIRST_PERSON = frozenset({"i", "i'd", "i'm", "i'll", "i've", "i’d", "i’m", "i’ll", "i’ve"})


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the text at text[start:end], and what it stands for."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in the text, and the word that follows it (lower case; may be empty)."""

    start: int
    end: int
    value: float
    unit: str


class Reading:
    """One text, read on demand. Made by `read`."""

    def __init__(self, text: str, now: datetime, timed: bool = True) -> None:
        self.text = text
        self.now = now
        self._timed = timed

    @cached_property
    def quotes(self) -> tuple[Span, ...]:
        return tuple(
            Span(m.start(), m.end(), (m.group(1) or m.group(2)).strip())
            for m in _QUOTE.finditer(self.text)
        )

    @cached_property
    def times(self) -> tuple[When, ...]:
        """Times outside quotations."""
        if not self._timed:
            return ()
        quoted = self.quotes
        return tuple(
            when
            for when in find_times(self.text, self.now)
            if not any(q.start <= when.start < q.end for q in quoted)
        )

    @cached_property
    def masked(self) -> str:
        text = self.text
        for when in self.times:
            lead = _BEFORE_TIME.search(text, 0, when.start)
            start = lead.start() if lead is not None else when.start
            while start < when.start and text[start].isspace():
                start += 1
            text = text[:start] + BLANK * (when.end - start) + text[when.end :]
        return text

    @cached_property
    def unquoted(self) -> str:
        """`masked`, with the quotations blanked out too."""
        text = self.masked
        for quote in self.quotes:
            text = text[: quote.start] + BLANK * (quote.end - quote.start) + text[quote.end :]
        return text

    @cached_property
    def emails(self) -> tuple[Span, ...]:
        return tuple(Span(m.start(), m.end(), m.group()) for m in _EMAIL.finditer(self.text))

    @cached_property
    def urls(self) -> tuple[Span, ...]:
        return tuple(Span(m.start(), m.end(), m.group()) for m in _URL.finditer(self.text))

    @cached_property
    def amounts(self) -> tuple[Amount, ...]:
        """Numbers outside times, quotations and addresses, in digits and in words."""
        taken = [(s.start, s.end) for s in (*self.quotes, *self.emails, *self.urls)]
        found = []
        for match in (*_NUMBER.finditer(self.masked), *_WORD_NUMBER.finditer(self.masked)):
            start, end = match.span()
            if any(a <= start < b for a, b in taken):
                continue
            word = match.group().lower().replace(",", "")
            value = float(NUMBERS[word]) if word in NUMBERS else float(word)
            after = re.match(r"[\s-]*([A-Za-z%$€£]+)?", self.masked[end:])
            unit = (after.group(1) or "").lower() if after is not None else ""
            found.append(Amount(start, end, value, unit))
        return tuple(sorted(found, key=lambda amount: amount.start))

    def _no_name(self, word: str, at: int) -> bool:
        """Whether a capitalised word is only the first of its sentence, or I, or a number."""
        low = word.lower()
        if low in _FIRST_PERSON or word.isdigit():
            return True
        return self.starts_sentence(at) and low in _LEADING

    @cached_property
    def openings(self) -> tuple[Span, ...]:
        """Single capitalised words at the start of sentences that are no common words: they may
        be names."""
        return tuple(
            Span(m.start(), m.end(), m.group())
            for m in _PROPER.finditer(self.masked)
            if " " not in m.group()
            and self.starts_sentence(m.start())
            and m.group().lower() not in _LEADING | STOP
            and not m.group().lower().endswith(("ly", "ing"))
        )

    def starts_sentence(self, at: int) -> bool:
        """Whether text[at:] begins a sentence."""
        return _SENTENCE_START.search(self.masked, 0, at) is not None

    @cached_property
    def propers(self) -> tuple[Span, ...]:
        """Capitalised names outside times; common words at the start of a sentence are none."""
        found = []
        for match in _PROPER.finditer(self.masked):
            start, value = match.start(), match.group()
            words = value.split()
            while words and self._no_name(words[0], start):
                start += len(words[0]) + 1
                words = words[1:]
            if not words:
                continue
            value = self.masked[start : match.end()].removesuffix("'s").removesuffix("’s")
            if self.starts_sentence(start) and len(words) == 1 and not value.isupper():
                continue
            found.append(Span(start, start + len(value), value))
        return tuple(found)


@lru_cache(maxsize=4096)
def read_untimed(text: str, now: datetime) -> Reading:
    """The text taken apart as if nothing in it were a time."""
    return Reading(text, now, timed=False)


@lru_cache(maxsize=4096)
def read(text: str, now: datetime) -> Reading:
    """The text taken apart; equal texts share one reading."""
    return Reading(text, now)
