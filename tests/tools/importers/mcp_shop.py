"""A server of the Model Context Protocol for the tests: over stdio, or over HTTP on a port."""

from __future__ import annotations

import sys

from mcp.server import MCPServer

server = MCPServer("Kiosk")


@server.tool()
def price(item: str, pieces: int = 1) -> float:
    """What some pieces of an item cost."""
    return len(item) * pieces


@server.tool()
def close() -> str:
    """Close the kiosk."""
    return "closed"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("stdio")
