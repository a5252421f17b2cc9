"""The Agent Data Protocol (Song et al. 2025): `content`, a list of actions (`api_action`,
`code_action`, `message_action`) and observations (`text_observation`, `web_observation`,
`json_observation`; images are refused).

An observation right behind an action is its result, whoever it says it is from; so is one with the
action's `tool_call_id`, which newer versions have. Actions that follow each other at once, without
a `description` of their own, are parallel calls. Code is a call of `execute_code` with `language`
and `code`. Descriptions are thoughts. Tools are derived from their use: ADP keeps them elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ..trajectory import Message, ToolCallPart, Trajectory
from .conversation import (
    Call,
    Conversation,
    arguments_text,
    arguments_value,
    list_in,
    one_branch,
    result_text,
    text_in,
)
from .derived import used_tools
from .format import Format, Losses, Refused
from .tools import Tools

_NAME = "adp"
_VERSION = "1.2.0"
CODE = "execute_code"
_ACTIONS = ("api_action", "code_action")
_CLASSES = (*_ACTIONS, "message_action", "text_observation", "web_observation",
            "json_observation", "image_observation")  # fmt: skip
_KNOWN = ("content", "details", "schema_version")
_REWARDS = "rewards"
"""Key of other information: rewards of single steps, by message."""


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict):
        return None
    content = record.get("content")
    first = content[0] if isinstance(content, list) and content else None
    if isinstance(first, dict) and first.get("class_") in _CLASSES:
        return "a content of actions and observations by class_"
    return None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    reading = _Reading(losses)
    for place, item in enumerate(list_in(record, "content"), 1):
        reading.take(item, f"item {place}")
    reading.end_turn()
    details = record.get("details") or {}
    if not isinstance(details, dict):
        raise Refused("details is no object")
    conversation = reading.conversation
    tools = Tools(specs=used_tools(conversation.messages))
    yield conversation.trajectory(
        _NAME, tools, record, _KNOWN,
        other_information={**details, _REWARDS: reading.rewards or None},
    )  # fmt: skip


class _Reading:
    """One record while it is read. Calls wait until it is clear that no more are made with them."""

    def __init__(self, losses: Losses) -> None:
        self.conversation = Conversation(losses)
        self.rewards: dict[str, float] = {}
        self._losses = losses
        self._calls: list[Call] = []
        self._words: tuple[str | None, str | None] = (None, None)

    def take(self, item: Mapping[str, Any], place: str) -> None:
        kind = item.get("class_")
        if kind not in _CLASSES:
            raise Refused(f"{place} is of no known class, but {kind!r:.40}")
        if kind in _ACTIONS:
            self._call(item, place)
        else:
            self.end_turn()
            if kind == "message_action":
                thought, note = _thoughts(item)
                self._losses.lose("descriptions beside reasoning", note is not None)
                content = text_in(item.get("content"), f"{place}: content")
                self.conversation.say("assistant", content, thought=thought)
            else:
                self._observe(item, place)
        reward = item.get("reward")
        if isinstance(reward, int | float):
            self.end_turn()
            self.rewards[str(len(self.conversation.messages) - 1)] = reward

    def end_turn(self) -> None:
        """Say the calls that wait."""
        if self._calls:
            thought, content = self._words
            self.conversation.call(self._calls, content, thought=thought)
            self._calls = []

    def _call(self, item: Mapping[str, Any], place: str) -> None:
        words = _thoughts(item)
        if self._calls and any(words):
            self.end_turn()
        if not self._calls:
            self._words = words
        name, arguments = _called(item, place)
        id = item.get("tool_call_id")
        self._calls.append(Call(name, arguments, id if isinstance(id, str) and id else None))

    def _observe(self, item: Mapping[str, Any], place: str) -> None:
        if item["class_"] == "image_observation":
            raise Refused(f"{place} is an image, and trajectories hold text")
        if item["class_"] == "web_observation":
            self._losses.lose("screenshots", item.get("image_observation") is not None)
            page = {key: item.get(key) for key in ("url", "axtree", "html") if item.get(key)}
            text, source = orjson.dumps(page).decode(), "environment"
        else:
            content = item.get("content")
            structured = item["class_"] == "json_observation"
            text = result_text(content) if structured else text_in(content, f"{place}: content")
            source = str(item.get("source"))
        name, id = item.get("name"), item.get("tool_call_id")
        if self.conversation.open_calls:
            self._losses.lose("sources of results", source != "environment")
            # A name that is no tool's, such as a user's, does not keep it from being the result.
            known = isinstance(name, str) and self.conversation.awaits(name)
            self.conversation.result(text, id=id, name=name if known else None)
        elif source == "agent":
            self.conversation.say("assistant", text)
        elif name == "system":
            self.conversation.say("system", text)
        else:
            self._losses.lose("sources of messages", source != "user")
            self.conversation.say("user", text)


def write(trajectory: Trajectory, losses: Losses) -> dict[str, Any]:
    path = one_branch(trajectory, _NAME, losses, ("id", "thought", "other_information"))
    losses.lose("descriptions of tools", sum(bool(t.description) for t in trajectory.tools))
    details = dict(trajectory.other_information)
    rewards = details.pop(_REWARDS, None) or {}
    answered = {message.tool_call_id for message in path if message.role == "tool"}
    called = {call.id: call for message in path for call in message.tool_calls or ()}
    content: list[dict[str, Any]] = []
    for message in path:
        items = _items(message, called, answered, losses)
        if str(message.id) in rewards:
            items[-1]["reward"] = rewards[str(message.id)]
        content += items
    return {"schema_version": _VERSION, "id": trajectory.id, "content": content,
            "details": details}  # fmt: skip


def _thoughts(item: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The thought of an action, and what it says besides."""
    reasoning, description = item.get("reasoning_content"), item.get("description")
    return (reasoning, description or None) if reasoning else (description or None, None)


def _called(item: Mapping[str, Any], place: str) -> tuple[str, str]:
    if item["class_"] == "code_action":
        code = text_in(item.get("content"), f"{place}: content")
        return CODE, arguments_text({"language": item.get("language"), "code": code})
    kwargs = item.get("kwargs")
    if not isinstance(kwargs, dict):
        raise Refused(f"{place}: kwargs is no object")
    return Tools().name(item.get("function")), arguments_text(kwargs)


def _items(
    message: Message, called: Mapping[str, ToolCallPart], answered: set[str | None], losses: Losses
) -> list[dict[str, Any]]:
    if message.tool_calls:
        items = [_action(call, call.id in answered, losses) for call in message.tool_calls]
        losses.lose("ids of calls without result", sum("tool_call_id" not in i for i in items))
        if message.content:
            losses.lose("words beside calls, which are thoughts here", not message.thought)
            items[0] |= {"description": message.content, "reasoning_content": message.thought}
        else:
            items[0]["description"] = message.thought
        return items
    if message.role == "assistant":
        return [{"class_": "message_action", "content": message.content or "",
                 "description": message.thought}]  # fmt: skip
    observation = {"class_": "text_observation", "content": message.content or "",
                   "name": None, "source": "user"}  # fmt: skip
    if message.role == "system":
        observation |= {"name": "system", "source": "environment"}
    elif message.role == "tool":
        call = called.get(message.tool_call_id or "")
        observation |= {"name": call.function.name if call else None, "source": "environment"}
        losses.lose("results of no call, which are messages here", call is None)
        if call:
            observation["tool_call_id"] = call.id
    return [observation]


def _action(call: ToolCallPart, answered: bool, losses: Losses) -> dict[str, Any]:
    arguments = arguments_value(call.function.arguments, losses)
    if arguments is None:
        raise Refused(f"the arguments of {call.function.name} are no JSON object")
    link = {"tool_call_id": call.id} if answered else {}
    if call.function.name == CODE and arguments.keys() == {"language", "code"}:
        return {"class_": "code_action", "language": arguments["language"],
                "content": arguments["code"], "description": None, **link}  # fmt: skip
    return {"class_": "api_action", "function": call.function.name, "kwargs": arguments,
            "description": None, **link}  # fmt: skip


FORMAT = Format(
    name=_NAME,
    about="the Agent Data Protocol: actions and observations",
    recognize=recognize,
    read=read,
    write=write,
)
