"""The numbers in a text, however they are written, and which others follow from them.

Digits (thousands marked or not, either decimal sign, "12k", "3 million", "50%") and English number
words. Generous on purpose: it is used to find what *could* stand behind a value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_DIGITS = re.compile(
    r"(?<![\d.])(\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?|\.\d+)"
    r"(?:\s?(k|m|bn|b|thousand|million|billion|lakh|crore|percent|hundred|dozen)\b|\s?(%))?"
)
_ONE = re.compile(r"\ban? (?:hour|half|minute|day|week|month|year|night|quarter|mile|couple)")
_DECADE = re.compile(r"(?<!\d)'?(\d0)'?s\b")
_SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9,
    "lakh": 1e5, "crore": 1e7, "hundred": 100.0, "dozen": 12.0, "%": 0.01, "percent": 0.01,
}  # fmt: skip
_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
WORDS: dict[str, float] = {
    **{word: float(i) for i, word in enumerate(_UNITS)},
    **{word: 10.0 * (i + 2) for i, word in enumerate(_TENS)},
    "hundred": 100.0, "thousand": 1000.0, "million": 1e6, "dozen": 12.0, "half": 0.5,
    "quarter": 0.25, "couple": 2.0, "pair": 2.0, "both": 2.0, "twice": 2.0, "double": 2.0,
    "single": 1.0, "once": 1.0, "triple": 3.0, "thrice": 3.0, "fortnight": 14.0, "first": 1.0,
    "second": 2.0, "third": 3.0, "fourth": 4.0, "fifth": 5.0, "sixth": 6.0, "seventh": 7.0,
    "eighth": 8.0, "ninth": 9.0, "tenth": 10.0, "an": 1.0, "a": 1.0,
}  # fmt: skip
_WORD = re.compile(r"[a-z]+")
_FACTORS = (
    60.0, 3600.0, 24.0, 1440.0, 86400.0, 7.0, 12.0, 52.0, 365.0, 30.0, 1000.0, 100.0, 10.0, 1e6,
    1024.0, 1024.0**2, 1024.0**3, 4.0, 2.0, 1.609344, 0.3048, 2.54, 0.45359237, 28.349523125,
    3.785411784, 16.0, 3.0, 5280.0, 1609.344, 36.0, 14.0,
)  # fmt: skip
"""Between common units, either way; kilograms to pounds is the inverse of 0.45359237."""


_INEXACT = (1.609344, 0.3048, 2.54, 0.45359237, 28.349523125, 3.785411784)
"""Those of them after which a result is rounded."""


def numbers_in(text: str) -> set[float]:
    """Every number that `text` (in lower case) can be read to hold."""
    found: set[float] = set()
    for digits, scale, percent in dict.fromkeys(_DIGITS.findall(text)):
        for value in _readings(digits):
            found.add(value)
            mark = scale.lower() or percent
            if mark:
                found.add(value * _SCALES[mark])
    for decade in _DECADE.findall(text):  # "the 90s"
        found.update((1900.0 + float(decade), 2000.0 + float(decade)))
    _add_words(text, found)
    if _ONE.search(text):
        found.add(1.0)
    if "and a half" in text:
        found.update([number + 0.5 for number in found if number < 1000])
    return found


def _readings(digits: str) -> Sequence[float]:
    """`1,234.5` has one reading; `1.234` and `1,5` have two."""
    bare = digits if digits.isdigit() else re.sub(r"['\s]", "", digits)
    if bare.isdigit():
        return (float(bare),) if len(bare) <= 40 else ()
    readings = {bare.replace(",", "")}
    if "," in bare or bare.count(".") > 1:
        readings.add(bare.replace(".", "").replace(",", "."))
        readings.update(part for part in re.split(r"[.,]", bare) if part)
    elif "." in bare and len(bare.rpartition(".")[2]) == 3:
        readings.add(bare.replace(".", ""))
    found = []
    for reading in readings:
        if reading.count(".") <= 1 and len(reading) <= 40:
            found.append(float(reading))
    return found


def _add_words(text: str, found: set[float]) -> None:
    """Number words, alone and together ("twenty five", "two hundred and ten")."""
    total, part, open_ = 0.0, 0.0, False
    for word in _WORD.findall(text):
        value = WORDS.get(word)
        if value is None or word in ("a", "an"):
            if word in ("and", "a", "an") and open_:
                continue
            if open_:
                found.add(total + part)
            total, part, open_ = 0.0, 0.0, False
            continue
        found.add(value)
        if value >= 1000:
            total, part = total + (part or 1.0) * value, 0.0
        elif value == 100:
            part = (part or 1.0) * 100
        else:
            part += value
        open_ = True
    if open_:
        found.add(total + part)


def same(left: float, right: float) -> bool:
    """Equal but for the rounding of a conversion."""
    return abs(left - right) <= 1e-6 * max(1.0, abs(left), abs(right))


def follows(value: float, known: set[float], *, measured: bool = False) -> bool:
    """Whether `value` is among `known`, or one step of arithmetic away: another unit, a rounding,
    or a sum or difference of two of them (of at most 24), a product or ratio (of at most 10)."""
    value = abs(value)
    pool = {abs(number) for number in known}
    if value in pool or converted(value, pool, measured=measured):
        return True
    if len(pool) > 24:
        return False
    if adds_up(value, pool):
        return True
    few = pool - {0.0, 1.0} if len(pool) <= 10 else set()
    return any(
        rounds_to(result, value)
        for one in few
        for other in few
        for result in (one * other, one / other)
    )


def adds_up(value: float, pool: set[float]) -> bool:
    """Whether `value` is the sum or difference of two of `pool`, but for binary rounding."""
    exact = {round(one, 6) for one in pool}
    return any(
        round(value - one, 6) in exact
        or round(one - value, 6) in exact
        or round(value + one, 6) in exact
        for one in pool
    )


def converted(value: float, pool: set[float], *, measured: bool = False) -> bool:
    """Whether `value` is one of `pool` (none negative) in another unit or rounded; `measured` where
    it can be a weight, a length, a temperature."""
    for one in pool:
        if rounds_to(one, value):
            return True
        if not one:
            continue
        ratio = value / one
        if any(same(ratio, factor) or same(ratio * factor, 1.0) for factor in _FACTORS):
            return True
        if not measured:
            continue
        if any(rounds_to(one * f, value) or rounds_to(one / f, value) for f in _INEXACT):
            return True
        if rounds_to(one * 9 / 5 + 32, value) or rounds_to((one - 32) * 5 / 9, value):
            return True
    return False


def rounds_to(exact: float, value: float) -> bool:
    """Whether `value` could be written for `exact`: rounded or cut to its own digits."""
    difference = abs(exact - value)
    if difference <= 1e-9:
        return True
    if difference > 1.0 or value == 0:
        return False
    digits = 0 if value == int(value) else len(repr(value).partition(".")[2])
    if digits > 4:
        return difference <= 1e-4
    step = float(10**-digits)
    # A whole number stands for a fraction only if there was one; 17 is no rounding of 18.
    return exact != int(exact) and difference < step
