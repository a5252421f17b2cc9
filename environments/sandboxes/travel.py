"""The travel desk: flights, hotels, taxis and the rules of the road.

Kept for evaluation: no training scenario uses this sandbox, its tools or its parameters' names.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ..sandbox import Sandbox, Scene, ToolError

_FLIGHTS = (
    ("QX118", "Lisbon", "Oslo", "2026-05-14", "08:20", 189.0),
    ("QX342", "Lisbon", "Oslo", "2026-05-14", "17:45", 142.0),
    ("BN207", "Dublin", "Prague", "2026-06-02", "06:55", 96.0),
    ("BN611", "Prague", "Dublin", "2026-06-09", "20:10", 104.0),
    ("KT580", "Athens", "Vienna", "2026-04-21", "13:30", 121.5),
    ("KT583", "Vienna", "Athens", "2026-04-28", "09:05", 133.0),
    ("QX900", "Madrid", "Toronto", "2026-07-18", "11:15", 612.0),
    ("ZL044", "Helsinki", "Warsaw", "2026-05-30", "15:25", 88.0),
    ("ZL051", "Warsaw", "Helsinki", "2026-06-03", "19:40", 91.0),
    ("BN733", "Cairo", "Rome", "2026-08-11", "10:50", 210.0),
    ("KT119", "Berlin", "Istanbul", "2026-09-05", "07:35", 159.0),
    ("QX455", "Oslo", "Lisbon", "2026-05-21", "12:00", 176.0),
)
_HOTELS = (
    ("H31", "Fjord Inn", "Oslo", 118.0), ("H32", "Opera Lodge", "Oslo", 164.0),
    ("H47", "Old Bridge House", "Prague", 79.0), ("H48", "Castle View", "Prague", 131.0),
    ("H55", "Ring Hotel", "Vienna", 142.0), ("H60", "Maple Court", "Toronto", 155.0),
    ("H72", "Vistula Rooms", "Warsaw", 66.0), ("H84", "Trastevere Garden", "Rome", 109.0),
    ("H91", "Bosphorus Terrace", "Istanbul", 98.0), ("H12", "Acropolis Stay", "Athens", 87.0),
)  # fmt: skip
_VISAS = (
    ("Kenya", "Norway", 1, 90), ("Brazil", "Turkey", 0, 90), ("India", "Canada", 1, 180),
    ("Japan", "Italy", 0, 90), ("Mexico", "Poland", 0, 90), ("Egypt", "Greece", 1, 60),
    ("Canada", "Czechia", 0, 90), ("Vietnam", "Ireland", 1, 90),
)  # fmt: skip

TRAVEL = Sandbox(
    "travel",
    """
    create table flights (flight_code text primary key, departing_from text not null,
        flying_to text not null, departure_day text not null, leaves_at text not null,
        fare real not null);
    create table seats (booking_ref text primary key, flight_code text not null,
        passenger text not null, cabin text not null);
    create table hotels (hotel_code text primary key, hotel_name text not null,
        destination text not null, nightly_rate real not null);
    create table stays (stay_ref text primary key, hotel_code text not null,
        check_in text not null, nights integer not null, breakfast_included integer not null);
    create table taxis (taxi_ref text primary key, pickup_spot text not null,
        dropoff_spot text not null, pickup_at text not null);
    create table visas (passport_country text not null, visiting_country text not null,
        needed integer not null, max_stay_days integer not null,
        primary key (passport_country, visiting_country));
    create table bags (airline text not null, cabin text not null, kilos integer not null,
        primary key (airline, cabin));
    """,
    {
        "flights": [
            {"flight_code": code, "departing_from": start, "flying_to": end, "departure_day": day,
             "leaves_at": at, "fare": fare}
            for code, start, end, day, at, fare in _FLIGHTS
        ],
        "seats": [
            {"booking_ref": "RB7701", "flight_code": "KT583", "passenger": "Omar Nasser",
             "cabin": "economy"},
            {"booking_ref": "RB7702", "flight_code": "ZL051", "passenger": "Ewa Nowak",
             "cabin": "business"},
            {"booking_ref": "RB7703", "flight_code": "BN611", "passenger": "Liam Byrne",
             "cabin": "economy"},
        ],
        "hotels": [
            {"hotel_code": code, "hotel_name": name, "destination": place, "nightly_rate": rate}
            for code, name, place, rate in _HOTELS
        ],
        "visas": [
            {"passport_country": a, "visiting_country": b, "needed": needed, "max_stay_days": days}
            for a, b, needed, days in _VISAS
        ],
        "bags": [
            {"airline": airline, "cabin": cabin, "kilos": kilos}
            for airline, kilo in (("Quexair", 20), ("Bluenorth", 15), ("Kitewing", 23),
                                  ("Zelta", 18))
            for cabin, kilos in (("economy", kilo), ("business", kilo + 14))
        ],
    },
)  # fmt: skip

Cabin = Annotated[Literal["economy", "business"], "Cabin class"]
Day = Annotated[str, Field(description="Day as YYYY-MM-DD", pattern=r"^\d{4}-\d\d-\d\d$")]


class Flight(TypedDict):
    flight_code: str
    leaves_at: str
    fare: float


class Flights(TypedDict):
    flights: list[Flight]


class SeatReserved(TypedDict):
    booking_ref: str
    fare: float


class Ended(TypedDict):
    outcome: str


class Hotel(TypedDict):
    hotel_code: str
    hotel_name: str
    nightly_rate: float


class Hotels(TypedDict):
    hotels: list[Hotel]


class StayBooked(TypedDict):
    stay_ref: str
    total_cost: float


class TaxiOrdered(TypedDict):
    taxi_ref: str


class VisaRule(TypedDict):
    visa_needed: bool
    max_stay_days: int


class Allowance(TypedDict):
    kilos: int


@TRAVEL.tool
def find_flights(
    scene: Scene,
    departing_from: Annotated[str, "City where the trip starts"],
    flying_to: Annotated[str, "City where the trip ends"],
    departure_day: Day,
) -> Flights:
    """Find flights between two cities on a day."""
    found = scene.rows(
        "select flight_code, leaves_at, fare from flights where lower(departing_from) = lower(?)"
        " and lower(flying_to) = lower(?) and departure_day = ? order by leaves_at",
        departing_from, flying_to, departure_day,
    )  # fmt: skip
    return {"flights": found}  # type: ignore[typeddict-item]


@TRAVEL.tool
def reserve_seat(
    scene: Scene,
    flight_code: Annotated[str, "Code of the flight, from find_flights"],
    passenger: Annotated[str, "Full name of who flies"],
    cabin: Cabin,
) -> SeatReserved:
    """Reserve a seat on a flight for a passenger."""
    row = scene.row(
        "select flight_code, fare from flights where flight_code = upper(?)", flight_code
    )
    if row is None:
        raise ToolError(f"There is no flight {flight_code}.")
    last = scene.row("select max(cast(substr(booking_ref, 3) as integer)) as last from seats")
    assert last is not None
    ref = f"RB{(last['last'] or 7700) + 1}"
    scene.change("insert into seats values (?, ?, ?, ?)", ref, row["flight_code"], passenger, cabin)
    return {"booking_ref": ref, "fare": row["fare"] * (3 if cabin == "business" else 1)}


@TRAVEL.tool
def drop_reservation(
    scene: Scene, booking_ref: Annotated[str, "Reference of the booking"]
) -> Ended:
    """Give up a reserved seat."""
    if not scene.change("delete from seats where booking_ref = upper(?)", booking_ref):
        raise ToolError(f"There is no booking {booking_ref}.")
    return {"outcome": "dropped"}


@TRAVEL.tool
def search_hotels(
    scene: Scene,
    destination: Annotated[str, "City of the stay"],
    max_nightly_rate: Annotated[float, "Highest price a night"] = 1000,
) -> Hotels:
    """Search hotels in a city."""
    found = scene.rows(
        "select hotel_code, hotel_name, nightly_rate from hotels"
        " where lower(destination) = lower(?) and nightly_rate <= ? order by hotel_code",
        destination, max_nightly_rate,
    )  # fmt: skip
    return {"hotels": found}  # type: ignore[typeddict-item]


@TRAVEL.tool
def book_stay(
    scene: Scene,
    hotel_code: Annotated[str, "Code of the hotel, from search_hotels"],
    check_in: Day,
    nights: Annotated[int, Field(description="Number of nights", ge=1, le=60)],
    breakfast_included: Annotated[bool, "Whether breakfast is wanted"] = False,
) -> StayBooked:
    """Book a hotel for some nights."""
    row = scene.row("select * from hotels where hotel_code = upper(?)", hotel_code)
    if row is None:
        raise ToolError(f"There is no hotel {hotel_code}.")
    last = scene.row("select count(*) as count from stays")
    assert last is not None
    ref = f"ST{501 + last['count']}"
    scene.change("insert into stays values (?, ?, ?, ?, ?)",
                 ref, row["hotel_code"], check_in, nights, int(breakfast_included))  # fmt: skip
    cost = nights * (row["nightly_rate"] + (12 if breakfast_included else 0))
    return {"stay_ref": ref, "total_cost": round(cost, 2)}


@TRAVEL.tool
def order_taxi(
    scene: Scene,
    pickup_spot: Annotated[str, "Where the taxi comes to"],
    dropoff_spot: Annotated[str, "Where the ride ends"],
    pickup_at: Annotated[str, Field(description="HH:MM", pattern=r"^\d\d:\d\d$")],
) -> TaxiOrdered:
    """Order a taxi."""
    last = scene.row("select count(*) as count from taxis")
    assert last is not None
    ref = f"TX{31 + last['count']}"
    # Places are compared as people do, whatever their capitals.
    scene.change("insert into taxis values (?, lower(?), lower(?), ?)",
                 ref, pickup_spot, dropoff_spot, pickup_at)  # fmt: skip
    return {"taxi_ref": ref}


@TRAVEL.tool
def visa_rule(
    scene: Scene,
    passport_country: Annotated[str, "Country of the passport"],
    visiting_country: Annotated[str, "Country to be visited"],
) -> VisaRule:
    """Tell whether a visa is needed, and how long one may stay."""
    row = scene.row(
        "select needed, max_stay_days from visas where lower(passport_country) = lower(?)"
        " and lower(visiting_country) = lower(?)",
        passport_country, visiting_country,
    )  # fmt: skip
    if row is None:
        raise ToolError(f"No rule is known for {passport_country} and {visiting_country}.")
    return {"visa_needed": bool(row["needed"]), "max_stay_days": row["max_stay_days"]}


@TRAVEL.tool
def baggage_allowance(
    scene: Scene, airline: Annotated[str, "Name of the airline"], cabin: Cabin
) -> Allowance:
    """Tell how many kilos of baggage an airline allows."""
    row = scene.row("select kilos from bags where lower(airline) = lower(?) and cabin = ?",
                    airline, cabin)  # fmt: skip
    if row is None:
        raise ToolError(f"No allowance is known for {airline}.")
    return row  # type: ignore[return-value]
