"""xLAM's function calling data (60k): a query, tools, and the calls that answer it.

`{"id", "query", "answers", "tools"}`, the last two as JSON text or as values; a tool's parameters
are fields by name, with types in Python's words. There are no results and no answers in words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from ...tools import ToolSpec
from ..trajectory import Trajectory
from .conversation import Conversation, one_branch, read_call, text_in, write_call
from .format import Format, Losses, Refused
from .tools import read_tools, write_tools

_KNOWN = frozenset(("query", "answers", "tools"))


def recognize(record: Any) -> str | None:
    """By its three fields."""
    if not isinstance(record, dict) or not record.keys() >= _KNOWN:
        return None
    lists = all(isinstance(record[key], str | list) for key in ("answers", "tools"))
    return "it has a query, tools and answers" if lists else None


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """The query and the calls that answer it."""
    tools = read_tools(record["tools"], losses)
    conversation = Conversation()
    conversation.say("user", text_in(record["query"], "the query"))
    answers = record["answers"]
    if isinstance(answers, str):
        try:
            answers = orjson.loads(answers) if answers.strip() else []
        except orjson.JSONDecodeError as error:
            raise Refused(f"the answers are text that is no JSON: {error}") from None
    if not isinstance(answers, list):
        raise Refused("the answers are no list of calls")
    if answers:
        conversation.call([read_call(answer, tools) for answer in answers])
    return [conversation.trajectory("xlam", tools, record, _KNOWN)]


def write(trajectory: Trajectory, losses: Losses) -> Any:
    """The query and its first calls. Raises `Refused` for anything but one user's message and the
    calls that answer it, with or without their results."""
    path = one_branch(trajectory, "xlam", losses, ("id",))
    asked = [message for message in path if message.role == "user"]
    called = [message for message in path if message.tool_calls]
    losses.lose("system messages", sum(message.role == "system" for message in path))
    if (
        len(asked) != 1
        or len(called) > 1
        or (called and path.index(called[0]) < path.index(asked[0]))
    ):
        raise Refused("it is not one query and the calls that answer it")
    answer = called[0] if called else None
    spoken = [m for m in path if m.role == "assistant" and (m.content or not m.tool_calls)]
    losses.lose("answers in words", len(spoken))
    losses.lose("results of calls", sum(message.role == "tool" for message in path))
    calls = (answer.tool_calls or []) if answer else []
    losses.lose("call ids", sum(call.id != f"call_{n}" for n, call in enumerate(calls)))
    return {
        "id": trajectory.id,
        "query": asked[0].content or "",
        "answers": orjson.dumps([write_call(call, losses) for call in calls]).decode(),
        "tools": orjson.dumps([_tool(spec, losses) for spec in trajectory.tools]).decode(),
    }


def _tool(spec: ToolSpec, losses: Losses) -> dict[str, Any]:
    """The tool with parameters as fields by name where that says all of its schema, else with its
    schema, which readers of this form take as well."""
    function: dict[str, Any] = dict(write_tools([spec], losses)[0]["function"])
    schema = spec.parameters
    fields = spec.properties
    plain = schema.keys() <= {"type", "properties", "required"} and all(
        isinstance(field, dict) and "type" in field for field in fields.values()
    )
    due = [name for name, field in fields.items() if "default" not in field] if plain else []
    if plain and fields and due == list(spec.required):
        function["parameters"] = fields
    return function


FORMAT = Format(
    "xlam",
    "xLAM's function calling data: a query, tools and the calls that answer it",
    recognize,
    read,
    write,
    ".json",
)
