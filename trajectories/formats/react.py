"""ReAct strings (Yao et al. 2023): `Question:`, then `Thought 1:`, `Action 1: Search[...]` and
`Observation 1:` again and again; also their sisters without thoughts or without actions, which end
in `Answer:`, and HotpotQA's questions with an answer and no trajectory. In LangChain's strings an
`Action:` is a tool's name, `Action Input:` what it is given, and `Final Answer:` the end.

A string may hold several episodes, each a trajectory of its own; the text is `text` of a record,
or a value of an object of such strings. Actions become calls of tools whose specs are derived from
their use. A thought without an action is a step of its own, and what is observed then is `OK.`; the
last one ends the episode. An action that is not written as a call is the assistant's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ..trajectory import Message, Trajectory
from .conversation import (
    Call,
    Conversation,
    arguments_text,
    arguments_value,
    in_call_order,
    one_branch,
    text_in,
)
from .derived import used_tools
from .format import Format, Losses, Refused
from .tools import Tools

_NAME = "react"
_INPUT, _FINAL = "Action Input", "Final Answer"
_LINE = re.compile(
    rf"^(Question|Thought|{_INPUT}|Action|Observation|{_FINAL}|Answer)(?: ?(\d+))?: ?", re.M
)
_ACTION = re.compile(r"([A-Za-z_][A-Za-z0-9_.\-]{0,60})\[(.*)\]", re.S)
_ARGUMENTS = {"Search": "entity", "Lookup": "keyword", "Finish": "answer"}
"""What ReAct's own actions take; any other takes an `argument`."""
_OK = "OK."
_ASKED = frozenset(("question", "answer", "id"))
_HOTPOT = frozenset(("type", "level", "_id"))
"""What HotpotQA's questions have besides, and other people's do not."""


def recognize(record: Any) -> str | None:
    if isinstance(record, dict):
        keys = record.keys()
        if keys >= {"question", "answer"} and keys & _HOTPOT and keys <= {*_HOTPOT, *_ASKED}:
            return "a question of HotpotQA with its answer"
        if isinstance(record.get("text"), str):
            return _why(record["text"]) if record.keys() <= {"key", "text", "id"} else None
        texts = list(record.values())
        if texts and all(isinstance(text, str) for text in texts):
            return next(filter(None, map(_why, texts)), None)
    return _why(record) if isinstance(record, str) else None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    if isinstance(record, dict) and "question" in record:
        yield _question(record)
        return
    for key, text in _strings(record):
        episodes = _episodes(text)
        for number, episode in enumerate(episodes, 1):
            id = f"{key}#{number}" if key and len(episodes) > 1 else key
            yield _trajectory(id, episode)


def write(trajectory: Trajectory, losses: Losses) -> dict[str, str]:
    """`{"key", "text"}` of one episode. Refuses what the strings cannot say exactly."""
    path = in_call_order(one_branch(trajectory, _NAME, losses, ("id", "thought")), losses)
    for spec in trajectory.tools:
        losses.lose("descriptions of tools", bool(spec.description))
    if path[0].role != "user" or len(path) == 1:
        raise Refused("it is no question with an episode after it")
    lines = [f"Question: {_plain(path[0].content)}"]
    numbered = any(message.tool_calls for message in path)
    number = 0
    after = path[0]
    for message in path[1:]:
        if message.role == "assistant":
            number += 1
            lines += _written(message, f" {number}" if numbered else "")
        elif message.role == "tool" and after.tool_calls:
            lines.append(f"Observation {number}: {_plain(message.content)}")
        elif not (message.role == "user" and message.content == _OK and _only_thinks(after)):
            raise Refused(f"a {message.role}'s message has no place after a {after.role}'s")
        after = message
    text = "\n".join(lines) + "\n"
    again = list(read({"key": "", "text": text}, Losses()))
    if len(again) != 1 or not _same(again[0].messages, path):
        raise Refused("its text would be read in another way")
    return {"key": trajectory.id, "text": text}


@dataclass(slots=True)
class _Part:
    label: str
    text: str


@dataclass(slots=True)
class _Episode:
    question: str
    parts: list[_Part] = field(default_factory=list)


def _why(text: str) -> str | None:
    beginning = text[:4000]
    if "Question" not in beginning:  # almost all texts, of whatever form
        return None
    labels = [match[1] for match in islice(_LINE.finditer(beginning), 2)]
    if labels[:1] == ["Question"] and len(labels) > 1:
        return "text of a question and numbered thoughts, actions or observations"
    return None


def _strings(record: Any) -> Iterator[tuple[str, str]]:
    if isinstance(record, str):
        yield "", record
    elif isinstance(record, dict) and "text" in record:
        yield str(record.get("key") or record.get("id") or ""), text_in(record["text"], "text")
    elif isinstance(record, dict):
        for key, text in record.items():
            yield key, text_in(text, key)
    else:
        raise Refused("it is neither text nor an object of texts")


def _episodes(text: str) -> list[_Episode]:
    matches = list(_LINE.finditer(text))
    if not matches or matches[0][1] != "Question" or text[: matches[0].start()].strip():
        raise Refused("the text does not begin with a question")
    episodes: list[_Episode] = []
    for match, end in zip(matches, [*(m.start() for m in matches[1:]), len(text)], strict=True):
        words = text[match.end() : end].removesuffix("\n")
        if match[1] == "Question":
            episodes.append(_Episode(words.strip("\n")))
        else:
            episodes[-1].parts.append(_Part(match[1], words))
    if episodes[-1].parts:
        last = episodes[-1].parts[-1]
        last.text = last.text.rstrip("\n")
    return episodes


def _trajectory(id: str, episode: _Episode) -> Trajectory:
    conversation = Conversation()
    conversation.say("user", episode.question)
    thought: str | None = None
    action: str | None = None
    for part, after in zip(episode.parts, [*episode.parts[1:], None], strict=True):
        if part.label == "Action" and after is not None and after.label == _INPUT:
            action = part.text
        elif part.label == _INPUT:
            if action is None:
                raise Refused("an action's input stands without its action")
            conversation.call([_langchain_call(action, part.text)], thought=thought)
            thought = action = None
        elif part.label == "Thought":
            _pondered(conversation, thought)
            thought = part.text
        elif part.label == "Observation":
            if thought is not None:
                _pondered(conversation, thought, part.text)
            elif conversation.open_calls:
                conversation.result(part.text)
            else:
                conversation.say("user", part.text)
            thought = None
        else:
            _acted(conversation, part, thought)
            thought = None
    if thought is not None:
        conversation.say("assistant", None, thought=thought)
    tools = Tools(specs=used_tools(conversation.messages))
    return conversation.trajectory(_NAME, tools, {"id": id}, ("id",))


def _pondered(conversation: Conversation, thought: str | None, seen: str = _OK) -> None:
    """A thought that no action follows."""
    if thought is not None:
        conversation.say("assistant", None, thought=thought)
        conversation.say("user", seen)


def _langchain_call(action: str, given: str) -> Call:
    """The call that LangChain's two lines are: an input that is no object is text."""
    arguments = arguments_value(given.strip(), Losses())
    if arguments is None:
        arguments = {"input": given.strip()}
    return Call(Tools().name(action.strip()), arguments_text(arguments))


def _acted(conversation: Conversation, part: _Part, thought: str | None) -> None:
    action = _ACTION.fullmatch(part.text.rstrip()) if part.label == "Action" else None
    if action is None:
        conversation.say("assistant", part.text, thought=thought)
        return
    name, argument = action.groups()
    arguments = arguments_text({_ARGUMENTS.get(name, "argument"): argument})
    conversation.call([Call(name, arguments)], thought=thought)


def _question(record: Mapping[str, Any]) -> Trajectory:
    conversation = Conversation()
    conversation.say("user", text_in(record["question"], "question"))
    id_key = "_id" if "_id" in record else "id"
    return conversation.trajectory(_NAME, Tools(), record, ("question",), id_key=id_key)


def _written(message: Message, number: str) -> list[str]:
    lines = [] if message.thought is None else [f"Thought{number}: {message.thought}"]
    calls = message.tool_calls or []
    if len(calls) > 1 or (calls and message.content):
        raise Refused("a step has more than one action")
    if calls:
        arguments = arguments_value(calls[0].function.arguments, Losses()) or {}
        name = calls[0].function.name
        if list(arguments) != [_ARGUMENTS.get(name, "argument")]:
            raise Refused(f"a call of {name} takes other arguments than ReAct's actions do")
        lines.append(f"Action{number}: {name}[{_plain(next(iter(arguments.values())))}]")
    elif message.content is not None:
        lines.append(f"Answer: {message.content}")
    return lines


def _plain(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused(f"{value!r:.60} is no text")
    return value


def _only_thinks(message: Message) -> bool:
    return message.role == "assistant" and not message.tool_calls and message.content is None


def _same(read_again: list[Message], path: list[Message]) -> bool:
    return [_gist(m) for m in read_again] == [_gist(m) for m in path]


def _gist(message: Message) -> tuple[Any, ...]:
    calls = [(c.function.name, c.function.arguments) for c in message.tool_calls or ()]
    return message.role, message.content, message.thought, calls


FORMAT = Format(
    name=_NAME,
    about="ReAct strings of HotpotQA and its like: Question, Thought, Action, Observation",
    recognize=recognize,
    read=read,
    write=write,
)
