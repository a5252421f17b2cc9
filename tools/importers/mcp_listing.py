"""Tools as servers of the Model Context Protocol list them: `inputSchema`, `outputSchema`.

A `tools/list` result (bare, or inside its JSON-RPC answer), a list of tools, or a list of servers
`{"server", "label", "tools"}`; `input_schema` is taken for `inputSchema`. Names of parameters stay
as they are, because they are what the server takes. Functions in OpenAI's form that stand among the
tools are read as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..spec import ToolSource
from .draft import Draft, Refused, Yielded, one_line
from .functions import draft_of
from .json_schema import set_parameters, set_returns, text
from .references import Unresolved


def recognised(value: Any) -> str | None:
    """Why `value` is such a listing, or None."""
    if not isinstance(value, dict):
        return None
    if "inputSchema" in value or "input_schema" in value:
        return "a tool with an input schema"
    inner = value.get("result", value)
    tools = inner.get("tools") if isinstance(inner, dict) else None
    if isinstance(tools, list):
        if any(recognised(tool) for tool in tools[:20]):
            return "a server's list of tools with input schemas"
        if "server" in value:
            return "a server with its list of tools"
    return None


def read(value: Any) -> Yielded:
    """One draft a tool; a server that lists none is one refusal."""
    for item in value if isinstance(value, list) else [value]:
        yield from _item(item, "")


def server_tools(server: str, tools: list[Any]) -> Yielded:
    """One draft for each of the tools that `server` lists."""
    yield from _server(server, "", tools)


def _item(item: Any, where: str) -> Yielded:
    if not isinstance(item, dict):
        yield Refused(where, "not-a-tool", "neither a tool nor a server with tools")
        return
    inner = item.get("result", item)
    tools = inner.get("tools") if isinstance(inner, dict) else None
    if tools is None:
        named = item.get("function", item)
        name = named.get("name", "") if isinstance(named, dict) else ""
        yield _draft(item, "", "", f"tool {one_line(name, 60)}")
    elif isinstance(tools, list):
        yield from _server(_server_name(item), text(item.get("label")), tools)
    else:
        yield Refused(_server_name(item), "not-a-tool", "the server's tools are no list")


def _server(server: str, label: str, tools: list[Any]) -> Iterator[Draft | Refused]:
    for number, tool in enumerate(tools, 1):
        place = f"{server}: tool {number}" if server else f"tool {number}"
        if isinstance(tool, dict):
            yield _draft(tool, server, label, place)
        else:
            yield Refused(place, "not-a-tool", "is no tool's description")


def _server_name(item: dict[str, Any]) -> str:
    info = item.get("serverInfo")
    named = info.get("name") if isinstance(info, dict) else None
    return one_line(text(item.get("server")) or text(named) or text(item.get("name")), 120)


def _plain(tool: dict[str, Any]) -> bool:
    """Whether it is a function in OpenAI's form."""
    return recognised(tool) is None and (tool.get("type") == "function" or "parameters" in tool)


def _draft(tool: dict[str, Any], server: str, label: str, place: str) -> Draft | Refused:
    if _plain(tool):
        plain = draft_of(tool, place)
        if isinstance(plain, Draft):
            plain.group, plain.tags = server, (server, label, *plain.tags)
        return plain
    name = text(tool.get("name"))
    if not name:
        return Refused(place, "no-name", "the tool has no name")
    draft = Draft(
        name=name, place=place, description=text(tool.get("description") or tool.get("title")),
        group=server, tags=(server, label),
        source=ToolSource(document=server or None, operation_id=name),
    )  # fmt: skip
    try:
        set_parameters(draft, tool.get("inputSchema", tool.get("input_schema")))
    except Unresolved as problem:
        return Refused(place, problem.kind, f"{name}: {problem}")
    set_returns(draft, tool.get("outputSchema", tool.get("output_schema")))
    return draft
