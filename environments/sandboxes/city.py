"""The city's counter: permits, parking, waste collection, repairs and swimming pools.

Kept for evaluation: no training scenario uses this sandbox, its tools or its parameters' names.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ..sandbox import Sandbox, Scene, ToolError

_STREETS = ("Mill Lane", "Harbour Road", "Chestnut Avenue", "Station Square", "Elm Row")

CITY = Sandbox(
    "city",
    """
    create table permits (permit_no text primary key, permit_kind text not null,
        applicant text not null, site_address text not null, stage text not null);
    create table parking (ticket_no text primary key, plate text not null, zone text not null,
        parked_hours integer not null);
    create table cases (case_no text primary key, defect text not null, street text not null,
        stage text not null);
    create table collections (street text not null, waste_kind text not null,
        next_pickup text not null, primary key (street, waste_kind));
    create table bulky (pickup_no text primary key, house_address text not null,
        objects text not null, collection_day text not null);
    create table pools (pool text not null, weekday_name text not null, opens text not null,
        closes text not null, primary key (pool, weekday_name));
    create table dogs (chip_no text primary key, dog_name text not null, breed text not null);
    """,
    {
        "permits": [
            {"permit_no": "PM-3001", "permit_kind": "event", "applicant": "Ruth Adler",
             "site_address": "station square", "stage": "approved"},
            {"permit_no": "PM-3002", "permit_kind": "construction", "applicant": "Bau Keller",
             "site_address": "12 elm row", "stage": "waiting for documents"},
            {"permit_no": "PM-3003", "permit_kind": "filming", "applicant": "Nils Aberg",
             "site_address": "harbour road", "stage": "refused"},
        ],
        "cases": [
            {"case_no": "C-710", "defect": "pothole", "street": "mill lane", "stage": "planned"},
            {"case_no": "C-711", "defect": "streetlight", "street": "elm row", "stage": "repaired"},
            {"case_no": "C-712", "defect": "graffiti", "street": "harbour road",
             "stage": "received"},
        ],
        "collections": [
            {"street": street, "waste_kind": kind, "next_pickup": f"2026-03-{3 + 2 * i + 5 * k:02}"}
            for i, street in enumerate(_STREETS)
            for k, kind in enumerate(("paper", "glass", "organic"))
        ],
        "pools": [
            {"pool": pool, "weekday_name": day, "opens": opens, "closes": closes}
            for pool, opens, closes in (
                ("Riverside", "07:00", "21:00"), ("Westbad", "09:00", "20:00"),
                ("Olympia", "06:30", "22:00"),
            )
            for day in ("Monday", "Wednesday", "Saturday", "Sunday")
        ],
        "dogs": [{"chip_no": "756-0041", "dog_name": "Bruno", "breed": "beagle"}],
    },
)  # fmt: skip


class PermitApplied(TypedDict):
    permit_no: str


class Stage(TypedDict):
    stage: str


class Parked(TypedDict):
    ticket_no: str
    paid_until: str
    fee: float


class Reported(TypedDict):
    case_no: str


class Pickup(TypedDict):
    next_pickup: str


class BulkyOrdered(TypedDict):
    pickup_no: str


class Hours(TypedDict):
    opens: str
    closes: str


class DogRegistered(TypedDict):
    yearly_fee: float


_FEES = {"A": 3.5, "B": 2.0, "C": 1.2}


def _count(scene: Scene, table: str) -> int:
    row = scene.row(f'select count(*) as count from "{table}"')  # noqa: S608 - a name of our own
    assert row is not None
    return int(row["count"])


@CITY.tool
def ApplyPermit(
    scene: Scene,
    permit_kind: Annotated[
        Literal["event", "construction", "filming", "market_stall"], "What is to be permitted"
    ],
    applicant: Annotated[str, "Full name of who applies"],
    site_address: Annotated[str, "Where it takes place"],
) -> PermitApplied:
    """Apply for a permit."""
    number = f"PM-{3001 + _count(scene, 'permits')}"
    scene.change("insert into permits values (?, ?, ?, lower(?), 'received')",
                 number, permit_kind, applicant, site_address)  # fmt: skip
    return {"permit_no": number}


@CITY.tool
def PermitStage(
    scene: Scene, permit_no: Annotated[str, "Number of the permit, such as PM-3001"]
) -> Stage:
    """Tell how far a permit has come."""
    row = scene.row("select stage from permits where permit_no = upper(?)", permit_no)
    if row is None:
        raise ToolError(f"There is no permit {permit_no}.")
    return row  # type: ignore[return-value]


@CITY.tool
def WithdrawPermit(
    scene: Scene, permit_no: Annotated[str, "Number of the permit, such as PM-3001"]
) -> Stage:
    """Withdraw the application for a permit."""
    sql = "update permits set stage = 'withdrawn' where permit_no = upper(?)"
    if not scene.change(sql, permit_no):
        raise ToolError(f"There is no permit {permit_no}.")
    return {"stage": "withdrawn"}


@CITY.tool
def PayParking(
    scene: Scene,
    plate: Annotated[str, "The car's number plate"],
    zone: Annotated[Literal["A", "B", "C"], "Parking zone"],
    parked_hours: Annotated[int, Field(description="Hours to pay for", ge=1, le=24)],
) -> Parked:
    """Pay for parking a car."""
    number = f"PK{901 + _count(scene, 'parking')}"
    scene.change(
        "insert into parking values (?, upper(?), ?, ?)", number, plate, zone, parked_hours
    )
    until: datetime = scene.now + timedelta(hours=parked_hours)
    fee = round(_FEES[zone] * parked_hours, 2)
    return {"ticket_no": number, "paid_until": until.strftime("%Y-%m-%d %H:%M"), "fee": fee}


@CITY.tool
def ReportDefect(
    scene: Scene,
    defect: Annotated[
        Literal["pothole", "streetlight", "graffiti", "fallen_tree"], "What is broken"
    ],
    street: Annotated[str, "Name of the street"],
) -> Reported:
    """Report a defect in a street to the city."""
    number = f"C-{710 + _count(scene, 'cases')}"
    scene.change("insert into cases values (?, ?, lower(?), 'received')", number, defect, street)
    return {"case_no": number}


@CITY.tool
def TraceCase(scene: Scene, case_no: Annotated[str, "Number of the case, such as C-710"]) -> Stage:
    """Tell how far a reported case has come."""
    row = scene.row("select stage from cases where case_no = upper(?)", case_no)
    if row is None:
        raise ToolError(f"There is no case {case_no}.")
    return row  # type: ignore[return-value]


@CITY.tool
def WasteCalendar(
    scene: Scene,
    street: Annotated[str, "Name of the street"],
    waste_kind: Annotated[Literal["paper", "glass", "organic"], "What is collected"],
) -> Pickup:
    """Tell when waste is collected next in a street."""
    row = scene.row(
        "select next_pickup from collections where lower(street) = lower(?) and waste_kind = ?",
        street, waste_kind,
    )  # fmt: skip
    if row is None:
        raise ToolError(f"Nothing is collected in {street}.")
    return row  # type: ignore[return-value]


@CITY.tool
def OrderBulkyPickup(
    scene: Scene,
    house_address: Annotated[str, "Street and house number"],
    objects: Annotated[list[str], Field(description="What is to be taken away", min_length=1)],
    collection_day: Annotated[str, Field(description="YYYY-MM-DD", pattern=r"^\d{4}-\d\d-\d\d$")],
) -> BulkyOrdered:
    """Order the pickup of bulky waste."""
    number = f"BW{41 + _count(scene, 'bulky')}"
    listed = ", ".join(thing.lower() for thing in objects)
    scene.change("insert into bulky values (?, lower(?), ?, ?)",
                 number, house_address, listed, collection_day)  # fmt: skip
    return {"pickup_no": number}


@CITY.tool
def PoolHours(
    scene: Scene,
    pool: Annotated[Literal["Riverside", "Westbad", "Olympia"], "Which swimming pool"],
    weekday_name: Annotated[
        Literal["Monday", "Wednesday", "Saturday", "Sunday"], "Day of the week"
    ],
) -> Hours:
    """Tell when a swimming pool is open."""
    sql = "select opens, closes from pools where pool = ? and weekday_name = ?"
    return scene.row(sql, pool, weekday_name)  # type: ignore[return-value]


@CITY.tool
def RegisterDog(
    scene: Scene,
    dog_name: Annotated[str, "Name of the dog"],
    breed: Annotated[str, "Breed of the dog"],
    chip_no: Annotated[str, "Number of its chip"],
) -> DogRegistered:
    """Register a dog with the city."""
    if scene.row("select chip_no from dogs where chip_no = ?", chip_no) is not None:
        raise ToolError(f"The chip {chip_no} is registered already.")
    scene.change("insert into dogs values (?, ?, lower(?))", chip_no, dog_name, breed)
    return {"yearly_fee": 120.0}
