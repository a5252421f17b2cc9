"""Glaive's function calling data, version 2, as published: two texts a record.

`system` lists the functions, one JSON object after another. `chat` is the dialogue: `USER:`,
`ASSISTANT:` and `FUNCTION RESPONSE:` at the beginnings of lines, `<|endoftext|>` behind what the
assistant says, and `<functioncall>` before a call, whose arguments are JSON text within single
quotes. LLaMA-Factory's form of the same data is `sharegpt`. What does not fit this exactly is
refused: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson

from ..trajectory import Trajectory
from .conversation import Call, Conversation, text_in
from .format import Format, Losses, Refused
from .json_stream import decode
from .tools import Tools, read_tools

_KNOWN = frozenset(("system", "chat"))
_SPEAKER = re.compile(r"(?:\A|\n)\s*(USER|ASSISTANT|FUNCTION RESPONSE): ?")
_CALL = re.compile(
    r"""\s*\{\s*"name":\s*("(?:[^"\\]|\\.)*")\s*,\s*"arguments":\s*'(.*)'\s*\}\s*""", re.DOTALL
)
_MARK, _END = "<functioncall>", "<|endoftext|>"


def recognize(record: Any) -> str | None:
    """By its two texts."""
    if not isinstance(record, dict):
        return None
    system, chat = record.get("system"), record.get("chat")
    if isinstance(system, str) and isinstance(chat, str) and "USER:" in chat:
        return "it has a system and a chat with USER: and ASSISTANT:"
    return None


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """One conversation."""
    said, functions = _system(text_in(record.get("system"), "system"))
    tools = read_tools(functions, losses)
    conversation = Conversation()
    if said:
        conversation.say("system", said)
    parts = _SPEAKER.split(text_in(record.get("chat"), "the chat"))
    if parts[0].strip():
        raise Refused("the chat does not begin with a speaker")
    for speaker, text in zip(parts[1::2], parts[2::2], strict=True):
        _take(conversation, speaker, text.replace(_END, "").strip(), tools)
    return [conversation.trajectory("glaive", tools, record, _KNOWN)]


def _system(text: str) -> tuple[str, list[Any]]:
    """What it says, and the functions that follow."""
    text = text.removeprefix("SYSTEM:").strip()
    at = text.find("{")
    if at < 0:
        return text, []
    functions = []
    start = at
    while at < len(text):
        try:
            function, at = decode(text, at)
        except (ValueError, RecursionError):
            raise Refused(f"no function stands at character {at} of the system's text") from None
        functions.append(function)
        at += len(text[at:]) - len(text[at:].lstrip(" \n\r\t,"))
    return text[:start].rstrip(" -\n"), functions


def _take(conversation: Conversation, speaker: str, text: str, tools: Tools) -> None:
    if speaker == "USER":
        conversation.say("user", text)
    elif speaker == "FUNCTION RESPONSE":
        conversation.result(text)
    elif _MARK not in text:
        conversation.say("assistant", text)
    else:
        words, _, call = text.partition(_MARK)
        conversation.call([_call(call, tools)], words.strip() or None)


def _call(text: str, tools: Tools) -> Call:
    found = _CALL.fullmatch(text)
    if found is None:
        raise Refused(f"a call is not of Glaive's form: {text.strip()!r:.80}")
    arguments = found.group(2).replace("\\'", "'")
    try:
        orjson.loads(arguments)
    except orjson.JSONDecodeError as error:
        raise Refused(f"a call's arguments are no JSON ({error}): {arguments!r:.80}") from None
    return Call(tools.name(orjson.loads(found.group(1))), arguments)


FORMAT = Format(
    "glaive",
    "Glaive's function calling data, version 2, as published; read only",
    recognize,
    read,
)
