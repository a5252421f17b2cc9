"""Hermes' function calling: tools, calls and results are JSON in tags of the text.

The system's message holds `<tools>`, the assistant's `<tool_call>` and the tools' messages
`<tool_response>`; a thought is in `<think>` or `<scratch_pad>`. Turns have from and value, or role
and content; a record may also be `{"system", "user", "assistant"}`. Some calls of the published
data are Python's literals and not JSON; these are read too. How to write calls, which the system's
message explains, is no part of a trajectory: it is left out, and written again.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from ..trajectory import Message, Trajectory
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
from .openai import role_messages
from .sharegpt import SAID, from_turns
from .tools import Tools, read_tools, write_tools

_KNOWN = frozenset(("conversations", "messages", "tools", "system", "user", "assistant"))
_TOOLS = re.compile(r"<tools>\s*(?=[\[{])(.*?)</tools>", re.DOTALL)
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
_LITERAL = 100_000
"""Characters of a Python literal that are still read."""


def recognize(record: Any) -> str | None:
    """By its tags, where it does not have calls in fields of their own."""
    for role, text in _turns(record) or ():
        if role == "system" and _TOOLS.search(text):
            return "its system message holds <tools>"
        if role == "assistant" and "<tool_call>" in text:
            return "its answers hold <tool_call>"
        if role == "tool" and "<tool_response>" in text:
            return "its results hold <tool_response>"
    return None


def _turns(record: Any) -> list[tuple[str, str]] | None:
    """Roles and texts, where the record has turns of text only."""
    if not isinstance(record, dict) or "chosen" in record:
        return None
    turns = from_turns(record)
    if turns is not None:
        pairs = [(turn["from"], turn["value"]) for turn in turns]
    elif (messages := role_messages(record)) is not None:
        if any(message.get("tool_calls") for message in messages):
            return None
        pairs = [(message["role"], message.get("content")) for message in messages]
    else:
        names = ("system", "user", "assistant")
        pairs = [(name, record[name]) for name in names if name in record]
    if not all(isinstance(role, str) and isinstance(text, str) for role, text in pairs):
        return None
    return pairs


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """One conversation."""
    turns = _turns(record)
    if not turns:
        raise Refused("it has no turns of text")
    listed = [found for role, text in turns if role == "system" for found in _TOOLS.findall(text)]
    tools = read_tools(_listed(listed) or record.get("tools"), losses)
    conversation = Conversation()
    for number, (role, text) in enumerate(turns, 1):
        try:
            _read(conversation, _ROLES.get(role, role), text, tools, losses)
        except Refused as problem:
            raise Refused(f"turn {number}: {problem}") from None
    return [conversation.trajectory("hermes", tools, record, _KNOWN)]


def _listed(texts: list[str]) -> list[Any]:
    """The tools in the tags: a list, or one after another."""
    functions: list[Any] = []
    for text in texts:
        value = _value(text)
        if value is None:
            lines = [_value(line) for line in text.splitlines() if line.strip()]
            if None in lines:
                raise Refused(f"the tools are no JSON: {text!r:.80}")
            functions += lines
        else:
            functions += value if isinstance(value, list) else [value]
    return functions


def _value(text: str) -> Any:
    """JSON, or a literal of Python; None where it is neither."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        value = ast.literal_eval(text.strip()) if len(text) <= _LITERAL else None
        orjson.dumps(value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value


def _read(conversation: Conversation, role: str, text: str, tools: Tools, losses: Losses) -> None:
    if role == "system":
        said = _without_explanation(text, losses)
        if said:
            conversation.say("system", said)
    elif role == "user":
        conversation.say("user", text)
    elif role == "tool":
        for result in _results(text):
            conversation.result(result[1], name=result[0])
    elif role == "assistant":
        _answer(conversation, text, tools)
    else:
        raise Refused(f"the role {role!r:.40} is not known")


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


def _answer(conversation: Conversation, text: str, tools: Tools) -> None:
    if not any(mark in text for mark in _MARKS):
        conversation.say("assistant", text)
        return
    thoughts = [found.group(2) for found in _THOUGHT.finditer(text)]
    words = _THOUGHT.sub("", text)
    calls = list(_calls(words, tools))
    words = _CALL.sub("", words).strip()
    if "<tool_call>" in words:
        raise Refused("a <tool_call> is not closed")
    thought = "\n".join(thoughts) or None
    if calls:
        conversation.call(calls, words or None, thought=thought)
    else:
        conversation.say("assistant", words, thought=thought)


def _calls(text: str, tools: Tools) -> Iterator[Call]:
    for found in _CALL.finditer(text):
        value = _value(found.group(1))
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, dict):
                raise Refused(f"a call is no JSON: {found.group(1)!r:.80}")
            yield read_call(one, tools)


def _results(text: str) -> Iterator[tuple[str | None, str]]:
    """Names, where they are said, and contents."""
    responses = _RESPONSE.findall(text)
    for response in responses:
        value = _value(response)
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
