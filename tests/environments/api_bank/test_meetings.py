"""Meetings of levels 1 and 2."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.environments.api_bank import Session, api_bank_data, level_1
from callsheet.environments.api_bank.data import SEED

TOKEN = {"token": "k4v7q2m9x1c8z5b3n6"}
SEEDS = {
    "meeting_topic": "Seed catalogue",
    "start_time": "2023-04-10 09:00:00",
    "end_time": "2023-04-10 10:00:00",
    "location": "Potting shed",
    "attendees": ["Amara Obi", "Joss Whitlock"],
}
OTHER = {"start_time": "2023-05-01 08:00:00", "end_time": "2023-05-01 07:00:00"}
NAMES = ("AddMeeting", "DeleteMeeting", "ModifyMeeting", "QueryMeeting")


@pytest.fixture
def session() -> Session:
    return Session(level_1(), data=api_bank_data(SEED))


def answer(session: Session, name: str, **changes: Any) -> tuple[Any, str | None]:
    envelope = session.call(name, TOKEN | SEEDS | changes)
    assert envelope["api_name"] == name
    assert envelope["input"].keys() == TOKEN.keys() | SEEDS.keys()
    return envelope["output"], envelope["exception"]


def refusal(session: Session, name: str, **changes: Any) -> str | None:
    before = session.world.digest()
    output, exception = answer(session, name, **changes)
    assert output is None
    assert session.world.digest() == before
    return exception


def found(session: Session, **changes: Any) -> Any:
    output, exception = answer(session, "QueryMeeting", **changes)
    assert exception is None
    return output


@pytest.mark.parametrize("name", NAMES)
def test_checks_in_order(session: Session, name: str) -> None:
    worst = {"token": "bad", "meeting_topic": " ", "start_time": "a", "end_time": "b"}
    no_time = "time data {!r} does not match format '%Y-%m-%d %H:%M:%S'"
    assert refusal(session, name, **worst) == no_time.format("a")
    worst["start_time"] = OTHER["start_time"]
    assert refusal(session, name, **worst) == no_time.format("b")
    worst["end_time"] = OTHER["end_time"]
    if name == "AddMeeting":
        assert refusal(session, name, **worst) == "Meeting Topic should not be null"
        assert refusal(session, name, start_time="") == no_time.format("")
        worst["meeting_topic"] = "x"
    else:
        assert refusal(session, name, **worst | {"start_time": ""}) == (
            "Meeting Topic and start_time should not be null both"
        )
    assert refusal(session, name, **worst) == "The token is invalid."


@pytest.mark.parametrize("name", NAMES[1:])
def test_meetings_that_are_not_there(session: Session, name: str) -> None:
    lukas = {"meeting_topic": "Timetable of the night trains"}
    assert refusal(session, name, **lukas, start_time="") == (
        "You have no meeting about Timetable of the night trains"
    )
    assert refusal(session, name, meeting_topic=" ", **OTHER) == "You have no meeting about  "
    assert refusal(session, name, meeting_topic="", **OTHER) == (
        f"You have no meeting at time : {OTHER['start_time']}"
    )


def test_found_by_topic_or_start(session: Session) -> None:
    row = SEEDS | {"username": "amara"}
    assert found(session) == row
    assert found(session, start_time="", end_time="", location="", attendees=[]) == row
    assert found(session, **OTHER) == row
    for topic in ("", " ", "x"):
        assert found(session, meeting_topic=topic) == row


def test_added_meetings(session: Session) -> None:
    long = {"meeting_topic": "t" * 500, "location": "l" * 500, **OTHER}
    assert answer(session, "AddMeeting", **long) == ("success", None)
    assert found(session, **long) == SEEDS | long | {"username": "amara"}
    assert answer(session, "AddMeeting") == ("success", None)
    assert [row["id"] for row in session.world.rows("meetings")][-2:] == ["6", "7"]
    assert answer(session, "DeleteMeeting") == ("success", None)
    assert found(session)["username"] == "amara"
    assert answer(session, "DeleteMeeting") == ("success", None)
    assert refusal(session, "DeleteMeeting") == "You have no meeting about Seed catalogue"
    session.world.db.execute("delete from meetings")
    assert answer(session, "AddMeeting") == ("success", None)
    assert session.world.rows("meetings")[0]["id"] == "0"


def test_a_change_spares_location_and_attendees(session: Session) -> None:
    elsewhere = {"location": "Roof", "attendees": ["Nobody"]}
    kept = SEEDS | {"username": "amara"}
    changed = {"meeting_topic": "Seeds", "start_time": SEEDS["start_time"], "end_time": ""}
    assert answer(session, "ModifyMeeting", **changed, **elsewhere) == ("success", None)
    assert found(session, meeting_topic="Seeds") == kept | changed
    # Without a start, the end is not looked at; without a topic, the topic stays.
    changed = {"meeting_topic": "Seeds", "start_time": "", "end_time": OTHER["end_time"]}
    assert answer(session, "ModifyMeeting", **changed) == ("success", None)
    assert found(session, meeting_topic="Seeds")["end_time"] == ""
    times = {"start_time": SEEDS["start_time"], "end_time": OTHER["end_time"]}
    assert answer(session, "ModifyMeeting", meeting_topic="", **times) == ("success", None)
    assert found(session) == kept | {"meeting_topic": "Seeds"} | times


@pytest.mark.parametrize(
    ("behaviour", "given", "kept"),
    [
        ("reference", "['Ann', 'Bo']", ["Ann", "Bo"]),
        ("reference", '["Ann"]', ["Ann"]),
        ("reference", "Ann and Bo", "Ann and Bo"),
        ("strict-upstream", "['Ann', 'Bo']", "['Ann', 'Bo']"),
        ("strict-upstream", '["Ann"]', '["Ann"]'),
        ("strict-upstream", ["Ann"], ["Ann"]),
    ],
)
def test_attendees_as_text(behaviour: Any, given: Any, kept: Any) -> None:
    session = Session(level_1(), data=api_bank_data(SEED), behaviour=behaviour)
    meeting = TOKEN | SEEDS | {"meeting_topic": "Tea", **OTHER, "attendees": given}
    assert session.call("AddMeeting", meeting)["input"]["attendees"] == kept
    assert session.call("QueryMeeting", meeting)["output"]["attendees"] == kept
