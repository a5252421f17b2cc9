"""Meetings of the user: topic, start, end, place and who comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .draw import Draw
from .spoken import Said, said_place, say_time
from .task import Facts, task
from .vocabulary import TOPICS


def listed(names: list[str]) -> str:
    """ "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _times(draw: Draw) -> tuple[datetime, datetime]:
    start = draw.at(draw.near_day(), 8, 18)
    return start, start + timedelta(minutes=draw.pick((30, 45, 60, 60, 90, 120, 120, 180)))


def _new(draw: Draw) -> dict[str, Any]:
    start, end = _times(draw)
    people = [
        draw.first_name() if draw.likely(0.4) else draw.full_name()
        for _ in range(draw.chance.randint(1, 4))
    ]
    return {
        "meeting_topic": draw.pick(TOPICS),
        "start_time": start,
        "end_time": end,
        "location": draw.place(),
        "attendees": list(dict.fromkeys(people)),
    }


def _known(draw: Draw) -> dict[str, Any]:
    """A meeting that the user has: one of the database's, or a new row."""
    owned = [row for row in draw.owned("Meeting") if _readable(row["start_time"])]
    if owned and draw.likely(0.5):
        row = dict(draw.pick(owned))
        del row["username"]
        for name in ("start_time", "end_time"):
            row[name] = datetime.fromisoformat(row[name])
        return row
    meeting = _new(draw)
    draw.row(
        "meetings",
        id=draw.fresh_id("meetings"),
        username=draw.account.username,
        **{k: str(v) if isinstance(v, datetime) else v for k, v in meeting.items()},
    )
    return meeting


def _readable(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def end_of(draw: Draw, start: datetime, end: datetime) -> Said:
    """When something ends; most people do not say the day again."""
    if start.date() == end.date() and draw.likely(0.7):
        time = say_time(end, draw.chance)
        return Said(str(end), time, f"at {time}")
    return draw.say(end)


def facts_of(draw: Draw, meeting: dict[str, Any]) -> Facts:
    """Its slots; the end is said as a time of day where it is on the same day."""
    start, end = (
        draw.say(meeting["start_time"]),
        end_of(draw, meeting["start_time"], meeting["end_time"]),
    )
    said = {
        "meeting_topic": meeting["meeting_topic"],
        "start_time": start,
        "end_time": end,
        "location": said_place(meeting["location"]),
        "attendees": listed(meeting["attendees"]),
    }
    return Facts(
        said,
        meeting_topic=meeting["meeting_topic"],
        start_time=start.exact,
        end_time=end.exact,
        location=meeting["location"],
        attendees=meeting["attendees"],
    )


@task(
    "add-meeting", "schedule", "AddMeeting",
    does=(
        'book a meeting "{meeting_topic}" from {start_time} to {end_time} at {location} with '
        "{attendees}",
        'reserve a meeting about "{meeting_topic}", start {start_time}, end {end_time}, place '
        "{location}, attendees {attendees}",
        'arrange the meeting "{meeting_topic}" at {location} from {start_time} until {end_time}',
        'schedule a meeting with {attendees} on "{meeting_topic}"', "book a meeting",
        'set up "{meeting_topic}" with {attendees} in {location}',
        'plan the meeting "{meeting_topic}" for {start_time} to {end_time}',
    ),
    says=(
        '{attendees} and I want to discuss "{meeting_topic}" from {start_time} to {end_time} at '
        "{location}. Please book it.",
        'New meeting: "{meeting_topic}". Start: {start_time}. End: {end_time}. Location: '
        "{location}. Attendees: {attendees}.",
        'We need a meeting about "{meeting_topic}". It should start {on:start_time}.',
        "I have to get {attendees} together in a meeting.",
        'Please reserve {location} for "{meeting_topic}"; we start {on:start_time} and end '
        "{on:end_time}, and {attendees} will come.",
    ),
)  # fmt: skip
def add_meeting(draw: Draw) -> Facts:
    return facts_of(draw, _new(draw))


@task(
    "delete-meeting", "schedule", "DeleteMeeting",
    does=(
        'cancel the meeting "{meeting_topic}" from {start_time} to {end_time} at {location} '
        "with {attendees}",
        'delete my meeting "{meeting_topic}" ({start_time} until {end_time}, {location}, '
        "{attendees})",
        'call off the meeting "{meeting_topic}" at {location}', "cancel a meeting of mine",
        'remove the reservation for "{meeting_topic}" {on:start_time}',
        'cancel "{meeting_topic}" with {attendees}',
    ),
    says=(
        'The meeting "{meeting_topic}" at {location} is off. It was from {start_time} to '
        "{end_time} with {attendees}.",
        'We will not meet about "{meeting_topic}". Delete it, please.',
        "{attendees} can't make it to \"{meeting_topic}\" {on:start_time}, so cancel it.",
        'Drop "{meeting_topic}": start {start_time}, end {end_time}, location {location}, '
        "attendees {attendees}.",
        "One of my meetings has to be cancelled.",
    ),
)  # fmt: skip
def delete_meeting(draw: Draw) -> Facts:
    return facts_of(draw, _known(draw))


@task(
    "query-meeting", "schedule", "QueryMeeting",
    does=(
        'look up the meeting "{meeting_topic}" from {start_time} to {end_time} at {location} '
        "with {attendees}",
        'find my meeting "{meeting_topic}" ({start_time} until {end_time}, {location}, '
        "{attendees})",
        'check the reservation for "{meeting_topic}" {on:start_time}',
        "look up one of my meetings",
        'show me the details of "{meeting_topic}" with {attendees} at {location}',
        'check my meeting about "{meeting_topic}"',
    ),
    says=(
        'Is "{meeting_topic}" booked from {start_time} to {end_time} at {location} with '
        "{attendees}?",
        'What do you have on the meeting "{meeting_topic}"?',
        'I am supposed to meet {attendees} about "{meeting_topic}" {on:start_time}. Is that so?',
        'When {attendees} and I meet at {location}, it is about "{meeting_topic}". Can you look '
        "it up? It starts {on:start_time} and ends {on:end_time}.",
        "I'd like to see what is reserved for one of my meetings.",
    ),
)  # fmt: skip
def query_meeting(draw: Draw) -> Facts:
    return facts_of(draw, _known(draw))


@task(
    "modify-meeting", "schedule", "ModifyMeeting",
    does=(
        'move the meeting "{meeting_topic}" with {attendees} at {location} to {start_time} '
        "until {end_time}",
        'change "{meeting_topic}" so that it runs from {start_time} to {end_time}; place '
        "{location}, attendees {attendees}",
        'reschedule my meeting "{meeting_topic}" to {start_time}', "change a meeting of mine",
        'shift "{meeting_topic}" at {location} to {start_time} - {end_time}',
        'postpone the meeting "{meeting_topic}" with {attendees}',
    ),
    says=(
        '"{meeting_topic}" has new times: {start_time} to {end_time}. Still {location}, still '
        "{attendees}.",
        'Our meeting "{meeting_topic}" should start {on:start_time} and end {on:end_time} '
        "instead. We are at {location} with {attendees}.",
        '{attendees} asked me to move "{meeting_topic}" to another time.',
        "I can't make the old time of \"{meeting_topic}\". From {start_time} to {end_time} "
        "would work.",
        "I have to change the time of a meeting.",
    ),
)  # fmt: skip
def modify_meeting(draw: Draw) -> Facts:
    meeting = _known(draw)
    start, end = _times(draw)
    return facts_of(draw, {**meeting, "start_time": start, "end_time": end})
