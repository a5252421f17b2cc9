"""Dates and times in English, relative to Monday 2 March 2026, 9 o'clock."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.agents.rules.dates import When, find_times

NOW = datetime(2026, 3, 2, 9)


def said(text: str) -> list[str]:
    """Each moment as "date clock", open halves as "-", each length as seconds."""
    return [_said(when) for when in find_times(text, NOW)]


def _said(when: When) -> str:
    if when.is_length:
        return str(when.seconds)
    return f"{when.date or '-'} {when.clock.strftime('%H:%M') if when.clock else '-'}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("move the offsite to Friday 3 pm", ["2026-03-06 15:00"]),
        ("tomorrow at 9", ["2026-03-03 09:00"]),
        ("March 5 at 14:30", ["2026-03-05 14:30"]),
        ("on the 5th of April", ["2026-04-05 -"]),
        ("January 10", ["2027-01-10 -"]),
        ("from 3 to 4 pm on Tuesday", ["- 15:00", "2026-03-03 16:00"]),
        ("Friday from 9 to 11 am", ["2026-03-06 09:00", "- 11:00"]),
        ("for two hours", ["7200"]),
        ("an hour and a half", ["5400"]),
        ("a 30-minute call", ["1800"]),
        ("half an hour", ["1800"]),
        ("at 3", ["- 15:00"]),
        ("at 10", ["- 10:00"]),
        (
            "from 2026-03-04 10:00:00 to 2026-03-04 12:00:00",
            ["2026-03-04 10:00", "2026-03-04 12:00"],
        ),
        ("next Monday at half past three", ["2026-03-09 15:30"]),
        ("this Monday", ["2026-03-02 -"]),
        ("Monday", ["2026-03-09 -"]),
        ("noon tomorrow", ["2026-03-03 12:00"]),
        ("tomorrow morning at 8", ["2026-03-03 08:00"]),
        ("at 8 tonight", ["2026-03-02 20:00"]),
        ("Friday evening at 7", ["2026-03-06 19:00"]),
        ("quarter to five", ["- 16:45"]),
        ("the day after tomorrow", ["2026-03-04 -"]),
        ("Mar 10, 2026 at 3:15 p.m.", ["2026-03-10 15:15"]),
        ("12/24/2026", ["2026-12-24 -"]),
        ("24.12.2026", ["2026-12-24 -"]),
        ("2026-03-06T15:00:00Z", ["2026-03-06 15:00"]),
        ("31 February", []),
        ("may I ask you to set it to 19", []),
        ("I sat in the sun and ate 3 apples", []),
        ("noon and midnight", ["- 12:00", "- 00:00"]),
    ],
)
def test_what_people_write(text: str, found: list[str]) -> None:
    assert said(text) == found


def test_from_now_on_is_a_moment_and_a_length() -> None:
    (when,) = find_times("in 20 minutes", NOW)
    assert (when.date, when.clock, when.seconds) == (
        NOW.date(),
        datetime(1, 1, 1, 9, 20).time(),
        1200,
    )
    assert not when.is_length


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)))
def test_iso_moments_are_read_as_they_stand(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    (when,) = find_times(f"please come at {moment:%Y-%m-%d %H:%M:%S}.", NOW)
    assert when.date == moment.date()
    assert when.clock == moment.time()


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.integers(0, 6))
def test_a_weekday_is_within_the_next_seven_days(now: datetime, day: int) -> None:
    name = (datetime(2026, 3, 2) + timedelta(days=day)).strftime("%A")
    (when,) = find_times(f"see you {name}", now)
    assert when.date is not None
    assert when.date.strftime("%A") == name
    assert 1 <= (when.date - now.date()).days <= 7


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    for when in find_times(text, NOW):
        assert 0 <= when.start < when.end <= len(text)
