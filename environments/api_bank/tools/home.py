"""A smart home: scenes, which are lists of devices, and switches that go off at a time.

Names of scenes and devices are compared in small letters. The recorded dialogues are older than
upstream's latest release: they show a scene's devices with capitals, and name a switched device by
a number, `device_id`. `reference` shows the capitals too, and finds the switch that a number means
by its time, since those numbers are in no file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ..data import ApiBankData
from ..declaration import LEVEL_1, SUCCESS, Param, Refusal
from ..desk import MOMENT, Desk, loose_time, parsed
from .answers import TEXT, several

_SCENE = Param("str", "Name of the scene.")
_DEVICE_SCHEMA = {
    "type": "object",
    "properties": {"name": TEXT, "description": TEXT},
    "required": ["name", "description"],
}
_DEVICES = Param(
    "list",
    'The devices, such as [{"name": "lamp", "description": "Lamp in the hall"}]',
    items=_DEVICE_SCHEMA,
)
_DEVICE = Param("str", "Name of the device.")
_TIME = Param("str", f"When to switch it. Format: {MOMENT}")
_STATUS_OUT = {"status": Param("str", "success or failed")}

Devices = list[dict[str, Any]]


@LEVEL_1.api(
    "Add a scene to the smart home.",
    {"name": _SCENE, "devices": _DEVICES},
    _STATUS_OUT,
    returns=SUCCESS,
)
def AddScene(desk: Desk, name: str, devices: Devices) -> str:
    scene = _scene(name)
    _normalise(devices)
    sql = "insert into scenes values (?, ?) on conflict do nothing"
    if not desk.change(sql, scene, devices):
        raise Refusal("Scene name already exists.")
    return "success"


@LEVEL_1.api(
    "Replace the devices of a scene of the smart home.",
    {"name": _SCENE, "devices": _DEVICES},
    _STATUS_OUT,
    returns=SUCCESS,
)
def ModifyScene(desk: Desk, name: str, devices: Devices) -> str:
    scene = _scene(name)
    _normalise(devices)
    if not desk.change("update scenes set devices = ? where name = ?", devices, scene):
        raise Refusal("The scene does not exist.")
    return "success"


@LEVEL_1.api("Delete a scene of the smart home.", {"name": _SCENE}, _STATUS_OUT, returns=SUCCESS)
def DeleteScene(desk: Desk, name: str) -> str:
    if not desk.change("delete from scenes where name = ?", _scene(name)):
        raise Refusal("The scene does not exist.")
    return "success"


@LEVEL_1.api(
    "List the devices of a scene of the smart home.",
    {"name": _SCENE},
    {"devices": Param("list", "The devices with their descriptions.")},
    returns=several(_DEVICE_SCHEMA),
)
def QueryScene(desk: Desk, name: str) -> Devices:
    scene = _scene(name)
    found = desk.row("select devices from scenes where name = ?", scene)
    if found is None:
        raise Refusal("Scene not found.")
    devices: Devices = parsed(found["devices"])
    if not desk.strict and devices == desk.data.file("Scenes").get(scene):
        return [dict(device) for device in _with_capitals(desk.data)[scene]]
    return devices


@lru_cache(maxsize=8)
def _with_capitals(data: ApiBankData) -> dict[str, Devices]:
    """The scenes that were there from the start, as the recorded dialogues show them."""
    return {
        scene: [device | {"name": _capitalised(device)} for device in devices]
        for scene, devices in data.file("Scenes").items()
    }


def _capitalised(device: dict[str, Any]) -> str:
    """The device's name with capitals; of an abbreviation, such as TV, its description tells."""
    words = re.findall(r"\w+", device.get("description", ""))
    short = {word.lower(): word for word in words if word.isupper()}
    return " ".join(short.get(word, word.capitalize()) for word in device["name"].split())


def _scene(name: str) -> str:
    scene = name.lower().strip()
    if not scene:
        raise Refusal("Scene name cannot be empty.")
    return scene


def _normalise(devices: Devices) -> None:
    """Trim and sort `devices` in place, because the envelope's `input` shows the result."""
    for device in devices:
        # Text in place of a list comes here too, letter by letter, as upstream has it.
        if "name" not in device or "description" not in device:
            raise Refusal("Invalid device format.")
    for device in devices:
        device["name"] = device["name"].lower().strip()
        device["description"] = device["description"].strip()
    if len({device["name"] for device in devices}) < len(devices):
        raise Refusal("Device name cannot be duplicated.")
    devices.sort(key=lambda device: str(device["name"]))


@LEVEL_1.api(
    "Have a device of the smart home switched on or off at a time.",
    {"name": _DEVICE, "time": _TIME, "on": Param("bool", "True for on, False for off.")},
    _STATUS_OUT,
    returns=SUCCESS,
)
def TimedSwitch(desk: Desk, name: str, time: str, on: bool) -> str:
    device = name.lower().strip()
    if not device:
        raise Refusal("Name cannot be empty.")
    moment = loose_time(time, MOMENT)
    sql = 'update timed_switches set "on" = ? where device = ? and time = ?'
    if not desk.change(sql, on, device, moment):
        desk.change(
            'insert into timed_switches (device, time, "on") values (?, ?, ?)', device, moment, on
        )
    return "success"


@LEVEL_1.api(
    "Cancel the switching of a device of the smart home.",
    {"name": _DEVICE, "time": _TIME},
    _STATUS_OUT,
    returns=SUCCESS,
)
def CancelTimedSwitch(desk: Desk, name: str, time: str) -> str:
    device = name.lower().strip()
    if not device:
        raise Refusal("name cannot be empty.")
    moment = loose_time(time, MOMENT)
    switches = _switches(desk, device, moment)
    if not switches:
        raise Refusal("device name does not exist.")
    found = next((row["position"] for row in switches if row["time"] == moment), None)
    if found is None:
        raise Refusal("time does not exist.")
    if len(switches) > 1:
        desk.change("delete from timed_switches where position = ?", found)
    else:
        # A device stays known when nothing is left to switch: a later refusal speaks of the time.
        sql = 'update timed_switches set time = null, "on" = null where position = ?'
        desk.change(sql, found)
    return "success"


def _switches(desk: Desk, device: str, moment: str) -> list[dict[str, Any]]:
    """The device's switches; for a number that names no device, the first one at that time's."""
    sql = "select position, time from timed_switches where device = ? order by position"
    found = desk.rows(sql, device)
    if found or desk.strict or not device.isdecimal():
        return found
    named = desk.row("select device from timed_switches where time = ? order by position", moment)
    return [] if named is None else desk.rows(sql, named["device"])
