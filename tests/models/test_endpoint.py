"""The endpoint client against a real socket: what it sends, what it reads, how it fails."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import ToolSchema
from fake_endpoint import FakeEndpoint, Fault, too_many
from pydantic import BaseModel, ValidationError

from callsheet.models.endpoint import EndpointConfig, OpenAICompatibleClient
from callsheet.models.errors import ContextOverflow, EndpointError, ModelError

PROMPT: list[LLMMessage] = [
    SystemMessage(content="Be brief."),
    UserMessage(content="What is the weather in Zurich like today?", source="user"),
]
WEATHER: ToolSchema = {
    "name": "GetWeather",
    "description": "The weather of a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
CALL = {
    "tool_calls": [
        {
            "id": "call_7",
            "type": "function",
            "function": {"name": "GetWeather", "arguments": '{"city": "Zürich"}'},
        }
    ]
}


def client_of(server: FakeEndpoint, **config: Any) -> OpenAICompatibleClient:
    return OpenAICompatibleClient(
        EndpointConfig.model_validate({"model": "fake", "base_url": server.url, **config})
    )


def create(client: OpenAICompatibleClient, **kwargs: Any) -> CreateResult:
    async def go() -> CreateResult:
        try:
            return await client.create(PROMPT, **kwargs)
        finally:
            await client.close()

    return asyncio.run(go())


def stream(client: OpenAICompatibleClient, **kwargs: Any) -> list[str | CreateResult]:
    async def go() -> list[str | CreateResult]:
        try:
            return [piece async for piece in client.create_stream(PROMPT, **kwargs)]
        finally:
            await client.close()

    return asyncio.run(go())


def failure(fault: Fault, **config: Any) -> ModelError:
    """The error that one scripted fault causes."""
    with FakeEndpoint(script=[fault]) as server:
        with pytest.raises(ModelError) as caught:
            create(client_of(server, **config))
        assert server.url.removesuffix("/v1") in str(caught.value)
        assert "\n" not in str(caught.value)
        return caught.value


def test_a_text_with_its_usage() -> None:
    with FakeEndpoint(lambda _: {"content": "Sunny."}) as server:
        result = create(client_of(server))
    assert (result.content, result.finish_reason) == ("Sunny.", "stop")
    assert (result.usage.prompt_tokens, result.usage.completion_tokens) == (10, 5)


def test_the_request_is_what_was_asked_for() -> None:
    class Report(BaseModel):
        sky: str

    history: list[LLMMessage] = [
        *PROMPT,
        AssistantMessage(
            content=[FunctionCall(id="c1", name="GetWeather", arguments='{"city":"Zurich"}')],
            source="assistant",
        ),
        FunctionExecutionResultMessage(
            content=[
                FunctionExecutionResult(
                    content="sun", name="GetWeather", call_id="c1", is_error=False
                )
            ]
        ),
    ]
    with FakeEndpoint() as server:
        client = client_of(server, params={"temperature": 0.5})

        async def go() -> None:
            await client.create(
                history,
                tools=[WEATHER],
                tool_choice="required",
                json_output=Report,
                extra_create_args={"seed": 2**40 + 3, "max_tokens": 9, "temperature": 0.1},
            )
            await client.close()

        asyncio.run(go())
        request = server.requests[0]
    assert [m["role"] for m in request["messages"]] == ["system", "user", "assistant", "tool"]
    assert request["messages"][3] == {"role": "tool", "tool_call_id": "c1", "content": "sun"}
    assert request["tools"][0]["function"]["name"] == "GetWeather"
    assert request["tool_choice"] == "required"
    assert request["response_format"]["json_schema"]["name"] == "Report"
    assert (request["seed"], request["max_tokens"], request["temperature"]) == (3, 9, 0.1)
    assert "authorization" not in server.headers[0]


def test_what_an_endpoint_does_not_take_is_not_sent() -> None:
    with FakeEndpoint() as server:
        client = client_of(
            server,
            send_seed=False,
            output="json_object",
            max_tokens_name="max_completion_tokens",
        )
        create(client, json_output=True, extra_create_args={"seed": 1, "max_tokens": 5})
        request = server.requests[0]
    assert "seed" not in request and "max_tokens" not in request and "tools" not in request
    assert request["max_completion_tokens"] == 5
    assert request["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize("streamed", [False, True])
def test_tool_calls_with_text_beside_them(streamed: bool) -> None:
    message = {**CALL, "content": "Let me look."}
    with FakeEndpoint(lambda _: message) as server:
        if streamed:
            last = stream(client_of(server), tools=[WEATHER])[-1]
            assert isinstance(last, CreateResult)
        else:
            last = create(client_of(server), tools=[WEATHER])
    assert last.content == [
        FunctionCall(id="call_7", name="GetWeather", arguments='{"city": "Zürich"}')
    ]
    assert last.finish_reason == "function_calls"
    assert last.thought == "Let me look."


def test_servers_that_bend_the_format() -> None:
    bent = {
        "content": [{"type": "text", "text": "two "}, {"type": "text", "text": "parts"}],
        "reasoning_content": "hm",
        "usage": None,
    }
    with FakeEndpoint(lambda _: bent) as server:
        result = create(client_of(server))
    assert (result.content, result.thought) == ("two parts", "hm")
    assert result.usage.prompt_tokens > 0, "usage is estimated where none was sent"

    arguments_as_object = {"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}
    with FakeEndpoint(lambda _: {**arguments_as_object, "finish_reason": "stop"}) as server:
        result = create(client_of(server))
    assert result.content == [FunctionCall(id="call_0", name="f", arguments='{"a":1}')]
    assert result.finish_reason == "function_calls"


def test_logprobs() -> None:
    token = {"token": "Hi", "logprob": -0.5, "bytes": [72, 105], "top_logprobs": []}
    with FakeEndpoint(lambda _: {"content": "Hi", "logprobs": {"content": [token]}}) as server:
        result = create(client_of(server, params={"logprobs": True}))
        assert server.requests[0]["logprobs"] is True
    assert result.logprobs is not None
    assert (result.logprobs[0].token, result.logprobs[0].logprob) == ("Hi", -0.5)


def test_a_stream_gives_its_pieces_and_then_the_whole() -> None:
    text = "Sunny,\u2028with a few \U0001f325 clouds\x85."  # separators that are no newlines
    with FakeEndpoint(lambda _: {"content": text}) as server:
        *pieces, last = stream(client_of(server))
        assert server.requests[0]["stream_options"] == {"include_usage": True}
    assert isinstance(last, CreateResult)
    assert "".join(str(piece) for piece in pieces) == last.content == text
    assert len(pieces) > 3
    assert last.usage.prompt_tokens == 10


def test_a_truncated_stream_is_an_error_worth_a_retry() -> None:
    with FakeEndpoint(script=[Fault("truncated_stream")]) as server:
        with pytest.raises(EndpointError, match="before its stream was complete") as caught:
            stream(client_of(server))
        assert caught.value.retryable
        assert isinstance(stream(client_of(server))[-1], CreateResult)


def test_the_error_inside_a_stream_is_told() -> None:
    fault = Fault("error_in_200", body='data: {"error": {"message": "boiler burst"}}\n\n')
    with FakeEndpoint(script=[fault]) as server:
        with pytest.raises(EndpointError, match="boiler burst") as caught:
            stream(client_of(server))
        assert caught.value.retryable


@pytest.mark.parametrize(
    ("fault", "says", "retryable"),
    [
        (too_many("7"), "429: too many requests", True),
        (Fault("status", status=500), "answered 500", True),
        (Fault("status", status=503), "answered 503", True),
        (Fault("reset"), "broke off", True),
        (Fault("cut_body"), "broke off", True),
        (Fault("malformed"), "not JSON", True),
        (Fault("error_in_200"), "scripted", True),
        (Fault("wrong_shape"), "no chat completion", False),
        (Fault("status", status=400), "does not accept this request", False),
        (Fault("status", status=401), "the key was refused", False),
        (Fault("status", status=404), "no such model or path", False),
        (Fault("status", status=307, headers={"Location": "http://elsewhere/"}), "redir", False),
    ],
)
def test_each_fault_has_its_line(fault: Fault, says: str, retryable: bool) -> None:
    error = failure(fault)
    assert isinstance(error, EndpointError)
    assert says in str(error)
    assert error.retryable is retryable


def test_a_hanging_endpoint_is_given_up_on() -> None:
    error = failure(Fault("hang"), timeout=0.2)
    assert isinstance(error, EndpointError) and error.retryable
    assert "within 0.2 s" in str(error)


def test_retry_after_in_all_its_forms() -> None:
    def asked(headers: dict[str, str]) -> float | None:
        error = failure(Fault("status", status=429, headers=headers))
        assert isinstance(error, EndpointError)
        return error.retry_after

    now, later = "Sat, 21 Nov 2026 05:00:00 GMT", "Sat, 21 Nov 2026 05:00:30 GMT"
    assert asked({"Retry-After": "2.5"}) == 2.5
    assert asked({"Retry-After": later, "Date": now}) == 30.0
    assert asked({"Retry-After": now, "Date": later}) == 0.0
    assert asked({"retry-after-ms": "250", "Retry-After": "9"}) == 0.25
    for unreadable in ("soon", "-3", "inf", "nan"):
        assert asked({"Retry-After": unreadable}) in (None, 0.0)


def test_a_spent_quota_is_not_retried() -> None:
    body = '{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}'
    error = failure(Fault("status", status=429, body=body))
    assert not error.retryable and "quota is used up" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        {"message": "This model's maximum context length is 4096 tokens", "code": 400},
        {"message": "too long", "code": "context_length_exceeded"},
        {"message": "request (9 tokens) exceeds", "type": "exceed_context_size_error"},
    ],
)
def test_a_prompt_that_is_too_long_for_the_endpoint(error: dict[str, Any]) -> None:
    body = json.dumps({"error": error})
    assert isinstance(failure(Fault("status", status=400, body=body)), ContextOverflow)


def test_an_unreachable_endpoint_is_named() -> None:
    with FakeEndpoint() as server:
        gone = server.url
    client = OpenAICompatibleClient(EndpointConfig(model="m", base_url=gone))
    with pytest.raises(EndpointError, match="is the server running") as caught:
        create(client)
    assert caught.value.retryable and gone.removesuffix("/v1") in str(caught.value)


def test_an_echoed_prompt_does_not_get_into_the_error() -> None:
    asked = str(PROMPT[1].content)
    body = json.dumps({"error": {"message": f"invalid input: {asked!r} is bad " + "x" * 900}})
    text = str(failure(Fault("status", status=400, body=body)))
    assert "Zurich" not in text and "is bad" in text and len(text) < 400


@pytest.mark.parametrize("streamed", [False, True])
def test_a_cancelled_token_breaks_the_call_off(streamed: bool) -> None:
    async def go(client: OpenAICompatibleClient, server: FakeEndpoint) -> float:
        token = CancellationToken()
        asyncio.get_running_loop().call_later(0.1, token.cancel)
        started = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            if streamed:
                await anext(client.create_stream(PROMPT, cancellation_token=token))
            else:
                await client.create(PROMPT, cancellation_token=token)
        took = time.monotonic() - started
        with pytest.raises(asyncio.CancelledError):
            await client.create(PROMPT, cancellation_token=token)
        for _ in range(100):
            if server.dropped_by_client:
                break
            await asyncio.sleep(0.01)
        assert server.dropped_by_client == 1, "the connection is given up at once"
        await client.close()
        return took

    with FakeEndpoint(script=[Fault("hang")]) as server:
        took = asyncio.run(go(client_of(server, timeout=30), server))
    assert took < 15, "far less than the timeout"


def test_connections_are_used_again_and_survive_faults() -> None:
    async def go(server: FakeEndpoint) -> None:
        client = client_of(server)
        for _ in range(10):
            await client.create(PROMPT)
        assert server.connections == 1
        server.script.append(Fault("reset"))
        with pytest.raises(EndpointError):
            await client.create(PROMPT)
        await asyncio.gather(*(client.create(PROMPT) for _ in range(5)))
        before = server.connections
        await asyncio.gather(*(client.create(PROMPT) for _ in range(5)))
        assert server.connections == before
        await client.close()

    with FakeEndpoint() as server:
        asyncio.run(go(server))


def test_one_client_in_two_event_loops() -> None:
    with FakeEndpoint() as server:
        client = client_of(server)
        for _ in range(2):
            assert asyncio.run(client.create(PROMPT)).content


def test_text_that_utf8_cannot_hold_travels_both_ways() -> None:
    broken = "half a pair: \ud83d"
    prompt = [UserMessage(content=broken, source="user")]

    async def go(server: FakeEndpoint) -> CreateResult:
        client = client_of(server)
        try:
            return await client.create(prompt)
        finally:
            await client.close()

    with FakeEndpoint(lambda _: {"content": broken}) as server:
        result = asyncio.run(go(server))
        assert server.requests[0]["messages"][0]["content"] == broken
    assert result.content == broken


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "localhost:8000"},
        {"base_url": "ftp://host/v1"},
        {"base_url": "https://user:word@host/v1"},
        {"base_url": "https://host/v1?key=abc"},
        {"timeout": 0},
        {"api_key": "sk-pasted"},
    ],
)
def test_a_wrong_configuration_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EndpointConfig.model_validate({"model": "m", **wrong})
