"""Dialogues and records in the benchmark's shape, written by us, over the package's own data.

Results are what the tools give (`recorded`), or are said by the test where the point is that they
are others. `write_folder` makes an API-Bank folder of them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from callsheet.environments.api_bank import Session, level_1, level_3
from callsheet.environments.api_bank.data import SEED, ApiBankData
from callsheet.environments.api_bank.recordings import Dialogue, Requirement, Turn

AMARA = "k4v7q2m9x1c8z5b3n6"
"""Token of the built-in user amara."""
LOGIN = ("GetUserToken", {"username": "amara", "password": "river-stone"})
Call = tuple[str, Mapping[str, Any]]


def user(text: str) -> Turn:
    return Turn(role="User", text=text)


def ai(text: str) -> Turn:
    return Turn(role="AI", text=text)


def api(name: str, arguments: Mapping[str, Any], output: Any, **envelope: Any) -> Turn:
    """A call with a result that the test says."""
    result = {"api_name": name, "input": dict(arguments), "output": output, "exception": None}
    return Turn(
        role="API", api_name=name, param_dict=dict(arguments), result={**result, **envelope}
    )


def recorded(session: Session, name: str, arguments: Mapping[str, Any]) -> Turn:
    """A call with the result that `session` gives, as the recordings have it."""
    envelope = session.call(name, arguments)
    return Turn(role="API", api_name=name, param_dict=dict(arguments), result=envelope)


def dialogue(name: str, turns: Sequence[Turn], level: Any = 1) -> Dialogue:
    return Dialogue(name=name, level=level, turns=tuple(turns))


def alarm_dialogue(data: ApiBankData) -> Dialogue:
    """Log in, set an alarm, delete it again: the last call needs the one before."""
    session = Session(level_1(), data=data)
    alarm = {"token": AMARA, "time": "2023-05-01 06:30:00"}
    return dialogue(
        "Alarm-level-2-1.jsonl",
        [
            user("Wake me at half past six on May 1st. I am amara, river-stone."),
            recorded(session, *LOGIN),
            recorded(session, "AddAlarm", alarm),
            ai("Your alarm is set."),
            user("No, leave me asleep."),
            recorded(session, "DeleteAlarm", alarm),
            ai("The alarm is gone."),
        ],
    )


def appointment_dialogue(data: ApiBankData, seed: int = 5) -> Dialogue:
    """An appointment whose number is drawn by chance, told by the user, and used again."""
    session = Session(level_1(), data=data, seed=seed)
    who = {"patient_name": "Wanda Lis", "date": "2023-06-02"}
    made = recorded(session, "AppointmentRegistration", {**who, "doctor_name": "Dr. Osei"})
    number = made.result["output"]
    return dialogue(
        "Appointment-level-2-1.jsonl",
        [
            user("An appointment for Wanda Lis with Dr. Osei on June 2nd, please."),
            made,
            ai(f"Done, number {number}."),
            user("What is booked?"),
            recorded(session, "QueryRegistration", who),
            ai("One appointment."),
            user(f"Cancel {number}."),
            recorded(session, "CancelRegistration", {"appointment_id": number}),
            ai("It is cancelled."),
        ],
    )


def posts_record(data: ApiBankData, sample_id: int = 0) -> Requirement:
    """Watched films and recommendations, found by searches."""
    session = Session(level_3(), data=data)
    calls: list[Call] = [
        ("ToolSearcher", {"keywords": "UserWatchedMovies"}),
        ("UserWatchedMovies", {"user_name": "Nuria"}),
        ("ToolSearcher", {"keywords": "TravelStatus"}),
        ("TravelStatus", {"member_name": "Oskar"}),
    ]
    apis = []
    for name, arguments in calls:
        given = dict(arguments)
        if name == "ToolSearcher":
            given = {"keywords": {"UserWatchedMovies": "User Watched Movies"}.get(
                arguments["keywords"], "Travel Status")}  # fmt: skip
        apis.append({"api_name": name, "input": arguments, "output": session.call(name, given)})
    return Requirement.model_validate(
        {
            "sample_id": sample_id,
            "requirement": "What has Nuria watched, and where is Oskar?",
            "response": "Nuria watched Glass Harbour and Paper Moons. Oskar is on a journey.",
            "apis": apis,
        }
    )


def write_folder(
    folder: Path, dialogues: Sequence[Dialogue] = (), records: Sequence[Requirement] = ()
) -> Path:
    """An API-Bank folder: the package's databases with these dialogues and records."""
    shutil.copytree(SEED / "init_database", folder / "init_database")
    for level, place in ((1, "level-1-given-desc"), (2, "level-2-toolsearcher")):
        (folder / place).mkdir()
        for one in dialogues:
            if one.level == level:
                lines = [orjson.dumps(t.model_dump(exclude_defaults=True)) for t in one.turns]
                (folder / place / one.name).write_bytes(b"\n".join(lines))
    (folder / "level-3").mkdir()
    listed = [record.model_dump(exclude={"sample_id"}) for record in records]
    (folder / "level-3" / "level-3.json").write_bytes(orjson.dumps(listed))
    return folder
