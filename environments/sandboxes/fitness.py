"""The training log: workouts, body weight, water, goals and classes at the gym."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ..sandbox import Sandbox, Scene, ToolError
from .fields import Clock, Date, Done

FITNESS = Sandbox(
    "fitness",
    """
    create table workouts (id text primary key, sport text not null, minutes integer not null,
        date text not null, distance_km real);
    create table weights (date text primary key, kilograms real not null);
    create table water (id text primary key, millilitres integer not null, at text not null);
    create table goals (id text primary key, sport text not null, sessions integer not null);
    create table classes (code text primary key, kind text not null, coach text not null,
        date text not null, at text not null, free integer not null);
    create table signups (code text not null, member text not null, primary key (code, member));
    """,
    {
        "workouts": [
            {"id": "1", "sport": "running", "minutes": 42, "date": "2026-02-24",
             "distance_km": 7.2},
            {"id": "2", "sport": "swimming", "minutes": 30, "date": "2026-02-26",
             "distance_km": 1.0},
            {"id": "3", "sport": "running", "minutes": 55, "date": "2026-02-28",
             "distance_km": 9.5},
        ],
        "classes": [
            {"code": f"{kind[:2].upper()}{11 + 4 * i}", "kind": kind, "coach": coach,
             "date": f"2026-03-{3 + i:02}", "at": at, "free": 2 + i}
            for i, (kind, coach, at) in enumerate((
                ("yoga", "Nora", "18:00"), ("spinning", "Pavel", "19:30"),
                ("pilates", "Nora", "09:00"), ("boxing", "Sam", "20:00"),
                ("yoga", "Lena", "07:30"), ("spinning", "Pavel", "12:15"),
            ))
        ],
    },
)  # fmt: skip

Sport = Annotated[
    Literal["running", "cycling", "swimming", "rowing", "hiking"], "What kind of sport"
]


class WorkoutLogged(TypedDict):
    workout_id: str


class Totals(TypedDict):
    sessions: int
    minutes: int


class GymClass(TypedDict):
    class_code: str
    coach: str
    date: str
    at: str


class Classes(TypedDict):
    classes: list[GymClass]


class Pace(TypedDict):
    minutes_per_km: float


class Drunk(TypedDict):
    total_millilitres: int


@FITNESS.tool
def LogWorkout(
    scene: Scene,
    sport: Sport,
    minutes: Annotated[int, Field(description="How long it took", ge=1, le=900)],
    date: Date,
    distance_km: Annotated[float | None, "Distance in kilometres"] = None,
) -> WorkoutLogged:
    """Write a workout in the training log."""
    identity = scene.next_id("workouts")
    scene.change("insert into workouts values (?, ?, ?, ?, ?)",
                 identity, sport, minutes, date, distance_km)  # fmt: skip
    return {"workout_id": identity}


@FITNESS.tool
def SumWorkouts(scene: Scene, sport: Sport, since: Date) -> Totals:
    """Sum up the workouts of a sport since a day."""
    return scene.row(  # type: ignore[return-value]
        "select count(*) as sessions, coalesce(sum(minutes), 0) as minutes from workouts"
        " where sport = ? and date >= ?",
        sport, since,
    )  # fmt: skip


@FITNESS.tool
def DeleteWorkout(scene: Scene, workout_id: Annotated[str, "Number of the workout"]) -> Done:
    """Delete a workout from the training log."""
    if not scene.change("delete from workouts where id = ?", workout_id):
        raise ToolError(f"There is no workout {workout_id}.")
    return {"status": "deleted"}


@FITNESS.tool
def RecordWeight(
    scene: Scene,
    kilograms: Annotated[float, Field(description="Body weight in kilograms", gt=0, le=400)],
    date: Date,
) -> Done:
    """Record the body weight of a day."""
    scene.change("insert or replace into weights values (?, ?)", date, kilograms)
    return {"status": "recorded"}


@FITNESS.tool
def LogWater(
    scene: Scene,
    millilitres: Annotated[int, Field(description="How much was drunk", ge=1, le=5000)],
    at: Clock,
) -> Drunk:
    """Log a drink of water."""
    identity = scene.next_id("water")
    scene.change("insert into water values (?, ?, ?)", identity, millilitres, at)
    total = scene.row("select sum(millilitres) as total from water")
    assert total is not None
    return {"total_millilitres": total["total"]}


@FITNESS.tool
def SetGoal(
    scene: Scene,
    sport: Sport,
    sessions: Annotated[int, Field(description="How often a week", ge=1, le=14)],
) -> Done:
    """Set a weekly goal for a sport."""
    identity = scene.next_id("goals")
    scene.change("insert into goals values (?, ?, ?)", identity, sport, sessions)
    return {"status": "set"}


@FITNESS.tool
def FindClasses(
    scene: Scene,
    kind: Annotated[Literal["yoga", "spinning", "pilates", "boxing"], "Kind of class"],
) -> Classes:
    """Find classes at the gym."""
    sql = "select code as class_code, coach, date, at from classes where kind = ? order by date, at"
    return {"classes": scene.rows(sql, kind)}  # type: ignore[typeddict-item]


@FITNESS.tool
def JoinClass(
    scene: Scene,
    class_code: Annotated[str, "Code of the class"],
    member: Annotated[str, "Name of the gym's member"],
) -> Done:
    """Sign a member up for a class at the gym."""
    taken = scene.change(
        "update classes set free = free - 1 where upper(code) = upper(?) and free > 0", class_code
    )
    if not taken:
        raise ToolError(f"There is no free place in a class {class_code}.")
    scene.change("insert or ignore into signups values (upper(?), ?)", class_code, member)
    return {"status": "joined"}


@FITNESS.tool
def ComputePace(
    scene: Scene,
    distance_km: Annotated[float, Field(description="Distance in kilometres", gt=0)],
    minutes: Annotated[float, Field(description="Time in minutes", gt=0)],
) -> Pace:
    """Compute the pace of a run in minutes per kilometre."""
    return {"minutes_per_km": round(minutes / distance_km, 2)}
