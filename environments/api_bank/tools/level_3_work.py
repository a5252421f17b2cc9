"""Level 3 at work: accounts, meetings, colleagues, salaries and taxes.

These tools ask for no token and look things up in constant tables by the exact name. A name that
is not there gives the text of Python's own error for it, as upstream does.
"""

from __future__ import annotations

from typing import Any

import orjson

from ..declaration import LEVEL_3, SUCCESS, Param, Refusal
from ..desk import MOMENT, Desk, strict_time
from .answers import NUMBER, STATUS, TEXT, record, several
from .constants import copied, table

_STATUS_OUT = {"status": Param("str", "success or failed")}
_LOGIN = {
    "username": Param("str", "Name of the account."),
    "password": Param("str", "Its password."),
}
_MEETING = {
    "meeting_id": {"type": "integer"},
    "meeting_name": TEXT,
    "meeting_time": TEXT,
    "meeting_location": TEXT,
    "meeting_attendees": several(TEXT),
}


@LEVEL_3.api(
    "Look up what is known of an account's user.",
    _LOGIN,
    _STATUS_OUT | {"account_info": Param("dict", "Email address and telephone number.")},
    returns=record(email=TEXT, phone=TEXT),
)
def AccountInfo(desk: Desk, username: str, password: str) -> dict[str, Any]:
    return _account(desk, "AccountInfo", username, password)


@LEVEL_3.api(
    "Set the address of an account's user.",
    _LOGIN | {"address": Param("str", "The address from now on.")},
    _STATUS_OUT,
    returns=STATUS,
)
def PersonalInfoUpdate(desk: Desk, username: str, password: str, address: str) -> dict[str, Any]:
    _account(desk, "PersonalInfoUpdate", username, password)
    # AccountInfo has a table of its own upstream, so that it never shows the address.
    sql = "insert or replace into addresses values (?, ?, ?)"
    desk.change(sql, username, password, address)
    return {"status": "success"}


def _account(desk: Desk, tool: str, username: str, password: str) -> dict[str, Any]:
    for login, info in table(desk, tool):
        if login == [username, password]:
            return dict(info)
    raise Refusal("User not found.")


@LEVEL_3.api(
    "Reserve a meeting.",
    {
        "meeting_topic": Param("str", "What the meeting is about, in up to 50 characters."),
        "start_time": Param("str", f"When it starts. Format: {MOMENT}"),
        "end_time": Param("str", f"When it ends. Format: {MOMENT}"),
        "location": Param("str", "Where it is held, in up to 100 characters."),
        "attendees": Param("list(str)", "Who comes, each with name and, if wanted, position."),
    },
    _STATUS_OUT,
    returns=SUCCESS,
)
def AddMeeting(
    desk: Desk,
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
        "insert into meetings (meeting_topic, start_time, end_time, location, attendees)"
        " values (?, ?, ?, ?, ?)",
        meeting_topic,
        start_time,
        end_time,
        location,
        orjson.dumps(attendees).decode(),
    )
    return "success"


@LEVEL_3.api(
    "Look up somebody's meetings.",
    {"user_name": Param("str", "Whose meetings.")},
    {"meetings": Param("list", "The meetings.")},
    returns=record(meetings=several(record(**_MEETING))),
)
def QueryMeeting(desk: Desk, user_name: str) -> dict[str, Any]:
    return {"meetings": copied(table(desk, "QueryMeeting")[user_name])}


@LEVEL_3.api(
    "Send somebody an email that reminds of a meeting.",
    {
        "content": Param("str", "Text of the email."),
        "time": Param("str", f"When the meeting is. Format: {MOMENT}"),
        "location": Param("str", "Where the meeting is."),
        "recipient": Param("str", "Email address to send it to."),
    },
    _STATUS_OUT,
    returns=SUCCESS,
)
def EmailReminder(desk: Desk, content: str, time: str, location: str, recipient: str) -> str:
    strict_time(time)
    if not content.strip():
        raise Refusal("Content should not be empty")
    return "success"


@LEVEL_3.api(
    "List the members of an organization.",
    {"organization": Param("str", "Name of the organization.")},
    {"members": Param("list", "Names of its members.")},
    returns=record(members=several(TEXT)),
)
def OrganizationMembers(desk: Desk, organization: str) -> dict[str, Any]:
    return {"members": list(table(desk, "OrganizationMembers")[organization])}


@LEVEL_3.api(
    "Say whether a member of an organization is travelling, and where they work otherwise.",
    {"member_name": Param("str", "Name of the member.")},
    {"status": Param("str", "Where the member is at work.")},
    returns=TEXT,
)
def TravelStatus(desk: Desk, member_name: str) -> str:
    return str(table(desk, "TravelStatus")[member_name])


@LEVEL_3.api(
    "Look up what an occupation earns.",
    {"occupation": Param("str", "Name of the occupation.")},
    {"salary": Param("float", "The salary.")},
    returns=record(salary=NUMBER),
)
def GetOccupationSalary(desk: Desk, occupation: str) -> dict[str, Any]:
    salary = table(desk, "GetOccupationSalary", "salary_info").get(occupation)
    if salary is None:
        raise Refusal("The occupation is not in the database.")
    return {"salary": salary}


@LEVEL_3.api(
    "Compute what is left of a salary after taxes.",
    {"salary": Param("float", "The salary before taxes.")},
    {"salary_after_tax": Param("float", "The salary after taxes.")},
    returns=record(salary_after_tax=NUMBER),
)
def TaxCalculator(desk: Desk, salary: float) -> dict[str, Any]:
    reached = [
        (float(threshold), rate)
        for threshold, rate in table(desk, "TaxCalculator", "tax_rates").items()
        if salary >= float(threshold)
    ]
    if not reached:
        # Upstream's error for a negative salary has no text.
        raise Refusal("")
    # One rate for the whole salary, so that earning more can leave less.
    _, rate = max(reached)
    return {"salary_after_tax": salary * (1 - rate)}
