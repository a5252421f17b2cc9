"""TRL's preference pairs: `chosen` and `rejected`, with a `prompt` or each with all of it, as
messages (with `tools`) or as plain text; what its DPO trainer reads.

The pair may also be `chosen_response` and `rejected_response` (When2Call), or OpenAI's
`preferred_output` and `non_preferred_output`; what comes before it `messages` (LLaMA-Factory), or
OpenAI's `input` of messages and tools. One message stands for a list of one.

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
from .openai import PAIRS, role_messages
from .pairs import joined, parted, read_one, written_twice

_NAME = "trl-preferences"


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict) or record.keys() & {"conversations", "instruction"}:
        return None
    pair = _pair(record)
    if pair is None:
        return None
    answers = [record[side] for side in pair]
    if all(_listed(answer) is not None for answer in answers):
        return f"{pair[0]} and {pair[1]} messages"
    if all(isinstance(answer, str) for answer in answers):
        return f"{pair[0]} and {pair[1]} texts"
    return None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    pair = _pair(record)
    if pair is None:
        raise Refused("it has no two answers")
    record = _with_input(record)
    known = {"prompt", "messages", "tools", "margin", *pair}
    rest = {key: value for key, value in record.items() if key not in known}
    tools = {"tools": record["tools"]} if record.get("tools") else {}
    chosen, rejected = (
        read_one(trl.read, {**rest, **tools, "messages": _messages(record, side)}, losses, side)
        for side in pair
    )
    yield joined(_NAME, chosen, rejected, _margin(record))


def _pair(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """The fields of the better and the worse answer."""
    return next((pair for pair in PAIRS if all(side in record for side in pair)), None)


def _with_input(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with what OpenAI's `input` holds as fields of its own."""
    given = record.get("input")
    if not isinstance(given, dict) or role_messages(given) is None:
        return record
    return {**{key: value for key, value in record.items() if key != "input"}, **given}


def _listed(value: Any) -> list[dict[str, Any]] | None:
    """Messages with roles, or the one that `value` is."""
    return role_messages({"messages": [value] if isinstance(value, dict) else value})


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
    prompt, said = record.get("prompt", record.get("messages")), record.get(side)
    messages = _listed(said)
    if isinstance(said, str):
        if prompt is None:
            raise Refused("it is plain text without a prompt, and where that ends is not said")
        messages = [{"role": "assistant", "content": said}]
    if messages is None:
        raise Refused("it is neither text nor messages with roles")
    if isinstance(prompt, list):
        # Some data give the whole conversation beside its prompt.
        within = messages[: len(prompt)] == prompt and len(messages) > len(prompt)
        return messages if within else [*prompt, *messages]
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
