"""What readers and writers of chat-shaped records share: messages in a row, calls and their
results put together, and what of a trajectory such a record leaves out.

Calls that the source gives no ids become call_0, call_1, … in order. A result without an id belongs
to the first open call of the tool it names, or where it names none to the first open call. Ids that
come again are made unique.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

import orjson
from pydantic import ValidationError

from ..canonical import NotEncodable, encodable
from ..trajectory import Message, Outcome, ToolCallPart, Trajectory, Usage
from .format import Losses, Refused
from .tools import Tools

UNANSWERED = Outcome(status="cancelled", reason="a task without an answer")
COMPLETED = Outcome(status="completed")


class Call(NamedTuple):
    """A call as the source has it."""

    name: str
    arguments: str
    id: str | None = None


class Conversation:
    """Messages in a row while a record is read; or a tree of them."""

    def __init__(self, losses: Losses | None = None, *, parallel: bool = False) -> None:
        """`losses` is told of results that belong to no call. `parallel`: calls that follow each
        other at once are parallel ones, which the form writes as messages of their own."""
        self.messages: list[dict[str, Any]] = []
        self._at: int | None = None
        self._losses = losses or Losses()
        self._parallel = parallel
        self._open: list[tuple[str, str]] = []
        self._ids: set[str] = set()
        self._named: dict[str, list[str]] = {}
        """Our ids of the calls to which the source gives one id; the last is the latest."""
        self._calls = 0
        self._joinable = False
        """Whether the last message is one of calls that more may be made with."""

    @property
    def at(self) -> int | None:
        """The message that the next one follows; set it to grow another branch."""
        return self._at

    @at.setter
    def at(self, message: int | None) -> None:
        if message != self._at:
            self._at, self._ids = message, set()
            # Ids are unique in a branch; those of other branches may be the same.
            while message is not None:
                calls = self.messages[message].get("tool_calls") or ()
                self._ids.update(call["id"] for call in calls)
                message = self.messages[message]["parent"]

    def say(
        self, role: str, content: str | None, *, thought: str | None = None, weight: Any = None
    ) -> None:
        """A message without calls."""
        self._add(role=role, content=content, thought=thought, weight=weight)

    def call(
        self,
        calls: Sequence[Call],
        content: str | None = None,
        *,
        thought: str | None = None,
        weight: Any = None,
    ) -> None:
        """An assistant's message with calls, or more calls of the last one."""
        unnamed = not any(call.id for call in calls)
        joins = self._joinable and unnamed and not content and not thought
        if not joins or self.messages[-1]["weight"] != weight:
            joins, self._open = False, []
        parts = []
        for call in calls:
            id = self._unique(call.id or f"call_{self._calls}", call.id)
            self._calls += 1
            self._open.append((id, call.name))
            function = {"name": call.name, "arguments": call.arguments}
            parts.append({"id": id, "function": function})
        if joins:
            self.messages[-1]["tool_calls"] += parts
            return
        self._add(
            role="assistant", content=content, tool_calls=parts, thought=thought, weight=weight
        )
        self._joinable = self._parallel and unnamed

    def result(self, content: str, *, id: str | None = None, name: str | None = None) -> None:
        """What a tool gave back: that of the call `id`, else of the first open call of the tool
        `name`, and without a name of the first open call. One that belongs to no call is a tool's
        message of its own."""
        if id is None:
            id = next((known for known, tool in self._open if name in (None, tool)), None)
            self._losses.lose("results of no call", id is None)
        else:
            ours = self._named.get(id, [])
            self._losses.lose("results of no call", not ours)
            # Of several calls with this id the result is that of the first that has none yet.
            waiting = [known for known, _ in self._open if known in ours]
            id = [*waiting, *ours[-1:], id][0]
        self._open = [one for one in self._open if one[0] != id]
        self._add(role="tool", content=content, tool_call_id=id)

    def _unique(self, id: str, given: str | None) -> str:
        """`id`, or another where it was there before: some files count anew in every turn."""
        ours, number = id, 2
        while ours in self._ids:
            ours, number = f"{id}_{number}", number + 1
        self._ids.add(ours)
        if given is not None:
            self._losses.lose("call ids that come again", ours != given)
            self._named.setdefault(given, []).append(ours)
        return ours

    @property
    def open_calls(self) -> int:
        """Calls that have no result yet."""
        return len(self._open)

    def awaits(self, tool: str) -> bool:
        """Whether a call of `tool` has no result yet."""
        return any(name == tool for _, name in self._open)

    def _add(self, **message: Any) -> None:
        if message["role"] != "tool" and "tool_calls" not in message:
            self._open = []
        self._joinable = False
        number = len(self.messages)
        self.messages.append({"id": number, "parent": self._at, **message})
        self._at = number

    def trajectory(
        self,
        form: str,
        tools: Tools,
        record: Mapping[str, Any],
        known: Collection[str],
        *,
        id_key: str = "id",
        **fields: Any,
    ) -> Trajectory:
        """The whole of it. `form` is the format's name; keys of `record` besides `known` are kept
        as other information. Raises `Refused` where there are no messages."""
        if not self.messages:
            raise Refused("it holds no messages")
        answered = any(message["role"] == "assistant" for message in self.messages)
        rest = {key: record[key] for key in record if key not in known and key != id_key}
        information = {**rest, **fields.pop("other_information", {})}
        values = {
            "id": record_id(record.get(id_key)), "scenario": form, "environment": form,
            "tools": tools.specs, "messages": self.messages, "user_query": self._query(),
            "outcome": COMPLETED if answered else UNANSWERED,
            "other_information": {k: v for k, v in information.items() if v is not None},
        }  # fmt: skip
        try:
            return Trajectory.model_validate({**values, **fields})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Refused(f"{where}: {first['msg']}") from None

    def _query(self) -> str:
        asked = (m["content"] for m in self.messages if m["role"] == "user")
        return next(asked, None) or ""


def record_id(value: Any) -> str:
    """An id as a record has it, or empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def text_in(value: Any, what: str) -> str:
    """`value`, which must be text. Raises `Refused`."""
    if not isinstance(value, str):
        raise Refused(f"{what} is no text, but {type(value).__name__}")
    return value


def list_in(record: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of objects under `key`. Raises `Refused`."""
    items = record.get(key)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Refused(f"{key} is no list of objects")
    return items


def result_text(value: Any) -> str:
    """A tool's output as text: text as it is, any other value as compact JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def arguments_text(value: Any) -> str:
    """A call's arguments: text as it is, any other value as compact JSON, `{}` where there are
    none."""
    return "{}" if value is None else result_text(value)


def read_call(value: Any, tools: Tools) -> Call:
    """A call from `{"name", "arguments"}`, OpenAI's part of a message, or JSON text of either.
    Raises `Refused`."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise Refused(f"a call is no JSON ({error}): {value!r:.80}") from None
    function = value.get("function", value) if isinstance(value, dict) else None
    if not isinstance(function, dict):
        raise Refused(f"a call is no object: {value!r:.80}")
    arguments = function.get("arguments", function.get("parameters"))
    id = value.get("id")
    return Call(
        tools.name(function.get("name")), arguments_text(arguments), id if _is_id(id) else None
    )


def _is_id(id: Any) -> bool:
    return isinstance(id, str) and id != ""


def arguments_value(text: str, losses: Losses) -> dict[str, Any] | None:
    """The object that a call's arguments are, or None where they are none."""
    try:
        value = orjson.loads(text)
        if not isinstance(value, dict):
            return None
        if orjson.dumps(value).decode() == text:
            return value
        value, _ = encodable(json.loads(text, parse_constant=_refuse))
    except (ValueError, RecursionError, NotEncodable):
        return None
    losses.lose("exact texts of arguments", orjson.dumps(value).decode() != text)
    return value if isinstance(value, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def write_call(call: ToolCallPart, losses: Losses) -> dict[str, Any]:
    """`{"name", "arguments"}`; arguments that are no JSON object are their text."""
    text = call.function.arguments
    value = arguments_value(text, losses)
    return {"name": call.function.name, "arguments": text if value is None else value}


def split_results(text: str, calls: int) -> list[str]:
    """The results in a message that is the only one after `calls` calls: for several calls a JSON
    list of as many is one for each; all else is one result."""
    if calls > 1 and text.lstrip().startswith("["):
        try:
            results = orjson.loads(text)
        except orjson.JSONDecodeError:
            return [text]
        if len(results) == calls:
            return [result_text(result) for result in results]
    return [text]


def in_call_order(messages: Iterable[Message], losses: Losses) -> list[Message]:
    """Messages for a form without call ids: the results of parallel calls stand in the calls'
    order, as it is by their order that they are told apart. Raises `Refused` where that cannot
    tell them apart."""
    given = 0
    open_: list[str] = []
    results: dict[str, Message] = {}
    ordered: list[Message] = []
    for message in messages:
        if message.role == "tool" and open_:
            id = message.tool_call_id
            if id not in open_ or id in results:
                raise Refused(f"a result of {id or 'no call'} stands where {open_[0]}'s is due")
            results[id] = message
            continue
        ordered += _in_order(open_, results)
        results = {}
        open_ = [call.id for call in message.tool_calls or ()]
        for id in open_:
            losses.lose("call ids", id != f"call_{given}")
            given += 1
        ordered.append(message)
    return ordered + _in_order(open_, results)


def _in_order(calls: Sequence[str], results: Mapping[str, Message]) -> list[Message]:
    if set(results) != set(calls[: len(results)]):
        raise Refused("of several calls some have no result, and no ids tell which")
    if len(results) == 1 < len(calls):
        text = results[calls[0]].content or ""
        if len(split_results(text, len(calls))) > 1:
            raise Refused("the one result of several calls looks like one for each")
    return [results[id] for id in calls[: len(results)]]


_LEFT_OUT = {
    "plan": "plans", "verdicts": "verdicts of checks", "score": "scores",
    "rater_score": "ratings", "rater_explanation": "explanations of ratings",
    "review_score": "people's ratings",
    "usage": "usage counts", "seed": "seeds", "versions": "versions",
    "model_name": "names of models", "other_information": "other information",
    "preferences": "preferences",
}  # fmt: skip


_BLANK: dict[str, Any] = Trajectory(id="", scenario="", environment="").model_dump() | {
    "usage": Usage()
}


def one_branch(
    trajectory: Trajectory, form: str, losses: Losses, held: Collection[str] = ()
) -> list[Message]:
    """The main branch's messages; tells what of the trajectory is left out besides them, save what
    the form has fields for (`held`). Raises `Refused` where there are no messages."""
    path = trajectory.path()
    if not path:
        raise Refused("it holds no messages")
    for name, kind in _LEFT_OUT.items():
        if name not in held:
            losses.lose(kind, getattr(trajectory, name) != _BLANK[name])
    losses.lose("ids", "id" not in held and bool(trajectory.id))
    losses.lose("names of scenarios", trajectory.scenario != form)
    if "environment" not in held:
        losses.lose("names of environments", trajectory.environment != form)
    losses.lose("endings", trajectory.outcome not in (COMPLETED, UNANSWERED))
    losses.lose("messages of other branches", len(trajectory.messages) - len(path))
    losses.lose("tools on offer in results", sum(bool(message.offers) for message in path))
    if "weight" not in held:
        losses.lose("weights of messages", sum(message.weight is not None for message in path))
    if "thought" not in held:
        losses.lose("thoughts", sum(bool(message.thought) for message in path))
    return path
