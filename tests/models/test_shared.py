"""The shared client over a real socket: retries, cache, flights, budgets, overflow together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from autogen_core import CancellationToken
from autogen_core.models import CreateResult, LLMMessage, SystemMessage, UserMessage
from fake_endpoint import FakeEndpoint, Fault, too_many

from callsheet.models.accounting import Ledger, Prices
from callsheet.models.cache import AnswerCache
from callsheet.models.endpoint import EndpointConfig, OpenAICompatibleClient
from callsheet.models.errors import BudgetExceeded, ContextOverflow, EndpointError
from callsheet.models.flow import Flow
from callsheet.models.retry import Retrier, RetryPolicy
from callsheet.models.shared import Answer, SharedClient

PROMPT: list[LLMMessage] = [UserMessage(content="Hello there", source="user")]
SEED = {"seed": 5}


class Sleeps:
    """Sleeps that take no time and are remembered."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


def shared_of(server: FakeEndpoint, sleeps: Sleeps | None = None, **kwargs: Any) -> SharedClient:
    timeout = kwargs.pop("timeout", 20)
    inner = OpenAICompatibleClient(
        EndpointConfig(model="fake", base_url=server.url, timeout=timeout)
    )
    retrier = Retrier(RetryPolicy(attempts=4), Random(0), sleeps or Sleeps())
    return SharedClient(inner, **{"name": "m", "retrier": retrier, **kwargs})


def play(
    server: FakeEndpoint, work: Callable[[SharedClient], Awaitable[Any]], **kwargs: Any
) -> Any:
    async def go() -> Any:
        client = shared_of(server, **kwargs)
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(go())


def asked(**params: Any) -> Callable[[SharedClient], Awaitable[Answer]]:
    return lambda client: client.ask(PROMPT, extra_create_args=params)


def test_an_answer_comes_with_its_ambient_facts() -> None:
    with FakeEndpoint(latency=0.05) as server:
        answer = play(server, asked())
    assert answer.result.content.startswith("answer")
    latency = answer.ambient.pop("latency")
    assert 0.05 <= latency < 20
    assert answer.ambient == {"retries": 0, "cached": None, "dropped_turns": 0}


@pytest.mark.parametrize(
    "fault",
    [
        too_many(),
        Fault("status", status=500),
        Fault("reset"),
        Fault("cut_body"),
        Fault("malformed"),
        Fault("error_in_200"),
        Fault("hang"),
    ],
)
def test_each_passing_fault_is_outlived(fault: Fault) -> None:
    with FakeEndpoint(script=[fault, fault]) as server:
        answer = play(server, asked(), timeout=0.3)
        assert server.total == 3
    assert answer.ambient["retries"] == 2
    assert answer.result.content.startswith("answer")


def test_a_lasting_fault_ends_in_one_line() -> None:
    with FakeEndpoint(script=[Fault("status", status=502)] * 9) as server:
        with pytest.raises(EndpointError, match=r"answered 502.*\(tried 4 times\)"):
            play(server, asked())
        assert server.total == 4


def test_a_wrong_shape_is_not_tried_again() -> None:
    with FakeEndpoint(script=[Fault("wrong_shape")]) as server:
        with pytest.raises(EndpointError, match="no chat completion"):
            play(server, asked())
        assert server.total == 1


def test_retry_after_is_waited_for() -> None:
    sleeps = Sleeps()
    flow = Flow(clock=lambda: sum(sleeps.slept), sleep=sleeps)
    with FakeEndpoint(script=[too_many("3")]) as server:
        play(server, asked(), sleeps=sleeps, flow=flow)
    assert len(sleeps.slept) == 1 and 3 <= sleeps.slept[0] < 4, "and by one of the two, not both"


def test_concurrency_adapts_to_what_the_endpoint_takes() -> None:
    flow = Flow(start=32, most=64)

    async def work(client: SharedClient) -> list[Answer]:
        return await asyncio.gather(
            *(client.ask(PROMPT, extra_create_args={"seed": i}) for i in range(120))
        )

    with FakeEndpoint(latency=0.01, capacity=6) as server:
        inner = OpenAICompatibleClient(EndpointConfig(model="fake", base_url=server.url))
        retrier = Retrier(RetryPolicy(attempts=50, first_wait=0.01, longest_wait=0.05), Random(0))

        async def go() -> list[Answer]:
            client = SharedClient(inner, name="m", flow=flow, retrier=retrier)
            answers = await work(client)
            await client.close()
            return answers

        answers = asyncio.run(go())
        assert server.statuses[200] == 120
        assert 0 < server.statuses[429] < 120, "it learned"
    assert len({answer.result.content for answer in answers}) == 120
    assert flow.decreases > 0 and flow.limit < 16


def test_equal_samples_fly_together_and_others_alone() -> None:
    async def work(client: SharedClient) -> list[Answer]:
        return await asyncio.gather(
            *(client.ask(PROMPT, extra_create_args=SEED) for _ in range(5)),
            client.ask(PROMPT, extra_create_args={"seed": 6}),
            *(client.ask(PROMPT) for _ in range(2)),
            *(client.ask(PROMPT, extra_create_args={"temperature": 0}) for _ in range(2)),
        )

    ledger = Ledger()
    with FakeEndpoint(latency=0.05) as server:
        answers = play(server, work, ledger=ledger)
        assert server.total == 1 + 1 + 2 + 1
    assert [a.ambient["cached"] for a in answers] == [None, *["flight"] * 4, None, None, None,
                                                      None, "flight"]  # fmt: skip
    spent = ledger.account("m")
    assert (spent.calls, spent.cache_hits) == (5, 5), "charged once"
    assert all(a.result.usage.prompt_tokens == 10 for a in answers), "and recorded in full"


def test_the_cache_serves_a_second_run(tmp_path: Path) -> None:
    path, ledger = tmp_path / "answers.sqlite", Ledger()
    with FakeEndpoint() as server:
        first = play(server, asked(seed=1), cache=AnswerCache(path))
        second = play(server, asked(seed=1), cache=AnswerCache(path), ledger=ledger)
        assert server.total == 1
        for params in ({"seed": 2}, {"seed": 1, "max_tokens": 3}, {}, {}):
            play(server, asked(**params), cache=AnswerCache(path))
        assert server.total == 5, "another sample, other parameters, and no sample at all"
        play(server, asked(seed=1), cache=AnswerCache(path), identity={"name": "other"})
        assert server.total == 6, "another model"
    assert second.result.content == first.result.content
    assert (first.ambient["cached"], second.ambient["cached"]) == (None, "store")
    assert second.result.cached and not first.result.cached
    assert (ledger.tokens, ledger.account("m").cache_hits) == (0, 1)


def test_tools_and_their_choice_are_part_of_the_key(tmp_path: Path) -> None:
    async def work(client: SharedClient) -> None:
        tool: Any = {"name": "f", "description": "d", "parameters": {"type": "object"}}
        other = {**tool, "description": "e"}
        for tools, choice in (
            ([tool], "auto"),
            ([tool], "required"),
            ([other], "auto"),
            ([], "auto"),
        ):
            for _ in range(2):
                await client.create(
                    PROMPT,
                    tools=tools,
                    tool_choice=choice,
                    extra_create_args=SEED,  # type: ignore[arg-type]
                )

    with FakeEndpoint() as server:
        play(server, work, cache=AnswerCache(tmp_path / "answers.sqlite"))
        assert server.total == 4


def test_failures_are_neither_cached_nor_charged(tmp_path: Path) -> None:
    ledger, cache = Ledger(), AnswerCache(tmp_path / "answers.sqlite")
    with FakeEndpoint(script=[Fault("status", status=401)]) as server:
        with pytest.raises(EndpointError):
            play(server, asked(seed=1), cache=cache, ledger=ledger)
        assert ledger.tokens == 0
        play(server, asked(seed=1), cache=cache, ledger=ledger)
    assert ledger.tokens == 15


def test_the_budget_stops_before_the_next_request() -> None:
    ledger = Ledger(token_budget=40)

    async def work(client: SharedClient) -> None:
        for _ in range(9):
            await client.create(PROMPT)

    with FakeEndpoint() as server:
        with pytest.raises(BudgetExceeded, match="40 tokens"):
            play(server, work, ledger=ledger)
        assert server.total == 3
    with FakeEndpoint() as server:
        rich = Ledger(money_budget=1e-9)
        with pytest.raises(BudgetExceeded):
            play(server, work, ledger=rich, prices=Prices(prompt=1.0))
        assert server.total == 0


def test_old_turns_are_dropped_and_counted() -> None:
    turns = [UserMessage(content=f"{i} " + "x" * 400, source="user") for i in range(10)]
    messages = [SystemMessage(content="Be brief."), *turns]

    async def work(client: SharedClient) -> Answer:
        return await client.ask(messages, extra_create_args={"max_tokens": 50})

    with FakeEndpoint() as server:
        answer = play(server, work, context_size=500)
        sent = server.requests[0]["messages"]
    assert answer.ambient["dropped_turns"] == 11 - len(sent) > 4
    assert sent[0]["role"] == "system" and sent[-1]["content"].startswith("9 ")


def test_an_endpoint_that_counts_more_tokens_gets_fewer_turns() -> None:
    body = '{"error": {"code": "context_length_exceeded", "message": "too long"}}'
    refuse = Fault("status", status=400, body=body)
    messages = [UserMessage(content=f"turn {i}", source="user") for i in range(5)]

    async def work(client: SharedClient) -> Answer:
        return await client.ask(messages)

    with FakeEndpoint(script=[refuse, refuse]) as server:
        answer = play(server, work)
        assert [len(r["messages"]) for r in server.requests] == [5, 4, 3]
    assert answer.ambient["dropped_turns"] == 2
    with FakeEndpoint(script=[refuse] * 9) as server:
        with pytest.raises(ContextOverflow, match="does not fit the model's context"):
            play(server, work)
        assert server.total == 5


def test_a_prompt_that_cannot_fit_is_never_sent() -> None:
    async def work(client: SharedClient) -> None:
        await client.create([UserMessage(content="x" * 9000, source="user")])

    with FakeEndpoint() as server:
        with pytest.raises(ContextOverflow):
            play(server, work, context_size=1000)
        assert server.total == 0


def test_a_cancelled_token_ends_the_call_but_nobody_elses() -> None:
    async def work(client: SharedClient) -> None:
        token = CancellationToken()
        mine = asyncio.create_task(
            client.create(PROMPT, extra_create_args=SEED, cancellation_token=token)
        )
        theirs = asyncio.create_task(client.create(PROMPT, extra_create_args=SEED))
        await asyncio.sleep(0.05)
        token.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(mine, 5)
        assert not theirs.done()
        assert (await theirs).content

    with FakeEndpoint(latency=0.4) as server:
        play(server, work)
        assert (server.total, server.dropped_by_client) == (1, 0)


@pytest.mark.parametrize("params", [{}, SEED])
def test_the_request_is_dropped_when_all_have_cancelled(params: dict[str, Any]) -> None:
    async def work(client: SharedClient) -> None:
        token = CancellationToken()
        calls = [
            asyncio.create_task(
                client.create(PROMPT, extra_create_args=params, cancellation_token=token)
            )
            for _ in range(2)
        ]
        await asyncio.sleep(0.1)
        token.cancel()
        results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5)
        assert [type(result) for result in results] == [asyncio.CancelledError] * 2
        for _ in range(200):
            if server.dropped_by_client == server.total:
                break
            await asyncio.sleep(0.01)
        assert server.dropped_by_client == server.total > 0
        assert client.flow.in_flight == 0

    with FakeEndpoint(script=[Fault("hang")] * 2) as server:
        play(server, work)


def test_a_stream_is_retried_whole() -> None:
    async def work(client: SharedClient) -> list[str | CreateResult]:
        return [piece async for piece in client.create_stream(PROMPT, extra_create_args=SEED)]

    with FakeEndpoint(script=[Fault("truncated_stream")]) as server:
        *pieces, last = play(server, work)
        assert server.total == 2
    assert isinstance(last, CreateResult)
    text = "".join(pieces)
    assert text.endswith(str(last.content)) and len(text) > len(str(last.content))


@pytest.mark.parametrize("streams", ["refused", "ignored"])
def test_who_cannot_stream_is_asked_for_the_whole_answer_and_not_again(streams: Any) -> None:
    async def work(client: SharedClient) -> list[str]:
        heard: list[str] = []
        for seed in (1, 2):
            answer = await client.ask(
                PROMPT, extra_create_args={"seed": seed}, on_text=heard.append
            )
            assert "".join(heard).endswith(str(answer.result.content))
        return heard

    with FakeEndpoint(streams=streams) as server:
        play(server, work)
        assert [bool(request.get("stream")) for request in server.requests] == [True, False, False]


def test_looking_on_a_model_that_is_down_costs_no_more_tries() -> None:
    async def work(client: SharedClient) -> None:
        with pytest.raises(EndpointError):
            await client.ask(PROMPT, extra_create_args=SEED, on_text=lambda piece: None)

    with FakeEndpoint(script=[Fault("status", status=503)] * 10) as server:
        play(server, work)
        streamed = [bool(request.get("stream")) for request in server.requests]
    assert streamed == [True, False, False, False]


def test_a_stream_that_begins_again_says_so() -> None:
    heard: list[str] = []

    async def work(client: SharedClient) -> None:
        await client.ask(PROMPT, extra_create_args=SEED, on_text=heard.append)

    with FakeEndpoint(script=[Fault("truncated_stream")]) as server:
        play(server, work)
    assert heard.count("") == 1 and "" not in (heard[0], heard[-1])


def test_a_cached_answer_streams_in_one_piece(tmp_path: Path) -> None:
    async def work(client: SharedClient) -> list[str | CreateResult]:
        await client.create(PROMPT, extra_create_args=SEED)
        return [piece async for piece in client.create_stream(PROMPT, extra_create_args=SEED)]

    with FakeEndpoint() as server:
        piece, last = play(server, work, cache=AnswerCache(tmp_path / "a.sqlite"))
    assert isinstance(last, CreateResult) and piece == last.content


def test_a_stream_nobody_reads_on_is_broken_off() -> None:
    async def work(client: SharedClient) -> None:
        stream = client.create_stream(PROMPT)
        waiting = asyncio.create_task(anext(stream))  # type: ignore[arg-type]
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await stream.aclose()
        for _ in range(100):
            if server.dropped_by_client:
                break
            await asyncio.sleep(0.01)
        assert server.dropped_by_client == 1

    with FakeEndpoint(script=[Fault("hang")]) as server:
        play(server, work)
