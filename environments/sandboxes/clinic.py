"""The clinic: doctors, visits, prescriptions and results.

Kept for evaluation: no training scenario uses this sandbox, its tools or its parameters' names.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ..sandbox import Sandbox, Scene, ToolError

_DOCTORS = (
    ("D21", "Okafor", "dermatology", "2026-04-07 09:30"),
    ("D22", "Lindqvist", "dermatology", "2026-04-09 14:00"),
    ("D35", "Baptiste", "cardiology", "2026-04-08 11:15"),
    ("D36", "Yamada", "cardiology", "2026-04-13 10:00"),
    ("D48", "Ferrari", "pediatrics", "2026-04-06 08:45"),
    ("D51", "Novak", "orthopedics", "2026-04-10 16:30"),
    ("D67", "Haddad", "neurology", "2026-04-14 13:20"),
)
_PATIENTS = (
    ("PT-108", "Rosa Delgado", "1984-07-19", "INS-55102"),
    ("PT-215", "Henrik Berg", "1971-01-30", "INS-48277"),
    ("PT-333", "Mina Farouk", "1999-11-02", "INS-90315"),
    ("PT-402", "Viktor Hale", "1956-05-25", "INS-11840"),
    ("PT-577", "Aisha Diallo", "2017-09-14", "INS-73066"),
)

CLINIC = Sandbox(
    "clinic",
    """
    create table doctors (doctorCode text primary key, surname text not null,
        specialty text not null, nextFreeSlot text not null);
    create table patients (patientCode text primary key, fullName text not null,
        birthDate text not null, insuranceNumber text not null);
    create table visits (visitNumber text primary key, doctorCode text not null,
        patientCode text not null, visitSlot text not null);
    create table refills (refillNumber text primary key, patientCode text not null,
        medicine text not null, packs integer not null);
    create table results (patientCode text not null, testType text not null,
        finding text not null, takenOn text not null, primary key (patientCode, testType));
    create table symptoms (entry text primary key, patientCode text not null,
        symptom text not null, severity integer not null);
    create table pharmacies (pharmacy text primary key, district text not null,
        closesAt text not null, openAllNight integer not null);
    """,
    {
        "doctors": [
            {"doctorCode": code, "surname": surname, "specialty": specialty, "nextFreeSlot": slot}
            for code, surname, specialty, slot in _DOCTORS
        ],
        "patients": [
            {"patientCode": code, "fullName": name, "birthDate": born, "insuranceNumber": number}
            for code, name, born, number in _PATIENTS
        ],
        "visits": [
            {"visitNumber": "V880", "doctorCode": "D51", "patientCode": "PT-402",
             "visitSlot": "2026-03-20 10:00"},
            {"visitNumber": "V881", "doctorCode": "D48", "patientCode": "PT-577",
             "visitSlot": "2026-03-23 15:45"},
            {"visitNumber": "V882", "doctorCode": "D21", "patientCode": "PT-333",
             "visitSlot": "2026-03-27 12:30"},
        ],
        "results": [
            {"patientCode": "PT-108", "testType": "blood", "finding": "iron slightly low",
             "takenOn": "2026-02-18"},
            {"patientCode": "PT-215", "testType": "urine", "finding": "normal",
             "takenOn": "2026-02-11"},
            {"patientCode": "PT-333", "testType": "allergy", "finding": "birch pollen",
             "takenOn": "2026-01-29"},
            {"patientCode": "PT-402", "testType": "blood", "finding": "cholesterol high",
             "takenOn": "2026-02-25"},
            {"patientCode": "PT-577", "testType": "allergy", "finding": "none found",
             "takenOn": "2026-02-20"},
        ],
        "pharmacies": [
            {"pharmacy": "Lindenhof Pharmacy", "district": "Lindenhof", "closesAt": "18:30",
             "openAllNight": 0},
            {"pharmacy": "Nightingale", "district": "Lindenhof", "closesAt": "00:00",
             "openAllNight": 1},
            {"pharmacy": "Harbour Chemist", "district": "Docklands", "closesAt": "20:00",
             "openAllNight": 0},
            {"pharmacy": "Moonlight", "district": "Docklands", "closesAt": "00:00",
             "openAllNight": 1},
            {"pharmacy": "Hillside Chemist", "district": "Hillside", "closesAt": "19:00",
             "openAllNight": 0},
        ],
    },
)  # fmt: skip

PatientCode = Annotated[str, "Code of the patient, such as PT-108"]
Slot = Annotated[str, Field(description="YYYY-MM-DD HH:MM", pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d$")]
VisitNumber = Annotated[str, "Number of the visit, such as V880"]


class Doctor(TypedDict):
    doctorCode: str
    surname: str
    nextFreeSlot: str


class Doctors(TypedDict):
    doctors: list[Doctor]


class VisitBooked(TypedDict):
    visitNumber: str


class Ended(TypedDict):
    outcome: str


class Registered(TypedDict):
    patientCode: str


class Refill(TypedDict):
    refillNumber: str


class LabResult(TypedDict):
    finding: str
    takenOn: str


class Logged(TypedDict):
    entry: str


class Pharmacy(TypedDict):
    pharmacy: str
    closesAt: str


class Pharmacies(TypedDict):
    pharmacies: list[Pharmacy]


def _patient(scene: Scene, code: str) -> str:
    row = scene.row("select patientCode from patients where patientCode = upper(?)", code)
    if row is None:
        raise ToolError(f"There is no patient {code}.")
    return str(row["patientCode"])


def _next(scene: Scene, table: str, first: int) -> int:
    row = scene.row(f'select count(*) as count from "{table}"')  # noqa: S608 - a name of our own
    assert row is not None
    return first + int(row["count"])


@CLINIC.tool
def findDoctor(
    scene: Scene,
    specialty: Annotated[
        Literal["dermatology", "cardiology", "pediatrics", "orthopedics", "neurology"],
        "Field of medicine",
    ],
) -> Doctors:
    """Find doctors of a specialty, with their next free slots."""
    found = scene.rows(
        "select doctorCode, surname, nextFreeSlot from doctors where specialty = ?"
        " order by nextFreeSlot",
        specialty,
    )
    return {"doctors": found}  # type: ignore[typeddict-item]


@CLINIC.tool
def bookVisit(
    scene: Scene,
    doctorCode: Annotated[str, "Code of the doctor, from findDoctor"],
    patientCode: PatientCode,
    visitSlot: Slot,
) -> VisitBooked:
    """Book a visit to a doctor for a patient."""
    patient = _patient(scene, patientCode)
    doctor = scene.row("select doctorCode from doctors where doctorCode = upper(?)", doctorCode)
    if doctor is None:
        raise ToolError(f"There is no doctor {doctorCode}.")
    number = f"V{_next(scene, 'visits', 880)}"
    scene.change("insert into visits values (?, ?, ?, ?)",
                 number, doctor["doctorCode"], patient, visitSlot)  # fmt: skip
    return {"visitNumber": number}


@CLINIC.tool
def postponeVisit(scene: Scene, visitNumber: VisitNumber, laterSlot: Slot) -> Ended:
    """Postpone a booked visit to a later slot."""
    changed = scene.change("update visits set visitSlot = ? where visitNumber = upper(?)",
                           laterSlot, visitNumber)  # fmt: skip
    if not changed:
        raise ToolError(f"There is no visit {visitNumber}.")
    return {"outcome": "postponed"}


@CLINIC.tool
def callOffVisit(scene: Scene, visitNumber: VisitNumber) -> Ended:
    """Call a booked visit off."""
    if not scene.change("delete from visits where visitNumber = upper(?)", visitNumber):
        raise ToolError(f"There is no visit {visitNumber}.")
    return {"outcome": "called off"}


@CLINIC.tool
def registerPatient(
    scene: Scene,
    fullName: Annotated[str, "First and last name"],
    birthDate: Annotated[str, Field(description="YYYY-MM-DD", pattern=r"^\d{4}-\d\d-\d\d$")],
    insuranceNumber: Annotated[str, "Number of the health insurance"],
) -> Registered:
    """Register a new patient."""
    code = f"PT-{_next(scene, 'patients', 601)}"
    scene.change("insert into patients values (?, ?, ?, ?)",
                 code, fullName, birthDate, insuranceNumber)  # fmt: skip
    return {"patientCode": code}


@CLINIC.tool
def requestRefill(
    scene: Scene,
    patientCode: PatientCode,
    medicine: Annotated[str, "Name of the medicine"],
    packs: Annotated[int, Field(description="How many packs", ge=1, le=6)],
) -> Refill:
    """Request a refill of a prescription."""
    patient = _patient(scene, patientCode)
    number = f"RF{_next(scene, 'refills', 71)}"
    scene.change("insert into refills values (?, ?, lower(?), ?)", number, patient, medicine, packs)
    return {"refillNumber": number}


@CLINIC.tool
def getLabResult(
    scene: Scene,
    patientCode: PatientCode,
    testType: Annotated[Literal["blood", "urine", "allergy"], "What was tested"],
) -> LabResult:
    """Get the result of a patient's lab test."""
    row = scene.row("select finding, takenOn from results where patientCode = ? and testType = ?",
                    _patient(scene, patientCode), testType)  # fmt: skip
    if row is None:
        raise ToolError(f"There is no {testType} test of {patientCode}.")
    return row  # type: ignore[return-value]


@CLINIC.tool
def logSymptom(
    scene: Scene,
    patientCode: PatientCode,
    symptom: Annotated[str, "What the patient feels"],
    severity: Annotated[int, Field(description="From 1 to 10", ge=1, le=10)],
) -> Logged:
    """Log a symptom of a patient."""
    patient = _patient(scene, patientCode)
    entry = f"S{_next(scene, 'symptoms', 1)}"
    scene.change("insert into symptoms values (?, ?, lower(?), ?)",
                 entry, patient, symptom, severity)  # fmt: skip
    return {"entry": entry}


@CLINIC.tool
def nearbyPharmacies(
    scene: Scene,
    district: Annotated[str, "Part of the town"],
    openAllNight: Annotated[bool, "Whether it must be open all night"] = False,
) -> Pharmacies:
    """Find pharmacies in a district."""
    found = scene.rows(
        "select pharmacy, closesAt from pharmacies where lower(district) = lower(?)"
        " and openAllNight >= ? order by pharmacy",
        district, int(openAllNight),
    )  # fmt: skip
    return {"pharmacies": found}  # type: ignore[typeddict-item]
