"""Health: appointments at the hospital, health records, symptoms and first aid."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from .draw import Draw
from .spoken import Said
from .task import Caller, Facts, task
from .vocabulary import DOCTORS, MEASURES


def _appointment(draw: Draw) -> dict[str, Any]:
    """An appointment that exists: one of the database's or a new row."""
    known = draw.data.file("Appointments")
    if draw.likely(0.5):
        number = draw.pick(list(known))
        return {"id": number, **known[number]}
    number = draw.digits(8)
    while number in known:
        number = draw.digits(8)
    row = {
        "id": number,
        "patient_name": draw.full_name(),
        "date": draw.day().isoformat(),
        "doctor_name": draw.pick(DOCTORS),
    }
    draw.row("appointments", **row)
    return row


@task(
    "register-appointment", "health", "AppointmentRegistration",
    does=(
        "register {patient_name} with {doctor_name} {on:date}",
        "book a doctor's appointment for {patient_name} {on:date} with {doctor_name}",
        "make an appointment with {doctor_name} for {date}, patient {patient_name}",
        "get {patient_name} an appointment with {doctor_name}",
        "book an appointment at the hospital", "arrange a visit to {doctor_name} {on:date}",
        "sign {patient_name} up to see {doctor_name} {on:date}",
    ),
    says=(
        "{patient_name} has to see {doctor_name} {on:date}. Can that be arranged?",
        "My name is {patient_name} and I'd like to see {doctor_name} {on:date}.",
        "Does it work to see {doctor_name} {on:date}? The patient is {patient_name}. Please "
        "book it.",
        "I need to see a doctor {on:date}.",
        "Appointment wanted: {patient_name}, {doctor_name}, {date}.",
        "My mother, {patient_name}, needs a slot with {doctor_name}.",
    ),
)  # fmt: skip
def register_appointment(draw: Draw) -> Facts:
    values: dict[str, Any] = {"patient_name": draw.full_name(), "doctor_name": draw.pick(DOCTORS)}
    day = draw.date()
    return Facts({**values, "date": day}, date=day.exact, **values)


@task(
    "cancel-appointment", "health", "CancelRegistration",
    does=(
        "cancel the hospital appointment {appointment_id}",
        "cancel my appointment with the ID {appointment_id}",
        "call off appointment number {appointment_id}", "cancel a doctor's appointment of mine",
        "withdraw the registration {appointment_id}",
        "delete appointment {appointment_id} at the hospital",
    ),
    says=(
        "I feel fine again, so appointment {appointment_id} is not needed.",
        "I can't come to my appointment, the ID is {appointment_id}. Please cancel it.",
        "Please strike {appointment_id} from the hospital's list.",
        "My doctor's appointment has to be cancelled.",
        "The registration {appointment_id} can be dropped.",
        "Something came up: no appointment {appointment_id} for me.",
    ),
)  # fmt: skip
def cancel_appointment(draw: Draw) -> Facts:
    number = _appointment(draw)["id"]
    return Facts({"appointment_id": number}, appointment_id=number)


@task(
    "modify-appointment", "health", "ModifyRegistration",
    does=(
        "move appointment {appointment_id} to {new_appointment_date} with "
        "{new_appointment_doctor}",
        "change my appointment {appointment_id}: {new_appointment_date}, "
        "{new_appointment_doctor}",
        "rebook {appointment_id} with {new_appointment_doctor} for {new_appointment_date}",
        "change the appointment {appointment_id}", "change my hospital appointment",
        "reschedule appointment {appointment_id} for {new_appointment_date}",
    ),
    says=(
        "I'd rather see {new_appointment_doctor} {on:new_appointment_date}. My appointment is "
        "{appointment_id}.",
        "Appointment {appointment_id} should be {on:new_appointment_date} and with "
        "{new_appointment_doctor}.",
        "The ID is {appointment_id}. I can't come then; {new_appointment_date} with "
        "{new_appointment_doctor} suits me better.",
        "Can I get {new_appointment_doctor} for my appointment {appointment_id}?",
        "I want to change when I see the doctor and which one.",
    ),
)  # fmt: skip
def modify_appointment(draw: Draw) -> Facts:
    row = _appointment(draw)
    day = draw.say_day(date.fromisoformat(row["date"]) + timedelta(days=draw.chance.randint(1, 20)))
    doctor = draw.pick([name for name in DOCTORS if name != row["doctor_name"]])
    said = {
        "appointment_id": row["id"],
        "new_appointment_date": day,
        "new_appointment_doctor": doctor,
    }
    return Facts(
        said,
        appointment_id=row["id"],
        new_appointment_date=day.exact,
        new_appointment_doctor=doctor,
    )


@task(
    "query-appointment", "health", "QueryRegistration",
    does=(
        "look up the appointment of {patient_name} {on:date}",
        "check which doctor {patient_name} sees {on:date}",
        "find the registration of {patient_name} for {date}", "look up a hospital appointment",
        "check the appointment that {patient_name} has",
        "tell me the appointment ID of {patient_name} {on:date}",
    ),
    says=(
        "Does {patient_name} have an appointment {on:date}?",
        "Who is the doctor of {patient_name} {on:date}?",
        "I'm {patient_name}. What is booked for me {on:date}?",
        "What is the number of the appointment for {patient_name} {on:date}?",
        "Is anything registered at the hospital {on:date}?",
        "I've forgotten the details of my visit {on:date}; my name is {patient_name}.",
    ),
)  # fmt: skip
def query_appointment(draw: Draw) -> Facts:
    row = _appointment(draw)
    day = draw.say_day(row["date"])
    return Facts(
        {"patient_name": row["patient_name"], "date": day},
        patient_name=row["patient_name"],
        date=day.exact,
    )


@task(
    "look-up-and-move-appointment", "health", "QueryRegistration", "ModifyRegistration", weight=0.7,
    does=(
        "move the appointment of {patient_name} {on:date} to {new_appointment_date} with "
        "{new_appointment_doctor}",
        "look up what {patient_name} has booked {on:date} and rebook it with "
        "{new_appointment_doctor} for {new_appointment_date}",
        "find the appointment of {patient_name} {on:date} and change it to "
        "{new_appointment_doctor}, {new_appointment_date}",
    ),
    says=(
        "{patient_name} has an appointment {on:date}. It should be {on:new_appointment_date} "
        "with {new_appointment_doctor} instead, but I don't know the ID.",
        "I don't have the number of my appointment {on:date}. I am {patient_name} and want to "
        "see {new_appointment_doctor} {on:new_appointment_date}.",
        "Change of plans for {patient_name}: not {date} but {new_appointment_date}, with "
        "{new_appointment_doctor}. You will have to look the appointment up.",
    ),
)  # fmt: skip
def move_appointment(draw: Draw) -> Facts:
    row = _appointment(draw)
    day = draw.say_day(row["date"])
    new = draw.say_day(date.fromisoformat(row["date"]) + timedelta(days=draw.chance.randint(1, 20)))
    doctor = draw.pick([name for name in DOCTORS if name != row["doctor_name"]])

    def solve(call: Caller) -> None:
        found = call("QueryRegistration", patient_name=row["patient_name"], date=day.exact)
        call(
            "ModifyRegistration",
            appointment_id=next(iter(found)),
            new_appointment_date=new.exact,
            new_appointment_doctor=doctor,
        )

    said = {
        "patient_name": row["patient_name"],
        "date": day,
        "new_appointment_date": new,
        "new_appointment_doctor": doctor,
    }
    return Facts(said, solve)


@task(
    "look-up-and-cancel-appointment", "health", "QueryRegistration", "CancelRegistration",
    weight=0.7,
    does=("cancel the appointment that {patient_name} has {on:date}",
          "look up the appointment of {patient_name} {on:date} and cancel it",
          "find out the ID of what {patient_name} has {on:date} at the hospital and call it off"),
    says=(
        "{patient_name} can't come to the hospital {on:date}. I don't know the appointment ID, "
        "but please cancel it.",
        "I'm {patient_name}. Cancel whatever is booked for me {on:date}, please.",
        "There is an appointment for {patient_name} {on:date}, which we don't need. Find and "
        "cancel it.",
    ),
)  # fmt: skip
def find_and_cancel(draw: Draw) -> Facts:
    row = _appointment(draw)
    day = draw.say_day(row["date"])

    def solve(call: Caller) -> None:
        found = call("QueryRegistration", patient_name=row["patient_name"], date=day.exact)
        call("CancelRegistration", appointment_id=next(iter(found)))

    return Facts({"patient_name": row["patient_name"], "date": day}, solve)


def _measures(draw: Draw) -> list[dict[str, str]]:
    chosen = draw.some(MEASURES, 1, 3)
    return [{"name": name, "value": draw.pick(values)} for name, values in chosen]


def _said_measures(draw: Draw, items: list[dict[str, str]]) -> str:
    """Measures in words or, now and then, in the tool's own notation."""
    if draw.likely(0.2):
        parts = [f"{{'name': '{i['name']}', 'value': '{i['value']}'}}" for i in items]
        return f"[{', '.join(parts)}]"
    joint = draw.pick((" ", " of ", " is ", ": "))
    parts = [f"{i['name'].replace('_', ' ')}{joint}{i['value']}" for i in items]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _patient(draw: Draw) -> str:
    if draw.likely(0.4):
        return str(draw.pick(list(draw.data.file("HealthData"))))
    return draw.pick((draw.digits(6), draw.digits(5), draw.pick("KLMNPQRS") + draw.digits(5)))


@task(
    "record-health", "health", "RecordHealthData",
    does=("record my health data: {health_data}, taken {on:time}; my user ID is {user_id}",
          "save these values for user {user_id} {on:time}: {health_data}",
          "log {health_data} for {user_id}, time {time}", "record some health data",
          "store my measurements, {health_data}", "enter {health_data} for the user ID {user_id}",
          "add health data for {user_id} measured {on:time}"),
    says=("I've just been measured: {health_data}. Keep that under {user_id}, time {time}.",
          "User {user_id}, {time}: {health_data}. Please write it down.",
          "{on:time} I had {health_data}. My ID is {user_id}; record it.",
          "My health diary needs an entry. The user ID is {user_id}.",
          "The nurse noted {health_data} {on:time}. Put it in the file of {user_id}.",
          "New values for {user_id}. They are from {time}."),
)  # fmt: skip
def record_health(draw: Draw) -> Facts:
    items, user = _measures(draw), _patient(draw)
    time = draw.say(draw.at(draw.today - timedelta(days=draw.chance.randint(0, 40)), 6, 22))
    said = {"user_id": user, "time": time, "health_data": _said_measures(draw, items)}
    return Facts(said, user_id=user, time=time.exact, health_data=items)


@task(
    "query-health", "health", "QueryHealthData",
    does=("show the health data of {user_id} from {start_time} to {end_time}",
          "get what was measured for user {user_id} between {start_time} and {end_time}",
          "list the health records of {user_id}, start {start_time}, end {end_time}",
          "look up my health data", "look up the health data of {user_id}",
          "fetch the measurements of {user_id} since {start_time}"),
    says=("What values does {user_id} have between {start_time} and {end_time}?",
          "How was I doing from {start_time} until {end_time}? My user ID is {user_id}.",
          "My doctor asks for my data. The ID is {user_id}.",
          "Are there health records for {user_id} from {start_time} to {end_time}?",
          "I'd like an overview of my measurements from {start_time} to {end_time}; ID {user_id}."),
)  # fmt: skip
def query_health(draw: Draw) -> Facts:
    known = draw.data.file("HealthData")
    user = draw.pick([u for u, records in known.items() if records])
    at = datetime.fromisoformat(draw.pick(known[user])["time"])
    first = (at - timedelta(days=draw.chance.randint(0, 9))).replace(hour=0, minute=0)
    last = (at + timedelta(days=draw.chance.randint(1, 9))).replace(
        hour=draw.pick((0, 12, 18)), minute=0
    )
    if draw.likely(0.4):
        # Whole days are meant by their beginnings.
        start, end = _midnight(draw, first), _midnight(draw, last)
    else:
        start, end = draw.say(min(first, at)), draw.say(last)
    said = {"user_id": user, "start_time": start, "end_time": end}
    return Facts(said, user_id=user, start_time=start.exact, end_time=end.exact)


def _midnight(draw: Draw, at: datetime) -> Said:
    day = draw.say_day(at.date().isoformat())
    return Said(f"{day.exact} 00:00:00", day.bare, day.on)


def _symptom(draw: Draw) -> str:
    known: list[str] = list(draw.data.file("Symptom"))
    name = draw.pick(known)
    return name if draw.likely(0.8) else name.capitalize()


@task(
    "symptom", "health", "SymptomSearch",
    does=("look up the symptom {symptom}", "find out what {symptom} can be a sign of",
          "search for possible causes of {symptom}", "check which illnesses come with {symptom}",
          "look up a symptom", "tell me what might be behind {symptom}"),
    says=("I have had {symptom} for two days. What could it be?", "Which diseases cause {symptom}?",
          "My son complains about {symptom}. What may it mean?", "What is {symptom} a symptom of?",
          "I don't feel well and wonder what I have.", "{symptom}: what could be the reason?",
          "Should I worry? It's {symptom}, and I want to know what it can be."),
)  # fmt: skip
def symptom(draw: Draw) -> Facts:
    name = _symptom(draw)
    return Facts({"symptom": name}, symptom=name)


@task(
    "first-aid", "health", "EmergencyKnowledge",
    does=("tell me what to do in an emergency with {symptom}", "look up first aid for {symptom}",
          "find emergency advice for {symptom}", "look up emergency knowledge about {symptom}",
          "tell me how to help somebody with {symptom}", "give me first aid advice"),
    says=(
        "Quick, my neighbor has {symptom}! What should I do?",
        "How do I treat {symptom} in an emergency?", "What is the right first aid for {symptom}?",
        "Emergency: {symptom}. What now?",
        "Somebody here has a bad case of {symptom}. How can I help until the doctor comes?",
        "I want to be prepared. What helps against {symptom} when it is urgent?",
    ),
)  # fmt: skip
def first_aid(draw: Draw) -> Facts:
    name = _symptom(draw)
    return Facts({"symptom": name}, symptom=name)


@task(
    "symptom-then-appointment", "health", "SymptomSearch", "AppointmentRegistration", weight=0.6,
    does=(
        "look up what {symptom} may mean and book {patient_name} with {doctor_name} {on:date}",
        "check the symptom {symptom}, and then register {patient_name} with {doctor_name} "
        "{on:date}",
    ),
    says=(
        "{patient_name} suffers from {symptom}. Tell me what it could be, and get an "
        "appointment with {doctor_name} {on:date}.",
        "I have {symptom}. What might it be? And I want to see {doctor_name} {on:date}; my name "
        "is {patient_name}.",
        "What is behind {symptom}? Whatever it is, book me, {patient_name}, with {doctor_name} "
        "{on:date}.",
    ),
)  # fmt: skip
def symptom_then_appointment(draw: Draw) -> Facts:
    name, day = _symptom(draw), draw.date()
    values: dict[str, Any] = {"patient_name": draw.full_name(), "doctor_name": draw.pick(DOCTORS)}

    def solve(call: Caller) -> None:
        call("SymptomSearch", symptom=name)
        call("AppointmentRegistration", date=day.exact, **values)

    return Facts({"symptom": name, "date": day, **values}, solve)
