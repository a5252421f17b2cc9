"""ToolACE (Liu et al. 2024): `system` lists the functions as JSON, and `conversations` have turns
from user, assistant and tool.

An assistant's calls are text, `[Market Trends API(trend_type="X"), other.call(a=1, b=[1, 2])]`,
whose names hold spaces and dots and whose values are Python's or JSON's. A tool's turn is a list of
`{"name", "results"}`, one for each call. How to call, which the system's text explains, is no part
of a trajectory and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from ..trajectory import Trajectory
from .conversation import Call, Conversation, arguments_text, list_in, result_text, text_in
from .format import Format, Losses, Refused
from .json_stream import decode
from .literals import literal_or
from .tools import Tools, read_tools

_KNOWN = frozenset(("system", "conversations"))
_ROLES = {"user": "user", "human": "user", "assistant": "assistant", "gpt": "assistant"}
_SPEAKERS = (*_ROLES, "tool")
_LOOKS_CALLED = re.compile(r"\s*\[[^\[\](){}'\"]+\(.*\)\s*\]\s*", re.DOTALL)
_NAME = re.compile(r"\s*([^\[\](){}'\"=,]*[^\[\](){}'\"=,\s])\s*\(")
_KEY = re.compile(r"\s*([^\[\](){}'\"=,]*[^\[\](){}'\"=,\s])\s*=")
_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[\[\](){},]", re.DOTALL)
_OPENS, _CLOSES = "[({", "])}"
_INTRODUCES = re.compile(r"(?:^|\n)[^\n]*\bfunctions\b[^\n]*:\s*\Z")
_EXPLAINS = re.compile(r"\[func\w*\(")
_NEITHER = object()


def recognize(record: Any) -> str | None:
    """Functions in the system's text, and turns of ToolACE's speakers."""
    if not isinstance(record, dict) or record.get("tools"):
        return None
    turns = record.get("conversations")
    if not isinstance(turns, list) or not turns:
        return None
    if not all(isinstance(t, dict) and t.get("from") in _SPEAKERS for t in turns):
        return None
    return "its system lists functions, and turns call them in text" if _listed(record) else None


def _listed(record: Mapping[str, Any]) -> tuple[str, list[Any], str] | None:
    """The system's text before the functions, they, and the text behind them."""
    system = record.get("system")
    at = system.find("[{") if isinstance(system, str) else -1
    if not isinstance(system, str) or at < 0:
        return None
    try:
        functions, end = decode(system, at)
    except (ValueError, RecursionError):
        return None
    named = all(isinstance(f, dict) and isinstance(f.get("name"), str) for f in functions)
    return (system[:at], functions, system[end:]) if named else None


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """One conversation."""
    listed = _listed(record)
    if listed is None:
        raise Refused("its system lists no functions")
    before, functions, after = listed
    tools = read_tools(functions, losses)
    conversation = Conversation(losses)
    said = _without_explanation(before, after, losses)
    if said:
        conversation.say("system", said)
    for number, turn in enumerate(list_in(record, "conversations"), 1):
        try:
            _read(conversation, turn, tools, losses)
        except Refused as problem:
            raise Refused(f"turn {number}: {problem}") from None
    return [conversation.trajectory("toolace", tools, record, _KNOWN)]


def _without_explanation(before: str, after: str, losses: Losses) -> str:
    """What the system's text says besides the functions, the line that introduces them, and how
    to call."""
    after = after.strip().removeprefix(".").strip()
    explained = _EXPLAINS.search(after) is not None
    losses.lose("explanations of how to call", explained)
    kept = (_INTRODUCES.sub("", before).strip(), "" if explained else after)
    return "\n".join(part for part in kept if part)


def _read(
    conversation: Conversation, turn: Mapping[str, Any], tools: Tools, losses: Losses
) -> None:
    speaker, text = turn.get("from"), text_in(turn.get("value"), "the value")
    losses.lose("unknown fields of turns", len(turn.keys() - {"from", "value"}))
    if speaker == "tool":
        for name, result in _results(text, conversation.open_calls):
            conversation.result(result, name=tools.name(name) if name else None)
    elif speaker not in _ROLES:
        raise Refused(f"the speaker {speaker!r:.40} is not known")
    elif _ROLES[speaker] == "assistant" and _LOOKS_CALLED.fullmatch(text):
        conversation.call([Call(tools.name(name), arguments_text(given))
                           for name, given in calls_in(text)])  # fmt: skip
    else:
        conversation.say(_ROLES[speaker], text)


def calls_in(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and arguments of the calls in `[name(key=value, ...), ...]`. Raises `Refused` where
    the text is anything else."""
    inner = text.strip()
    parts = list(_parts(inner[1:-1]))
    if not (inner.startswith("[") and inner.endswith("]") and parts):
        raise Refused(f"it is no list of calls: {text!r:.80}")
    for part in parts:
        name = _NAME.match(part)
        if name is None or not part.rstrip().endswith(")"):
            raise Refused(f"a call is not of ToolACE's form: {part.strip()!r:.80}")
        given = part.rstrip()[name.end() : -1]
        yield name[1], dict(map(_argument, _parts(given)))


def _argument(text: str) -> tuple[str, Any]:
    key = _KEY.match(text)
    value = literal_or(text[key.end() :].strip(), _NEITHER) if key else _NEITHER
    if key is None or value is _NEITHER:
        raise Refused(f"an argument cannot be read: {text.strip()!r:.80}")
    return key[1], value


def _parts(text: str) -> Iterator[str]:
    """What stands between the commas that are within no brackets and quotes. Raises `Refused`
    where brackets are not closed."""
    start = depth = 0
    for token in _TOKEN.finditer(text):
        sign = token.group()
        depth += (sign in _OPENS) - (sign in _CLOSES)
        if depth < 0:
            raise Refused(f"brackets do not match: {text!r:.80}")
        if sign == "," and depth == 0:
            yield text[start : token.start()]
            start = token.end()
    if depth:
        raise Refused(f"brackets are not closed: {text!r:.80}")
    if text[start:].strip():
        yield text[start:]


def _results(text: str, calls: int) -> list[tuple[str | None, str]]:
    """Names, where they are said, and outputs: one for each of `calls`, or else the whole text."""
    items = literal_or(text, None)
    if not isinstance(items, list) or len(items) != max(calls, 1):
        return [(None, text)]
    return [_result(item) for item in items]


def _result(item: Any) -> tuple[str | None, str]:
    if isinstance(item, dict) and item.keys() == {"name", "results"}:
        name = item["name"]
        return name if isinstance(name, str) else None, result_text(item["results"])
    return None, item if isinstance(item, str) else orjson.dumps(item).decode()


FORMAT = Format(
    "toolace",
    "ToolACE: functions in the system's text, calls as [name(key=value)]; read only",
    recognize,
    read,
)
