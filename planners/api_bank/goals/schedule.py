"""Alarms, reminders and agenda items of the user."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .draw import Draw
from .spoken import Said, said_place
from .task import Facts, task
from .vocabulary import AGENDA, REMINDERS


def _alarm(draw: Draw) -> datetime:
    """A time at which the user has an alarm: one of the database's or a new one."""
    owned = draw.owned("Alarm")
    if owned and draw.likely(0.5):
        return datetime.fromisoformat(draw.pick(owned)["time"])
    at = draw.at(draw.near_day())
    draw.row("alarms", id=draw.fresh_id("alarms"), username=draw.account.username, time=str(at))
    return at


@task(
    "add-alarm", "schedule", "AddAlarm",
    does=("set an alarm for {time}", "set an alarm", "add an alarm for {time}",
          "create an alarm {on:time}", "wake me {on:time}", "put in an alarm for {time}",
          "make the alarm clock ring {on:time}", "schedule an alarm for {time}"),
    says=("I have to get up {on:time}. An alarm would help.", "Alarm for {time}, please.",
          "I need an alarm.", "Make sure that I hear an alarm {on:time}.",
          "Don't let me oversleep: alarm {on:time}!", "I want my alarm to go off {on:time}."),
)  # fmt: skip
def add_alarm(draw: Draw) -> Facts:
    time = draw.moment()
    return Facts({"time": time}, time=time.exact)


@task(
    "delete-alarm", "schedule", "DeleteAlarm",
    does=(
        "delete the alarm for {time}", "remove my alarm {on:time}",
        "turn off the alarm for {time}", "cancel my {time} alarm", "delete one of my alarms",
        "take out the alarm set for {time}", "get rid of the alarm {on:time}",
    ),
    says=("I don't need the alarm {on:time} any more.", "The alarm for {time} can go.",
          "I can sleep in, so drop the alarm {on:time}.", "There is an alarm that I want gone.",
          "Please make sure no alarm rings {on:time}.", "No alarm {on:time} after all, please."),
)  # fmt: skip
def delete_alarm(draw: Draw) -> Facts:
    time = draw.say(_alarm(draw))
    return Facts({"time": time}, time=time.exact)


@task(
    "query-alarm", "schedule", "QueryAlarm",
    does=("check whether I have an alarm {on:time}", "look up my alarm for {time}",
          "see if an alarm is set for {time}", "find my alarm for {time}", "check one of my alarms",
          "confirm that my alarm for {time} is there"),
    says=("Do I have an alarm {on:time}?", "Is there an alarm set for {time}?",
          "Did I set an alarm for {time}?", "Will my alarm ring {on:time}?",
          "I'm not sure whether I set an alarm {on:time}.", "Is my alarm for {time} still there?"),
)  # fmt: skip
def query_alarm(draw: Draw) -> Facts:
    time = draw.say(_alarm(draw))
    return Facts({"time": time}, time=time.exact)


@task(
    "modify-alarm", "schedule", "ModifyAlarm",
    does=(
        "move my alarm from {from_time} to {to_time}",
        "change the alarm for {from_time} to {to_time}",
        "shift the {from_time} alarm to {to_time}", "change one of my alarms",
        "reset my alarm {on:from_time} so that it rings {on:to_time}",
        "move the alarm that is set for {from_time}",
        "reschedule the alarm from {from_time} to {to_time}",
    ),
    says=("My alarm {on:from_time} should ring {on:to_time} instead.",
          "The alarm for {from_time} is wrong. I need it {on:to_time}.",
          "Instead of {from_time}, let the alarm go off {on:to_time}.",
          "I want to get up at another time than my alarm {on:from_time} says.",
          "Plans changed: alarm not {on:from_time} but {on:to_time}."),
)  # fmt: skip
def modify_alarm(draw: Draw) -> Facts:
    before = _alarm(draw)
    minutes = draw.pick((-90, -60, -45, -30, -15, 15, 30, 45, 60, 90, 120))
    old, new = draw.say(before), draw.say(before + timedelta(minutes=minutes))
    return Facts({"from_time": old, "to_time": new}, from_time=old.exact, to_time=new.exact)


def _reminder(draw: Draw) -> tuple[str, Said]:
    owned = draw.owned("Reminder")
    if owned and draw.likely(0.5):
        row = draw.pick(owned)
        return row["content"], draw.say(row["time"])
    content, at = draw.pick(REMINDERS), draw.at(draw.near_day())
    draw.row(
        "reminders",
        id=draw.fresh_id("reminders"),
        content=content,
        time=str(at),
        username=draw.account.username,
    )
    return content, draw.say(at)


@task(
    "add-reminder", "schedule", "AddReminder",
    does=(
        'add the reminder "{content}" for {time}',
        'set a reminder for {time} that says "{content}"',
        'create a reminder with the content "{content}" {on:time}', "add a reminder for {time}",
        'note "{content}" as a reminder', "set a reminder",
        'put "{content}" into my reminders for {time}',
    ),
    says=('Remind me {on:time}: "{content}".', 'I must not forget "{content}" {on:time}.',
          'New reminder: "{content}", {time}.', 'Give me a nudge {on:time}. The text: "{content}".',
          "I keep forgetting things. A reminder would be good.",
          'I need a reminder "{content}" and it is due {on:time}.'),
)  # fmt: skip
def add_reminder(draw: Draw) -> Facts:
    content, time = draw.pick(REMINDERS), draw.moment()
    return Facts({"content": content, "time": time}, content=content, time=time.exact)


@task(
    "delete-reminder", "schedule", "DeleteReminder",
    does=('delete the reminder "{content}" for {time}', 'remove my reminder "{content}" {on:time}',
          'cancel the reminder "{content}" that is set for {time}', 'drop the reminder "{content}"',
          "delete a reminder", 'clear the reminder {on:time} about "{content}"'),
    says=('"{content}" is done, so the reminder for {time} can go.',
          'I no longer need the reminder "{content}" {on:time}.',
          'The reminder "{content}" ({time}) is obsolete. Remove it.',
          'That is settled already: "{content}". No reminder {on:time}, please.',
          "One of my reminders is outdated and should be deleted."),
)  # fmt: skip
def delete_reminder(draw: Draw) -> Facts:
    content, time = _reminder(draw)
    return Facts({"content": content, "time": time}, content=content, time=time.exact)


@task(
    "query-reminder", "schedule", "QueryReminder",
    does=(
        'look up my reminder "{content}" for {time}', 'check the reminder "{content}" {on:time}',
        'see whether the reminder "{content}" is set for {time}', 'find the reminder "{content}"',
        "check one of my reminders",
        'show me the reminder {on:time} with the content "{content}"',
    ),
    says=(
        'Is there a reminder "{content}" {on:time}?',
        'Did I set a reminder "{content}" for {time}?',
        'Will I be reminded of "{content}" {on:time}?', "Do I have a reminder {on:time}?",
        'I hope the reminder "{content}" for {time} is in place. Is it?',
        'What about my reminder "{content}"?',
    ),
)  # fmt: skip
def query_reminder(draw: Draw) -> Facts:
    content, time = _reminder(draw)
    return Facts({"content": content, "time": time}, content=content, time=time.exact)


@task(
    "modify-reminder", "schedule", "ModifyReminder",
    does=(
        'move my reminder "{content}" to {time}', 'change the reminder "{content}" to {time}',
        'reschedule the reminder "{content}" for {time}',
        'change the time of the reminder "{content}"', "modify a reminder",
        'let the reminder "{content}" come {on:time}',
        'update the reminder "{content}" so that it is due {on:time}',
    ),
    says=('The reminder "{content}" should rather come {on:time}.',
          'I\'d like to be reminded of "{content}" {on:time} instead.',
          'My reminder "{content}" is at the wrong time; {time} is right.',
          '"{content}" has to wait. Move that reminder to {time}.',
          "I need to change when one of my reminders comes."),
)  # fmt: skip
def modify_reminder(draw: Draw) -> Facts:
    content, _ = _reminder(draw)
    time = draw.moment()
    return Facts({"content": content, "time": time}, content=content, time=time.exact)


def _item(draw: Draw) -> dict[str, Any]:
    """An item of the user's agenda; those of the database have a day and no time of day."""
    owned = draw.owned("Agenda")
    if owned and draw.likely(0.5):
        row = draw.pick(owned)
        at = draw.at(datetime.fromisoformat(row["time"]).date(), 8, 20)
        return {"content": row["content"], "time": draw.say(at), "location": row["location"]}
    content, place, at = draw.pick(AGENDA), draw.place(), draw.at(draw.near_day(), 8, 20)
    draw.row(
        "agenda",
        id=draw.fresh_id("agenda"),
        content=content,
        time=str(at),
        location=place,
        username=draw.account.username,
    )
    return {"content": content, "time": draw.say(at), "location": place}


def _facts(item: dict[str, Any]) -> Facts:
    location = item["location"]
    said = item | {"location": said_place(location)}
    return Facts(said, content=item["content"], time=item["time"].exact, location=location)


@task(
    "add-agenda", "schedule", "AddAgenda",
    does=(
        'add "{content}" to my agenda {on:time} at {location}',
        'put "{content}" into my schedule for {time}, location {location}',
        'enter "{content}" in my calendar {on:time}; it takes place at {location}',
        'schedule "{content}" for {time} at {location}', 'add "{content}" to my agenda',
        "add something to my agenda for {time}",
        'create the agenda item "{content}" at {location}',
        'note "{content}" in my agenda, {time}, {location}',
    ),
    says=(
        'I have "{content}" {on:time} at {location}. Put it in my agenda.',
        'My calendar lacks "{content}" {on:time}. The place is {location}.',
        'Agenda entry: "{content}", {time}, {location}.',
        "There is a new appointment for my agenda.",
        'Block {time} for "{content}" at {location}, will you?',
    ),
)  # fmt: skip
def add_agenda(draw: Draw) -> Facts:
    at = draw.at(draw.near_day(), 8, 20)
    return _facts({"content": draw.pick(AGENDA), "time": draw.say(at), "location": draw.place()})


@task(
    "delete-agenda", "schedule", "DeleteAgenda",
    does=('delete "{content}" {on:time} at {location} from my agenda',
          'remove the agenda item "{content}" for {time} at {location}',
          'take "{content}" off my schedule; it was {on:time} at {location}',
          'strike "{content}" from my agenda', "delete an item of my agenda {on:time}",
          'cancel the entry "{content}" at {location} in my calendar'),
    says=('"{content}" {on:time} at {location} is not happening. Please delete it from my agenda.',
          'I am not going to "{content}" {on:time} ({location}). Clear it from my schedule.',
          'My agenda still shows "{content}" at {location} {on:time}; remove it.',
          "Something in my agenda was called off.",
          'They cancelled "{content}" at {location}, so it can leave my agenda.'),
)  # fmt: skip
def delete_agenda(draw: Draw) -> Facts:
    return _facts(_item(draw))


@task(
    "query-agenda", "schedule", "QueryAgenda",
    does=(
        'check "{content}" {on:time} at {location} in my agenda',
        'look up the agenda item "{content}" for {time} at {location}',
        'find "{content}" in my schedule, {time}, {location}',
        'look for "{content}" in my agenda', "check my agenda {on:time}",
        'see whether my calendar has "{content}" at {location} {on:time}',
    ),
    says=('Is "{content}" {on:time} at {location} in my agenda?',
          'Did I write down "{content}" for {time} at {location}?',
          'What does my agenda say about "{content}"? It should be {on:time} at {location}.',
          'I think "{content}" is {on:time} at {location}. Can you check my agenda?',
          "I want to know about an entry in my agenda."),
)  # fmt: skip
def query_agenda(draw: Draw) -> Facts:
    return _facts(_item(draw))


@task(
    "modify-agenda", "schedule", "ModifyAgenda",
    does=(
        'change "{content}" in my agenda to {time} at {location}',
        'move the agenda item "{content}" to {time}, location {location}',
        'reschedule "{content}" for {time} at {location}',
        'move "{content}" in my agenda to {time}', 'update the entry "{content}" in my schedule',
        "change an item of my agenda",
        'correct "{content}" in my calendar: it is {on:time} at {location}',
    ),
    says=('"{content}" was moved to {time} at {location}. Update my agenda.',
          'The new date of "{content}" is {time}, and the place is {location} now.',
          'Please note in my agenda that "{content}" takes place {on:time} at {location}.',
          'There is a change to "{content}" in my agenda: {location} instead.',
          "I have to adjust my agenda a bit."),
)  # fmt: skip
def modify_agenda(draw: Draw) -> Facts:
    item = _item(draw)
    at = draw.at(draw.near_day(), 8, 20)
    place = draw.place() if draw.likely(0.6) else item["location"]
    return _facts({"content": item["content"], "time": draw.say(at), "location": place})
