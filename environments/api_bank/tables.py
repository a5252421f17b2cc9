"""The tables that an API-Bank episode can change, and how `init_database` fills them.

Values keep the type that JSON gave them (columns have no affinity): upstream's ids are texts when
they come from a file and integers when a tool made them, and 11 is not "11". `position` is the
order of insertion, by which the first match wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..world import Row

LEVEL_1_SCHEMA = """
create table accounts (username primary key, password, token, email);
create index accounts_token on accounts (token);
create table agenda (position integer primary key, id unique, content, time, location, username);
create table alarms (position integer primary key, id unique, username, time);
create table reminders (position integer primary key, id unique, content, time, username);
create table meetings (position integer primary key, id unique, username, meeting_topic,
    start_time, end_time, location, attendees);
create table hotel_bookings (position integer primary key, id unique, hotel_name, check_in_time,
    check_out_time, room_count, adult_count, child_count);
create table appointments (id primary key, patient_name, date, doctor_name);
create table health_data (position integer primary key, user_id, time, record);
create table scenes (name primary key, devices);
create table timed_switches (position integer primary key, device, time, "on");
create table balances (username primary key, balance, age, city);
create table bank_accounts (account primary key, password, name);
create table password_resets (position integer primary key, username);
"""

LEVEL_3_SCHEMA = """
create table meetings (position integer primary key, meeting_topic, start_time, end_time,
    location, attendees);
create table addresses (username, password, address, primary key (username, password));
create table touched (tool, item, primary key (tool, item));
"""
"""`touched` holds what upstream spoils at its first use: flights and hotel stays, whose times it
turns into text in place."""

_BY_ID = {
    "agenda": "Agenda",
    "alarms": "Alarm",
    "reminders": "Reminder",
    "meetings": "Meeting",
    "hotel_bookings": "Hotel",
    "appointments": "Appointments",
}
"""Table to file, where the file maps ids to rows."""
FILES = (*_BY_ID.values(), "Account", "HealthData", "Scenes", "TimeSwitch", "Bank")
"""Files of `init_database` that end up in tables."""


def level_1_rows(files: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Rows by table from the parsed `files`. Raises `TypeError`, `AttributeError` or `KeyError`
    for a file of another shape."""
    rows: dict[str, list[Row]] = {
        table: [{"id": key, **row} for key, row in files[file].items()]
        for table, file in _BY_ID.items()
    }
    rows["accounts"] = [{"username": name, **row} for name, row in files["Account"].items()]
    rows["balances"] = [{"username": name, **row} for name, row in files["Bank"].items()]
    rows["health_data"] = [
        {"user_id": user, "time": record["time"], "record": record}
        for user, record in _each(files["HealthData"])
    ]
    rows["scenes"] = [{"name": name, "devices": list(d)} for name, d in files["Scenes"].items()]
    rows["timed_switches"] = [
        {"device": device, **switch} for device, switch in _each(files["TimeSwitch"])
    ]
    # Upstream's own first account, whatever the files say.
    rows["bank_accounts"] = [{"account": "test", "password": "test", "name": "test"}]
    return rows


def _each(file: Mapping[str, list[Any]]) -> Iterator[tuple[str, Any]]:
    return ((key, item) for key, items in file.items() for item in items)
