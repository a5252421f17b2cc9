"""Tools of a live server of the Model Context Protocol, over stdio or HTTP.

`npx -y some-server` starts a program, `https://example.com/mcp` asks one that runs. Only listing is
done here; calling the tools is an environment's business. Needs the extra `mcp`.
"""

from __future__ import annotations

import asyncio
import shlex
from typing import Any

from .documents import Unreadable
from .draft import Yielded, one_line
from .mcp_listing import server_tools

_PAGES = 200
"""Pages of tools asked for; a server that never ends must not hold the import for ever."""


def read(target: str, *, timeout: float = 60.0) -> Yielded:
    """One draft a tool. `timeout` is in seconds, for everything. Raises `Unreadable` where the
    server cannot be asked."""
    server, tools = _listed(target, timeout)
    yield from server_tools(server, tools)


def _listed(target: str, timeout: float) -> tuple[str, list[Any]]:
    try:
        import mcp
    except ImportError:
        raise Unreadable(
            "asking an MCP server needs the extra: pip install 'callsheet[mcp]'"
        ) from None
    if target.startswith(("http://", "https://")):
        place: Any = target
    else:
        try:
            words = shlex.split(target)
        except ValueError as error:
            raise Unreadable(f"the server's command cannot be read: {error}") from None
        if not words:
            raise Unreadable("name the server's command or URL behind mcp:")
        place = mcp.StdioServerParameters(command=words[0], args=words[1:])

    async def ask() -> tuple[str, list[Any]]:
        async with asyncio.timeout(timeout), mcp.Client(place) as client:
            info = client.server_info
            tools: list[Any] = []
            cursor: str | None = None
            for _ in range(_PAGES):
                page = await client.list_tools(cursor=cursor)
                tools += [tool.model_dump(mode="json", by_alias=True) for tool in page.tools]
                cursor = page.next_cursor
                if not cursor:
                    break
            return info.name if info else "", tools

    try:
        return asyncio.run(ask())
    except Exception as error:  # the SDK and the transports raise whatever they like, in groups
        raise Unreadable(f"the MCP server cannot be asked: {_innermost(error)}") from error


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    return one_line(f"{type(error).__name__}: {error}")
