"""The smart home: lights, heating, blinds, music, routines and a door lock."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ..sandbox import Sandbox, Scene, ToolError
from .fields import Clock, Done

_ROOMS = ("kitchen", "bedroom", "living room", "bathroom", "hallway", "study")

HOME = Sandbox(
    "home",
    """
    create table rooms (room text primary key, light_on integer not null,
        brightness integer not null, degrees real not null, blinds text not null);
    create table routines (id text primary key, title text not null, at text not null,
        weekdays text not null);
    create table players (room text primary key, playlist text not null, volume integer not null);
    create table door (name text primary key, locked integer not null);
    """,
    {
        "rooms": [
            {"room": room, "light_on": i % 2, "brightness": 60, "degrees": 18.0 + i,
             "blinds": "open"}
            for i, room in enumerate(_ROOMS)
        ],
        "door": [{"name": "front", "locked": 1}, {"name": "garage", "locked": 0},
                 {"name": "back", "locked": 1}],
    },
)  # fmt: skip

Room = Annotated[
    Literal["kitchen", "bedroom", "living room", "bathroom", "hallway", "study"], "Which room"
]


class Climate(TypedDict):
    room: str
    degrees: float


class RoutineAdded(TypedDict):
    routine_id: str


class DoorState(TypedDict):
    door: str
    locked: bool


@HOME.tool
def SwitchLight(
    scene: Scene, room: Room, power: Annotated[Literal["on", "off"], "What the light should be"]
) -> Done:
    """Switch the light in a room on or off."""
    scene.change("update rooms set light_on = ? where room = ?", int(power == "on"), room)
    return {"status": power}


@HOME.tool
def DimLight(
    scene: Scene,
    room: Room,
    brightness: Annotated[int, Field(description="Percent", ge=0, le=100)],
) -> Done:
    """Set the brightness of a room's light."""
    scene.change("update rooms set light_on = ?, brightness = ? where room = ?",
                 int(brightness > 0), brightness, room)  # fmt: skip
    return {"status": "dimmed"}


@HOME.tool
def SetTemperature(
    scene: Scene,
    room: Room,
    degrees: Annotated[float, Field(description="Degrees Celsius", ge=5, le=30)],
) -> Climate:
    """Set the temperature of a room's heating."""
    scene.change("update rooms set degrees = ? where room = ?", degrees, room)
    return {"room": room, "degrees": degrees}


@HOME.tool
def ReadTemperature(scene: Scene, room: Room) -> Climate:
    """Read how warm it is in a room."""
    return scene.row("select room, degrees from rooms where room = ?", room)  # type: ignore[return-value]


@HOME.tool
def MoveBlinds(
    scene: Scene, room: Room, position: Annotated[Literal["open", "half", "closed"], "How far"]
) -> Done:
    """Open or close the blinds of a room."""
    scene.change("update rooms set blinds = ? where room = ?", position, room)
    return {"status": position}


@HOME.tool
def PlayMusic(
    scene: Scene,
    room: Room,
    playlist: Annotated[str, "Name of the playlist"],
    volume: Annotated[int, Field(description="Percent", ge=0, le=100)] = 40,
) -> Done:
    """Play a playlist in a room."""
    scene.change("insert or replace into players values (?, ?, ?)", room, playlist.lower(), volume)
    return {"status": "playing"}


@HOME.tool
def AddRoutine(
    scene: Scene,
    title: Annotated[str, "What the routine does"],
    at: Clock,
    weekdays: Annotated[
        list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
        Field(description="Days on which it runs", min_length=1),
    ],
) -> RoutineAdded:
    """Add a routine that runs at a time on some weekdays."""
    identity = scene.next_id("routines")
    scene.change("insert into routines values (?, ?, ?, ?)",
                 identity, title.lower(), at, ",".join(weekdays))  # fmt: skip
    return {"routine_id": identity}


@HOME.tool
def LockDoor(
    scene: Scene,
    door: Annotated[Literal["front", "back", "garage"], "Which door"],
    locked: Annotated[bool, "True to lock it, false to unlock it"],
) -> DoorState:
    """Lock or unlock a door."""
    if not scene.change("update door set locked = ? where name = ?", int(locked), door):
        raise ToolError(f"There is no door {door}.")
    return {"door": door, "locked": locked}
