"""Alarms, reminders and the agenda: order of checks, matches, ids and messages."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.environments.api_bank import Session, api_bank_data, level_1
from callsheet.environments.api_bank.data import SEED

TOKEN = {"token": "k4v7q2m9x1c8z5b3n6"}
AT = "2023-04-03 06:15:00"
LATER = "2023-04-20 10:00:00"
LEMON = {"content": "Water the lemon tree", "time": "2023-04-03 18:00:00"}
GREENHOUSE = {"content": "Inspect the greenhouse", "time": "2023-04-03 08:30:00"}
ALARMS = ("AddAlarm", "DeleteAlarm", "QueryAlarm")
REMINDERS = ("AddReminder", "DeleteReminder", "ModifyReminder", "QueryReminder")
AGENDA = ("DeleteAgenda", "ModifyAgenda", "QueryAgenda")


@pytest.fixture
def session() -> Session:
    return Session(level_1(), data=api_bank_data(SEED))


def refusal(session: Session, name: str, **arguments: Any) -> str:
    """The text with which the tool refuses, having changed nothing."""
    before = session.world.digest()
    envelope = session.call(name, TOKEN | arguments)
    assert envelope["output"] is None
    assert session.world.digest() == before
    return str(envelope["exception"])


def output(session: Session, name: str, **arguments: Any) -> Any:
    envelope = session.call(name, TOKEN | arguments)
    assert envelope["exception"] is None
    assert envelope["api_name"] == name
    assert envelope["input"] == TOKEN | arguments
    return envelope["output"]


def no_time(text: str) -> str:
    return f"time data {text!r} does not match format '%Y-%m-%d %H:%M:%S'"


@pytest.mark.parametrize("name", [*ALARMS, *REMINDERS, "AddAgenda", *AGENDA])
def test_time_is_looked_at_before_all_else(session: Session, name: str) -> None:
    rest = dict.fromkeys(level_1().apis[name].required, "")
    for text, message in (
        ("2023-04-03", no_time("2023-04-03")),
        (f"{AT} ", "unconverted data remains:  "),
        ("2023-02-30 00:00:00", "day is out of range for month"),
    ):
        bad = rest | {"token": "bad", "content": " ", "time": text}
        given = {key: value for key, value in bad.items() if key in rest}
        assert refusal(session, name, **given) == message
    given |= {"time": AT, "content": "x"} if "content" in rest else {"time": AT}
    assert refusal(session, name, **given) == "The token is invalid."


def test_alarms(session: Session) -> None:
    assert output(session, "QueryAlarm", time=AT) == {"time": AT, "username": "amara"}
    lukas = "2023-04-04 05:45:00"
    missing = f"You have no alarm clock at time : {lukas}"
    assert refusal(session, "QueryAlarm", time=lukas) == missing
    assert refusal(session, "DeleteAlarm", time=lukas) == missing
    assert output(session, "ModifyAlarm", from_time=AT, to_time=LATER) == "success"
    message = f"You have no agenda at time : {AT}"
    assert refusal(session, "ModifyAlarm", from_time=AT, to_time=LATER) == message
    assert refusal(session, "ModifyAlarm", from_time=AT, to_time="") == no_time("")
    assert refusal(session, "ModifyAlarm", from_time="a", to_time="b") == no_time("a")
    assert output(session, "DeleteAlarm", time=LATER) == "success"
    assert refusal(session, "DeleteAlarm", time=LATER).endswith(LATER)


def test_equal_alarms_go_one_by_one(session: Session) -> None:
    for _ in range(2):
        assert output(session, "AddAlarm", time=LATER) == "success"
    assert [row["id"] for row in session.world.rows("alarms")][-2:] == [6, 7]
    for _ in range(2):
        assert output(session, "DeleteAlarm", time=LATER) == "success"
    assert refusal(session, "DeleteAlarm", time=LATER).startswith("You have no alarm clock")


@pytest.mark.parametrize("table", ["alarms", "agenda"])
def test_an_id_that_is_taken_again_is_overwritten(session: Session, table: str) -> None:
    tool, extra = ("Alarm", {}) if table == "alarms" else ("Agenda", {"location": "L"})

    def at(hour: int) -> dict[str, str]:
        content = {} if table == "alarms" else {"content": f"item {hour}"}
        return {"time": f"2023-04-20 {hour:02}:00:00", **content, **extra}

    seeded = len(session.world.rows(table))
    for hour in (1, 2):
        output(session, f"Add{tool}", **at(hour))
    output(session, f"Delete{tool}", **at(1))
    output(session, f"Add{tool}", **at(3))
    rows = session.world.rows(table)
    assert [row["id"] for row in rows[seeded:]] == [seeded + 2]
    assert rows[-1]["time"] == at(3)["time"]
    assert "You have no" in refusal(session, f"Query{tool}", **at(2))


def test_reminders(session: Session) -> None:
    row = LEMON | {"username": "amara"}
    assert output(session, "QueryReminder", **LEMON) == row
    assert output(session, "QueryReminder", content="x", time=LEMON["time"]) == row
    assert output(session, "QueryReminder", content=LEMON["content"], time=LATER) == row
    for name in REMINDERS:
        blank = refusal(session, name, content=" \t", time=LATER, token="bad")
        assert blank == "Content should not be null"
    for name in REMINDERS[1:]:  # Lukas's own
        message = refusal(session, name, content="Ring the plumber", time="2023-04-04 09:10:00")
        assert message == (
            "You have no reminder about Ring the plumber or at time : 2023-04-04 09:10:00"
        )
    assert output(session, "ModifyReminder", content="Prune", time=LEMON["time"]) == "success"
    assert output(session, "ModifyReminder", content="Prune", time=LATER) == "success"
    changed = {"content": "Prune", "time": LATER, "username": "amara"}
    assert output(session, "QueryReminder", content="Prune", time=LATER) == changed
    assert output(session, "DeleteReminder", content="Prune", time=AT) == "success"
    assert refusal(session, "DeleteReminder", content="Prune", time=LATER)


def test_ids_of_reminders(session: Session) -> None:
    session.world.insert({"reminders": [{"id": "41", "username": "lukas"}, {"id": "9"}]})
    output(session, "AddReminder", content="a", time=AT)
    assert session.world.rows("reminders")[-1]["id"] == "42"
    session.world.db.execute("delete from reminders")
    for _ in range(2):
        output(session, "AddReminder", content="a", time=AT)
    assert [row["id"] for row in session.world.rows("reminders")] == ["0", "1"]


def test_the_first_match_wins_whether_by_content_or_time(session: Session) -> None:
    output(session, "AddReminder", content="late", time=LATER)
    output(session, "AddReminder", content="early", time=AT)
    found = output(session, "QueryReminder", content="early", time=LATER)
    assert found == {"content": "late", "time": LATER, "username": "amara"}


def test_agenda(session: Session) -> None:
    place = {"location": "Botanical garden"}
    row = GREENHOUSE | place | {"username": "amara"}
    assert output(session, "QueryAgenda", **GREENHOUSE, location="elsewhere") == row
    assert output(session, "QueryAgenda", content="", time=GREENHOUSE["time"], location="") == row
    assert output(session, "QueryAgenda", content=row["content"], time="", location="") == row
    changed = {"content": "", "time": GREENHOUSE["time"], "location": "Shed"}
    assert output(session, "ModifyAgenda", **changed) == "success"
    assert output(session, "QueryAgenda", **changed) == changed | {"username": "amara"}
    assert output(session, "DeleteAgenda", **changed) == "success"
    new = {"content": "Plant beans", "time": LATER, "location": "Bed 4"}
    assert output(session, "AddAgenda", **new) == "success"
    assert output(session, "QueryAgenda", **new) == new | {"username": "amara"}
    assert refusal(session, "AddAgenda", **new | {"content": " "}) == "Content should not be null"


@pytest.mark.parametrize("name", AGENDA)
def test_agenda_that_is_not_there(session: Session, name: str) -> None:
    kind = "meeting" if name == "DeleteAgenda" else "agenda"
    for content, time, message in (
        ("Rehearse with the choir", "", f"You have no {kind} about Rehearse with the choir"),
        (" ", LATER, f"You have no {kind} about  "),
        ("x", LATER, f"You have no {kind} about x"),
        ("", LATER, f"You have no {kind} at time : {LATER}"),
    ):
        assert refusal(session, name, content=content, time=time, location="") == message


@pytest.mark.parametrize("behaviour", ["reference", "strict-upstream"])
def test_nothing_said_about_the_agenda(behaviour: Any) -> None:
    session = Session(level_1(), data=api_bank_data(SEED), behaviour=behaviour)
    nothing = {"content": "", "time": "", "location": ""}
    before = session.world.digest()
    assert output(session, "DeleteAgenda", **nothing) == "success"
    assert refusal(session, "QueryAgenda", **nothing) == "Error"
    if behaviour == "reference":
        assert refusal(session, "ModifyAgenda", **nothing) == "Error"
    else:
        assert output(session, "ModifyAgenda", **nothing) == "<<Exception:Error>>"
    assert session.world.digest() == before


def test_a_date_without_a_time_is_found_by_content_alone(session: Session) -> None:
    lukas = {"token": "h8d3s6f1g9j2l5a7p4", "location": ""}
    books = {"content": "Return the library books", "time": "2023-04-04 00:00:00"}
    assert output(session, "QueryAgenda", **lukas | books)["time"] == "2023-04-04"
    assert "at time" in refusal(session, "QueryAgenda", **lukas | books | {"content": ""})
