"""Smart home: scenes of devices, and devices that are switched at a time."""

from __future__ import annotations

from typing import Any

from .draw import Draw
from .task import Caller, Facts, task
from .vocabulary import DEVICES, ROOMS, SCENES


def _devices(draw: Draw, most: int = 3) -> list[dict[str, str]]:
    """Devices in the order in which the tools keep them."""
    names = sorted(draw.some(DEVICES, 1, most))
    return [{"name": n, "description": f"Smart {n} in the {draw.pick(ROOMS)}"} for n in names]


def _said_devices(devices: list[dict[str, Any]]) -> str:
    parts = [f"{device['name']} ({device['description']})" for device in devices]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _scene(draw: Draw) -> tuple[str, list[dict[str, str]]]:
    """A scene that exists: one of the database's or a new row."""
    known = draw.data.file("Scenes")
    if draw.likely(0.5):
        name = draw.pick(list(known))
        return name, list(known[name])
    name, devices = _free_scene(draw), _devices(draw)
    draw.row("scenes", name=name, devices=devices)
    return name, devices


def _free_scene(draw: Draw) -> str:
    known = draw.data.file("Scenes")
    return draw.pick([name for name in SCENES if name not in known])


def _styled(draw: Draw, name: str) -> str:
    """Capitals do not matter to the tools."""
    return name if draw.likely(0.7) else name.title()


@task(
    "add-scene", "home", "AddScene",
    does=('add a scene "{name}" with {devices}', 'create the smart home scene "{name}": {devices}',
          'set up a scene called "{name}" that has {devices}', 'add the scene "{name}"',
          "create a new scene", 'make a "{name}" scene out of {devices}'),
    says=(
        'My smart home needs a scene "{name}" with {devices}.',
        'New scene, please: "{name}". Devices: {devices}.',
        'For "{name}" I want {devices} together in a scene.',
        "I'd like another scene in my smart home.", '{devices} should form the scene "{name}".',
        'A scene named "{name}" would be handy, with {devices} in it.',
    ),
)  # fmt: skip
def add_scene(draw: Draw) -> Facts:
    name, devices = _free_scene(draw), _devices(draw)
    return Facts({"name": name, "devices": _said_devices(devices)}, name=name, devices=devices)


@task(
    "delete-scene", "home", "DeleteScene",
    does=(
        'delete the scene "{name}"', "remove the {name} scene",
        'take the scene "{name}" out of my smart home', "delete a scene",
        "get rid of the scene {name}", 'erase the smart home scene "{name}"',
    ),
    says=('I never use the scene "{name}". Delete it.', "The {name} scene is superfluous.",
          'Please clean up: the scene "{name}" can go.', "There is a scene I don't want any more.",
          'We have no use for "{name}" in the smart home now.', "No more {name} scene, please."),
)  # fmt: skip
def delete_scene(draw: Draw) -> Facts:
    name = _styled(draw, _scene(draw)[0])
    return Facts({"name": name}, name=name)


@task(
    "query-scene", "home", "QueryScene",
    does=(
        'show me the devices of the scene "{name}"', "list what belongs to the {name} scene",
        'look up the scene "{name}"', "look up a scene of my smart home",
        "tell me what is in the scene {name}", 'check which devices "{name}" switches',
    ),
    says=(
        'Which devices are part of "{name}"?', "What does the scene {name} do?",
        'What is in my "{name}" scene?', "I forgot what I put into one of my scenes.",
        "Is the lamp in the {name} scene? Show me all of it.",
        "The {name} scene: which devices does it have?",
    ),
)  # fmt: skip
def query_scene(draw: Draw) -> Facts:
    name = _styled(draw, _scene(draw)[0])
    return Facts({"name": name}, name=name)


@task(
    "modify-scene", "home", "ModifyScene",
    does=(
        'change the scene "{name}" to {devices}', 'modify "{name}" so that it has {devices}',
        'replace the devices of the scene "{name}" by {devices}',
        'change the devices of the scene "{name}"', "change one of my scenes",
        "update the {name} scene with {devices}",
    ),
    says=(
        'The scene "{name}" should have {devices} instead.',
        'From now on "{name}" consists of {devices}.',
        "My {name} scene is out of date. Make it {devices}.",
        'I moved some furniture: "{name}" is {devices} now.',
        "The {name} scene needs other devices.", "I'd like to rearrange a scene.",
    ),
)  # fmt: skip
def modify_scene(draw: Draw) -> Facts:
    name, _ = _scene(draw)
    devices = _devices(draw)
    return Facts({"name": name, "devices": _said_devices(devices)}, name=name, devices=devices)


@task(
    "extend-scene", "home", "QueryScene", "ModifyScene", weight=0.7,
    does=(
        'add the {device} in the {room} to the scene "{name}"',
        "extend the {name} scene by the {device} in the {room}",
        'put the smart {device} of the {room} into the scene "{name}" as well',
    ),
    says=('The scene "{name}" lacks the {device} in the {room}. Add it to what is there.',
          "I bought a {device} for the {room}; it should join the {name} scene.",
          'Keep "{name}" as it is, but with the {device} in the {room} too.'),
)  # fmt: skip
def extend_scene(draw: Draw) -> Facts:
    name, devices = _scene(draw)
    device = draw.pick(
        [d for d in DEVICES if d not in [known["name"].lower() for known in devices]]
    )
    room = draw.pick(ROOMS)

    def solve(call: Caller) -> None:
        there = [
            {"name": d["name"], "description": d["description"]}
            for d in call("QueryScene", name=name)
        ]
        there.append({"name": device, "description": f"Smart {device} in the {room}"})
        call("ModifyScene", name=name, devices=sorted(there, key=lambda d: str(d["name"])))

    return Facts({"name": name, "device": device, "room": room}, solve)


@task(
    "timed-switch", "home", "TimedSwitch",
    does=(
        "switch {switch} the {name} {on:time}",
        "set a timer so that the {name} goes {switch} {on:time}",
        "have the {name} turned {switch} {on:time}",
        "program the {name} to go {switch} {on:time}", "turn the {name} {switch} {on:time}",
        "schedule the {name} to be switched {switch}",
    ),
    says=(
        "I want the {name} {switch} {on:time}.", "The {name} should go {switch} {on:time}.",
        "{on:time}, turn {switch} the {name}, please.",
        "Please see to it that the {name} is {switch} {on:time}.",
        "Timer for the {name}: {switch}, {time}.",
        "It would be nice if the {name} went {switch} by itself.",
    ),
)  # fmt: skip
def timed_switch(draw: Draw) -> Facts:
    on, name, time = draw.likely(0.5), draw.pick(DEVICES), draw.moment()
    said = {"name": name, "time": time, "switch": "on" if on else "off"}
    return Facts(said, name=name, time=time.exact, on=on)


@task(
    "cancel-switch", "home", "CancelTimedSwitch",
    does=(
        "cancel the timer of the {name} {on:time}",
        "cancel the timed switch of the {name} for {time}",
        "remove the timer that I set for the {name} {on:time}",
        "stop the {name} from switching {on:time}", "cancel the timed switch of the {name}",
        "delete a timer of my smart home",
    ),
    says=(
        "The {name} must not be switched {on:time} after all.",
        "Forget the timer for the {name} {on:time}.",
        "I set a timer for the {name} ({time}). Undo that.",
        "No timer for the {name} {on:time}, please.",
        "The timed switch of the {name} {on:time} is not needed.",
        "One of my devices should not switch any more.",
    ),
)  # fmt: skip
def cancel_switch(draw: Draw) -> Facts:
    known = draw.data.file("TimeSwitch")
    reachable = [name for name, switches in known.items() if name == name.lower() and switches]
    if reachable and draw.likely(0.5):
        name = draw.pick(reachable)
        time = draw.say(draw.pick(known[name])["time"])
    else:
        name, time = draw.pick([d for d in DEVICES if d not in known]), draw.moment()
        draw.row("timed_switches", device=name, time=time.exact, on=draw.likely(0.5))
    return Facts({"name": name, "time": time}, name=name, time=time.exact)
