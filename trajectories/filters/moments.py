"""Dates and times in a text, and whether a date or time in a call can come from it.

Absolute dates in the usual orders, English month names, clock times; relative words ("tomorrow",
"next Friday", "in two weeks", "this evening") are checked against the dialogue's now where it is
known and trusted where it is not. Not covered: other calendars, other languages' month names
(a caller should not judge words in a language that this file cannot read).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sep sept", "october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5,
    "sunday": 6, "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3,
    "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
_YMD = re.compile(
    r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)|(?<!\d)(20\d\d)(\d\d)(\d\d)(?!\d)"
)
_XXY = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?![\d/])")
_MD = re.compile(r"(?<![\d/.:-])(\d{1,2})[-/.](\d{1,2})(?![\d/.:%-])")
_MONTH_DAY = re.compile(
    rf"\b({_MONTH})\b\.?,?\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s*(\d{{4}}))?"
)
_DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:day\s+)?(?:of\s+)?({_MONTH})\b\.?(?:,?\s*(\d{{4}}))?"
)
_MONTH_WORD = re.compile(rf"\b({_MONTH})\b")
_CLOCK = re.compile(
    r"(?<![\d.-])(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})?(?:\.\d+)?\s*(a\.?m\b|p\.?m\b)?"
    r"|\b(noon|midday|midnight)\b"
)
_RELATIVE = re.compile(
    r"\b(today|tonight|tomorrow|yesterday|now|next|this|last|past|coming|following|upcoming|recent|"
    r"latest|current|currently|weekend|week|weeks|month|months|year|years|day|days|night|nights|"
    r"ago|later|soon|fortnight|since|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|christmas|easter|new year|birthday|spring|summer|"
    r"autumn|fall|winter|quarter|decade|century|daily|weekly|monthly|noon)\b"
)
_DAY_PARTS = re.compile(
    r"\b(morning|afternoon|evening|night|tonight|lunch|lunchtime|dinner|breakfast|noon|midnight|"
    r"hour|hours|minute|minutes|min|mins|o'clock|oclock|half|quarter|now|early|late|later|before|"
    r"after|soon|whole day|all day|end of|start of|until|daily|shift|overnight)\b"
)
_WIDE = re.compile(r"\b(month|months|year|years|quarter|decade|century|spring|summer|autumn|fall|"
                   r"winter|christmas|easter|birthday|since|past|last|recent|later)\b")  # fmt: skip

VALUE = re.compile(
    r"(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[/.](\d{1,2})[/.](\d{4}))?"
    r"(?:[T ]?(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(am|pm)?)?"
    r"\s*(Z|UTC|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
"""A whole argument that is a date, a time or both."""


@dataclass(slots=True)
class Moments:
    """What is known of dates and times."""

    dates: set[tuple[int, int, int]] = field(default_factory=set)
    """(year, month, day); year 0 where none was said."""
    times: set[int] = field(default_factory=set)
    """Minutes after midnight."""
    months: set[int] = field(default_factory=set)
    weekdays: set[int] = field(default_factory=set)
    relative: bool = False
    wide: bool = False
    """Words that can mean a date far from now."""
    parts: bool = False
    """Words for a part of the day or a duration."""

    def read(self, text: str, *, loosely: bool = True) -> None:
        """Add what `text` (in lower case) says; relative words only if read `loosely`."""
        self.dates.update(_dates(text))
        self.times.update(_times(text))
        self.months.update(_MONTHS[name] for name in _MONTH_WORD.findall(text))
        if not loosely:
            return
        for word in _RELATIVE.findall(text):
            self.relative = True
            if word in _DAYS:
                self.weekdays.add(_DAYS[word])
        self.wide = self.wide or _WIDE.search(text) is not None
        self.parts = self.parts or _DAY_PARTS.search(text) is not None

    def has_day(self, one: int, other: int) -> bool:
        """Whether a day was said whose month and day these are, either way round; or a relative
        word that could mean it."""
        days = {(one, other), (other, one)}
        return self.relative or any((month, day) in days for _, month, day in self.dates)

    def gives_date(self, day: date, numbers: set[float], now: date | None) -> bool:
        """Whether a date can come from what was said; `numbers` are those that were."""
        if (day.year, day.month, day.day) in self.dates or (0, day.month, day.day) in self.dates:
            return True
        if any(m == day.month and d == day.day for _, m, d in self.dates) and now is None:
            return True
        spoken = float(day.day) in numbers
        if spoken and (day.month in self.months or float(day.month) in numbers):
            return True
        if self._near_known(day, numbers):
            return True
        if not self.relative:
            near = now is None or abs((day - now).days) <= 62
            return spoken and near and not self.dates
        return self._relative_gives(day, numbers, now, spoken)

    def _near_known(self, day: date, numbers: set[float]) -> bool:
        """A known date and some days on or back, as many as a number that was said (three nights)
        or as a week, a month or a year has."""
        for year, month, dom in self.dates:
            known = _date(year or day.year, month, dom)
            if known is None:
                continue
            apart = abs((day - known).days)
            if apart in (1, 7, 14) or 28 <= apart <= 31 or apart in (365, 366):
                return self.relative
            if apart <= 400 and (float(apart) in numbers or apart / 7 in numbers):
                return True
        return False

    def _relative_gives(
        self, day: date, numbers: set[float], now: date | None, spoken: bool
    ) -> bool:
        if now is None:
            return True
        apart = abs((day - now).days)
        if self.weekdays and day.weekday() in self.weekdays and apart <= 21:
            return True
        if self.wide or spoken:
            return True
        return apart <= 16

    def gives_time(self, minute: int, numbers: set[float]) -> bool:
        """Whether a time of day (in minutes) can come from what was said."""
        if minute in self.times or minute in (0, 23 * 60 + 59) or self.parts:
            return True
        hour, rest = divmod(minute, 60)
        if (minute + 720) % 1440 in self.times:
            return True
        return rest == 0 and (float(hour) in numbers or float((hour - 12) % 24) in numbers)


def moment(text: str) -> tuple[date | None, int | None] | None:
    """A whole text read as a date, a time (in minutes) or both; None where it is neither."""
    match = VALUE.fullmatch(text.strip())
    if match is None:
        return None
    y, m, d, d2, m2, y2, hour, minute, _, half, _ = match.groups()
    if hour is None and y is None and y2 is None:
        return None
    day = None
    if y is not None:
        day = _date(int(y), int(m), int(d))
    elif y2 is not None:
        day = _date(int(y2), int(m2), int(d2)) or _date(int(y2), int(d2), int(m2))
    if (y or y2) and day is None:
        return None
    at = None
    if hour is not None:
        at = _minute(int(hour), int(minute), (half or "").lower())
        if at is None:
            return None
    return day, at


def _dates(text: str) -> Iterator[tuple[int, int, int]]:
    for a, b, c, d, e, f in _YMD.findall(text):
        yield from _checked(int(a or d), int(b or e), int(c or f))
    for a, b, c in _XXY.findall(text):
        year = int(c) + (2000 if len(c) == 2 else 0)
        yield from _checked(year, int(a), int(b))
        yield from _checked(year, int(b), int(a))
    for a, b in _MD.findall(text):
        yield from _checked(0, int(a), int(b))
        yield from _checked(0, int(b), int(a))
    for name, dom, year in _MONTH_DAY.findall(text):
        yield from _checked(int(year or 0), _MONTHS[name], int(dom))
    for dom, name, year in _DAY_MONTH.findall(text):
        yield from _checked(int(year or 0), _MONTHS[name], int(dom))


def _checked(year: int, month: int, day: int) -> Iterator[tuple[int, int, int]]:
    if 1 <= month <= 12 and 1 <= day <= 31:
        yield year, month, day


def _times(text: str) -> Iterator[int]:
    for hour, minute, half, word in _CLOCK.findall(text):
        if word:
            yield 0 if word == "midnight" else 720
        elif minute or half:
            at = _minute(int(hour), int(minute or 0), half.replace(".", ""))
            if at is not None:
                yield at


def _minute(hour: int, minute: int, half: str) -> int | None:
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour == 24 and minute == 0:
        hour = 0
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def shifted(day: date, days: int) -> date | None:
    """`day` moved by `days`; None past the calendar's ends."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None
