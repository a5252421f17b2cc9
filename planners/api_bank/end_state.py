"""What calls leave behind, as a scenario's expectations: new rows, and rows that are gone.

The calls are carried out in a fresh session. What chance decides (a new user's token, the id of an
appointment) is not expected, since every episode draws it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from ...environments.api_bank import CallRaised, Session
from ...scenarios.schema import Check

_POSITION = "position"
_DRAWN = {"accounts": "token", "appointments": "id"}
"""Columns that a tool fills by chance when it adds a row."""
_KEYS = {
    "accounts": ("username",),
    "agenda": ("id", "content", "time"),
    "alarms": ("id", "time"),
    "reminders": ("id", "content", "time"),
    "meetings": ("id", "meeting_topic", "start_time"),
    "appointments": ("id", "date", "doctor_name"),
    "scenes": ("name",),
    "timed_switches": ("device", "time"),
    "health_data": ("user_id", "time"),
    "hotel_bookings": ("id",),
    "bank_accounts": ("account",),
    "addresses": ("username",),
}
"""Tables that tell what was done, with the columns by which a row that is gone is looked for."""


@dataclass
class EndState:
    """What must hold after the calls."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    """Queries for rows that must not be there any more."""


class CallFails(ValueError):
    """A call that should work is refused; the message says which and why."""


def call(session: Session, name: str, arguments: Mapping[str, Any]) -> Any:
    """The output of a call. Raises `CallFails`."""
    try:
        envelope = session.call(name, arguments)
    except CallRaised as raised:
        raise CallFails(f"{name}({orjson.dumps(arguments).decode()}): {raised}") from None
    if envelope["exception"] is not None:
        raise CallFails(f"{name}({orjson.dumps(arguments).decode()}): {envelope['exception']}")
    return envelope["output"]


class Noticed:
    """Notices what happens in a session from now on."""

    def __init__(self, session: Session) -> None:
        self._session = session
        session.world.mark()
        found = session.world.query("select name from sqlite_schema where type = 'table'")
        self._before = {name: session.world.rows(name) for (name,) in found if name in _KEYS}

    def end_state(self) -> EndState:
        """What has changed so far; asked once."""
        found = self._session.world.diff()
        state = EndState()
        for table, rows in found.added.items():
            if table not in _KEYS:
                continue
            before = self._before[table]
            expected = [
                kept
                for kept in (_expected(table, row, found.removed.get(table, ())) for row in rows)
                # A row like one that was there anyway would prove nothing.
                if not any(kept.items() <= old.items() for old in before)
            ]
            if expected:
                state.rows[table] = expected
        for table, rows in found.removed.items():
            for row in rows:
                state.checks.extend(_gone(self._session, table, row))
        return state


def _expected(
    table: str, row: Mapping[str, Any], removed: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """A row without what chance has decided; a row that was changed keeps its id."""
    drawn = _DRAWN.get(table, "")
    if any(old.get(drawn) == row.get(drawn) for old in removed):
        drawn = ""
    return {name: value for name, value in row.items() if name not in (_POSITION, drawn)}


def _gone(session: Session, table: str, row: Mapping[str, Any]) -> Iterable[Check]:
    """A query that finds nothing, where what is left of the table can be told from the row."""
    if table not in _KEYS:
        return
    terms = " and ".join(f'"{name}" is {_literal(row[name])}' for name in _KEYS[table])
    sql = f'select count(*) from "{table}" where {terms}'  # noqa: S608 - names of our own
    if session.world.query(sql) == [[0]]:
        yield Check(query=sql, equals=[[0]])


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"
