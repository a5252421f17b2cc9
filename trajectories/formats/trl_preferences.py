"""TRL's preference pairs: `chosen` and `rejected`, with a `prompt` or each with all of it, as
messages (with `tools`) or as plain text; what its DPO trainer reads.

A `margin`, or the difference of `score_chosen` and `score_rejected`, is the preference's margin.
Plain pairs without a prompt are refused: where the prompt ends is not said. Written are messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..trajectory import Trajectory
from . import trl
from .conversation import text_in
from .format import Format, Losses, Refused
from .openai import role_messages
from .pairs import joined, parted, read_one, written_twice

_NAME = "trl-preferences"
_SIDES = ("chosen", "rejected")


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict) or record.keys() & {"conversations", "instruction"}:
        return None
    if all(role_messages(record, side) is not None for side in _SIDES):
        return "chosen and rejected messages"
    if all(isinstance(record.get(side), str) for side in _SIDES):
        return "chosen and rejected texts"
    return None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    known = {"prompt", "tools", "margin", *_SIDES}
    rest = {key: value for key, value in record.items() if key not in known}
    tools = {"tools": record["tools"]} if record.get("tools") else {}
    chosen, rejected = (
        read_one(trl.read, {**rest, **tools, "messages": _messages(record, side)}, losses, side)
        for side in _SIDES
    )
    yield joined(_NAME, chosen, rejected, _margin(record))


def write(trajectory: Trajectory, losses: Losses) -> dict[str, Any]:
    names = (_NAME, trl.FORMAT.name)
    chosen, rejected, preference = written_twice(trajectory, trl.write, names, losses)
    prompt, better, worse = parted(chosen["messages"], rejected["messages"])
    record: dict[str, Any] = {"prompt": prompt, "chosen": better, "rejected": worse}
    if "tools" in chosen:
        record["tools"] = chosen["tools"]
    if preference.margin is not None:
        record["margin"] = preference.margin
    return record


def _messages(record: Mapping[str, Any], side: str) -> list[dict[str, Any]]:
    prompt, said = record.get("prompt"), record.get(side)
    if isinstance(said, str):
        if not isinstance(prompt, str):
            raise Refused("it is plain text without a prompt, and where that ends is not said")
        return [{"role": "user", "content": prompt}, {"role": "assistant", "content": said}]
    messages = role_messages(record, side)
    if messages is None:
        raise Refused("it is neither text nor messages with roles")
    if isinstance(prompt, list):
        return [*prompt, *messages]
    if prompt is None or messages[0]["role"] != "assistant":
        return messages  # the prompt is within, as in UltraFeedback
    return [{"role": "user", "content": text_in(prompt, "prompt")}, *messages]


def _margin(record: Mapping[str, Any]) -> float | None:
    if isinstance(record.get("margin"), int | float):
        return float(record["margin"])
    scores = [record.get("score_chosen"), record.get("score_rejected")]
    if all(isinstance(score, int | float) for score in scores):
        return float(scores[0]) - float(scores[1])  # type: ignore[arg-type]
    return None


FORMAT = Format(
    name=_NAME,
    about="TRL's preference pairs: prompt, chosen, rejected; what its DPO trainer reads",
    recognize=recognize,
    read=read,
    write=write,
)
