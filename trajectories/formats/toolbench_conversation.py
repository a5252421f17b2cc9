"""ToolBench's training conversations (ToolLLaMA): turns of system, user, assistant and function,
an assistant's as `Thought:`, `Action:` and `Action Input:`.

The tools stand at the end of the system message as a Python literal; they become the trajectory's,
and leave the message. A turn without an action is the assistant's words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import orjson

from ..trajectory import Message, Trajectory
from .conversation import Call, Conversation, in_call_order, list_in, one_branch, text_in
from .format import Format, Losses, Refused
from .tools import Tools, read_tools, write_tools

_NAME = "toolbench"
_ROLES = ("system", "user", "assistant", "function")
_TOOLS = "\nSpecifically, you have access to the following APIs: "
_LONGEST = 1_000_000
"""Characters of a list of tools that are read."""
_THOUGHT = "\nThought: "
_ACTION = re.compile(r"^\s*Action: ?", re.M)
_INPUT = re.compile(r"\n\s*Action Input: ?")
_QUOTED = re.compile(r"'([^'\\]*)'|\"[^\"\\]*\"|\b(?:True|False|None)\b")
_CONSTANTS = {"True": "true", "False": "false", "None": "null"}
_LONG_NUMBER = re.compile(r"\d{19}")
"""Which JSON readers may round."""


def recognize(record: Any) -> str | None:
    turns = record.get("conversations") if isinstance(record, dict) else None
    if not isinstance(turns, list) or not turns or not all(isinstance(t, dict) for t in turns):
        return None
    if not all(t.get("from") in _ROLES and isinstance(t.get("value"), str) for t in turns):
        return None
    if any(t["from"] == "assistant" and _INPUT.search(t["value"]) for t in turns):
        return "turns with Thought, Action and Action Input"
    return None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    turns = list_in(record, "conversations")
    conversation, tools = Conversation(), Tools()
    for place, turn in enumerate(turns, 1):
        role, text = turn.get("from"), text_in(turn.get("value"), f"turn {place}")
        if role == "assistant":
            _act(conversation, text, tools)
        elif role == "function":
            conversation.result(text)
        elif role == "system":
            words, _, listed = text.partition(_TOOLS)
            if listed:
                tools = read_tools(literal(listed), losses)
            if words or not listed:
                conversation.say("system", words)
        elif role == "user":
            conversation.say("user", text)
        else:
            raise Refused(f"turn {place} is from {role!r:.40}")
    yield conversation.trajectory(
        _NAME, tools, record, ("conversations",), environment="toolbench",
    )  # fmt: skip


def write(trajectory: Trajectory, losses: Losses) -> dict[str, Any]:
    path = in_call_order(one_branch(trajectory, _NAME, losses, ("id", "thought")), losses)
    turns = [{"from": _from(message), "value": _text(message, losses)} for message in path]
    if trajectory.tools:
        functions = [tool["function"] for tool in write_tools(trajectory.tools, losses)]
        listed = f"{_TOOLS}{functions!r}"
        if turns[0]["from"] != "system":
            turns.insert(0, {"from": "system", "value": ""})
        turns[0]["value"] += listed
    return {"id": trajectory.id, "conversations": turns}


def _act(conversation: Conversation, text: str, tools: Tools) -> None:
    action = _ACTION.search(text)
    rest = text[action.end() :] if action else ""
    given = _INPUT.search(rest)
    if action is None or given is None:
        conversation.say("assistant", text)
        return
    words = text[: action.start()].removesuffix("\n")
    thought = words.removeprefix("\n").removeprefix("Thought:").removeprefix(" ") or None
    call = Call(tools.name(rest[: given.start()].strip()), rest[given.end() :])
    conversation.call([call], thought=thought)


def literal(text: str) -> Any:
    """The value of a Python literal: constants, lists and dicts; nothing is run. Raises
    `Refused`."""
    if len(text) > _LONGEST:
        raise Refused(f"the list of tools is longer than {_LONGEST:,} characters")
    try:
        return _by_json(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise Refused(f"the system message's tools cannot be read: {text!r:.60}") from None


def _by_json(text: str) -> Any:
    """The same where the literal is JSON but for its quotes and constants, in a fraction of the
    time. Raises `JSONDecodeError` for any other."""
    if "\\" in text or _LONG_NUMBER.search(text):
        raise orjson.JSONDecodeError("not that simple", text, 0)
    return orjson.loads(_QUOTED.sub(_json_token, text))


def _json_token(found: re.Match[str]) -> str:
    if found[1] is None:
        return _CONSTANTS.get(found[0], found[0])
    return '"' + found[1].replace('"', '\\"') + '"'


def _from(message: Message) -> str:
    return "function" if message.role == "tool" else message.role


def _text(message: Message, losses: Losses) -> str:
    content = message.content or ""
    calls = message.tool_calls or []
    if len(calls) > 1:
        raise Refused("a turn has several calls, and here it has one action")
    if not calls:
        losses.lose("thoughts without an action", bool(message.thought))
        if message.role == "assistant" and _ACTION.search(content) and _INPUT.search(content):
            raise Refused("an assistant's words would be read as an action")
        if message.role == "system" and _TOOLS in content:
            raise Refused("a system message would be read as one that lists tools")
        return content
    losses.lose(
        "words beside calls, which are thoughts here", bool(content and not message.thought)
    )
    losses.lose("words beside calls", bool(content and message.thought))
    words = message.thought or content
    thought = words.strip()
    losses.lose("space around thoughts", thought != words)
    if _ACTION.search(thought):
        raise Refused("a thought would be read as an action")
    function = calls[0].function
    return f"{_THOUGHT}{thought}\nAction: {function.name}\nAction Input: {function.arguments}"


FORMAT = Format(
    name=_NAME,
    about="ToolBench's conversations, as ToolLLaMA trains on them",
    recognize=recognize,
    read=read,
    write=write,
    suffix=".json",
)
