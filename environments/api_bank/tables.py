"""The tables that an API-Bank episode can change, and how `init_database` fills them.

Values keep the type that JSON gave them (columns have no affinity): upstream's ids are texts when
they come from a file and integers when a tool made them, and 11 is not "11". `position` is the
order of insertion, by which the first match wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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

LEVEL_3_PARTS: Mapping[tuple[str, str], type] = {
    ("AccountInfo", "database"): list,
    ("FlightSearch", "flight_data"): list,
    ("Geocoding", "address_to_coordinates"): dict,
    ("GetOccupationSalary", "salary_info"): dict,
    ("GetWeatherForCoordinates", "coordinates_to_weather"): list,
    ("HotelAvailability", "hotel_database"): dict,
    ("LikeCount", "database"): dict,
    ("MovieRecommendations", "database"): dict,
    ("NearbyRestaurants", "restaurants"): list,
    ("OrganizationMembers", "database"): dict,
    ("PersonalInfoUpdate", "database"): list,
    ("QueryMeeting", "database"): dict,
    ("TaxCalculator", "tax_rates"): dict,
    ("TravelStatus", "database"): dict,
    ("UserMoviePreferences", "database"): dict,
    ("UserPosts", "database"): dict,
    ("UserWatchedMovies", "database"): dict,
}
"""The constant tables of level 3 that its tools read, by tool and part, and what each is."""


def _by_id(file: Mapping[str, Any]) -> Iterator[Row]:
    return ({"id": key, **row} for key, row in file.items())


def _by_user(file: Mapping[str, Any]) -> Iterator[Row]:
    return ({"username": name, **row} for name, row in file.items())


def _health(file: Mapping[str, Any]) -> Iterator[Row]:
    return (
        {"user_id": user, "time": record["time"], "record": record} for user, record in _each(file)
    )


def _scenes(file: Mapping[str, Any]) -> Iterator[Row]:
    return ({"name": name, "devices": list(devices)} for name, devices in file.items())


def _switches(file: Mapping[str, Any]) -> Iterator[Row]:
    return ({"device": device, **switch} for device, switch in _each(file))


def _each(file: Mapping[str, list[Any]]) -> Iterator[tuple[str, Any]]:
    """Items by key. A key without any has one without a time, since it is known all the same."""
    nothing = [{"time": None}]
    return (
        (key, item) for key, items in file.items() for item in (nothing if items == [] else items)
    )


_TABLES: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], Iterable[Row]]]] = {
    "Agenda": ("agenda", _by_id),
    "Alarm": ("alarms", _by_id),
    "Reminder": ("reminders", _by_id),
    "Meeting": ("meetings", _by_id),
    "Hotel": ("hotel_bookings", _by_id),
    "Appointments": ("appointments", _by_id),
    "Account": ("accounts", _by_user),
    "Bank": ("balances", _by_user),
    "HealthData": ("health_data", _health),
    "Scenes": ("scenes", _scenes),
    "TimeSwitch": ("timed_switches", _switches),
}
"""By file, its table and how its rows are made."""
FILES = tuple(_TABLES)
"""Files of `init_database` that end up in tables."""


def level_1_rows(files: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Rows by table from the parsed `files`. Raises `ValueError`, with the file's name, for one of
    another shape."""
    rows: dict[str, list[Row]] = {}
    for file, (table, made) in _TABLES.items():
        try:
            rows[table] = list(made(files[file]))
        except (TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"{file}.json: {error}") from None
    # Upstream's own first account, whatever the files say.
    rows["bank_accounts"] = [{"account": "test", "password": "test", "name": "test"}]
    return rows
