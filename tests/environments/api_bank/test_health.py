"""Hospital appointments, measurements and symptoms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_bank_data import seed_with
from hypothesis import given
from hypothesis import strategies as st

from callsheet.environments.api_bank import Behaviour, Session, api_bank_data, level_1
from callsheet.environments.api_bank.data import SEED

AMARA = {"patient_name": "Amara Obi", "date": "2023-04-11", "doctor_name": "Dr. Fenwick"}
NUMBER = "20417733"
NO_DATE = "time data '{}' does not match format '%Y-%m-%d'"
NO_MOMENT = "time data '{}' does not match format '%Y-%m-%d %H:%M:%S'"


def opened(behaviour: Behaviour = "reference", seed: int = 0) -> Session:
    return Session(level_1(), data=api_bank_data(SEED), behaviour=behaviour, seed=seed)


@pytest.fixture(params=["reference", "strict-upstream"])
def session(request: pytest.FixtureRequest) -> Session:
    return opened(request.param)


def refusal(session: Session, name: str, **arguments: Any) -> str:
    """The text with which the tool refuses, having changed nothing."""
    before = session.world.digest()
    envelope = session.call(name, arguments)
    assert envelope["output"] is None
    assert session.world.digest() == before
    return str(envelope["exception"])


def output(session: Session, name: str, **arguments: Any) -> Any:
    envelope = session.call(name, arguments)
    assert envelope["exception"] is None
    return envelope["output"]


def test_registration_is_checked_in_order(session: Session) -> None:
    blank = "Patient name or doctor name cannot be empty."
    name = "AppointmentRegistration"
    assert refusal(session, name, **AMARA | {"patient_name": " ", "date": "x"}) == blank
    assert refusal(session, name, **AMARA | {"doctor_name": "", "date": "x"}) == blank
    assert refusal(session, name, **AMARA | {"date": "11 April"}) == NO_DATE.format("11 April")
    assert refusal(
        session, name, **AMARA | {"patient_name": " Amara Obi ", "date": "2023-4-11"}
    ) == ("This appointment has already been registered.")
    assert refusal(session, name, **AMARA | {"doctor_name": "Dr. Osei"}) == (
        "This patient has already been registered in this day."
    )


def test_a_registration_is_stored_trimmed_under_a_new_number(session: Session) -> None:
    given = {"patient_name": " Joss Whitlock", "date": " 23-5-1", "doctor_name": "Dr. Osei "}
    envelope = session.call("AppointmentRegistration", given)
    number = envelope["output"]
    assert envelope["input"] == given
    assert len(number) == 8 and number.isdecimal() and number != NUMBER
    found = output(session, "QueryRegistration", patient_name="Joss Whitlock", date="0023-05-01")
    assert found == {
        number: {"patient_name": "Joss Whitlock", "date": "0023-05-01", "doctor_name": "Dr. Osei"}
    }


def test_numbers_come_from_the_seed() -> None:
    days = [f"2023-06-{day:02}" for day in range(1, 21)]
    made = [
        [output(s, "AppointmentRegistration", **AMARA | {"date": day}) for day in days]
        for s in (opened(seed=1), opened(seed=1), opened(seed=2))
    ]
    assert made[0] == made[1] != made[2]
    assert len({*made[0]}) == len(days)


def test_cancelling(session: Session) -> None:
    wrong = "The appointment ID is incorrect."
    assert refusal(session, "CancelRegistration", appointment_id="1") == wrong
    assert output(session, "CancelRegistration", appointment_id=f" {NUMBER} ") == "success"
    assert refusal(session, "CancelRegistration", appointment_id=NUMBER) == wrong
    assert refusal(session, "QueryRegistration", patient_name="Amara Obi", date="2023-04-11") == (
        "No appointments found."
    )


NOTHING = "Fail because no modification is made."


@pytest.mark.parametrize(
    ("date", "doctor", "message"),
    [
        (None, None, NOTHING),
        ("x", " ", "Fail because the doctor name is empty."),
        ("x", None, NO_DATE.format("x")),
        ("2023-4-11", None, "Fail because date is not changed."),
        (None, "Dr. Fenwick", "Fail because doctor is not changed."),
        ("2023-04-11", "Dr. Fenwick", NOTHING),
        ("2023-04-11", "Dr. Osei", "Fail because date is not changed."),
        ("2023-04-12", " Dr. Fenwick", "Fail because doctor is not changed."),
    ],
)
def test_modifying_refuses(
    session: Session, date: str | None, doctor: str | None, message: str
) -> None:
    new = {"new_appointment_date": date, "new_appointment_doctor": doctor}
    assert refusal(session, "ModifyRegistration", appointment_id=NUMBER, **new) == message
    unset = {key: value for key, value in new.items() if value is not None}
    envelope = session.call("ModifyRegistration", {"appointment_id": NUMBER, **unset})
    assert (envelope["input"], envelope["exception"]) == (
        {"appointment_id": NUMBER, **new},
        message,
    )
    assert refusal(session, "ModifyRegistration", appointment_id="1", **new) == (
        "The appointment ID does not exist."
    )


def test_modifying_changes_what_is_given(session: Session) -> None:
    change = {"appointment_id": NUMBER, "new_appointment_date": "2023-4-12"}
    assert output(session, "ModifyRegistration", **change) == "success"
    change = {"appointment_id": NUMBER, "new_appointment_doctor": "Dr. Osei"}
    assert output(session, "ModifyRegistration", **change) == "success"
    found = output(session, "QueryRegistration", patient_name=" Amara Obi ", date="2023-4-12")
    assert found == {NUMBER: AMARA | {"date": "2023-04-12", "doctor_name": "Dr. Osei"}}


ITEMS = [{"name": "pulse", "value": "64"}, {"name": "mood", "value": None}]
SPAN = {"start_time": "2023-03-20 07:30:00", "end_time": "2023-03-20 07:30:00"}


def record(session: Session, items: Any = ITEMS, **changed: Any) -> dict[str, Any]:
    given = {"user_id": " am101 ", "time": "2023-3-20 07:30:00", "health_data": items}
    return session.call("RecordHealthData", given | changed)


def test_measurements_of_one_time_are_one_record(session: Session) -> None:
    assert record(session)["output"] == "success"
    assert output(session, "QueryHealthData", user_id="am101", **SPAN) == [
        {"time": "2023-03-20 07:30:00", "pulse": "64", "weight": 61.4, "mood": None}
    ]
    assert record(session, time="2023-03-20 07:30:01", user_id="new")["output"] == "success"
    assert refusal(session, "QueryHealthData", user_id="new", **SPAN) == (
        "There is no health data in the given time span."
    )
    wide = {"start_time": "1-1-1 00:00:00", "end_time": "9999-01-01 00:00:00"}
    assert output(session, "QueryHealthData", user_id="NEW", **wide) == [
        {"time": "2023-03-20 07:30:01", "pulse": "64", "mood": None}
    ]
    assert len(output(session, "QueryHealthData", user_id="AM101", **wide)) == 2


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (None, "The health data cannot be empty."),
        ([], "The health data cannot be empty."),
        ([{"name": "a", "value": 1}, {"value": 2}], "The health data has invalid format."),
        ([{"name": "a"}, {"name": "a"}], "The health data cannot contain duplicate items."),
        ([{"name": "a", "value": 1}, {"name": "b"}], "'value'"),
        ("pulse 64", "The health data has invalid format."),
    ],
)
def test_recording_refuses(session: Session, items: Any, message: str) -> None:
    before = session.world.digest()
    assert record(session, items)["exception"] == message
    assert record(session, items, time="x")["exception"] == NO_MOMENT.format("x")
    assert record(session, items, time="x", user_id=" ")["exception"] == (
        "The user id cannot be empty."
    )
    assert session.world.digest() == before


def test_a_measurement_whose_name_is_a_number(session: Session) -> None:
    for value in (1, 2):
        assert record(session, [{"name": 5, "value": value}], user_id="new")["output"] == "success"
    assert output(session, "QueryHealthData", user_id="new", **SPAN) == [
        {"time": "2023-03-20 07:30:00", "5": 2}
    ]


def test_a_user_without_measurements_is_known(tmp_path: Path) -> None:
    session = Session(level_1(), data=seed_with(tmp_path, HealthData={"NEW": []}))
    assert refusal(session, "QueryHealthData", user_id="new", **SPAN) == (
        "There is no health data in the given time span."
    )
    assert record(session, user_id="new")["output"] == "success"
    assert output(session, "QueryHealthData", user_id="new", **SPAN) == [
        {"time": "2023-03-20 07:30:00", "pulse": "64", "mood": None}
    ]


def test_lists_as_text_are_read_by_reference_alone() -> None:
    text = "[{'name': 'pulse', 'value': '64'}]"
    envelope = record(opened(), text)
    assert (envelope["output"], envelope["input"]["health_data"]) == ("success", ITEMS[:1])
    envelope = record(opened("strict-upstream"), text)
    assert (envelope["exception"], envelope["input"]["health_data"]) == (
        "The health data has invalid format.",
        text,
    )


def test_spans_are_checked_in_order(session: Session) -> None:
    def ask(user: str, start: str, end: str) -> str:
        return refusal(session, "QueryHealthData", user_id=user, start_time=start, end_time=end)

    early, late = "2023-03-01 00:00:00", "2023-04-01 00:00:00"
    assert ask(" ", "a", "b") == "The user id cannot be empty."
    assert ask("x", "a", "b") == f"{NO_MOMENT.format('a')}; {NO_MOMENT.format('b')}"
    assert ask("x", late, "b") == NO_MOMENT.format("b")
    assert ask("x", late, early) == "The start time cannot be later than the end time."
    assert ask("x", early, late) == "The user id does not exist."


def test_symptoms(session: Session) -> None:
    found = output(session, "SymptomSearch", symptom=" Sore Throat ")
    assert [item["name"] for item in found] == ["Common cold", "Tonsillitis"]
    assert found[0].keys() == {"name", "description"}
    aid = output(session, "EmergencyKnowledge", symptom="sore throat")
    assert aid[1] == {
        "name": "Tonsillitis",
        "aid": "See a doctor if fever comes too; cool drinks ease the pain.",
    }
    for name in ("SymptomSearch", "EmergencyKnowledge"):
        assert refusal(session, name, symptom="hiccups") == "The symptom does not exist."
    assert refusal(session, "SymptomSearch", symptom=" ") == "The symptom cannot be empty."


def test_answers_belong_to_the_caller() -> None:
    first = output(opened(), "SymptomSearch", symptom="burn")
    first[0]["name"] = "spoilt"
    first.clear()
    assert output(opened(), "SymptomSearch", symptom="burn")[0]["name"] == "Scald"


def test_upstream_stumbles_over_a_blank_emergency() -> None:
    strict = refusal(opened("strict-upstream"), "EmergencyKnowledge", symptom=" ")
    assert strict == "'Exception' object has no attribute 'lower'"
    assert refusal(opened(), "EmergencyKnowledge", symptom="") == "The symptom cannot be empty."


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=6))
def test_the_last_measurement_of_a_name_holds(measured: list[tuple[str, int]]) -> None:
    session = opened()
    for name, value in measured:
        record(session, [{"name": name, "value": value}], user_id="new")
    if measured:
        [kept] = output(session, "QueryHealthData", user_id="new", **SPAN)
        assert kept == {"time": SPAN["start_time"], **dict(measured)}
