"""Answers that the round's results do not support: a number or an id that occurs nowhere and
follows from nothing.

Only answers to calls that worked are looked at: elsewhere an assistant may know things by itself.
Allowed: rounding, other units, one step of arithmetic, sums, means and counts of the results, dates
and times in other words, numbers of list items. Numbers of a single digit are looked at only in a
short answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .branch import Branch, Call, Round
from .config import FilterConfig
from .defect import Defect, defect
from .evidence import Evidence, compact, leaves
from .moments import Moments
from .numbers import adds_up, converted, rounds_to
from .walk import add_context, now_of
from .words import folded, tokens

_ID = re.compile(
    r"(?<![\w@.])(?=[\w-]*\d)(?=[\w-]*[a-zA-Z])[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*(?![\w@])"
)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(
    r"(?<![\w.,:/#-])[-+−]?[$€£¥₹]?(\d{1,3}(?:[, '’ ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\w:]|"
    r"[.,/-]\d)"
)
_ORDINAL = re.compile(
    r"\d+(?:st|nd|rd|th|s|k|m|x|am|pm|h|hr|hrs|min|mins|km|kg|g|mg|ml|cm|mm|ft|lb|lbs|oz|gb|mb|kb|"
    r"tb|mph|kmh|c|f|b|bn|d|w|y|yr|yrs|p|hz|mhz|ghz|px|v|wh|kwh|in)",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"^\s*(?:[-*•]\s*)?(?:\*\*)?\(?\d{1,3}[.):](?=\s|\*|$)", re.MULTILINE)
_INLINE_MARK = re.compile(r"(?:(?<=^)|(?<=[:;.,\s(]))\(?\d{1,2}[.)]\s+(?=[\"'A-Z*])")
_SPAN = re.compile(r"\d+(?:\.\d+)? ?(?:[-–—]|to) ?\d+(?:\.\d+)?(?![\w-])")
_STEP = re.compile(
    r"\b(?:step|option|number|no|day|part|chapter|phase|question|item|top|first|last|figure|tip|"
    r"section|round|route|point|version|grade|level|world war|covid|season|episode|volume|page|"
    r"line|row|week|month|set)\.? ?#?\d+\b",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"%|°|\b(?:percent|minutes?|mins?|hours?|hrs?|seconds?|days?|weeks?|months?|years?|km|kilomet\w+|"
    r"miles?|met(?:er|re)s?|feet|ft|inch(?:es)?|cm|kg|kilos?|kilograms?|pounds?|lbs?|grams?|oz|ounces?|"
    r"cups?|lit(?:er|re)s?|gallons?|fahrenheit|celsius|gb|mb|kb|tb|cents?|dozen|thousand|million|"
    r"billion|km/h|mph)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\d{4}")
_SHORT = 240
"""Characters up to which an answer is expected to hold nothing but results."""


def answers(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """A defect for each answer that its results do not support."""
    said = Evidence(now_of(branch))
    add_context(branch, said)
    upto = 0
    for part in branch.rounds:
        at = branch.answer_of(part)
        calls = branch.calls_in(part)
        if at is None or not calls:
            continue
        for place in range(upto, at):
            _take(branch, place, said)
        upto = at
        good = [call for call in calls if call.result_at is not None and not call.failed]
        if not good or said.partial:
            continue
        text = branch.text(at)[:20_000]
        wrong = _unsupported(text, said, calls, _round(branch, part, at))
        if wrong and not _documented(wrong, branch):
            detail = f"{wrong!r} occurs nowhere before: {text}"
            yield defect("ungrounded_answer", detail, branch.messages[at].id)


def _documented(wrong: str, branch: Branch) -> bool:
    """Whether a tool's own documentation says it ("prices in 1000 USD")."""
    low = compact(folded(wrong))
    return any(low in tokens(folded(tool.description[:2000])) for tool in branch.trajectory.tools)


def _take(branch: Branch, at: int, said: Evidence) -> None:
    message = branch.messages[at]
    if message.content:
        said.add(branch.reading(at), by_user=message.role == "user")
    for call in message.tool_calls or ():
        said.add(call.function.arguments)


def _round(branch: Branch, part: Round, at: int) -> Evidence:
    """What the round alone says: the user's words, the calls and their results."""
    own = Evidence()
    for place in range(part.user, at):
        _take(branch, place, own)
    return own


def _unsupported(text: str, said: Evidence, calls: list[Call], own: Evidence) -> str | None:
    for mail in _MAIL.findall(text):
        if compact(folded(mail)) not in said.compact:
            return str(mail)
    bare = _MAIL.sub(" ", re.sub(r"https?://\S+|www\.\S+", " ", text))
    wrong = _wrong_id(bare, said) or _wrong_date(bare, said)
    if wrong:
        return wrong
    return _wrong_number(bare, said, calls, own)


def _wrong_id(text: str, said: Evidence) -> str | None:
    """An id, told by its digits and letters; units and ordinals are none."""
    for match in _ID.finditer(text):
        word = match.group()
        if _ORDINAL.fullmatch(word) or len(word) < 3:
            continue
        low = folded(word)
        digits = sum(c.isdigit() for c in low)
        if compact(low) in said.compact or digits < 2 or ("_" in word and digits < 3):
            continue
        # "COVID-19" and "MP3" are words; "7-day" and "2-bedroom" are counts.
        if low[0].isdigit() and re.fullmatch(r"\d+-[a-z]+(?:-[a-z]+)*", low):
            continue
        if re.fullmatch(r"[a-z]+-?\d{1,2}", low) and not word[0].isupper():
            continue
        if digits < 3 and not re.search(r"[A-Z]", word):
            continue
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}t?\d*|\d+[a-z]{1,3}", low):
            continue
        return word
    return None


def _wrong_date(text: str, said: Evidence) -> str | None:
    """A day that is known, but of another year."""
    if not _YEAR.search(text):
        return None
    own = Moments()
    own.read(folded(text), loosely=False)
    # Most are told as the result wrote them; then nothing more need be read.
    told = [
        date for date in own.dates if date[0] and "{}{:02}{:02}".format(*date) not in said.compact
    ]
    if not told:
        return None
    known = said.moments.dates
    likely = {year for year, _, _ in known}
    if said.now is not None:
        likely.update((said.now.year - 1, said.now.year, said.now.year + 1))
    for year, month, day in sorted(told):
        years = {y for y, m, d in known if (m, d) == (month, day)}
        if year and years and year not in years | likely and float(year) not in said.numbers:
            return f"{year}-{month:02}-{day:02}"
    return None


def _wrong_number(text: str, said: Evidence, calls: list[Call], own: Evidence) -> str | None:
    short = len(text) <= _SHORT
    plain = _LIST_MARK.sub(" ", text)
    plain = _STEP.sub(" ", _INLINE_MARK.sub(" ", plain))
    # A span is mostly one that is known ("normal: 18.5 to 24.9").
    plain = _SPAN.sub(" ", _without_dates(plain))
    derived: set[float] | None = None
    told: set[float] = set()  # computed by the answer itself, which it may go on with
    for match in _NUMBER.finditer(plain):
        value = _value(match.group(1))
        if value is None or value in said.numbers or value in (0.0, 1.0, 100.0):
            continue
        whole = value == int(value)
        if whole and value < 10 and not short:
            continue
        if compact(match.group(1)) in said.compact and value >= 100:
            continue
        if any(rounds_to(number, value) for number in said.numbers):
            continue
        if _UNIT.search(plain) and converted(value, own.numbers, measured=True):
            told.add(value)
            continue
        if derived is None:
            derived = _derived(calls, own)
        if value in derived or any(rounds_to(n, value) for n in derived):
            told.add(value)
            continue
        if _computed(value, own.numbers | told):
            told.add(value)
            continue
        if whole and 1900 <= value <= 2100 and not short:
            continue
        if _moment_number(value, said.moments):
            continue
        return match.group().strip()
    return None


def _computed(value: float, numbers: set[float]) -> bool:
    """Whether it is a sum or difference of two numbers (of at most 16), or of few a product, a
    ratio, a percentage or a change in percent."""
    if len(numbers) > 16:
        return False
    if adds_up(value, numbers):
        return True
    few = [one for one in sorted(numbers) if one not in (0, 1)] if len(numbers) <= 12 else []
    # Among many numbers some product comes near any small one.
    loose = len(few) <= 6 or value >= 1000 or value != int(value)
    return any(
        rounds_to(result, value) if loose else abs(result - value) < 1e-6
        for one in few
        for other in few
        for result in (
            one * other,
            one / other,
            100 * one / other,
            abs(100 * (one - other) / other),
        )
    )


def _value(text: str) -> float | None:
    bare = re.sub(r"[, '’ ]", "", text)
    return float(bare) if len(bare) <= 40 else None


_DATED = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?"
    r"|\b\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:january|february|march|april|may|june|july|august|"
    r"september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\b"
    r"(?:,? \d{4})?|\b\d{1,2}(?::\d{2})? ?(?:am|pm|a\.m\.|p\.m\.|o'clock)|"
    r"\b\d{4}[-/]\d{1,2}[-/]\d{1,2}",
    re.IGNORECASE,
)


def _without_dates(text: str) -> str:
    """Dates and times have forms of their own, and are not looked at here."""
    return _DATED.sub(" ", text)


def _moment_number(value: float, known: Moments) -> bool:
    """The day, the month or the year of a date that is known, in words or digits."""
    return any(value in date for date in known.dates) or value in known.months


def _derived(calls: list[Call], own: Evidence) -> set[float]:
    """Sums, means and counts over each field of the results."""
    found: set[float] = {float(len(calls))}
    fields: dict[tuple[str, ...], list[float]] = {}
    for call in calls:
        counts: list[int] = []
        _count(call.result, counts)
        found.update(float(n) for n in counts)
        for path, leaf in leaves(call.result):
            if isinstance(leaf, int | float) and not isinstance(leaf, bool):
                fields.setdefault(path, []).append(float(leaf))
    for values in fields.values():
        total = sum(values)
        found.update((total, total / len(values), max(values) - min(values)))
    everything = [value for values in fields.values() for value in values]
    found.add(sum(everything))
    return found


def _count(value: object, counts: list[int], depth: int = 0) -> None:
    if depth > 12 or not isinstance(value, dict | list):
        return
    counts.append(len(value))
    for item in value.values() if isinstance(value, dict) else value:
        _count(item, counts, depth + 1)
