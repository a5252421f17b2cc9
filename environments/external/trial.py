"""One real call of one tool outside of any episode."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..protocol import ToolCall, ToolOutcome
from .environment import ExternalSource
from .http_caller import HttpCaller
from .mcp_caller import McpCaller
from .sources import external_source

_START = datetime(1970, 1, 1, tzinfo=UTC)


def try_once(
    source: str, tool: str, arguments: Mapping[str, Any], *, server: str | None = None
) -> ToolOutcome:
    """The outcome of one call of `source`, an environment's name such as `openapi:pets`.

    `server` replaces the document's own, and that of the project. Raises `ValueError` for what does
    not exist, and `ModelUnavailable` for a missing credential or package.
    """
    found = external_source(source)
    if tool not in found.tools:
        close = difflib.get_close_matches(tool, found.tools, n=3) or list(found.tools)[:20]
        raise ValueError(f"{source}: no tool {tool!r}; there are: {', '.join(close)}")
    if server is not None:
        if not isinstance(found, ExternalSource) or not isinstance(found.caller, HttpCaller):
            raise ValueError(f"{source}: only tools over HTTP have another server")
        found = found.with_caller(found.caller.at(server))
    if isinstance(found, ExternalSource):
        found.caller.prepare()
    return asyncio.run(_call(found, tool, arguments))


async def _call(source: Any, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
    environment = source.open([tool], now=_START, seed=0)
    try:
        outcome: ToolOutcome = await environment.call(ToolCall("try", 0, tool, arguments))
        return outcome
    finally:
        await environment.close()
        if isinstance(source, ExternalSource) and isinstance(source.caller, McpCaller):
            await source.caller.disconnect()
