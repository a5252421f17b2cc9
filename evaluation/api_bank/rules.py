"""The table behind the checkers: for each tool, which parts of two envelopes are compared and how.

`PUBLISHED_1` and `PUBLISHED_3` are upstream's checkers with their defects; the `CORRECTED_` tables
hold only what `checkers.py` lists as corrected. No verdict is made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .matching import (
    Envelope,
    Match,
    anniversary,
    anything,
    as_is,
    both,
    day,
    devices,
    fields,
    lower,
    moment,
    null_as_recorded,
    on_success,
    optional,
    same,
    small,
    spaceless,
    stripped,
    upper,
    without,
    words,
)

_SAME_INPUT, _SAME_OUTPUT, _SAME_EXCEPTION = map(same, ("input", "output", "exception"))


@dataclass(frozen=True, slots=True)
class Rule:
    """How the parts of two envelopes are compared; by default to the letter."""

    input: Match = _SAME_INPUT
    output: Match = _SAME_OUTPUT
    exception: Match = _SAME_EXCEPTION
    api_name: Match = anything


def _titles(envelope: Envelope) -> list[tuple[str, ...]]:
    """Search results in an order of their own, each once."""
    keys = {
        (page["title"], page["abstract"], repr(sorted(page.items()))) for page in envelope["output"]
    }
    return sorted(keys)


def _same_pages(predicted: Envelope, recorded: Envelope) -> bool:
    return _titles(predicted) == _titles(recorded)


def _of_output(name: str) -> Match:
    """One part of the output is equal."""
    return lambda predicted, recorded: bool(predicted["output"][name] == recorded["output"][name])


def _given(predicted: Envelope, recorded: Envelope) -> bool:
    return predicted["output"] is not None


def _nothing_taken(predicted: Envelope, recorded: Envelope) -> bool:
    return predicted["input"] is None


def _no_exception(predicted: Envelope, recorded: Envelope) -> bool:
    return predicted["exception"] is None


def found_tool(output: Any) -> Any:
    """The name of the tool that a search gave; a login in front of it does not count."""
    entry = output[-1] if isinstance(output, list) and output else output
    return entry.get("name") if isinstance(entry, Mapping) else None


def _same_tool(predicted: Envelope, recorded: Envelope) -> bool:
    ours, theirs = predicted["output"], recorded["output"]
    wanted = found_tool(theirs)
    return bool(ours == theirs if wanted is None else found_tool(ours) == wanted)


def _same_devices(predicted: Envelope, recorded: Envelope) -> bool:
    return devices(predicted["output"]) == devices(recorded["output"])


_EQUAL = Rule()
_NAMED = same("api_name")
_AGENDA = Rule(input=words("content", as_is, time=as_is, location=as_is))
_REMINDER = Rule(input=words("content", small, time=as_is))
_AT_TIME = Rule(input=on_success(fields(time=as_is)))
_MEETING = Rule(input=both(words("meeting_topic", as_is), without("meeting_topic")))
_SYMPTOM = Rule(input=fields(symptom=lower))
_SCENE = Rule(input=fields(name=lower))
_SWITCH = Rule(input=fields(name=lower, time=moment))
_CALCULATOR = Rule(input=fields(formula=spaceless))
_SEARCHER = Rule(input=anything)

PUBLISHED_1: dict[str, Rule] = {
    **dict.fromkeys(
        (
            "GetUserToken", "CheckToken", "DeleteAccount", "ModifyPassword", "ForgotPassword",
            "AddAlarm", "DeleteAlarm", "ModifyAlarm", "QueryAlarm", "BookHotel",
            "OpenBankAccount", "ImageCaption", "SpeechRecognition",
        ),
        _EQUAL,
    ),
    **dict.fromkeys(("AddAgenda", "ModifyAgenda", "QueryAgenda"), _AGENDA),
    **dict.fromkeys(("AddReminder", "ModifyReminder", "QueryReminder"), _REMINDER),
    **dict.fromkeys(("DeleteAgenda", "DeleteReminder", "DeleteMeeting"), _AT_TIME),
    **dict.fromkeys(("AddMeeting", "ModifyMeeting", "QueryMeeting"), _MEETING),
    **dict.fromkeys(("SymptomSearch", "EmergencyKnowledge"), _SYMPTOM),
    **dict.fromkeys(("DeleteScene", "QueryScene"), _SCENE),
    "RegisterUser": Rule(output=null_as_recorded),
    "CancelRegistration": Rule(input=fields(appointment_id=stripped)),
    "ModifyRegistration": Rule(
        input=fields(
            appointment_id=stripped,
            new_appointment_date=optional(day),
            new_appointment_doctor=optional(stripped),
        )
    ),
    "QueryRegistration": Rule(input=fields(patient_name=stripped, date=day)),
    "AppointmentRegistration": Rule(
        input=fields(patient_name=stripped, date=day, doctor_name=stripped),
        output=null_as_recorded,
    ),
    "RecordHealthData": Rule(input=fields(user_id=upper, time=moment)),
    "QueryHealthData": Rule(input=fields(user_id=upper, start_time=moment, end_time=moment)),
    "QueryStock": Rule(input=fields(stock_code=upper, date=day)),
    "QueryBalance": Rule(input=fields(token=as_is)),
    "QueryHistoryToday": Rule(input=fields(date=anniversary)),
    "AddScene": Rule(input=fields(name=lower, devices=devices), output=null_as_recorded),
    "ModifyScene": Rule(input=fields(name=lower, devices=devices)),
    "TimedSwitch": Rule(input=fields(name=lower, time=moment, on=as_is)),
    "CancelTimedSwitch": _SWITCH,
    "Calculator": _CALCULATOR,
    "SendEmail": Rule(input=fields(receiver=lower, subject=stripped, content=stripped)),
    "DocumentQA": Rule(input=fields(url=stripped, question=stripped)),
    "PlayMusic": Rule(input=anything, exception=anything),
    "GetToday": Rule(input=_nothing_taken, output=_given, exception=_no_exception),
    "ToolSearcher": _SEARCHER,
    "Wiki": Rule(input=anything, api_name=_NAMED),
    "Dictionary": Rule(input=anything, api_name=_NAMED),
    "Translate": Rule(input=fields(src=as_is), api_name=_NAMED),
    "SearchEngine": Rule(input=anything, output=_same_pages, api_name=_NAMED),
}  # fmt: skip

PUBLISHED_3: dict[str, Rule] = {
    **dict.fromkeys(
        (
            "AccountInfo", "ClothingRecommendation", "FlightSearch", "Geocoding",
            "GetOccupationSalary", "GetWeatherForCoordinates", "LikeCount",
            "MovieRecommendations", "OrganizationMembers", "QueryMeeting", "TravelStatus",
            "UserMoviePreferences", "UserPosts", "UserWatchedMovies",
        ),
        Rule(api_name=_NAMED),
    ),
    "AddMeeting": _MEETING,
    "Calculator": _CALCULATOR,
    "ToolSearcher": _SEARCHER,
    "NearbyRestaurants": Rule(output=anything, exception=anything),
    "PersonalInfoUpdate": Rule(exception=anything),
    "HotelAvailability": Rule(
        input=fields(destination=as_is, check_in_date=as_is, check_out_date=as_is),
        output=_of_output("hotels"),
        exception=anything,
    ),
    "TaxCalculator": Rule(input=fields(salary=as_is), output=_of_output("salary_after_tax")),
    "EmailReminder": Rule(input=without("content")),
}  # fmt: skip

CORRECTED_1: dict[str, Rule] = {
    "DeleteMeeting": Rule(input=on_success(fields(start_time=as_is))),
    "QueryScene": Rule(input=fields(name=lower), output=_same_devices),
    "ToolSearcher": Rule(input=anything, output=_same_tool),
}
CORRECTED_3: dict[str, Rule] = {"ToolSearcher": CORRECTED_1["ToolSearcher"]}
