"""Hermes' function calling: tools, calls and results are JSON in tags of the text.

The system's message holds `<tools>`, the assistant's `<tool_call>` and the tools' messages
`<tool_response>`; a thought is in `<think>` or `<scratch_pad>`. Turns have from and value, or role
and content; a record may also be `{"system", "user", "assistant"}`. Some calls of the published
data are Python's literals and not JSON; these are read too. How to write calls, which the system's
message explains, is no part of a trajectory: it is left out, and written again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from ..trajectory import Message, Trajectory
from .chat_messages import THOUGHTS
from .conversation import (
    Call,
    Conversation,
    in_call_order,
    one_branch,
    read_call,
    result_text,
    write_call,
)
from .format import Format, Losses, Refused
from .literals import literal
from .openai import is_pair, role_messages
from .sharegpt import SAID, from_turns, texts
from .tools import Tools, read_tools, write_tools

_FLAT = ("system", "user", "assistant")
_FIELDS = frozenset(("role", "content", "from", "value", "weight", "name"))
_TOOLS = re.compile(r"<tools>\s*(?=[\[{])(.*?)</tools>", re.DOTALL)
_OPENED = re.compile(r"<tools>\s*[\[{]")
_CALL = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
_RESPONSE = re.compile(r"<tool_response>\s*(.*?)\s*</tool_response>", re.DOTALL)
_THOUGHT = re.compile(r"<(think|scratch_pad)>\s*(.*?)\s*</\1>\s*", re.DOTALL)
_MARKS = ("<tool_call>", "<tool_response>", "<think>", "<scratch_pad>", "<tools>")
_EXPLAINED = "You have functions at hand. Their signatures are within <tools> tags:"
_EXPLANATION = (
    "To call a function, answer with a JSON object of its name and arguments within tags, for each "
    'call: <tool_call>\n{"name": <function name>, "arguments": <arguments object>}\n</tool_call>'
)
_ROLES = {**SAID, "tool": "tool", "observation": "tool", "function": "tool"}


@dataclass(slots=True)
class _Turn:
    """One turn of text, whatever the form of the record."""

    role: str
    text: str
    thought: str | None = None
    weight: Any = None
    name: str | None = None
    """Whose result it is, where a field says so."""
    unknown: int = 0
    """Further fields."""


def recognize(record: Any) -> str | None:
    """By its tags, where it does not have calls in fields of their own."""
    if not isinstance(record, dict) or not _tagged(record):
        return None
    for turn in _turns(record) or ():
        if turn.role == "system" and _holds_tools(turn.text):
            return "its system message holds <tools>"
        if turn.role == "assistant" and "<tool_call>" in turn.text:
            return "its answers hold <tool_call>"
        if turn.role == "tool" and "<tool_response>" in turn.text:
            return "its results hold <tool_response>"
    return None


def _tagged(record: dict[str, Any]) -> bool:
    """Whether a tag may stand in one of its texts."""
    flat = [text for name in _FLAT if isinstance(text := record.get(name), str)]
    return any("<tool" in text for text in (*flat, *texts(record)))


def _holds_tools(text: str) -> bool:
    """What `_TOOLS` finds, without stepping through the tools letter by letter."""
    opened = _OPENED.search(text)
    return opened is not None and "</tools>" in text[opened.end() :]


def _turns(record: Any) -> list[_Turn] | None:
    """Its turns, where they are of text only."""
    if not isinstance(record, dict) or is_pair(record):
        return None
    key = _turns_key(record)
    if key is None:
        pairs = [(name, record[name]) for name in _FLAT if name in record]
        if not all(isinstance(text, str) for _, text in pairs):
            return None
        return [_Turn(role, text) for role, text in pairs]
    given = [_turn(turn) for turn in record[key]]
    turns = [turn for turn in given if turn is not None]
    if len(turns) < len(given):
        return None
    system = record.get("system")
    if isinstance(system, str) and system and not any(
        turn.role == "system" and turn.text == system for turn in turns
    ):  # fmt: skip
        turns.insert(0, _Turn("system", system))
    return turns


def _turns_key(record: dict[str, Any]) -> str | None:
    """Where its turns stand; None where they are fields of the record."""
    if from_turns(record) is not None:
        return "conversations"
    return "messages" if role_messages(record) is not None else None


def _turn(given: dict[str, Any]) -> _Turn | None:
    role, text = given.get("from", given.get("role")), given.get("value", given.get("content"))
    if not isinstance(role, str) or not isinstance(text, str) or given.get("tool_calls"):
        return None
    further = given.keys() - _FIELDS
    thought = next((given[k] for k in THOUGHTS if isinstance(given.get(k), str)), None)
    name = given.get("name")
    role = _ROLES.get(role, role)
    return _Turn(
        role, text, thought or None, given.get("weight"),
        name if role == "tool" and isinstance(name, str) and name else None,
        sum(given[k] is not None and (k not in THOUGHTS or given[k] != thought) for k in further),
    )  # fmt: skip


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """One conversation."""
    turns = _turns(record)
    if not turns:
        raise Refused("it has no turns of text")
    listed = [
        found for turn in turns if turn.role == "system" for found in _TOOLS.findall(turn.text)
    ]
    tools = read_tools(_listed(listed) or record.get("tools"), losses)
    if listed and record.get("tools"):
        losses.lose("tools beside those of the system message", _others(record["tools"], tools))
    conversation = Conversation(losses, parallel=True)
    for number, turn in enumerate(turns, 1):
        losses.lose("unknown fields of turns", turn.unknown)
        try:
            _read(conversation, turn, tools, losses)
        except Refused as problem:
            raise Refused(f"turn {number}: {problem}") from None
    key = _turns_key(record)
    known = (*_FLAT, "tools") if key is None else (key, "tools", "system")
    return [conversation.trajectory("hermes", tools, record, known)]


def _others(given: Any, tools: Tools) -> int:
    """How many of the tools `given` in a field are not among `tools`."""
    try:
        return sum(spec not in tools.specs for spec in read_tools(given, Losses()).specs)
    except Refused:
        return 1


def _listed(texts: list[str]) -> list[Any]:
    """The tools in the tags: a list, or one after another."""
    functions: list[Any] = []
    for text in texts:
        value = literal(text)
        if value is None:
            lines = [literal(line) for line in text.splitlines() if line.strip()]
            if None in lines:
                raise Refused(f"the tools are no JSON: {text!r:.80}")
            functions += lines
        else:
            functions += value if isinstance(value, list) else [value]
    return functions


def _read(conversation: Conversation, turn: _Turn, tools: Tools, losses: Losses) -> None:
    if turn.role == "system":
        said = _without_explanation(turn.text, losses)
        if said:
            conversation.say("system", said)
    elif turn.role == "user":
        conversation.say("user", turn.text)
    elif turn.role == "tool":
        for name, result in _results(turn.text):
            named = name or turn.name
            conversation.result(result, name=tools.name(named) if named else None)
    elif turn.role == "assistant":
        _answer(conversation, turn, tools)
    else:
        raise Refused(f"the role {turn.role!r:.40} is not known")


def _without_explanation(text: str, losses: Losses) -> str:
    """What the system's message says besides the tools and how to call them."""
    found = _TOOLS.search(text)
    if found is None:
        return text
    before, after = text[: found.start()], text[found.end() :]
    ours = before.endswith(f"{_EXPLAINED}\n") and after.lstrip() == _EXPLANATION
    if ours:
        return before[: -len(_EXPLAINED) - 1].removesuffix("\n\n")
    at = before.find("You are provided with function signatures")
    explained = at >= 0 or "<tool_call>" in after
    losses.lose("explanations of how to call", explained)
    kept = (before if at < 0 else before[:at], "" if "<tool_call>" in after else after)
    return "\n".join(part.strip() for part in kept if part.strip())


def _answer(conversation: Conversation, turn: _Turn, tools: Tools) -> None:
    text = turn.text
    if not any(mark in text for mark in _MARKS):
        conversation.say("assistant", text, thought=turn.thought, weight=turn.weight)
        return
    thoughts = [turn.thought] if turn.thought else []
    thoughts += [found.group(2) for found in _THOUGHT.finditer(text)]
    words = _THOUGHT.sub("", text)
    calls = list(_calls(words, tools))
    words = _CALL.sub("", words).strip()
    if "<tool_call>" in words:
        raise Refused("a <tool_call> is not closed")
    thought = "\n".join(thoughts) or None
    if calls:
        conversation.call(calls, words or None, thought=thought, weight=turn.weight)
    else:
        conversation.say("assistant", words, thought=thought, weight=turn.weight)


def _calls(text: str, tools: Tools) -> Iterator[Call]:
    for found in _CALL.finditer(text):
        value = literal(found.group(1))
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, dict):
                raise Refused(f"a call is no JSON: {found.group(1)!r:.80}")
            yield read_call(one, tools)


def _results(text: str) -> Iterator[tuple[str | None, str]]:
    """Names, where they are said, and contents."""
    responses = _RESPONSE.findall(text)
    for response in responses:
        value = literal(response)
        if isinstance(value, dict) and "content" in value and value.keys() <= {"name", "content"}:
            name = value.get("name")
            yield name if isinstance(name, str) else None, result_text(value["content"])
        else:
            yield None, response
    if not responses:
        yield None, text


def write(trajectory: Trajectory, losses: Losses) -> Any:
    """The main branch. Raises `Refused` where words could be taken for the tags."""
    path = in_call_order(one_branch(trajectory, "hermes", losses, ("id", "thought")), losses)
    turns: list[dict[str, str]] = []
    names: dict[str, str] = {}
    first = path[0].content or "" if path[0].role == "system" else ""
    if trajectory.tools or first:
        turns.append({"from": "system", "value": _system(first, trajectory, losses)})
    for message in path[1:] if path[0].role == "system" else path:
        names |= {call.id: call.function.name for call in message.tool_calls or ()}
        text = _result(message, names) if message.role == "tool" else _text(message, losses)
        speaker = {"user": "human", "assistant": "gpt"}.get(message.role, message.role)
        if speaker == "tool" and turns and turns[-1]["from"] == "tool":
            turns[-1]["value"] += f"\n{text}"
        else:
            turns.append({"from": speaker, "value": text})
    return {"id": trajectory.id, "conversations": turns}


def _system(said: str, trajectory: Trajectory, losses: Losses) -> str:
    if _TOOLS.search(said):
        raise Refused("a system message holds the tags of tools")
    if not trajectory.tools:
        return said
    tools = orjson.dumps(write_tools(trajectory.tools, losses)).decode()
    if "</tools>" in tools:
        raise Refused("a tool's description holds the tag that ends tools")
    before = f"{said}\n\n" if said else ""
    return f"{before}{_EXPLAINED}\n<tools>{tools}</tools>\n{_EXPLANATION}"


def _text(message: Message, losses: Losses) -> str:
    content = message.content or ""
    if message.role != "assistant":
        return content
    thought = message.thought or ""
    if any(mark in f"{content}{thought}" for mark in _MARKS) or "</think>" in thought:
        raise Refused("an answer holds the tags of calls or thoughts")
    if thought or message.tool_calls:
        losses.lose("space around words", (content.strip(), thought.strip()) != (content, thought))
    parts = [f"<think>\n{thought}\n</think>"] if thought else []
    parts += [content] if content or not (parts or message.tool_calls) else []
    for call in message.tool_calls or ():
        text = orjson.dumps(write_call(call, losses)).decode()
        if "</tool_call>" in text:
            raise Refused("a call's arguments hold the tag that ends calls")
        parts.append(f"<tool_call>\n{text}\n</tool_call>")
    return "\n".join(parts)


def _result(message: Message, names: dict[str, str]) -> str:
    name = names.get(message.tool_call_id or "")
    content = {"name": name, "content": message.content or ""} if name else {
        "content": message.content or ""}  # fmt: skip
    text = orjson.dumps(content).decode()
    if "</tool_response>" in text:
        raise Refused("a result holds the tag that ends results")
    return f"<tool_response>\n{text}\n</tool_response>"


FORMAT = Format(
    "hermes",
    "Hermes' function calling in tags; also what Qwen's and many other templates write",
    recognize,
    read,
    write,
    ".json",
)
