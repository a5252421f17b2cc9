"""What serving costs: a request's overhead, and tokens a second beside asking directly.

    python benchmarks/serving.py [MODEL ...]

Overhead: a model that answers at once, served in a process of its own and asked over loopback by
the project's client; the client's own share is in it (see `benchmarks/endpoint.py`). Each MODEL (a
name, a ./folder, BASE+ADAPTER) is then asked the same prompts directly and through the endpoint:
one at a time, as a stream, and eight together. The clock's seconds: leave the machine alone.

One run, two hyperthreads of one busy core (AMD EPYC, AVX-512), see README.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from autogen_core.models import CreateResult, LLMMessage, RequestUsage, UserMessage

from callsheet.models.base import ChatClient
from callsheet.models.endpoint import EndpointConfig, OpenAICompatibleClient
from callsheet.models.registry import load
from callsheet.train.serving import serve
from callsheet.train.serving.settings import ServeSettings

INSTANT = "instant"
REQUESTS = 300
CALLS = 8
PARAMS = {"max_tokens": 64, "temperature": 0}
Ask = Callable[[int], Awaitable[CreateResult]]


class Instant(ChatClient):
    async def create(self, messages: Any, **given: Any) -> CreateResult:
        return CreateResult(
            finish_reason="stop",
            content="Here you are.",
            usage=RequestUsage(prompt_tokens=1, completion_tokens=1),
            cached=False,
        )


@contextmanager
def served(name: str) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, __file__, "--serve", name],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found, "the server did not start"
        yield found.group()
        server.terminate()


def prompt(number: int) -> list[LLMMessage]:
    return [UserMessage(content=f"{number}: tell me a story of the sea.", source="user")]


async def overhead(url: str) -> None:
    client = OpenAICompatibleClient(EndpointConfig(model=INSTANT, base_url=url))
    for _ in range(20):
        await client.create(prompt(0))
    began = time.perf_counter()
    for number in range(REQUESTS):
        await client.create(prompt(number))
    alone = time.perf_counter() - began
    began = time.perf_counter()
    for first in range(0, REQUESTS, 32):
        await asyncio.gather(*(client.create(prompt(first + n)) for n in range(32)))
    together = time.perf_counter() - began
    print(f"overhead: {1000 * alone / REQUESTS:.1f} ms a request one at a time, "
          f"{REQUESTS / together:.0f} requests a second at 32 together")  # fmt: skip
    await client.close()


async def speeds(what: str, client: Any) -> None:
    async def whole(number: int) -> CreateResult:
        result: CreateResult = await client.create(prompt(number), extra_create_args=PARAMS)
        return result

    async def stream(number: int) -> CreateResult:
        pieces = [p async for p in client.create_stream(prompt(number), extra_create_args=PARAMS)]
        assert isinstance(pieces[-1], CreateResult)
        return pieces[-1]

    await whole(-1)
    for kind, ask, size in (("whole", whole, 1), ("stream", stream, 1), ("8 together", whole, 8)):
        rate = await rate_of(ask, size)
        print(f"{what}, {kind}: {rate:.1f} tokens a second", flush=True)
    await client.close()


async def rate_of(ask: Ask, size: int) -> float:
    began, tokens = time.perf_counter(), 0
    for first in range(0, CALLS, size):
        results = await asyncio.gather(*(ask(100 * size + first + n) for n in range(size)))
        tokens += sum(result.usage.completion_tokens for result in results)
    return tokens / (time.perf_counter() - began)


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        name = sys.argv[2]
        client: Any = Instant() if name == INSTANT else load(name).inner
        serve(client, name, ServeSettings(port=0), lambda at: print(at, flush=True))
        return
    with served(INSTANT) as url:
        asyncio.run(overhead(url))
    for name in sys.argv[1:]:
        asyncio.run(speeds(f"{name}, direct", load(name).inner))
        with served(name) as url:
            config = EndpointConfig(model=name, base_url=url)
            asyncio.run(speeds(f"{name}, endpoint", OpenAICompatibleClient(config)))


if __name__ == "__main__":
    main()
