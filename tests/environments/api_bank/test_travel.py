"""Hotel bookings: which stays are refused, in what order, and the numbers they get."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.environments.api_bank import CallRaised, Session, api_bank_data, level_1
from callsheet.environments.api_bank.data import SEED

BOOKED = ("2023-04-03", "2023-04-07")
"""A stay at Heron House in the seed."""


@pytest.fixture(params=["reference", "strict-upstream"])
def session(request: pytest.FixtureRequest) -> Session:
    return Session(level_1(), data=api_bank_data(SEED), behaviour=request.param)


def book(session: Session, arrival: str, departure: str, **changed: Any) -> dict[str, Any]:
    arguments = {
        "hotel_name": "Heron House",
        "check_in_time": arrival,
        "check_out_time": departure,
        "room_count": "1",
        "adult_count": "2",
        "child_count": "0",
    }
    return session.call("BookHotel", arguments | changed)


@pytest.mark.parametrize(
    ("arrival", "departure", "free"),
    [
        (*BOOKED, False),
        ("2023-04-01", "2023-04-03", True),  # leaves on the day of arrival
        ("2023-04-01", "2023-04-02", True),
        ("2023-04-06", "2023-04-09", False),
        ("2023-04-07", "2023-04-09", True),  # arrives on the day of departure
        ("2023-04-04", "2023-04-05", False),
        ("2023-04-01", "2023-04-30", True),  # upstream overlooks a stay that encloses another
        ("2023-04-30", "2023-04-01", True),
        ("2023-4-4", "2023-4-5", False),
    ],
)
def test_conflicts(session: Session, arrival: str, departure: str, free: bool) -> None:
    before = session.world.digest()
    envelope = book(session, arrival, departure)
    assert (envelope["output"], envelope["exception"]) == (
        ("6", None) if free else (None, "The room is not available.")
    )
    assert (session.world.digest() == before) is not free


def test_a_conflict_needs_the_same_name(session: Session) -> None:
    assert book(session, *BOOKED, hotel_name="heron house")["output"] == "6"
    assert book(session, *BOOKED, hotel_name="heron house")["exception"] is not None


def test_dates_then_adults_then_conflict(session: Session) -> None:
    crowd = {"adult_count": "3"}
    bad = "time data '{}' does not match format '%Y-%m-%d'"
    assert book(session, "3 April", "7 April", **crowd)["exception"] == bad.format("3 April")
    assert book(session, BOOKED[0], "", **crowd)["exception"] == bad.format("")
    assert book(session, *BOOKED, **crowd)["exception"] == (
        "The number of adults is greater than 2. Two rooms are ordered."
    )
    assert book(session, *BOOKED, **crowd, room_count="2")["exception"] == (
        "The room is not available."
    )
    assert book(session, "2023-05-01", "2023-05-02", **crowd, room_count="0")["output"] == "6"


def test_orders_are_numbered_and_kept_as_typed(session: Session) -> None:
    numbers = [book(session, f"2024-1-{day}", f"2024-1-{day}")["output"] for day in (3, 5, 7)]
    assert numbers == ["6", "7", "8"]
    kept = "select id, check_in_time, room_count from hotel_bookings where position > 5"
    assert session.world.query(kept)[0] == ["6", "2024-1-3", 1]


def test_a_number_that_is_taken_is_taken_over(session: Session) -> None:
    session.world.db.execute("update hotel_bookings set id = '6' where id = '1'")
    assert book(session, "2024-01-01", "2024-01-02")["output"] == "6"
    assert session.world.query("select hotel_name, check_in_time from hotel_bookings where id='6'")\
        == [["Heron House", "2024-01-01"]]  # fmt: skip
    assert session.world.query("select count(*) from hotel_bookings") == [[5]]


def test_echo_and_huge_counts(session: Session) -> None:
    envelope = book(session, "2024-01-01", "2024-01-02", child_count="9" * 30)
    assert envelope["output"] == "6"
    assert envelope["input"]["child_count"] == int("9" * 30)
    assert envelope["input"]["room_count"] == 1
    with pytest.raises(CallRaised, match="parameter: two"):
        book(session, *BOOKED, room_count="two")
