"""Dates, times and places as people say them, with what they mean written out.

Every spelling can be read back with the scenario's clock: a weekday lies within the next six days,
a date without a year in the clock's year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from ....environments.api_bank.desk import DATE, MOMENT
from .vocabulary import PLACES


@dataclass(frozen=True, slots=True)
class Said:
    """A value and how the user puts it."""

    exact: str
    """As tools take it."""
    bare: str
    """As the user names it: "April 10th at 9 am"."""
    on: str = ""
    """With the preposition that it needs in a sentence: "on April 10th at 9 am"."""

    @property
    def placed(self) -> str:
        return self.on or self.bare


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    ending = (
        "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending}"


def _month(day: date) -> str:
    return day.strftime("%B")


def _dates(day: date, today: date) -> list[tuple[str, str]]:
    """Spellings of a day, each bare and in a sentence."""
    year = "" if day.year == today.year else f" {day.year}"
    comma = f",{year}" if year else ""
    spelled = [
        f"{_month(day)} {ordinal(day.day)}{comma}",
        f"{_month(day)} {day.day}{comma}",
        f"{_month(day)[:3]} {ordinal(day.day)}{comma}",
        f"{day.day} {_month(day)}{year}",
        f"the {ordinal(day.day)} of {_month(day)}{year}",
        f"{_month(day)} {ordinal(day.day)}, {day.year}",
        f"{day.year}-{day.month:02}-{day.day:02}",
        f"{day.year}-{day.month:02}-{day.day:02}",
    ]
    if year:
        spelled.append(f"{day.month}/{day.day}/{day.year}")
    else:
        spelled += [
            f"{day.month}/{day.day}",
            f"{day.strftime('%A')}, {_month(day)} {ordinal(day.day)}",
        ]
    return [(text, f"on {text}") for text in spelled]


def _near(day: date, today: date) -> list[tuple[str, str]]:
    """Spellings by distance from today."""
    ahead = (day - today).days
    if ahead == 0:
        return [("today", "today")]
    if ahead == 1:
        return [("tomorrow", "tomorrow")]
    if ahead == 2:
        return [("the day after tomorrow", "the day after tomorrow")]
    if 2 < ahead < 7:
        weekday = day.strftime("%A")
        return [(weekday, f"on {weekday}"), (f"this coming {weekday}", f"this coming {weekday}")]
    return []


def say_date(day: date, today: date, chance: Random) -> Said:
    """A day in one of its spellings."""
    near = _near(day, today)
    bare, on = chance.choice(near if near and chance.random() < 0.6 else _dates(day, today))
    return Said(day.strftime(DATE), bare, on)


def _part_of_day(hour: int) -> str:
    if hour < 12:
        return "in the morning"
    return "in the afternoon" if hour < 18 else "in the evening"


def _times(at: datetime) -> list[str]:
    hour, minute = at.hour, at.minute
    half = "am" if hour < 12 else "pm"
    twelve = hour % 12 or 12
    spelled = [
        f"{twelve}:{minute:02} {half}",
        f"{twelve}:{minute:02} {half.upper()}",
    ]
    if minute == 0:
        spelled += [f"{twelve} {half}", f"{twelve}{half}", f"{twelve} {half.upper()}"]
        spelled.append("noon" if hour == 12 else f"{twelve} {_part_of_day(hour)}")
        if 6 <= hour < 12:
            spelled.append(f"{twelve} o'clock in the morning")
    elif minute == 30:
        spelled.append(f"{twelve}:30 {_part_of_day(hour)}")
    return spelled


def say_time(at: datetime, chance: Random) -> str:
    """A time of day in one of its spellings; seldom as tools write it, which is easily copied."""
    return f"{at:%H:%M}" if chance.random() < 0.1 else chance.choice(_times(at))


def say_moment(at: datetime, today: date, chance: Random) -> Said:
    """A day and a time of day in one of their spellings."""
    exact = at.strftime(MOMENT)
    if chance.random() < 0.1:
        return Said(exact, exact, f"at {exact}")
    day, time = say_date(at.date(), today, chance), say_time(at, chance)
    if chance.random() < 0.6:
        return Said(exact, f"{day.bare} at {time}", f"{day.placed} at {time}")
    return Said(exact, f"{time} {day.placed}", f"at {time} {day.placed}")


def written_date(text: str) -> str:
    """A tool's date as an assistant writes it: "April 10th, 2023"."""
    day = datetime.strptime(text, DATE).date()
    return f"{_month(day)} {ordinal(day.day)}, {day.year}"


def written_moment(text: str) -> str:
    """A tool's time as an assistant writes it: "April 10th, 2023 at 9:00 AM"."""
    at = datetime.strptime(text, MOMENT)
    half = "AM" if at.hour < 12 else "PM"
    return f"{written_date(at.strftime(DATE))} at {at.hour % 12 or 12}:{at.minute:02} {half}"


def said_place(place: str) -> str:
    """A place with the article that it needs in a sentence."""
    return PLACES.get(place, place)
