"""LLaMA-Factory's preference pairs: ShareGPT `conversations` with a `chosen` and a `rejected` turn;
also in Alpaca's form, `instruction` and `input` with two texts.

Written is the ShareGPT form, so each branch must go on with one turn of the assistant's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..trajectory import Trajectory
from . import alpaca, sharegpt
from .format import Format, Losses, Refused
from .pairs import joined, parted, read_one, written_twice

_NAME = "llamafactory-preferences"
_SIDES = ("chosen", "rejected")
_ALPACA = ("instruction", "input", "history", "prompt", "output")


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict):
        return None
    sides = [record.get(side) for side in _SIDES]
    if isinstance(record.get("conversations"), list) and all(isinstance(s, dict) for s in sides):
        return "conversations with a chosen and a rejected turn"
    if isinstance(record.get("instruction"), str) and all(isinstance(s, str) for s in sides):
        return "an instruction with a chosen and a rejected answer"
    return None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    turns = sharegpt.from_turns(record) or [] if "conversations" in record else _asked(record)
    if not turns:
        raise Refused("its conversations are no turns with speakers and text")
    left = (*_SIDES, *_ALPACA) if "conversations" not in record else _SIDES
    rest = {key: value for key, value in record.items() if key not in left}
    chosen, rejected = (
        read_one(
            sharegpt.read, {**rest, "conversations": [*turns, _turn(record, side)]}, losses, side
        )
        for side in _SIDES
    )
    yield joined(_NAME, chosen, rejected)


def write(trajectory: Trajectory, losses: Losses) -> dict[str, Any]:
    names = (_NAME, sharegpt.FORMAT.name)
    chosen, rejected, preference = written_twice(trajectory, sharegpt.write, names, losses)
    losses.lose("margins of preferences", preference.margin is not None)
    prompt, better, worse = parted(chosen["conversations"], rejected["conversations"])
    if len(better) != 1 or len(worse) != 1:
        raise Refused("a branch goes on with more than one turn, and this form has one for each")
    return {**chosen, "conversations": prompt, "chosen": better[0], "rejected": worse[0]}


def _turn(record: Mapping[str, Any], side: str) -> dict[str, Any]:
    said = record.get(side)
    turn = {"from": "gpt", "value": said} if isinstance(said, str) else said
    turns = sharegpt.from_turns({"conversations": [turn]})
    if turns is None:
        raise Refused(f"{side} is no turn with a speaker and text")
    return turns[0]


def _asked(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Turns of Alpaca's form."""
    speakers = {"user": "human", "assistant": "gpt"}
    return [{"from": speakers[role], "value": text} for role, text in alpaca.asked(record)]


FORMAT = Format(
    name=_NAME,
    about="LLaMA-Factory's preference pairs: ShareGPT turns, chosen and rejected",
    recognize=recognize,
    read=read,
    write=write,
    suffix=".json",
)
