"""Values of particular kinds in a text: arithmetic, currencies, enumerations, lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from .dates import NUMBERS
from .words import stem, tokens, word_set

_CODES = word_set(
    """EUR USD CHF GBP JPY CNY AUD CAD NZD SEK NOK DKK PLN CZK HUF INR BRL MXN ZAR KRW SGD HKD TRY
    ILS THB AED RUB UAH RON BGN ISK IDR MYR PHP VND EGP NGN KES ARS CLP COP SAR QAR TWD"""
)
_CURRENCY_WORDS = {
    "euro": "EUR", "euros": "EUR", "€": "EUR", "dollar": "USD", "dollars": "USD", "$": "USD",
    "bucks": "USD", "franc": "CHF", "francs": "CHF", "pound": "GBP", "pounds": "GBP", "£": "GBP",
    "sterling": "GBP", "yen": "JPY", "¥": "JPY", "yuan": "CNY", "renminbi": "CNY", "rupee": "INR",
    "rupees": "INR", "krona": "SEK", "kronor": "SEK", "zloty": "PLN", "won": "KRW",
}  # fmt: skip
_CURRENCY = re.compile(
    r"\b(?:(?P<kind>swiss|us|american|canadian|australian|british|new zealand) )?"
    r"(?P<word>[A-Za-z]+)\b|(?P<sign>[€$£¥])",
    re.IGNORECASE,
)
_KINDS = {"canadian": "CAD", "australian": "AUD", "new zealand": "NZD"}

_WORD_OPERATORS = (
    (re.compile(r"\bdivided by\b|\bover\b(?=\s*\d)", re.IGNORECASE), "/"),
    (re.compile(r"\bmultiplied by\b|\btimes\b|(?<=\d)\s*[x×]\s*(?=\d)", re.IGNORECASE), "*"),
    (re.compile(r"\bplus\b", re.IGNORECASE), "+"),
    (re.compile(r"\bminus\b", re.IGNORECASE), "-"),
    (re.compile(r"\bto the power of\b|\^", re.IGNORECASE), "**"),
)
_PERCENT = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:%|percent|per cent)\s+of\s+(\d+(?:\.\d+)?)", re.IGNORECASE
)
_FORMULA = re.compile(r"[-(\s\d.]*\d[\d\s.()]*(?:(?:\*\*|//|[-+*/%])[-(\s]*\d[\d.\s]*[)\s]*)+")
_DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4}|\d-\d{3,}-\d|\+\d{6,}")


@lru_cache(maxsize=4096)
def formula(text: str) -> str | None:
    """The longest piece of arithmetic in a text, as it stands there where it is written in
    symbols; None where there is none."""
    said = _PERCENT.sub(r"\1/100*\2", text)
    for pattern, operator in _WORD_OPERATORS:
        said = pattern.sub(operator, said)
    if said != text:
        words = {word: str(n) for word, n in NUMBERS.items() if word not in ("a", "an")}
        said = re.sub(
            r"\b("
            + "|".join(words)
            + r")\b(?=\s*[-+*/])|(?<=[-+*/])\s*\b("
            + "|".join(words)
            + r")\b",
            lambda m: words[m.group().strip()],
            said,
        )
        said = re.sub(r"\s*([-+*/])\s*(?=[\d(])", r"\1", said)
    found = [m.group().strip(" .") for m in _FORMULA.finditer(said)]
    good = [f for f in found if f.count("(") == f.count(")") and not _DATE_LIKE.search(f)]
    return max(good, key=len) if good else None


@lru_cache(maxsize=4096)
def currencies(text: str) -> tuple[tuple[int, str], ...]:
    """Places and codes of the currencies that a text names, in order, each code once."""
    found: list[tuple[int, str]] = []
    for match in _CURRENCY.finditer(text):
        word = match.group("word") or match.group("sign")
        code = _KINDS.get((match.group("kind") or "").lower()) or _CURRENCY_WORDS.get(word.lower())
        if word.upper() in _CODES and (word.isupper() or word.islower()) and word != "try":
            code = word.upper()
        if code is not None and all(code != other for _, other in found):
            found.append((match.start("word") if match.group("word") else match.start(), code))
    return tuple(found)


def chosen(values: Sequence[Any], text: str) -> Any:
    """The value of an enumeration that a text names: all of its words occur, and it has the most;
    None where it names none."""
    said = tokens(text)
    spoken = frozenset(said) | frozenset(stem(word) for word in said)
    best, most = None, 0
    for value in values:
        words = tokens(str(value))
        if words and len(words) > most and all(w in spoken or stem(w) in spoken for w in words):
            best, most = value, len(words)
    return best


def mentioned(values: Sequence[Any], text: str) -> list[tuple[int, Any]]:
    """The values of an enumeration that stand in a text, with their places, in order."""
    found = []
    for value in values:
        match = re.search(rf"\b{re.escape(str(value))}(?:e?s)?\b", text, re.IGNORECASE)
        if match is not None:
            found.append((match.start(), value))
    return sorted(found, key=lambda item: item[0])


_LANGUAGES = re.compile(
    r"\b(English|German|French|Spanish|Italian|Portuguese|Dutch|Danish|Swedish|Norwegian|Finnish"
    r"|Icelandic|Polish|Czech|Slovak|Slovenian|Croatian|Serbian|Hungarian|Romanian|Bulgarian|Greek"
    r"|Turkish|Russian|Ukrainian|Arabic|Hebrew|Persian|Hindi|Urdu|Bengali|Tamil|Thai|Vietnamese"
    r"|Indonesian|Malay|Chinese|Mandarin|Cantonese|Japanese|Korean|Latin|Swahili|Irish|Welsh"
    r"|Catalan|Basque|Estonian|Latvian|Lithuanian|Afrikaans)\b",
)


def languages(text: str) -> list[str]:
    """Names of languages, in order."""
    return _LANGUAGES.findall(text)


_LIST = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|;\s*)\s*")


def listed(text: str) -> list[str]:
    """The members of "a, b and c"."""
    return [part.strip(" .!?\"'") for part in _LIST.split(text) if part.strip(" .!?\"'")]
