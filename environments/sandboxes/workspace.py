"""The workspace: accounts with tokens, meetings, reminders, and a few look-ups.

Meetings and reminders belong to an account and want its token, which GetUserToken gives for
username and password. Times are text, "YYYY-MM-DD HH:MM:SS".
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from ..arithmetic import ArithmeticProblem, calculate
from ..sandbox import Sandbox, Scene, ToolError
from .fields import Date, Done, Timestamp, Token

WORKSPACE = Sandbox(
    "workspace",
    """
    create table accounts (username text primary key, password text not null, token text not null);
    create table meetings (id text primary key, username text not null, topic text not null,
        start text not null, end text not null, location text not null);
    create table reminders (id text primary key, username text not null, content text not null,
        time text not null);
    create table contacts (name text primary key, email text not null, phone text not null);
    create table rates (source text not null, target text not null, rate real not null,
        primary key (source, target));
    create table weather (city text not null, date text not null, condition text not null,
        high integer not null, low integer not null, primary key (city, date));
    create table words (word text primary key, meaning text not null);
    """,
    {
        "accounts": [
            {"username": "foo", "password": "bar", "token": "tok-9f31c2"},
            {"username": "maria", "password": "sunny-day-7", "token": "tok-4b77aa"},
            {"username": "jonas", "password": "paddle42", "token": "tok-c0ffee"},
            {"username": "priya", "password": "mango#1", "token": "tok-51d0e8"},
        ],
        "meetings": [
            {"id": "1", "username": "foo", "topic": "offsite", "start": "2026-03-04 10:00:00",
             "end": "2026-03-04 12:00:00", "location": "Room 4"},
            {"id": "2", "username": "foo", "topic": "budget review",
             "start": "2026-03-05 14:00:00", "end": "2026-03-05 15:00:00", "location": "Online"},
            {"id": "3", "username": "maria", "topic": "design sync",
             "start": "2026-03-03 09:30:00", "end": "2026-03-03 10:00:00", "location": "Studio"},
            {"id": "4", "username": "jonas", "topic": "retrospective",
             "start": "2026-03-06 16:00:00", "end": "2026-03-06 17:00:00", "location": "Room 2"},
        ],
        "reminders": [
            {"id": "1", "username": "foo", "content": "renew passport",
             "time": "2026-03-09 08:00:00"},
            {"id": "2", "username": "priya", "content": "water the plants",
             "time": "2026-03-03 18:00:00"},
        ],
        "contacts": [
            {"name": "Ann Fischer", "email": "ann@example.com", "phone": "+41 44 555 0110"},
            {"name": "Bilal Haddad", "email": "bilal@example.org", "phone": "+44 20 5550 0143"},
            {"name": "Chiara Rossi", "email": "chiara@example.com", "phone": "+39 06 5550 199"},
            {"name": "Daniel Okoye", "email": "d.okoye@example.net", "phone": "+1 212 555 0177"},
        ],
        "rates": [
            {"source": "EUR", "target": "USD", "rate": 1.08},
            {"source": "USD", "target": "EUR", "rate": 0.926},
            {"source": "EUR", "target": "CHF", "rate": 0.95},
            {"source": "CHF", "target": "EUR", "rate": 1.053},
            {"source": "GBP", "target": "EUR", "rate": 1.17},
            {"source": "EUR", "target": "GBP", "rate": 0.855},
            {"source": "USD", "target": "JPY", "rate": 149.5},
            {"source": "GBP", "target": "USD", "rate": 1.265},
        ],
        "weather": [
            {"city": city, "date": f"2026-03-0{day}", "condition": condition, "high": high + day,
             "low": high + day - 7}
            for city, high, conditions in (
                ("Zurich", 6, ("rain", "sunny", "cloudy", "sunny", "snow")),
                ("London", 9, ("cloudy", "rain", "rain", "sunny", "fog")),
                ("Madrid", 15, ("sunny", "sunny", "cloudy", "rain", "sunny")),
                ("Oslo", 0, ("snow", "snow", "sunny", "cloudy", "snow")),
            )
            for day, condition in enumerate(conditions, 2)
        ],
        "words": [
            {"word": "quorum", "meaning": "the number of members that must be present to decide"},
            {"word": "agenda", "meaning": "a list of the points to be dealt with at a meeting"},
            {"word": "minutes", "meaning": "the written record of what was said at a meeting"},
            {"word": "adjourn", "meaning": "to break off a meeting until later"},
            {"word": "stakeholder", "meaning": "somebody with an interest in the outcome"},
        ],
    },
)  # fmt: skip


class UserToken(TypedDict):
    token: str


class Meeting(TypedDict):
    id: str
    topic: str
    start: str
    end: str
    location: str


class Meetings(TypedDict):
    meetings: list[Meeting]


class MeetingAdded(TypedDict):
    meeting_id: str


class Reminder(TypedDict):
    id: str
    content: str
    time: str


class Reminders(TypedDict):
    reminders: list[Reminder]


class ReminderAdded(TypedDict):
    reminder_id: str


class Result(TypedDict):
    result: float


class Contact(TypedDict):
    name: str
    email: str
    phone: str


class Contacts(TypedDict):
    contacts: list[Contact]


class Rate(TypedDict):
    rate: float
    converted: float


class Forecast(TypedDict):
    city: str
    date: str
    condition: str
    high: int
    low: int


class Today(TypedDict):
    date: str
    weekday: str


class Meaning(TypedDict):
    word: str
    meaning: str


def _owner(scene: Scene, token: str) -> str:
    row = scene.row("select username from accounts where token = ?", token)
    if row is None:
        raise ToolError("The token is invalid.")
    return str(row["username"])


def _time(text: str) -> str:
    try:
        datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise ToolError(f"{text} is not a time.") from None
    return text


@WORKSPACE.tool
def GetUserToken(
    scene: Scene,
    username: Annotated[str, "Name of the account"],
    password: Annotated[str, "Password of the account"],
) -> UserToken:
    """Log in: get a user's token for their username and password."""
    row = scene.row("select password, token from accounts where username = ?", username)
    if row is None:
        raise ToolError("The username does not exist.")
    if row["password"] != password:
        raise ToolError("The password is incorrect.")
    return {"token": row["token"]}


@WORKSPACE.tool
def ModifyPassword(
    scene: Scene,
    token: Token,
    old_password: Annotated[str, "The password so far"],
    new_password: Annotated[str, Field(description="The password from now on", min_length=1)],
) -> Done:
    """Change the password of an account."""
    user = _owner(scene, token)
    changed = scene.change(
        "update accounts set password = ? where username = ? and password = ?",
        new_password,
        user,
        old_password,
    )
    if not changed:
        raise ToolError("The old password is incorrect.")
    return {"status": "success"}


@WORKSPACE.tool
def AddMeeting(
    scene: Scene,
    token: Token,
    topic: Annotated[str, Field(description="What the meeting is about", min_length=1)],
    start: Timestamp,
    end: Timestamp,
    location: Annotated[str, "Where it takes place"] = "Online",
) -> MeetingAdded:
    """Add a meeting to the user's calendar."""
    user = _owner(scene, token)
    if _time(end) <= _time(start):
        raise ToolError("A meeting ends after it starts.")
    identity = scene.next_id("meetings")
    scene.change(
        "insert into meetings values (?, ?, ?, ?, ?, ?)",
        identity, user, topic, start, end, location,
    )  # fmt: skip
    return {"meeting_id": identity}


@WORKSPACE.tool
def QueryMeeting(
    scene: Scene,
    token: Token,
    topic: Annotated[str | None, "Only meetings about this; all of them without"] = None,
) -> Meetings:
    """Look up the user's meetings, all or those about a topic."""
    user = _owner(scene, token)
    found = scene.rows(
        "select id, topic, start, end, location from meetings where username = ?"
        " and (? is null or lower(topic) = lower(?)) order by start, id",
        user,
        topic,
        topic,
    )
    if topic is not None and not found:
        raise ToolError(f"There is no meeting about {topic}.")
    return {"meetings": found}  # type: ignore[typeddict-item]


@WORKSPACE.tool
def ModifyMeeting(
    scene: Scene,
    token: Token,
    topic: Annotated[str, "What the meeting is about"],
    new_start: Timestamp,
    new_end: Timestamp,
) -> Done:
    """Move a meeting to another time."""
    user = _owner(scene, token)
    if _time(new_end) <= _time(new_start):
        raise ToolError("A meeting ends after it starts.")
    moved = scene.change(
        "update meetings set start = ?, end = ? where id = (select min(id) from meetings"
        " where username = ? and lower(topic) = lower(?))",
        new_start, new_end, user, topic,
    )  # fmt: skip
    if not moved:
        raise ToolError(f"There is no meeting about {topic}.")
    return {"status": "success"}


@WORKSPACE.tool
def DeleteMeeting(
    scene: Scene, token: Token, topic: Annotated[str, "What the meeting is about"]
) -> Done:
    """Cancel a meeting and delete it from the calendar."""
    user = _owner(scene, token)
    deleted = scene.change(
        "delete from meetings where username = ? and lower(topic) = lower(?)", user, topic
    )
    if not deleted:
        raise ToolError(f"There is no meeting about {topic}.")
    return {"status": "success"}


@WORKSPACE.tool
def AddReminder(
    scene: Scene,
    token: Token,
    content: Annotated[str, Field(description="What to be reminded of", min_length=1)],
    time: Timestamp,
) -> ReminderAdded:
    """Set a reminder for the user."""
    user = _owner(scene, token)
    identity = scene.next_id("reminders")
    scene.change("insert into reminders values (?, ?, ?, ?)", identity, user, content, _time(time))
    return {"reminder_id": identity}


@WORKSPACE.tool
def QueryReminders(scene: Scene, token: Token) -> Reminders:
    """List the user's reminders."""
    user = _owner(scene, token)
    sql = "select id, content, time from reminders where username = ? order by time, id"
    return {"reminders": scene.rows(sql, user)}  # type: ignore[typeddict-item]


@WORKSPACE.tool
def DeleteReminder(
    scene: Scene, token: Token, content: Annotated[str, "What the reminder is about"]
) -> Done:
    """Delete one of the user's reminders."""
    user = _owner(scene, token)
    sql = "delete from reminders where username = ? and lower(content) = lower(?)"
    if not scene.change(sql, user, content):
        raise ToolError(f"There is no reminder about {content}.")
    return {"status": "success"}


@WORKSPACE.tool
def Calculator(
    scene: Scene,
    formula: Annotated[
        str, Field(description="Arithmetic with + - * / ( ), such as (3+4)*2", max_length=500)
    ],
) -> Result:
    """Calculate the value of an arithmetic formula."""
    try:
        return {"result": calculate(formula)}
    except ArithmeticProblem as problem:
        raise ToolError(str(problem)) from None


@WORKSPACE.tool
def SearchContacts(
    scene: Scene, name: Annotated[str, Field(description="Name or part of it", min_length=1)]
) -> Contacts:
    """Search the address book for a person's email and phone."""
    found = scene.rows(
        "select name, email, phone from contacts where instr(lower(name), lower(?)) order by name",
        name,
    )
    if not found:
        raise ToolError(f"There is no contact named {name}.")
    return {"contacts": found}  # type: ignore[typeddict-item]


@WORKSPACE.tool
def GetExchangeRate(
    scene: Scene,
    source_currency: Annotated[str, "Three-letter code to convert from, such as EUR"],
    target_currency: Annotated[str, "Three-letter code to convert to, such as USD"],
    amount: Annotated[float, "How much to convert"] = 1.0,
) -> Rate:
    """Get the exchange rate between two currencies and convert an amount."""
    row = scene.row(
        "select rate from rates where source = upper(?) and target = upper(?)",
        source_currency,
        target_currency,
    )
    if row is None:
        raise ToolError(f"There is no rate from {source_currency} to {target_currency}.")
    return {"rate": row["rate"], "converted": round(amount * row["rate"], 2)}


@WORKSPACE.tool
def GetWeather(scene: Scene, city: Annotated[str, "Name of the city"], date: Date) -> Forecast:
    """Get the weather forecast for a city on a date."""
    row = scene.row("select * from weather where lower(city) = lower(?) and date = ?", city, date)
    if row is None:
        raise ToolError(f"There is no forecast for {city} on {date}.")
    return row  # type: ignore[return-value]


@WORKSPACE.tool
def GetToday(scene: Scene) -> Today:
    """Get today's date and weekday."""
    return {"date": scene.now.strftime("%Y-%m-%d"), "weekday": scene.now.strftime("%A")}


@WORKSPACE.tool
def LookUpWord(scene: Scene, word: Annotated[str, "The word to look up"]) -> Meaning:
    """Look up the meaning of a word in the dictionary."""
    row = scene.row("select word, meaning from words where word = lower(?)", word)
    if row is None:
        raise ToolError(f"The word {word} is not in the dictionary.")
    return {"word": row["word"], "meaning": row["meaning"]}
