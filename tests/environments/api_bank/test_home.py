"""Scenes and timed switches of the smart home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_bank_data import seed_with

from callsheet.environments.api_bank import Behaviour, Session, api_bank_data, level_1
from callsheet.environments.api_bank.data import SEED

NO_MOMENT = "time data '{}' does not match format '%Y-%m-%d %H:%M:%S'"
LAMP_AT = "2023-04-01 19:30:00"


def opened(behaviour: Behaviour = "reference") -> Session:
    return Session(level_1(), data=api_bank_data(SEED), behaviour=behaviour)


@pytest.fixture(params=["reference", "strict-upstream"])
def session(request: pytest.FixtureRequest) -> Session:
    return opened(request.param)


def devices() -> list[dict[str, str]]:
    """Two devices, not yet tidied up."""
    return [{"name": " Radio ", "description": " On the sill "}, {"name": "Fan", "description": ""}]


TIDY = [{"name": "fan", "description": ""}, {"name": "radio", "description": "On the sill"}]


def answer(session: Session, tool: str, /, **arguments: Any) -> Any:
    """The output, or the refusal."""
    envelope = session.call(tool, arguments)
    assert envelope["output"] is None or envelope["exception"] is None
    return envelope["exception"] or envelope["output"]


def test_a_scene_from_beginning_to_end(session: Session) -> None:
    envelope = session.call("AddScene", {"name": " Late Night ", "devices": devices()})
    assert envelope["output"] == "success"
    assert envelope["input"] == {"name": " Late Night ", "devices": TIDY}
    assert answer(session, "QueryScene", name="LATE night") == TIDY
    taken = "Scene name already exists."
    assert answer(session, "AddScene", name="late night", devices=devices()) == taken
    assert answer(session, "ModifyScene", name=" Late night", devices=[]) == "success"
    assert answer(session, "QueryScene", name="late night") == []
    assert answer(session, "DeleteScene", name="Late Night ") == "success"
    assert answer(session, "QueryScene", name="late night") == "Scene not found."
    assert answer(session, "DeleteScene", name="late night") == "The scene does not exist."
    assert answer(session, "ModifyScene", name="late night", devices=[]) == (
        "The scene does not exist."
    )


@pytest.mark.parametrize("tool", ["AddScene", "ModifyScene"])
def test_devices_are_checked_before_the_name_is_looked_up(session: Session, tool: str) -> None:
    name = "away" if tool == "AddScene" else "nowhere"
    before = session.world.digest()
    for scene, given, message in (
        (" ", [{}], "Scene name cannot be empty."),
        (name, [{"name": "a"}], "Invalid device format."),
        (name, [{"description": "a"}], "Invalid device format."),
        (name, ["lamp"], "Invalid device format."),
        (name, [{"name": "A ", "description": ""}, {"name": "a", "description": "x"}],
         "Device name cannot be duplicated."),
    ):  # fmt: skip
        assert answer(session, tool, name=scene, devices=given) == message
    assert session.world.digest() == before


def test_lists_as_text_are_read_by_reference_alone() -> None:
    text = "[{'name': 'fan', 'description': 'Ceiling'}]"
    assert answer(opened(), "AddScene", name="q", devices=text) == "success"
    assert answer(opened("strict-upstream"), "AddScene", name="q", devices=text) == (
        "Invalid device format."
    )


def test_blank_names_of_scenes(session: Session) -> None:
    for tool in ("QueryScene", "DeleteScene"):
        assert answer(session, tool, name=" ") == "Scene name cannot be empty."


def test_reference_shows_the_first_scenes_with_capitals() -> None:
    asked = {"name": "Reading Hour"}
    plain = api_bank_data(SEED).file("Scenes")["reading hour"]
    assert answer(opened("strict-upstream"), "QueryScene", **asked) == plain
    session = opened()
    shown = answer(session, "QueryScene", **asked)
    assert [device["name"] for device in shown] == ["Floor Lamp", "Speaker"]
    shown[0]["name"] = "spoilt"
    assert answer(session, "QueryScene", **asked)[0]["name"] == "Floor Lamp"
    answer(session, "ModifyScene", **asked, devices=devices())
    assert answer(session, "QueryScene", **asked) == TIDY


def test_capitals_of_an_abbreviation_are_those_of_its_description(tmp_path: Path) -> None:
    devices = [
        {"name": "led tv", "description": "TV, with LED lights"},
        {"name": "wall clock", "description": "A clock on a wall"},
    ]
    session = Session(level_1(), data=seed_with(tmp_path, Scenes={"evening": devices}))
    shown = answer(session, "QueryScene", name="Evening")
    assert [device["name"] for device in shown] == ["LED TV", "Wall Clock"]


def switched(session: Session, device: str) -> list[list[Any]]:
    return session.world.query(
        f"select time, \"on\" from timed_switches where device='{device}' order by position"
    )


@pytest.mark.parametrize(
    ("behaviour", "given", "on"),
    [
        ("reference", "True", 1), ("reference", True, 1), ("reference", "true", 0),
        ("reference", "False", 0), ("strict-upstream", "True", 1), ("strict-upstream", True, 0),
    ],
)  # fmt: skip
def test_truth_by_behaviour(behaviour: Behaviour, given: Any, on: int) -> None:
    session = opened(behaviour)
    moment = "2023-05-01 08:00:00"
    assert answer(session, "TimedSwitch", name="fan", time=moment, on=given) == "success"
    assert switched(session, "fan") == [[moment, on]]


def test_switches_are_set_by_device_and_time(session: Session) -> None:
    same = {"name": " Floor LAMP ", "time": " 2023-4-1 19:30:00 ", "on": "False"}
    assert answer(session, "TimedSwitch", **same) == "success"
    assert switched(session, "floor lamp") == [[LAMP_AT, 0], ["2023-04-01 23:00:00", 0]]
    assert answer(session, "TimedSwitch", name="floor lamp", time="2023-5-1 00:00:00", on="True")
    assert switched(session, "floor lamp")[2:] == [["2023-05-01 00:00:00", 1]]
    assert answer(session, "TimedSwitch", name=" ", time="x", on="True") == "Name cannot be empty."
    assert answer(session, "TimedSwitch", name="a", time="x", on="True") == NO_MOMENT.format("x")


def test_cancelling_refuses_in_order(session: Session) -> None:
    def cancel(name: str, time: str) -> Any:
        return answer(session, "CancelTimedSwitch", name=name, time=time)

    assert cancel(" ", "x") == "name cannot be empty."
    assert cancel("nothing", "x") == NO_MOMENT.format("x")
    assert cancel("nothing", LAMP_AT) == "device name does not exist."
    assert cancel("floor lamp", "2023-04-01 19:30:01") == "time does not exist."
    assert cancel("Floor Lamp ", " 2023-4-1 19:30:00") == "success"
    assert switched(session, "floor lamp") == [["2023-04-01 23:00:00", 0]]
    assert cancel("floor lamp", LAMP_AT) == "time does not exist."


def test_a_device_stays_known_when_its_last_switch_is_cancelled(session: Session) -> None:
    def cancel() -> Any:
        return answer(session, "CancelTimedSwitch", name="heating", time="2023-04-02 05:45:00")

    assert [cancel(), cancel()] == ["success", "time does not exist."]
    again = {"name": "heating", "time": "2023-04-02 05:45:00", "on": "True"}
    assert answer(session, "TimedSwitch", **again) == "success"
    assert [cancel(), cancel()] == ["success", "time does not exist."]


def test_a_device_that_never_had_a_switch_is_known(tmp_path: Path) -> None:
    session = Session(level_1(), data=seed_with(tmp_path, TimeSwitch={"heater": []}))
    cancel = {"name": "heater", "time": LAMP_AT}
    assert answer(session, "CancelTimedSwitch", **cancel) == "time does not exist."
    assert answer(session, "TimedSwitch", **cancel, on="True") == "success"
    assert answer(session, "CancelTimedSwitch", **cancel) == "success"


def test_a_retired_number_finds_its_switch_by_time() -> None:
    old = {"name": "10000023", "time": "2023-04-02 13:20:00"}
    assert answer(opened("strict-upstream"), "CancelTimedSwitch", **old) == (
        "device name does not exist."
    )
    session = opened()
    assert answer(session, "CancelTimedSwitch", **old) == "success"
    assert switched(session, "dryer") == [[None, None]]
    assert answer(session, "CancelTimedSwitch", **old) == "device name does not exist."
