"""A small real MCP server: `python tests/mcp_server.py stdio`, or `http PORT`.

Its tools answer, fail, hang, end the server, and tell what they were given.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from typing_extensions import TypedDict

server = MCPServer("nursery")
_plants: list[str] = []


class Count(TypedDict):
    total: int


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def count_plants() -> Count:
    """How many plants there are."""
    return {"total": len(_plants)}


@server.tool()
def add_plant(name: str) -> Count:
    """Add a plant."""
    _plants.append(name)
    return {"total": len(_plants)}


@server.tool(annotations=ToolAnnotations(idempotent_hint=True), structured_output=False)
def say(text: str) -> str:
    """Say it again."""
    return text


@server.tool(name="odd/name", structured_output=False)
def odd() -> str:
    """A tool whose name no model could call."""
    return "odd"


@server.tool()
def fails(why: str) -> str:
    """Fail."""
    raise ToolError(why)


@server.tool(structured_output=False)
def variable(name: str) -> str:
    """What an environment variable of the server holds."""
    return os.environ.get(name, "")


@server.tool(structured_output=False)
def hangs() -> str:
    """Take a long time."""
    time.sleep(3 if len(sys.argv) < 4 else float(sys.argv[3]))
    return "late"


@server.tool(structured_output=False)
def ends() -> str:
    """End the server."""
    os._exit(5)


@server.tool(structured_output=False)
def huge() -> str:
    """A long text."""
    return "x" * 200_000


def main() -> None:
    options: dict[str, Any] = {}
    if sys.argv[1] == "http":
        options = {"host": "127.0.0.1", "port": int(sys.argv[2])}
        server.run("streamable-http", **options)
    else:
        server.run("stdio")


if __name__ == "__main__":
    main()
