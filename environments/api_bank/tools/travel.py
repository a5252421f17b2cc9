"""Hotel bookings, which know of other bookings but not of rooms or prices.

A stay is refused where one of its ends falls into a booked stay of the same hotel; a stay that
encloses a booked one is not, nor is one that ends before it begins. Numbers of rooms are only kept.
"""

from __future__ import annotations

from datetime import datetime

from ..declaration import LEVEL_1, Param, Refusal
from ..desk import DATE, Desk, strict_time
from .answers import TEXT

_LARGEST = 2**63 - 1
"""What SQLite holds as an integer."""


@LEVEL_1.api(
    "Book rooms of a hotel for a stay. More than two adults need more than one room.",
    {
        "hotel_name": Param("str", "Name of the hotel."),
        "check_in_time": Param("str", f"Day of arrival. Format: {DATE}"),
        "check_out_time": Param("str", f"Day of departure. Format: {DATE}"),
        "room_count": Param("int", "How many rooms."),
        "adult_count": Param("int", "How many adults."),
        "child_count": Param("int", "How many children."),
    },
    {"order_id": Param("str", "Number of the booking.")},
    returns=TEXT,
)
def BookHotel(
    desk: Desk,
    hotel_name: str,
    check_in_time: str,
    check_out_time: str,
    room_count: int,
    adult_count: int,
    child_count: int,
) -> str:
    arrival = strict_time(check_in_time, DATE)
    departure = strict_time(check_out_time, DATE)
    if adult_count > 2 and room_count == 1:
        raise Refusal("The number of adults is greater than 2. Two rooms are ordered.")
    if _taken(desk, hotel_name, arrival, departure):
        raise Refusal("The room is not available.")
    # Upstream's table is a dictionary: a number that is taken is taken over.
    [booked] = desk.rows(
        "insert or replace into hotel_bookings (id, hotel_name, check_in_time, check_out_time,"
        " room_count, adult_count, child_count)"
        " select cast(count(*) + 1 as text), ?, ?, ?, ?, ?, ? from hotel_bookings returning id",
        hotel_name, check_in_time, check_out_time,
        *(_kept(count) for count in (room_count, adult_count, child_count)),
    )  # fmt: skip
    return str(booked["id"])


def _taken(desk: Desk, hotel: str, arrival: datetime, departure: datetime) -> bool:
    sql = "select check_in_time, check_out_time from hotel_bookings where hotel_name = ?"
    for row in desk.rows(sql, hotel):
        first, last = (strict_time(text, DATE) for text in row.values())
        if first <= arrival < last or first < departure <= last:
            return True
    return False


def _kept(count: int) -> int | str:
    """`count` in a form that the table can hold; longer numbers are their digits."""
    return count if abs(count) <= _LARGEST else str(count)
