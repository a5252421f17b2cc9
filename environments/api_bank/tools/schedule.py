"""Alarms, reminders and the agenda: what a user is told to do, and when.

Times are `%Y-%m-%d %H:%M:%S` and are kept as typed. A row is found by its content or its time,
whichever fits, and the first of the user's rows in order of insertion wins. Nothing ever rings.
"""

from __future__ import annotations

from typing import Any

from ..declaration import LEVEL_1, SUCCESS, TOKEN, Param, Refusal
from ..desk import MOMENT, Desk, strict_time
from .answers import TEXT, record

_STATUS_OUT = {"status": Param("str", "success or failed")}
_ALARM_TIME = Param("str", f"When it rings. Format: {MOMENT}")
_ALARM = {"token": TOKEN, "time": _ALARM_TIME}
_REMINDER = {
    "token": TOKEN,
    "content": Param("str", "What the user is reminded of."),
    "time": Param("str", f"When the user is reminded. Format: {MOMENT}"),
}
_AGENDA = {
    "token": TOKEN,
    "content": Param("str", "What the user has to do."),
    "time": Param("str", f"When it is to be done. Format: {MOMENT}"),
    "location": Param("str", "Where it is to be done."),
}


@LEVEL_1.api("Set an alarm.", _ALARM, _STATUS_OUT, returns=SUCCESS)
def AddAlarm(desk: Desk, token: str, time: str) -> str:
    strict_time(time)
    # The number of rows is an id that may be taken after a deletion; upstream then overwrites.
    desk.change(
        "insert into alarms (id, username, time) values ((select count(*) + 1 from alarms), ?, ?)"
        " on conflict (id) do update set username = excluded.username, time = excluded.time",
        desk.user(token),
        time,
    )
    return "success"


@LEVEL_1.api("Remove the alarm at a time.", _ALARM, _STATUS_OUT, returns=SUCCESS)
def DeleteAlarm(desk: Desk, token: str, time: str) -> str:
    strict_time(time)
    position = _alarm(desk, token, time, "alarm clock")["position"]
    desk.change("delete from alarms where position = ?", position)
    return "success"


@LEVEL_1.api(
    "Move an alarm to another time.",
    {
        "token": TOKEN,
        "from_time": Param("str", f"When it rings now. Format: {MOMENT}"),
        "to_time": Param("str", f"When it shall ring. Format: {MOMENT}"),
    },
    _STATUS_OUT,
    returns=SUCCESS,
)
def ModifyAlarm(desk: Desk, token: str, from_time: str, to_time: str) -> str:
    strict_time(from_time)
    strict_time(to_time)
    position = _alarm(desk, token, from_time, "agenda")["position"]
    desk.change("update alarms set time = ? where position = ?", to_time, position)
    return "success"


@LEVEL_1.api(
    "Look up the alarm at a time.",
    _ALARM,
    {"info": Param("json", "The alarm: its time and its user.")},
    returns=record(time=TEXT, username=TEXT),
)
def QueryAlarm(desk: Desk, token: str, time: str) -> dict[str, Any]:
    strict_time(time)
    return _shown(_alarm(desk, token, time, "alarm clock"))


def _alarm(desk: Desk, token: str, time: str, kind: str) -> dict[str, Any]:
    """The first alarm at `time`; `kind` is what upstream says that there is none of."""
    found = desk.row(
        "select position, time, username from alarms where username = ? and time = ?"
        " order by position",
        desk.user(token),
        time,
    )
    if found is None:
        raise Refusal(f"You have no {kind} at time : {time}")
    return found


@LEVEL_1.api("Add a reminder.", _REMINDER, _STATUS_OUT, returns=SUCCESS)
def AddReminder(desk: Desk, token: str, content: str, time: str) -> str:
    user = _checked_reminder(desk, token, content, time)
    desk.change(
        "insert into reminders (id, content, time, username) values ((select"
        " cast(coalesce(max(cast(id as integer)) + 1, 0) as text) from reminders), ?, ?, ?)",
        content,
        time,
        user,
    )
    return "success"


@LEVEL_1.api(
    "Remove the reminder with this content or time.", _REMINDER, _STATUS_OUT, returns=SUCCESS
)
def DeleteReminder(desk: Desk, token: str, content: str, time: str) -> str:
    position = _reminder(desk, token, content, time)["position"]
    desk.change("delete from reminders where position = ?", position)
    return "success"


@LEVEL_1.api(
    "Give the reminder that has this content or this time both of them.",
    _REMINDER,
    _STATUS_OUT,
    returns=SUCCESS,
)
def ModifyReminder(desk: Desk, token: str, content: str, time: str) -> str:
    position = _reminder(desk, token, content, time)["position"]
    sql = "update reminders set content = ?, time = ? where position = ?"
    desk.change(sql, content, time, position)
    return "success"


@LEVEL_1.api(
    "Look up the reminder with this content or time.",
    _REMINDER,
    {"reminder_info": Param("json", "The reminder: its content, time and user.")},
    returns=record(content=TEXT, time=TEXT, username=TEXT),
)
def QueryReminder(desk: Desk, token: str, content: str, time: str) -> dict[str, Any]:
    return _shown(_reminder(desk, token, content, time))


def _checked_reminder(desk: Desk, token: str, content: str, time: str) -> str:
    """The user, once time, content and token have passed, in this order."""
    strict_time(time)
    if not content.strip():
        raise Refusal("Content should not be null")
    return desk.user(token)


def _reminder(desk: Desk, token: str, content: str, time: str) -> dict[str, Any]:
    found = desk.row(
        "select position, content, time, username from reminders"
        " where username = ? and (content = ? or time = ?) order by position",
        _checked_reminder(desk, token, content, time),
        content,
        time,
    )
    if found is None:
        raise Refusal(f"You have no reminder about {content} or at time : {time}")
    return found


@LEVEL_1.api("Put something to do on the agenda.", _AGENDA, _STATUS_OUT, returns=SUCCESS)
def AddAgenda(desk: Desk, token: str, content: str, time: str, location: str) -> str:
    desk.change(
        "insert into agenda (id, content, time, location, username)"
        " values ((select count(*) + 1 from agenda), ?, ?, ?, ?) on conflict (id) do update set"
        " content = excluded.content, time = excluded.time, location = excluded.location,"
        " username = excluded.username",
        content,
        time,
        location,
        _checked_reminder(desk, token, content, time),
    )
    return "success"


@LEVEL_1.api(
    "Remove the item with this content or time from the agenda.",
    _AGENDA,
    _STATUS_OUT,
    returns=SUCCESS,
)
def DeleteAgenda(desk: Desk, token: str, content: str, time: str, location: str) -> str:
    found = _agenda(desk, token, content, time)
    if found is not None:
        desk.change("delete from agenda where position = ?", found["position"])
    elif content or time:
        raise Refusal(_no_agenda("meeting", content, time))
    return "success"


@LEVEL_1.api(
    "Give the agenda's item that has this content or this time all that is said of it.",
    _AGENDA,
    _STATUS_OUT,
    returns=SUCCESS,
)
def ModifyAgenda(desk: Desk, token: str, content: str, time: str, location: str) -> str:
    found = _agenda(desk, token, content, time)
    if found is None:
        if desk.strict and not (content or time):
            # Upstream returns the exception that it meant to raise, which JSON cannot hold.
            return "<<Exception:Error>>"
        raise Refusal(_no_agenda("agenda", content, time))
    sql = "update agenda set content = ?, time = ?, location = ? where position = ?"
    desk.change(sql, content, time, location, found["position"])
    return "success"


@LEVEL_1.api(
    "Look up the agenda's item with this content or time.",
    _AGENDA,
    {"info": Param("json", "The item: its content, time, location and user.")},
    returns=record(content=TEXT, time=TEXT, location=TEXT, username=TEXT),
)
def QueryAgenda(desk: Desk, token: str, content: str, time: str, location: str) -> dict[str, Any]:
    found = _agenda(desk, token, content, time)
    if found is None:
        raise Refusal(_no_agenda("agenda", content, time))
    return _shown(found)


def _agenda(desk: Desk, token: str, content: str, time: str) -> dict[str, Any] | None:
    if time:
        strict_time(time)
    return desk.row(
        "select position, content, time, location, username from agenda"
        " where username = ? and (content = ? or time = ?) order by position",
        desk.user(token),
        content,
        time,
    )


def _no_agenda(kind: str, content: str, time: str) -> str:
    """Upstream's words for an item that is not there; `kind` is what it calls it."""
    if content:
        return f"You have no {kind} about {content}"
    return f"You have no {kind} at time : {time}" if time else "Error"


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row as its query answers it."""
    del row["position"]
    return row
