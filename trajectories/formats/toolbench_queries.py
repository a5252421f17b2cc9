"""ToolBench's and StableToolBench's instructions: a `query`, and `api_list`, the RapidAPI endpoints
at hand. Tasks without an answer.

The endpoints are read as `tools.importers` reads such records. `relevant APIs`, the query's id and
its group are other information. A record without `api_list` is a query over all tools there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson

from ...tools import ToolSpec
from ...tools.importers.draft import Draft
from ...tools.importers.finishing import Finished, finish
from ...tools.importers.rapidapi import read as read_endpoints
from ..trajectory import Trajectory
from .conversation import Conversation, record_id, text_in
from .format import Format, Losses, Refused
from .tools import Tools

_NAME = "toolbench-queries"
_REMEMBERED = 8192


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict) or not isinstance(record.get("query"), str):
        return None
    if isinstance(record.get("api_list"), list):
        return "a query with an api_list"
    return "a query with a query_id" if record.keys() == {"query", "query_id"} else None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    conversation = Conversation()
    conversation.say("user", text_in(record.get("query"), "query"))
    tools = Tools(specs=_specs(record.get("api_list") or [], losses))
    yield conversation.trajectory(
        _NAME, tools, {**record, "id": _id(record)}, ("query", "api_list"), environment="toolbench",
    )  # fmt: skip


def _id(record: Mapping[str, Any]) -> str:
    parts = (record_id(record.get("group")), record_id(record.get("query_id")))
    return "/".join(part for part in parts if part)


def _specs(endpoints: Any, losses: Losses) -> list[ToolSpec]:
    """Specs of a record's endpoints: each read once, and all together only where two of them have
    one name."""
    if not isinstance(endpoints, list):
        raise Refused("api_list is no list")
    try:
        done = [_endpoint(orjson.dumps(endpoint)) for endpoint in endpoints]
    except TypeError:
        raise Refused("its api_list is nested too deeply") from None
    specs = [one.specs[0] for one in done]
    if len({spec.name for spec in specs}) < len(specs):
        done = [_finished(endpoints)]
        specs = done[0].specs
    for one in done:
        losses.lose("tool names changed", sum(note.kind == "renamed" for note in one.notes))
        losses.lose("tools that stand twice", one.repeated)
    return specs


@lru_cache(_REMEMBERED)
def _endpoint(text: bytes) -> Finished:
    return _finished([orjson.loads(text)])


def _finished(endpoints: list[Any]) -> Finished:
    """The endpoints as specs. Raises `Refused` where one of them cannot be read."""
    drafts: list[Draft] = []
    for one in read_endpoints({"api_list": endpoints}):
        if not isinstance(one, Draft):
            raise Refused(f"{one.place}: {one.reason}")
        drafts.append(one)
    done = finish(drafts)
    lost = [problem for problem in done.problems if problem.lost == "record"]
    if lost:
        raise Refused(f"an endpoint cannot be read: {lost[0].reason}")
    return done


FORMAT = Format(
    name=_NAME,
    about="ToolBench's and StableToolBench's instructions: queries with RapidAPI endpoints",
    recognize=recognize,
    read=read,
)
