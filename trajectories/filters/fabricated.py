"""Arguments that nobody gave: not the user, not the system's context, no earlier result, and that
do not follow from what they gave either.

What follows: other forms of a date, time or number; one step of arithmetic or another unit; plural,
casing, accents, near spellings, acronyms; values of an enum, defaults and whatever the tool's
documentation mentions; booleans, zero and one; a choice of an optional knob (limit, page, unit);
codes for things in the world (USD, en, JFK). Words are only judged where the user writes English.

Precision comes first: an invented *category* passes where it is a plain word of a composed text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .branch import Branch, Call
from .config import FilterConfig
from .defect import Defect, defect, shown
from .evidence import Evidence, compact, leaves
from .moments import moment
from .numbers import follows
from .parameters import FREE, SECRETS, Parameter, parameters_of
from .walk import walked
from .words import STOP, folded, stem, tokens, word_set

_ROUND_TRIP = frozenset(
    ("lat", "latitude", "lon", "lng", "long", "longitude", "coordinates", "coords", "bbox")
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+\.[\w.-]+")
_URL = re.compile(r"(?:https?|ftp|s3|git)://\S+|www\.\S+", re.IGNORECASE)
_NUMERIC = re.compile(r"[$€£¥]?\s*[-+]?\d[\d,.' ]*\s*(?:%|[a-zA-Z°]{1,12})?\.?")
_CONSTANTS = frozenset(
    (0.0, 1.0, 2.0, 3.0, 7.0, 12.0, 24.0, 30.0, 60.0, 100.0, 365.0, 1000.0, 3600.0)
)
"""What a formula may hold although nobody said it."""
_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})")
_QUOTED = re.compile(r"\"([^\"]{2,120})\"|“([^”]{2,120})”")
_FORMULA = re.compile(r"[\d\s.,+\-*/^()=xX%&|<>]+")
_ID = re.compile(
    r"(?=.*\d.*\d|.*[A-Z].*\d)(?=.*[A-Za-z])(?!\d+(?:\.\d+)?[A-Za-z]{1,4}$)[A-Za-z\d]+(?:[-_#.:][A-Za-z\d]+)*"
)
_WORDS_CHECKED = 400
"""Characters of a text beyond which only what must be exact is looked at."""
_LANGUAGE = frozenset(("language", "lang", "locale"))
_MEASURES = word_set(
    """temperature temp degrees fahrenheit celsius kelvin weight mass height distance length width
    depth radius volume kg lb lbs pounds km miles mi meters m cm inches ft feet liters gallons oz"""
)
_UNITS = word_set(
    """km kilometers m meters mi miles ft feet kg kilograms g grams lb lbs pounds oz ounces c f
    celsius fahrenheit h hours hour min minutes s seconds days day weeks week months month years
    year usd eur gbp dollars euros mb gb kb tb cm mm inches inch mph kmh l ml liters"""
)


def fabricated(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """A defect for each argument that nothing stands behind."""
    for call, evidence in walked(branch):
        if call.spec is None or not isinstance(call.arguments, dict) or evidence.partial:
            continue
        known = parameters_of(call.spec)
        for name, value in call.arguments.items():
            parameter = known.get(name)
            if parameter is None:
                continue
            for path, leaf in leaves(value):
                fair = supported(leaf, parameter, evidence, path)
                if not fair or _displaces(leaf, parameter, evidence, branch, call):
                    detail = f"{call.name}: {'.'.join((name, *path))} = {shown(repr(leaf), 80)}"
                    yield defect("fabricated_argument", detail, call.message)
                    break


def _displaces(value: Any, about: Parameter, said: Evidence, branch: Branch, call: Call) -> bool:
    """Whether a composed text shares no word with what was said, although the user put a text in
    quotes that no call passes on: then it stands in that text's place."""
    if not isinstance(value, str) or not about.composed or not said.english:
        return False
    words = [word for word in tokens(folded(value)) if len(word) > 2 and word not in STOP]
    if not words or said.has_text(value) or any(said.has_word(word) for word in words):
        return False
    part = next((r for r in branch.rounds if r.user < call.at < r.until), None)
    if part is None:
        return False
    passed = compact(folded(" ".join(other.text for other in branch.calls)))
    quoted = [a or b for a, b in _QUOTED.findall(branch.text(part.user))]
    return any(compact(folded(text)) not in passed for text in quoted)


def supported(value: Any, about: Parameter, said: Evidence, path: tuple[str, ...] = ()) -> bool:
    """Whether something stands behind `value`."""
    if value is None or isinstance(value, bool):
        return True
    if about.words & _ROUND_TRIP or any(_ROUND_TRIP & set(tokens(key.lower())) for key in path):
        return True
    if isinstance(value, int | float):
        return _number(float(value), about, said)
    if not isinstance(value, str):
        return True
    return _text(value, about, said)


def _number(value: float, about: Parameter, said: Evidence) -> bool:
    if value in (0.0, 1.0, -1.0) or about.knob or value in about.numbers:
        return True
    if abs(value) == float("inf") or value != value:
        return True
    if follows(value, said.numbers, measured=bool(about.words & _MEASURES)):
        return True
    # A year, a timestamp or an age follows from a date, even from a relative one.
    if about.words & {"year", "month", "day", "timestamp", "time", "date", "age", "hour", "epoch"}:
        return said.moments.relative or said.moments.parts or not said.english
    text = str(int(value)) if value == int(value) else str(value)
    if len(text) >= 4 and compact(text) in said.compact:
        return True
    return not said.english and abs(value) < 100


def _text(value: str, about: Parameter, said: Evidence) -> bool:
    low = folded(value).strip()
    if not low or low in about.allowed or (len(low) > 1 and low in about.text):
        return True
    if said.has_text(value):
        return True
    if about.words & _LANGUAGE and low.isalpha():
        return True  # the one that is spoken, or the one that was asked for
    if about.knob and len(low) <= 24 and "@" not in low:
        return True
    found = moment(value)
    if found is not None:
        return _moment(found, said)
    day = _DAY.fullmatch(low)
    if day is not None and said.moments.has_day(int(day[1]), int(day[2])):
        return True
    if _FORMULA.fullmatch(low):
        digits = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", low)[:20]]
        return all(n in said.numbers or n in _CONSTANTS or n in about.numbers for n in digits)
    if _NUMERIC.fullmatch(value.strip()):
        return _quantity(low, about, said)
    for exact in (*_EMAIL.findall(value), *_URL.findall(value)):
        if not _exact(exact, said):
            return False
    if about.composed or len(value) > _WORDS_CHECKED:
        return _composed(low, about, said)
    return _named(value, low, about, said)


def _moment(found: tuple[Any, int | None], said: Evidence) -> bool:
    day, minute = found
    if not said.english:
        return True
    if day is not None and not said.moments.gives_date(day, said.numbers, said.now):
        return False
    # A whole day's bounds and working hours come with a date; nobody need say them.
    if minute is None or (day is not None and minute in (0, 1439)):
        return True
    return said.moments.gives_time(minute, said.numbers)


def _quantity(low: str, about: Parameter, said: Evidence) -> bool:
    digits = re.search(r"\d[\d,.' ]*", low)
    if digits is None:
        return True
    bare = digits.group().strip(" .,'").replace(",", "").replace("'", "").replace(" ", "")
    if len(bare) >= 7 and bare.isdigit():
        return bare in said.compact or bare.lstrip("0") in said.compact
    try:
        return _number(float(bare), about, said)
    except ValueError:
        return compact(low) in said.compact


def _exact(text: str, said: Evidence) -> bool:
    """An address that was said, or that is put together from words that were."""
    bare = text.casefold()
    if compact(folded(bare)) in said.compact:
        return True
    if "@" in bare and "://" not in bare:
        return False
    words = [w for w in tokens(bare) if len(w) > 3 and w not in ("https", "http", "www", "html")]
    if any(len(w) > 4 and any(map(str.isdigit, w)) and w not in said.compact for w in words):
        return False
    return not words or any(said.has_word(word) for word in words)


def _composed(low: str, about: Parameter, said: Evidence) -> bool:
    """A text of the assistant's own must have at least something to do with what was said."""
    if about.words & FREE or not said.english or len(low) > _WORDS_CHECKED:
        return True
    words = [word for word in tokens(low) if len(word) > 3 and word not in STOP]
    return len(words) < 2 or any(said.has_word(word) for word in words)


def _named(value: str, low: str, about: Parameter, said: Evidence) -> bool:
    """Names, ids and short descriptions: everything in them must come from somewhere."""
    words = tokens(low)
    coded = [word for word in words if any(c.isdigit() for c in word)]
    if coded and not _coded(low, coded, about, said):
        return False
    if _ID.fullmatch(value) and not _put_together(words, said):
        return False
    if not said.english:
        return True
    if _is_code(value, about):
        return True
    plain = [w for w in words if len(w) > 2 and w not in STOP and w not in _UNITS and w.isalpha()]
    missing = [word for word in plain if not _spoken(word, about, said)]
    if not missing or _acronym(words, said):
        return True
    if about.words & SECRETS:
        return False
    # Half of a name that was said is not an invention; one that shares nothing is.
    return 2 * len(missing) <= len(plain)


def _put_together(words: list[str], said: Evidence) -> bool:
    """Whether every part of an id was said by itself (`report-2024` for the report of 2024)."""
    return all(word in said.words for word in words if len(word) > 1)


def _coded(low: str, coded: list[str], about: Parameter, said: Evidence) -> bool:
    """Words with digits in them: said, or a number with a unit, or put together."""
    for word in coded:
        if word in said.words or word in about.text or (len(word) > 3 and word in said.compact):
            continue
        digits = "".join(filter(str.isdigit, word))
        try:
            grounded = follows(float(digits), said.numbers)
        except (ValueError, OverflowError):
            grounded = False
        if not grounded or (len(digits) > 3 and digits not in said.compact):
            return False
    return True


def _spoken(word: str, about: Parameter, said: Evidence) -> bool:
    return stem(word) in about.documented or said.has_word(word)


def _is_code(value: str, about: Parameter) -> bool:
    """USD, en, JFK, de-CH, AAPL: knowledge of the world, not an invention."""
    bare = value.replace("-", "").replace("_", "").replace("/", "")
    if not bare.isalpha() or not bare.isascii():
        return False
    if len(bare) <= 3 and (bare.isupper() or len(bare) == 2):
        return True
    return (
        (about.world or "code" in about.words)
        and len(bare) <= 6
        and (bare.isupper() or len(bare) <= 4)
    )


def _acronym(words: list[str], said: Evidence) -> bool:
    """`Los Angeles` for LA, or NYC for New York City."""
    letters = "".join(word[0] for word in words)
    if len(words) > 1 and said.user_said(letters):
        return True
    return len(words) == 1 and 2 <= len(words[0]) <= 3 and words[0] in said.initials
