"""LLaMA-Factory v1's preference pairs: `chosen_messages` and `rejected_messages`, each a whole
conversation of typed parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..trajectory import Trajectory
from . import llamafactory_v1
from .format import Format, Losses
from .openai import role_messages
from .pairs import joined, read_one, written_twice

_NAME = "llamafactory-v1-preferences"
_SIDES = ("chosen_messages", "rejected_messages")


def recognize(record: Any) -> str | None:
    if all(role_messages(record, side) is not None for side in _SIDES):
        return "chosen_messages and rejected_messages"
    return None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    rest = {key: value for key, value in record.items() if key not in _SIDES}
    chosen, rejected = (
        read_one(llamafactory_v1.read, {**rest, "messages": record.get(side)}, losses, side)
        for side in _SIDES
    )
    yield joined(_NAME, chosen, rejected)


def write(trajectory: Trajectory, losses: Losses) -> dict[str, Any]:
    names = (_NAME, llamafactory_v1.FORMAT.name)
    chosen, rejected, preference = written_twice(trajectory, llamafactory_v1.write, names, losses)
    losses.lose("margins of preferences", preference.margin is not None)
    record = {"chosen_messages": chosen["messages"], "rejected_messages": rejected["messages"]}
    return {**record, "tools": chosen["tools"]} if "tools" in chosen else record


FORMAT = Format(
    name=_NAME,
    about="LLaMA-Factory v1's preference pairs: chosen and rejected messages of typed parts",
    recognize=recognize,
    read=read,
    write=write,
)
