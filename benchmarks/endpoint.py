"""What one model call costs in CPU, beside the floor and the alternatives.

Every client sends the same request (6 messages, 5 tools, a seed) to the same fake server, which
runs in a process of its own; only this process's CPU is counted. The floor is httpx sending bytes
that are ready and decoding JSON, with nothing around it.

    python benchmarks/endpoint.py [--calls 400] [--at-once 1 16 64 256]

Covered: CPU per call, one at a time and with many calls under way. Not covered: latency over a
network, TLS, long answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from autogen_core.models import AssistantMessage, LLMMessage, SystemMessage, UserMessage

from callsheet.models.completion import request_body
from callsheet.models.endpoint import EndpointConfig, OpenAICompatibleClient
from callsheet.models.flow import Flow
from callsheet.models.shared import SharedClient

SERVER = Path(__file__).parent.parent / "tests" / "fake_endpoint.py"
REPEATS = 5
TARGET_MS = 2.0
JSON = {"content-type": "application/json"}

Call = Callable[[], Awaitable[Any]]

TOOLS: list[Any] = [
    {
        "name": f"Tool{i}",
        "description": "Looks something up and says what it found. " * 3,
        "parameters": {
            "type": "object",
            "properties": {f"p{j}": {"type": "string", "description": "a value"} for j in range(4)},
            "required": ["p0"],
        },
    }
    for i in range(5)
]
MESSAGES: list[LLMMessage] = [SystemMessage(content="You are a helpful assistant. " * 10)]
for turn in range(3):
    MESSAGES.append(UserMessage(content=f"Request {turn}: " + "please " * 20, source="user"))
    MESSAGES.append(AssistantMessage(content="Done. " * 20, source="assistant"))
MESSAGES.pop()


def wire() -> dict[str, Any]:
    return request_body(
        "fake", MESSAGES, tools=TOOLS, tool_choice="auto", json_output=None, params={"seed": 1}
    )


@asynccontextmanager
async def floor(url: str, at_once: int) -> AsyncIterator[Call]:
    """httpx alone: ready bytes out, JSON in; as many clients as calls."""
    body = json.dumps(wire()).encode()
    clients = [httpx.AsyncClient() for _ in range(at_once)]

    async def call() -> Any:
        client = clients.pop()
        try:
            answer = await client.post(
                url + "/chat/completions",
                content=body,
                headers={"content-type": "application/json"},
            )
        finally:
            clients.append(client)
        return json.loads(answer.content)

    yield call
    for client in clients:
        await client.aclose()


@asynccontextmanager
async def pooled(url: str, at_once: int) -> AsyncIterator[Call]:
    """The floor with one httpx client and its connection pool."""
    body = json.dumps(wire()).encode()
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def call() -> Any:
            answer = await client.post(
                url + "/chat/completions",
                content=body,
                headers={"content-type": "application/json"},
            )
            return json.loads(answer.content)

        yield call


@asynccontextmanager
async def ours(url: str, at_once: int) -> AsyncIterator[Call]:
    """callsheet's endpoint client."""
    client = OpenAICompatibleClient(EndpointConfig(model="fake", base_url=url))
    yield lambda: client.create(MESSAGES, tools=TOOLS, extra_create_args={"seed": 1})
    await client.close()


@asynccontextmanager
async def shared(url: str, at_once: int) -> AsyncIterator[Call]:
    """The same behind retries, limit, accounting and single flight, as a run uses it."""
    inner = OpenAICompatibleClient(EndpointConfig(model="fake", base_url=url))
    flow = Flow(start=at_once, most=at_once)
    client, seeds = SharedClient(inner, name="m", flow=flow), iter(range(10**9))
    yield lambda: client.create(MESSAGES, tools=TOOLS, extra_create_args={"seed": next(seeds)})
    await client.close()


@asynccontextmanager
async def sdk_raw(url: str, at_once: int) -> AsyncIterator[Call]:
    """The openai SDK's raw path: ready bytes out, no parsing into its types."""
    import httpx2
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key="none", base_url=url, max_retries=0) as client:

        async def call() -> Any:
            content = json.dumps(wire()).encode()
            answer = await client.post(
                "/chat/completions", content=content, cast_to=httpx2.Response
            )
            return json.loads(answer.content)

        yield call


@asynccontextmanager
async def sdk(url: str, at_once: int) -> AsyncIterator[Call]:
    """The openai SDK as its documentation shows it."""
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key="none", base_url=url, max_retries=0) as client:
        yield lambda: client.chat.completions.create(**wire())


@asynccontextmanager
async def autogen(url: str, at_once: int) -> AsyncIterator[Call]:
    """AutoGen's own OpenAI client, for comparison only."""
    from autogen_ext.models.openai import OpenAIChatCompletionClient

    client = OpenAIChatCompletionClient(
        model="fake",
        api_key="none",
        base_url=url,
        max_retries=0,
        model_info={
            "vision": False,
            "function_calling": True,
            "json_output": True,
            "family": "unknown",
            "structured_output": True,
        },
    )
    yield lambda: client.create(MESSAGES, tools=TOOLS, extra_create_args={"seed": 1})
    await client.close()


CLIENTS = {
    "httpx alone (floor)": floor,
    "httpx with a pool": pooled,
    "callsheet endpoint": ours,
    "callsheet shared": shared,
    "openai SDK, raw": sdk_raw,
    "openai SDK": sdk,
    "AutoGen's client": autogen,
}


async def milliseconds(call: Call, calls: int, at_once: int) -> list[float]:
    """CPU of one call, in each of several repeats after a warm-up."""

    async def several(rounds: int) -> None:
        for _ in range(rounds):
            await asyncio.gather(*(call() for _ in range(at_once)))

    await several(max(2, 20 // at_once))
    measured: list[float] = []
    rounds = max(2, calls // at_once)
    for _ in range(REPEATS):
        before = time.process_time()
        await several(rounds)
        measured.append((time.process_time() - before) * 1000 / rounds / at_once)
    return measured


async def measure(url: str, calls: int, widths: list[int]) -> float:
    """Print the table; return our milliseconds one call at a time."""
    print(f"CPU in ms per call, median of {REPEATS} (least to most), and ratio to the floor")
    target = 0.0
    for at_once in widths:
        print(f"\n{at_once} at a time")
        base = 0.0
        for name, make in CLIENTS.items():
            try:
                async with make(url, at_once) as call:
                    found = await milliseconds(call, calls, at_once)
            except ImportError as error:
                print(f"  {name:22} not installed ({error.name})")
                continue
            middle = statistics.median(found)
            base = base or middle
            print(
                f"  {name:22} {middle:6.3f}  ({min(found):.3f} to {max(found):.3f})"
                f"  {middle / base:5.2f} x"
            )
            if make is shared and at_once == widths[0]:
                target = middle
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 16, 64, 256])
    arguments = parser.parse_args()
    with subprocess.Popen(
        [sys.executable, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None and server.stdin is not None
        url = server.stdout.readline().strip()
        ours_ms = asyncio.run(measure(url, arguments.calls, arguments.at_once))
        server.stdin.close()
    verdict = "within" if ours_ms <= TARGET_MS else "OVER"
    print(f"\ncallsheet shared: {ours_ms:.3f} ms a call, {verdict} the {TARGET_MS:g} ms allowed")
    return 0 if ours_ms <= TARGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
