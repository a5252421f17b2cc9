"""MCP tools by the SDK: a real server over stdio, and one over HTTP."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callsheet.environments import ToolCall, ToolOutcome
from callsheet.environments.external.settings import McpSettings
from callsheet.environments.external.sources import source_of
from callsheet.tools import ToolSpec

pytest.importorskip("mcp", reason="needs the extra `mcp`")

TESTS = Path(__file__).parents[2]
PROGRAM = [sys.executable, str(TESTS / "mcp_server.py")]


def stdio(**more: Any) -> Any:
    settings = McpSettings(command=[*PROGRAM, "stdio"], max_bytes=100_000, **more)
    return source_of(settings, "mcp:nursery", TESTS)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([*PROGRAM, "http", str(port)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module", params=["stdio", "http"])
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "stdio":
        found = stdio()
    else:
        settings = McpSettings(url=request.getfixturevalue("address"), max_bytes=100_000)
        found = source_of(settings, "mcp:nursery", TESTS)
    yield found
    asyncio.run(found.caller.disconnect())


def calls(source: Any, *made: tuple[str, dict[str, Any]]) -> list[ToolOutcome]:
    """Calls of one episode, one after another, in an event loop of their own."""

    async def all_of_them() -> list[ToolOutcome]:
        environment = source.open([], now=None, seed=0)
        try:
            return [await environment.call(ToolCall(f"c{i}", i, name, arguments))
                    for i, (name, arguments) in enumerate(made)]  # fmt: skip
        finally:
            await environment.close()

    return asyncio.run(all_of_them())


def test_tools_are_listed(server: Any) -> None:
    add = server.tools["add_plant"]
    assert add.description == "Add a plant." and add.required == ("name",)
    assert add.returns["properties"]["total"]["type"] == "integer"
    odd = next(tool for tool in server.tools.values() if tool.source.operation_id == "odd/name")
    assert calls(server, (odd.name, {}))[0].output == "odd"


def test_hints_say_what_may_be_repeated(server: Any) -> None:
    environment = server.open([], now=None, seed=0)
    made = {"count_plants": {}, "say": {"text": "x"}, "add_plant": {"name": "x"}}
    assert [environment.repeatable(ToolCall("c", 0, name, arguments))
            for name, arguments in made.items()] == [True, True, False]  # fmt: skip
    assert environment.repeatable(ToolCall("c", 0, "say", {})) is None
    assert environment.repeatable(ToolCall("c", 0, "absent", {})) is None


def test_calls_are_answered_in_any_loop(server: Any) -> None:
    (before,) = calls(server, ("count_plants", {}))
    after, said = calls(server, ("add_plant", {"name": "rose"}), ("say", {"text": "hello"}))
    assert after.output == {"total": before.output["total"] + 1}
    assert said == ToolOutcome("hello")


def test_bad_calls_and_failures_are_outcomes(server: Any) -> None:
    wrong, absent, failed, huge = calls(
        server,
        ("add_plant", {"name": 3}),
        ("absent", {}),
        ("fails", {"why": "frost"}),
        ("huge", {}),
    )
    assert wrong.error_type == "invalid_arguments"
    assert absent.error_type == "unknown_tool"
    assert failed.error_type == "failed" and "frost" in (failed.error or "")
    assert huge.error_type == "failed" and "more than 100000 bytes" in (huge.error or "")


def test_a_call_that_takes_too_long_is_given_up() -> None:
    slow = stdio(timeout=1.0)
    late, _ = calls(slow, ("hangs", {}), ("count_plants", {}))
    assert late == ToolOutcome(error_type="timeout", error="hangs gave no answer within 1 s.")
    asyncio.run(slow.caller.disconnect())


def test_a_server_that_ends_is_started_again() -> None:
    fragile = stdio(timeout=10.0)
    _, ended, again = calls(fragile, ("add_plant", {"name": "a"}), ("ends", {}),
                            ("count_plants", {}))  # fmt: skip
    assert ended.error_type == "unavailable" and "mcp:nursery" in (ended.error or "")
    assert again == ToolOutcome({"total": 0})
    asyncio.run(fragile.caller.disconnect())


def test_episodes_may_have_servers_of_their_own() -> None:
    own = stdio(per_episode=True, tools=None)
    assert calls(own, ("add_plant", {"name": "a"}))[0].output == {"total": 1}
    assert calls(own, ("add_plant", {"name": "b"}))[0].output == {"total": 1}
    asyncio.run(own.caller.disconnect())


def test_a_secret_reaches_the_server_and_not_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NURSERY_TOKEN", "t0ken-of-the-nursery")
    monkeypatch.setenv("UNRELATED", "is not passed on")
    keyed = stdio(env={"TOKEN": {"env": "NURSERY_TOKEN"}, "PLAIN": "text"})
    token, plain, unrelated = calls(
        keyed, *(("variable", {"name": name}) for name in ("TOKEN", "PLAIN", "UNRELATED"))
    )
    assert token == ToolOutcome("[secret]") and plain == ToolOutcome("text")
    assert unrelated == ToolOutcome("")
    asyncio.run(keyed.caller.disconnect())


@pytest.mark.parametrize("command", [["callsheet-no-such-program"], [sys.executable, "-c", "1"]])
def test_a_server_that_does_not_start(command: list[str]) -> None:
    broken = source_of(McpSettings(command=command), "mcp:broken", TESTS)
    with pytest.raises(ValueError, match="mcp:broken: cannot be reached"):
        broken.tools  # noqa: B018


def test_a_server_that_never_speaks_can_be_left(tmp_path: Path) -> None:
    mute = source_of(
        McpSettings(
            command=[sys.executable, "-c", "import time; time.sleep(600)"], per_episode=True
        ),
        "mcp:mute",
        tmp_path,
    )
    mute.tools = {"say": ToolSpec(name="say")}

    async def give_up() -> None:
        environment = mute.open([], now=None, seed=0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await environment.call(ToolCall("c", 0, "say", {}))
        async with asyncio.timeout(20.0):
            await environment.close()

    asyncio.run(give_up())


def test_nobody_listens() -> None:
    absent = source_of(McpSettings(url="http://127.0.0.1:9/mcp"), "mcp:absent", TESTS)
    with pytest.raises(ValueError, match="mcp:absent: cannot be reached"):
        absent.tools  # noqa: B018
