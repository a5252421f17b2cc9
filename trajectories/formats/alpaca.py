"""Alpaca's instructions (Taori et al. 2023): `instruction`, `input` and `output`, and as
LLaMA-Factory has them also `system` and a `history` of pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..trajectory import Trajectory
from .conversation import Conversation, text_in
from .format import Format, Losses, Refused
from .openai import is_pair
from .tools import read_tools

_NAME = "alpaca"
_KNOWN = ("instruction", "input", "output", "system", "history", "tools")
_TURNS = ("conversations", "messages", "Instances")


def recognize(record: Any) -> str | None:
    """An instruction with its output, both text."""
    if not isinstance(record, dict) or is_pair(record) or any(key in record for key in _TURNS):
        return None
    if not all(isinstance(record.get(key), str) for key in ("instruction", "output")):
        return None
    plain = isinstance(record.get("input") or "", str)
    return "an instruction with its output" if plain else None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    """One conversation."""
    tools = read_tools(record.get("tools"), losses)
    conversation = Conversation(losses)
    if record.get("system"):
        conversation.say("system", text_in(record["system"], "system"))
    for role, text in asked(record):
        conversation.say(role, text)
    conversation.say("assistant", text_in(record.get("output"), "output"))
    yield conversation.trajectory(_NAME, tools, record, _KNOWN)


def asked(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Who said what until the answer is due: the pairs of the history, and the instruction with
    its input. Raises `Refused`."""
    history = record.get("history") or ()
    if not isinstance(history, list | tuple):
        raise Refused("history is no list of pairs")
    for exchange in history:
        if not isinstance(exchange, list) or len(exchange) != 2:
            raise Refused("history is no list of pairs")
        for role, text in zip(("user", "assistant"), exchange, strict=True):
            yield role, text_in(text, "history")
    parts = [text_in(record.get(key) or "", key) for key in ("instruction", "input")]
    yield "user", "\n".join(part for part in parts if part)


FORMAT = Format(
    _NAME,
    "Alpaca's instructions with input and output, also with system and history; read only",
    recognize,
    read,
)
