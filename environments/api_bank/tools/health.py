"""A user's measurements over time, and what is known about symptoms.

Knowledge is a constant table of eight or so symptoms; measurements are kept by user and time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from ..data import ApiBankData
from ..declaration import LEVEL_1, SUCCESS, Param, Refusal
from ..desk import MOMENT, Desk, loose_time, parsed
from .answers import TEXT, record, several

_USER = Param("str", "ID of the user, in capitals or not.")
_SYMPTOM = Param("str", "The symptom.")
_RECORD = {"type": "object", "properties": {"time": TEXT}, "required": ["time"]}
_ITEM = {"type": "object", "properties": {"name": TEXT}, "required": ["name", "value"]}


@LEVEL_1.api(
    "Record measurements of a user's health at a time.",
    {
        "user_id": _USER,
        "time": Param("str", f"When it was measured. Format: {MOMENT}"),
        "health_data": Param(
            "list",
            "The measurements, such as [{'name': 'pulse', 'value': '64'}]",
            optional=True,
            items=_ITEM,
        ),
    },
    {"status": Param("str", "success or failed")},
    returns=SUCCESS,
)
def RecordHealthData(
    desk: Desk, user_id: str, time: str, health_data: list[dict[str, Any]] | None = None
) -> str:
    user = _user(user_id)
    moment = loose_time(time, MOMENT)
    if not health_data:
        raise Refusal("The health data cannot be empty.")
    _check_names(health_data)
    # A name that is a number, which upstream keeps, becomes the text that it is in JSON.
    measured = parsed(
        orjson.dumps(
            {item["name"]: item["value"] for item in health_data}, option=orjson.OPT_NON_STR_KEYS
        )
    )
    sql = "select position, record from health_data where user_id = ? and time = ? order by rowid"
    found = desk.row(sql, user, moment)
    if found is None:
        kept = {"time": moment, **measured}
        sql = "insert into health_data (user_id, time, record) values (?, ?, ?)"
        desk.change(sql, user, kept["time"], kept)
    else:
        kept = {**parsed(found["record"]), **measured}
        sql = "update health_data set time = ?, record = ? where position = ?"
        desk.change(sql, kept["time"], kept, found["position"])
    return "success"


def _user(user_id: str) -> str:
    user = user_id.upper().strip()
    if not user:
        raise Refusal("The user id cannot be empty.")
    return user


def _check_names(items: list[dict[str, Any]]) -> None:
    seen = set()
    for item in items:
        # Text in place of a list comes here too, letter by letter, as upstream has it.
        if "name" not in item:
            raise Refusal("The health data has invalid format.")
        if item["name"] in seen:
            raise Refusal("The health data cannot contain duplicate items.")
        seen.add(item["name"])


@LEVEL_1.api(
    "List a user's measurements in a span of time.",
    {
        "user_id": _USER,
        "start_time": Param("str", f"Begin of the span. Format: {MOMENT}"),
        "end_time": Param("str", f"End of the span, included. Format: {MOMENT}"),
    },
    {"health_data": Param("list", "What was measured at each time.")},
    returns=several(_RECORD) | {"minItems": 1},
)
def QueryHealthData(desk: Desk, user_id: str, start_time: str, end_time: str) -> list[Any]:
    user = _user(user_id)
    start, end = _span(start_time, end_time)
    if desk.row("select 1 from health_data where user_id = ?", user) is None:
        raise Refusal("The user id does not exist.")
    sql = "select record from health_data where user_id = ? and time between ? and ? order by rowid"
    found = [parsed(row["record"]) for row in desk.rows(sql, user, start, end)]
    if not found:
        raise Refusal("There is no health data in the given time span.")
    return found


def _span(start: str, end: str) -> tuple[str, str]:
    times, errors = [], []
    for text in (start, end):
        try:
            times.append(loose_time(text, MOMENT))
        except ValueError as error:
            errors.append(str(error))
    if errors:
        raise Refusal("; ".join(errors))
    # Both are padded, so that their order as texts is their order in time.
    if times[0] > times[1]:
        raise Refusal("The start time cannot be later than the end time.")
    return times[0], times[1]


@LEVEL_1.api(
    "Find illnesses that may be behind a symptom.",
    {"symptom": _SYMPTOM},
    {"results": Param("list", "Names of illnesses with descriptions.")},
    returns=several(record(name=TEXT, description=TEXT)),
)
def SymptomSearch(desk: Desk, symptom: str) -> list[dict[str, str]]:
    key = symptom.lower().strip()
    if not key:
        raise Refusal("The symptom cannot be empty.")
    return _known(desk, "description", key)


@LEVEL_1.api(
    "Find first aid for the illnesses that may be behind a symptom.",
    {"symptom": _SYMPTOM},
    {"results": Param("list", "Names of illnesses with what helps.")},
    returns=several(record(name=TEXT, aid=TEXT)),
)
def EmergencyKnowledge(desk: Desk, symptom: str) -> list[dict[str, str]]:
    key = symptom.lower().strip()
    if not key:
        # Upstream makes its refusal and forgets to raise it.
        upstream = "'Exception' object has no attribute 'lower'"
        raise Refusal(upstream if desk.strict else "The symptom cannot be empty.")
    return _known(desk, "aid", key)


def _known(desk: Desk, part: str, symptom: str) -> list[dict[str, str]]:
    found = _illnesses(desk.data, part).get(symptom)
    if found is None:
        raise Refusal("The symptom does not exist.")
    return [dict(illness) for illness in found]


@lru_cache(maxsize=16)
def _illnesses(data: ApiBankData, part: str) -> dict[str, list[dict[str, str]]]:
    """By symptom, the illnesses with only their name and `part`."""
    return {
        symptom: [{"name": illness["name"], part: illness[part]} for illness in illnesses]
        for symptom, illnesses in data.file("Symptom").items()
    }
