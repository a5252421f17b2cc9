"""Dates, times and durations in English text, relative to a given now.

Finds what people write to assistants: ISO forms, "March 5", "5 March 2027", "Friday", "next
Monday", "tomorrow at 9", "in 20 minutes", "half past three", "noon", "for two hours". A date
without a year is the next one from now. "Friday" is the next Friday after today; "next Friday" is
the one in the following week. An hour from 1 to 6 without am or pm is in the afternoon.

Not covered: other languages, time zones in words, recurring times ("every Monday").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
         "august aug", "september sept sep", "october oct", "november nov", "december dec"), 1)
    for name in names.split()
}  # fmt: skip
_DAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tues tue", "wednesday wed", "thursday thurs thur thu",
         "friday fri", "saturday", "sunday"))
    for name in names.split()
}  # fmt: skip
_COUNTED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
NUMBERS = {word: number for number, word in enumerate(_COUNTED.split())} | {
    "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90,
    "a": 1, "an": 1, "a couple of": 2,
}  # fmt: skip
_UNITS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "hr": 3600, "h": 3600,
          "day": 86400, "week": 604800, "fortnight": 1209600}  # fmt: skip

_NUMBER = r"(?:\d+(?:\.\d+)?|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + ")"
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = "(?:" + "|".join(sorted(_DAYS, key=len, reverse=True)) + r")\b"
_UNIT = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|h|days?|weeks?|fortnights?)\b"
_AMPM = r"(?:\s?[ap]\.?\s?m\b\.?)"

_PATTERN = re.compile(
    rf"""
    (?P<iso>\b\d{{4}}-\d{{2}}-\d{{2}}
        (?:[T\ ]\d{{2}}:\d{{2}}(?::\d{{2}})?(?:\.\d+)?(?:Z|[+-]\d{{2}}:\d{{2}})?)?)
    |(?P<month_first>\b{_MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}}\b)?)
    |(?P<day_first>\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+\d{{4}}\b)?)
    |(?P<slashed>\b\d{{1,2}}/\d{{1,2}}/\d{{4}}\b|\b\d{{1,2}}\.\d{{1,2}}\.\d{{4}}\b)
    |(?P<relative>\b(?:the\s+)?day\s+after\s+tomorrow\b|\btomorrow\b|\btoday\b|\btonight\b
        |\byesterday\b|\bthis\s+(?:morning|afternoon|evening)\b|\bnext\s+week\b)
    |(?P<weekday>\b(?:(?:this|next|coming|following)\s+)?{_DAY}(?:\s+next\s+week\b)?)
    |(?P<ahead>\bin\s+(?:half\s+an\s+hour|{_NUMBER}\s+{_UNIT})
        |\b{_NUMBER}\s+(?:days?|weeks?|hours?|minutes?)\s+from\s+(?:now|today)\b)
    |(?P<duration>\bhalf\s+an\s+hour\b
        |\b(?:one|an|a|\d+)\s+(?:and\s+a\s+half\s+hours?|hours?\s+and\s+a\s+half)\b
        |\b{_NUMBER}[\s-]?{_UNIT}(?:\s+(?:and\s+)?{_NUMBER}\s+(?:minutes?|mins?)\b)?)
    |(?P<clock>\b(?:half\s+past|quarter\s+past|(?:a\s+)?quarter\s+to)\s+(?:\d{{1,2}}|[a-z]+)\b
        |\b\d{{1,2}}[:.]\d{{2}}(?::\d{{2}})?{_AMPM}|\b\d{{1,2}}:\d{{2}}(?::\d{{2}})?\b
        |\b\d{{1,2}}{_AMPM}|\b\d{{1,2}}\s+o'?clock\b
        |\bnoon\b|\bmidday\b|\bmidnight\b
        |(?<=\bat\s)\d{{1,2}}\b(?!\s*(?:%|[a-z]{{2,}}\s+(?:street|road)))
        |\b\d{{1,2}}(?=\s*(?:to|-|–|until|till|and)\s*\d{{1,2}}(?:[:.]\d{{2}})?{_AMPM})
        |(?<=\bfrom\s)\d{{1,2}}(?=\s*(?:to|-|–|until|till)\s*\d{{1,2}}\b)
        |(?<=\bto\s)\d{{1,2}}(?=\s*(?:$|[,.;!?]|on\b))
        |(?<=\buntil\s)\d{{1,2}}\b|(?<=\buntil\sat\s)\d{{1,2}}\b)
    |(?P<daypart>\bin\s+the\s+(?:morning|afternoon|evening)\b|\b(?:morning|afternoon|evening)\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class When:
    """Something about time in a text, at text[start:end]. A moment has a date, a clock time or
    both; a length has only `seconds`; "in 20 minutes" is a moment that has all three."""

    start: int
    end: int
    date: date | None = None
    clock: time | None = None
    seconds: int | None = None

    @property
    def is_length(self) -> bool:
        return self.seconds is not None and self.date is None


@lru_cache(maxsize=4096)
def find_times(text: str, now: datetime) -> tuple[When, ...]:
    """Moments and lengths in order. A date and a clock time beside each other are one moment; of
    a clock time alone, the date stays open."""
    found: list[tuple[When, int]] = []
    for match in _PATTERN.finditer(text):
        when = _read(match, now)
        if when is not None and not _only_a_number(match, text, found):
            said = match.group().lower()
            part = next((p for p in _PARTS if p in said), None)
            found.append((when, _PARTS[part] if part is not None else 0))
    return tuple(_shared_halves(list(_join(found, text)), text))


def _only_a_number(match: re.Match[str], text: str, found: list[tuple[When, int]]) -> bool:
    """Whether a bare number behind "to" ends no range of times: "set it to 19"."""
    if not match.group().isdigit() or not text[: match.start()].lower().endswith("to "):
        return False
    return not found or text[found[-1][0].end : match.start()].strip().lower() != "to"


def _read(match: re.Match[str], now: datetime) -> When | None:
    kind, text = match.lastgroup or "", match.group().lower()
    start, end = match.span()
    try:
        if kind == "iso":
            moment = datetime.fromisoformat(match.group().replace("Z", "+00:00"))
            clock = moment.time() if len(text) > 10 else None
            return When(start, end, moment.date(), clock)
        if kind in ("month_first", "day_first"):
            return When(start, end, _named_date(text, now.date()))
        if kind == "slashed":
            first, second, year = (int(part) for part in re.split(r"[/.]", text))
            month, day = (first, second) if "/" in text else (second, first)
            return When(start, end, date(year, month, day))
        if kind == "relative":
            return _relative(text, start, end, now)
        if kind == "weekday":
            return When(start, end, _weekday(text, now.date()))
        if kind == "ahead":
            seconds = _length(text)
            moment = now + timedelta(seconds=seconds)
            clock = None if re.search(r"day|week|fortnight", text) else moment.time()
            return When(start, end, moment.date(), clock, seconds)
        if kind == "duration":
            return When(start, end, seconds=_length(text))
        clock = _daypart(text) if kind == "daypart" else _clock(text)
        return When(start, end, None, clock) if clock is not None else None
    except ValueError:
        return None  # such as 31 February: text that looks like a date and is none


def _named_date(text: str, today: date) -> date:
    month = next(_MONTHS[w] for w in re.findall(r"[a-z]+", text) if w in _MONTHS)
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    if len(numbers) > 1:
        return date(numbers[1], month, numbers[0])
    found = date(today.year, month, numbers[0])
    return found if found >= today else found.replace(year=today.year + 1)


def _relative(text: str, start: int, end: int, now: datetime) -> When:
    today = now.date()
    if "day after" in " ".join(text.split()):
        return When(start, end, today + timedelta(days=2))
    if text == "tonight":
        return When(start, end, today, _daypart(text))
    if text.startswith("this"):
        return When(start, end, today, _daypart(text))
    if text.startswith("next"):
        return When(start, end, today + timedelta(days=7))
    days = {"tomorrow": 1, "today": 0, "yesterday": -1}[text]
    return When(start, end, today + timedelta(days=days))


def _weekday(text: str, today: date) -> date:
    day = next(_DAYS[w] for w in text.split() if w in _DAYS)
    if "next" in text or "following" in text:
        monday = today - timedelta(days=today.weekday())
        return monday + timedelta(days=7 + day)
    ahead = (day - today.weekday()) % 7
    if ahead == 0 and not text.startswith("this"):
        ahead = 7
    return today + timedelta(days=ahead)


def _length(text: str) -> int:
    """Seconds of a length in words."""
    if "half an hour" in text:
        return 1800
    halves = 1800 if "and a half" in text else 0
    total = 0.0
    for amount, unit in re.findall(
        rf"\b({_NUMBER})[\s-]*({_UNIT})", text.replace("and a half", "")
    ):
        size = _UNITS[unit if unit == "h" else unit.rstrip("s")]
        total += (NUMBERS[amount] if amount in NUMBERS else float(amount)) * size
    return int(total) + halves


def _clock(text: str) -> time | None:
    if text == "midnight":
        return time(0)
    if text in ("noon", "midday"):
        return time(12)
    words = text.split()
    if words[0] in ("half", "quarter", "a"):
        hour = int(words[-1]) if words[-1].isdigit() else NUMBERS.get(words[-1], 99)
        minute = 30 if words[0] == "half" else 15
        if "to" in words:
            hour, minute = hour - 1, 45
        return time(_afternoon(hour), minute)
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    second = numbers[2] if len(numbers) > 2 else 0
    if "p" in text:
        return time(hour % 12 + 12, minute, second)
    if re.search(r"a\.?\s?m", text):
        return time(hour % 12, minute, second)
    return time(hour if len(numbers) > 1 else _afternoon(hour), minute, second)


def _afternoon(hour: int) -> int:
    return hour + 12 if 1 <= hour <= 6 else hour


_PARTS = {"morning": 9, "afternoon": 15, "evening": 19, "night": 20}
"""Parts of the day and the hour that stands for each; none begins at 0, which means none."""


def _daypart(text: str) -> time:
    return time(next(hour for part, hour in _PARTS.items() if part in text))


_GAP = re.compile(r"\s*(?:,|at|on|the|by|around|from|in|\s)*\s*", re.IGNORECASE)


def _join(found: list[tuple[When, int]], text: str) -> Iterator[When]:
    """Dates, clock times and parts of the day that stand beside each other, made one."""
    held: tuple[When, int] | None = None
    for item in found:
        if held is None:
            held = item
        elif _GAP.fullmatch(text[held[0].end : item[0].start]) and (one := _one(held, item)):
            held = one
        else:
            yield held[0]
            held = item
    if held is not None:
        yield held[0]


def _one(first: tuple[When, int], second: tuple[When, int]) -> tuple[When, int] | None:
    """Two neighbours as one moment; None where they are two. With each goes the hour of its part
    of the day, 0 where it names none: such a clock time gives way to an exact one."""
    (this, part), (other, later) = first, second
    if this.is_length or other.is_length or (this.date and other.date):
        return None
    if this.clock and other.clock and not part and not later:
        return None
    exact = other.clock if (part and other.clock) or this.clock is None else this.clock
    hint = part or later
    if hint and exact is not None and this.clock and other.clock:
        exact = exact.replace(hour=_in_part(exact.hour, hint))
    vague = hint if not (this.clock and other.clock) and (this.clock is None or part) else 0
    vague = 0 if other.clock and not later else vague
    return When(this.start, other.end, this.date or other.date, exact), vague


def _in_part(hour: int, part: int) -> int:
    """An hour, moved into the half of the day that a part of the day means."""
    if part > 12:
        return hour + 12 if hour < 12 else hour
    return hour - 12 if hour > 12 else hour


_RANGE = re.compile(r"\s*(?:to|until|till|and|-|–)\s*(?:at\s+)?", re.IGNORECASE)
_HALF = re.compile(r"[ap]\.?\s?m|:", re.IGNORECASE)


def _shared_halves(found: list[When], text: str) -> Iterator[When]:
    """In "9 to 11 am" and "2 to 3 pm" the first hour shares the half of the day."""
    for this, other in zip(found, [*found[1:], None], strict=False):
        if other is None or not this.clock or not other.clock:
            yield this
            continue
        said = text[other.start : other.end].lower()
        ranged = _RANGE.fullmatch(text[this.end : other.start])
        if not ranged or _HALF.search(text[this.start : this.end]) or not _HALF.search(said):
            yield this
            continue
        hour = this.clock.hour % 12
        afternoon = other.clock.hour >= 12 and hour <= other.clock.hour - 12
        yield When(this.start, this.end, this.date, this.clock.replace(hour=hour + 12 * afternoon))
