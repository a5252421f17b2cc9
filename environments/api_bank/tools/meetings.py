"""Meetings of the logged-in user (levels 1 and 2); level 3 has simpler ones of its own.

A meeting is found by its topic or its start. Lengths, overlaps and an end before its start are
not looked at, whatever the descriptions promise.
"""

from __future__ import annotations

from typing import Any

import orjson

from ..declaration import LEVEL_1, SUCCESS, TOKEN, Param, Refusal
from ..desk import MOMENT, Desk, parsed, strict_time
from .answers import TEXT, record, several

_STATUS_OUT = {"status": Param("str", "success or failed")}
_INPUTS = {
    "token": TOKEN,
    "meeting_topic": Param("str", "What the meeting is about, in up to 50 characters."),
    "start_time": Param("str", f"When it starts. Format: {MOMENT}"),
    "end_time": Param("str", f"When it ends. Format: {MOMENT}"),
    "location": Param("str", "Where it is held, in up to 100 characters."),
    "attendees": Param("list(str)", "Who comes, each with name and, if wanted, position."),
}


@LEVEL_1.api("Reserve a meeting.", _INPUTS, _STATUS_OUT, returns=SUCCESS)
def AddMeeting(
    desk: Desk,
    token: str,
    meeting_topic: str,
    start_time: str,
    end_time: str,
    location: str,
    attendees: list[str],
) -> str:
    strict_time(start_time)
    strict_time(end_time)
    if not meeting_topic.strip():
        raise Refusal("Meeting Topic should not be null")
    desk.change(
        "insert into meetings (id, username, meeting_topic, start_time, end_time, location,"
        " attendees) values ((select cast(coalesce(max(cast(id as integer)) + 1, 0) as text)"
        " from meetings), ?, ?, ?, ?, ?, ?)",
        desk.user(token),
        meeting_topic,
        start_time,
        end_time,
        location,
        # Text too is kept as JSON, so that it is never taken for the list that it may spell.
        orjson.dumps(attendees).decode(),
    )
    return "success"


@LEVEL_1.api("Cancel the meeting with this topic or start.", _INPUTS, _STATUS_OUT, returns=SUCCESS)
def DeleteMeeting(
    desk: Desk,
    token: str,
    meeting_topic: str,
    start_time: str,
    end_time: str,
    location: str,
    attendees: list[str],
) -> str:
    position = _meeting(desk, token, meeting_topic, start_time, end_time)["position"]
    desk.change("delete from meetings where position = ?", position)
    return "success"


@LEVEL_1.api(
    "Change topic and times of the meeting that has this topic or this start; its location and "
    "attendees stay.",
    _INPUTS,
    _STATUS_OUT,
    returns=SUCCESS,
)
def ModifyMeeting(
    desk: Desk,
    token: str,
    meeting_topic: str,
    start_time: str,
    end_time: str,
    location: str,
    attendees: list[str],
) -> str:
    found = _meeting(desk, token, meeting_topic, start_time, end_time)
    desk.change(
        "update meetings set meeting_topic = ?, start_time = ?, end_time = ? where position = ?",
        meeting_topic or found["meeting_topic"],
        start_time or found["start_time"],
        end_time if start_time else found["end_time"],
        found["position"],
    )
    return "success"


@LEVEL_1.api(
    "Look up the meeting with this topic or start.",
    _INPUTS,
    {"meeting_info": Param("json", "The meeting and its user.")},
    returns=record(
        meeting_topic=TEXT,
        start_time=TEXT,
        end_time=TEXT,
        location=TEXT,
        attendees=several(TEXT),
        username=TEXT,
    ),
)
def QueryMeeting(
    desk: Desk,
    token: str,
    meeting_topic: str,
    start_time: str,
    end_time: str,
    location: str,
    attendees: list[str],
) -> dict[str, Any]:
    found = _meeting(desk, token, meeting_topic, start_time, end_time)
    del found["position"]
    return found | {"attendees": parsed(found["attendees"] or "[]")}


def _meeting(
    desk: Desk, token: str, meeting_topic: str, start_time: str, end_time: str
) -> dict[str, Any]:
    """The user's first meeting with this topic or start. Raises `Refusal`."""
    if start_time:
        strict_time(start_time)
    if end_time:
        strict_time(end_time)
    if not meeting_topic.strip() and not start_time:
        raise Refusal("Meeting Topic and start_time should not be null both")
    found = desk.row(
        "select position, meeting_topic, start_time, end_time, location, attendees, username"
        " from meetings where username = ? and (meeting_topic = ? or start_time = ?)"
        " order by position",
        desk.user(token),
        meeting_topic,
        start_time,
    )
    if found is None and meeting_topic:
        raise Refusal(f"You have no meeting about {meeting_topic}")
    if found is None:
        raise Refusal(f"You have no meeting at time : {start_time}")
    return found
