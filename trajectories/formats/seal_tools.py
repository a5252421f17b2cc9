"""Seal-Tools (Wu et al. 2024): a `query` and `calling`, the calls that answer it. A call's results
are placeholders (`API_call_0`), and a later call that needs one has it among its arguments.

Calls that need nothing of each other are made in parallel; each result is the list of its
placeholders, as nothing was ever run. Tools stand in a file of their own (`tool.jsonl`, which the
tools' importers read), so here they are derived from their use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ..trajectory import Trajectory
from .conversation import Call, Conversation, arguments_text, list_in, text_in
from .derived import used_tools
from .format import Format, Losses, Refused
from .tools import Tools

_NAME = "seal-tools"
_PLACEHOLDER = re.compile(r"API_call_\d+")


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict) or not isinstance(record.get("query"), str):
        return None
    return "a query and the calling" if isinstance(record.get("calling"), list) else None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    conversation = Conversation()
    conversation.say("user", text_in(record.get("query"), "query"))
    waiting: list[dict[str, Any]] = []
    for call in list_in(record, "calling"):
        if _needs(call, waiting):
            _make(conversation, waiting)
            waiting = []
        waiting.append(call)
    _make(conversation, waiting)
    tools = Tools(specs=used_tools(conversation.messages))
    losses.lose("descriptions of tools, which stand in a file of their own", len(tools.specs))
    yield conversation.trajectory(_NAME, tools, record, ("query", "calling"))


def _needs(call: Mapping[str, Any], earlier: list[dict[str, Any]]) -> bool:
    needed = set(_PLACEHOLDER.findall(arguments_text(call.get("parameters"))))
    return any(needed & set(_results(one)) for one in earlier)


def _results(call: Mapping[str, Any]) -> list[str]:
    results = call.get("responses")
    if not isinstance(results, list) or not all(isinstance(each, str) for each in results):
        raise Refused("the responses of a call are no list of placeholders")
    return results


def _make(conversation: Conversation, calls: list[dict[str, Any]]) -> None:
    if not calls:
        return
    names = Tools()
    conversation.call(
        [Call(names.name(c.get("api")), arguments_text(c.get("parameters"))) for c in calls]
    )
    for call in calls:
        conversation.result(orjson.dumps(_results(call)).decode())


FORMAT = Format(
    name=_NAME,
    about="Seal-Tools: queries and the calls that answer them, without results",
    recognize=recognize,
    read=read,
)
