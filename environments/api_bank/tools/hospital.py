"""Appointments at a hospital: one a day for each patient.

New appointments get a random number of eight digits, so that no two runs of the benchmark agree
on it unless they share a seed.
"""

from __future__ import annotations

from typing import Any

from ..declaration import LEVEL_1, SUCCESS, Param, Refusal
from ..desk import DATE, Desk, loose_time
from .answers import TEXT, record

_ID = Param("str", "Number of the appointment.")
_PATIENT = Param("str", "Name of the patient.")
_DAY = Param("str", f"Day of the appointment. Format: {DATE}")
_STATUS_OUT = {"status": Param("str", "success or failed")}
_APPOINTMENT = record(patient_name=TEXT, date=TEXT, doctor_name=TEXT)


@LEVEL_1.api(
    "Make an appointment with a doctor of the hospital.",
    {"patient_name": _PATIENT, "date": _DAY, "doctor_name": Param("str", "Name of the doctor.")},
    {"appointment_id": _ID},
    returns={"type": "string", "pattern": "^[0-9]{8}$"},
)
def AppointmentRegistration(desk: Desk, patient_name: str, date: str, doctor_name: str) -> str:
    patient, doctor = patient_name.strip(), doctor_name.strip()
    if not patient or not doctor:
        raise Refusal("Patient name or doctor name cannot be empty.")
    day = loose_time(date)
    sql = "select doctor_name from appointments where patient_name = ? and date = ? order by rowid"
    found = desk.row(sql, patient, day)
    if found is not None:
        if found["doctor_name"] == doctor:
            raise Refusal("This appointment has already been registered.")
        raise Refusal("This patient has already been registered in this day.")
    number = _unused(desk)
    desk.change("insert into appointments values (?, ?, ?, ?)", number, patient, day, doctor)
    return number


def _unused(desk: Desk) -> str:
    while True:
        number = str(desk.random.randrange(10_000_000, 100_000_000))
        if desk.row("select 1 from appointments where id = ?", number) is None:
            return number


@LEVEL_1.api(
    "Cancel an appointment at the hospital.",
    {"appointment_id": _ID},
    _STATUS_OUT,
    returns=SUCCESS,
)
def CancelRegistration(desk: Desk, appointment_id: str) -> str:
    if not desk.change("delete from appointments where id = ?", appointment_id.strip()):
        raise Refusal("The appointment ID is incorrect.")
    return "success"


@LEVEL_1.api(
    "Move an appointment at the hospital to another day, another doctor, or both.",
    {
        "appointment_id": _ID,
        "new_appointment_date": Param("str", f"The new day. Format: {DATE}", optional=True),
        "new_appointment_doctor": Param("str", "Name of the new doctor.", optional=True),
    },
    _STATUS_OUT,
    returns=SUCCESS,
)
def ModifyRegistration(
    desk: Desk,
    appointment_id: str,
    new_appointment_date: str | None = None,
    new_appointment_doctor: str | None = None,
) -> str:
    number = appointment_id.strip()
    found = desk.row("select date, doctor_name from appointments where id = ?", number)
    if found is None:
        raise Refusal("The appointment ID does not exist.")
    doctor = None if new_appointment_doctor is None else new_appointment_doctor.strip()
    if doctor == "":
        raise Refusal("Fail because the doctor name is empty.")
    day = None if new_appointment_date is None else loose_time(new_appointment_date)
    same_day, same_doctor = day == found["date"], doctor == found["doctor_name"]
    if (day is None and doctor is None) or (same_day and same_doctor):
        raise Refusal("Fail because no modification is made.")
    if same_day:
        raise Refusal("Fail because date is not changed.")
    if same_doctor:
        raise Refusal("Fail because doctor is not changed.")
    sql = "update appointments set date = ?, doctor_name = ? where id = ?"
    desk.change(sql, day or found["date"], doctor or found["doctor_name"], number)
    return "success"


@LEVEL_1.api(
    "List a patient's appointments at the hospital on a day.",
    {"patient_name": _PATIENT, "date": _DAY},
    {"appointments": Param("list", "The appointments by their numbers.")},
    returns={"type": "object", "minProperties": 1, "additionalProperties": _APPOINTMENT},
)
def QueryRegistration(desk: Desk, patient_name: str, date: str) -> dict[str, Any]:
    patient, day = patient_name.strip(), loose_time(date)
    sql = "select * from appointments where patient_name = ? and date = ? order by rowid"
    found = {row.pop("id"): row for row in desk.rows(sql, patient, day)}
    if not found:
        raise Refusal("No appointments found.")
    return found
