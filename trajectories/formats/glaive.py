"""Glaive's function calling data, as published: two texts a record, or one (`sample`, version 1).

`system` lists the functions, one JSON object after another. `chat` is the dialogue: `USER:`,
`ASSISTANT:` and `FUNCTION RESPONSE:` at the beginnings of lines, `<|endoftext|>` behind what the
assistant says, and `<functioncall>` before a call, whose arguments are JSON text within single
quotes, or an object. The same texts are read where others made turns or messages of them; with
calls in turns of their own, as LLaMA-Factory has this data, it is `sharegpt`. What does not fit
this exactly is refused: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from ..trajectory import Trajectory
from .conversation import Call, Conversation, read_call, text_in
from .format import Format, Losses, Refused
from .json_stream import decode
from .literals import literal
from .openai import calls_of, role_messages
from .sharegpt import SAID, from_turns, texts
from .tools import Tools, read_tools

_TURNS = ("conversations", "messages")
_SPEAKER = re.compile(r"(?:\A|\n)\s*(USER|ASSISTANT|FUNCTION RESPONSE): ?")
_CALL = re.compile(
    r"""\s*\{\s*"name":\s*("(?:[^"\\]|\\.)*")\s*,\s*"arguments":\s*'(.*)'\s*\}\s*""", re.DOTALL
)
_MARK, _END = "<functioncall>", "<|endoftext|>"
_USER, _ASSISTANT, _RESPONSE, _SYSTEM = "USER", "ASSISTANT", "FUNCTION RESPONSE", "SYSTEM"
_SPEAKERS = {
    **{word: role.upper() for word, role in SAID.items()},
    **dict.fromkeys(("tool", "function", "function_response", "observation"), _RESPONSE),
}
"""Glaive's words for the speakers of others."""


def recognize(record: Any) -> str | None:
    """By its texts, or the tag of its calls."""
    if not isinstance(record, dict):
        return None
    system, chat, sample = (record.get(key) for key in ("system", "chat", "sample"))
    if isinstance(system, str) and isinstance(chat, str) and "USER:" in chat:
        return "it has a system and a chat with USER: and ASSISTANT:"
    if isinstance(sample, str) and sample.lstrip().startswith("SYSTEM:") and "USER:" in sample:
        return "it has a sample with SYSTEM:, USER: and ASSISTANT:"
    if not any(_MARK in text for text in texts(record)):
        return None
    if any(speaker == _ASSISTANT and _MARK in text for speaker, text in _turns(record) or ()):
        return "its answers hold <functioncall>"
    return None


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """One conversation."""
    turns, known = _turns(record), {"tools", "system", _turns_key(record) or ""}
    if turns is None:
        turns, known = _chat(record)
    elif record.get("system"):
        turns.insert(0, (_SYSTEM, text_in(record["system"], "system")))
    given = record.get("tools")
    functions: list[Any] = []
    conversation = Conversation(losses)
    for place, (speaker, text) in enumerate(turns):
        if speaker != _SYSTEM:
            continue
        said, listed = (text, []) if given else _system(text)
        functions += listed
        turns[place] = speaker, said
    tools = read_tools(given or functions, losses)
    for speaker, text in turns:
        _take(conversation, speaker, text.replace(_END, "").strip(), tools)
    return [conversation.trajectory("glaive", tools, record, known)]


def _chat(record: Mapping[str, Any]) -> tuple[list[tuple[str, str]], set[str]]:
    """Speakers and texts of the published forms, and the fields in which they are."""
    known = {"tools", "sample"} if "sample" in record else {"system", "chat"}
    if "sample" in record:
        sample = text_in(record["sample"], "the sample")
        found = _SPEAKER.search(sample)
        at = found.start() if found else len(sample)
        system, chat = sample[:at], sample[at:]
    else:
        system = text_in(record.get("system"), "system")
        chat = text_in(record.get("chat"), "the chat")
    parts = _SPEAKER.split(chat)
    if parts[0].strip():
        raise Refused("the chat does not begin with a speaker")
    return [(_SYSTEM, system), *zip(parts[1::2], parts[2::2], strict=True)], known


def _turns_key(record: Mapping[str, Any]) -> str | None:
    """Where its turns are."""
    return next((key for key in _TURNS if isinstance(record.get(key), list)), None)


def _turns(record: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """Speakers and texts of turns or messages, where there are such, of text only."""
    key = _turns_key(record)
    turns = from_turns(record) if key == "conversations" else role_messages(record)
    if turns is None or any(calls_of(turn) for turn in turns):
        return None
    pairs = [(t.get("from", t.get("role")), t.get("value", t.get("content"))) for t in turns]
    said = [
        (_SPEAKERS[role], text)
        for role, text in pairs
        if isinstance(role, str) and role in _SPEAKERS and isinstance(text, str)
    ]
    return said if len(said) == len(pairs) else None


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
    if speaker == _SYSTEM:
        if text:
            conversation.say("system", text)
    elif speaker == _USER:
        conversation.say("user", text)
    elif speaker == _RESPONSE:
        conversation.result(text)
    elif _MARK not in text:
        conversation.say("assistant", text)
    else:
        words, _, call = text.partition(_MARK)
        conversation.call([_call(call, tools)], words.strip() or None)


def _call(text: str, tools: Tools) -> Call:
    found = _CALL.fullmatch(text)
    if found is None:
        call = literal(text)
        if not isinstance(call, dict):
            raise Refused(f"a call is not of Glaive's form: {text.strip()!r:.80}")
        return read_call(call, tools)
    arguments = found.group(2).replace("\\'", "'")
    try:
        orjson.loads(arguments)
    except orjson.JSONDecodeError as error:
        raise Refused(f"a call's arguments are no JSON ({error}): {arguments!r:.80}") from None
    return Call(tools.name(orjson.loads(found.group(1))), arguments)


FORMAT = Format(
    "glaive",
    "Glaive's function calling data, as published, version 1 or 2; read only",
    recognize,
    read,
)
