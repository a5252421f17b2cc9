"""Live MCP servers, over stdio and HTTP: real ones, on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from callsheet.tools.importing import Imported, import_tools

pytest.importorskip("mcp", reason="needs the extra mcp")

SHOP = Path(__file__).with_name("mcp_shop.py")


def is_the_kiosk(result: Imported) -> None:
    assert [spec.name for spec in result.specs] == ["price", "close"] and not result.problems
    price = result.specs[0]
    assert price.required == ("item",) and price.properties["pieces"]["default"] == 1
    assert price.tags == ("Kiosk",) and price.returns is not None


def test_over_stdio() -> None:
    is_the_kiosk(import_tools(f"mcp:{sys.executable} {SHOP}"))


def test_over_http() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, str(SHOP), str(port)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        is_the_kiosk(import_tools(f"mcp:http://127.0.0.1:{port}/mcp"))
    finally:
        server.kill()
        server.wait()


def test_servers_that_are_not_there_are_a_problem_and_no_crash() -> None:
    for target in ("no-such-program-here", "http://127.0.0.1:9/mcp", "", "'unclosed"):
        result = import_tools(f"mcp:{target}")
        assert [p.kind for p in result.problems] == ["unreadable"] and not result.specs


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    reason = import_tools("mcp:anything").problems[0].reason
    assert "pip install 'callsheet[mcp]'" in reason
