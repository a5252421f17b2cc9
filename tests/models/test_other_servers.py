"""What servers other than OpenAI's send, as their users meet it: errors, streams, reasoning."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, LLMMessage, UserMessage
from fake_endpoint import FakeEndpoint, Fault
from pydantic import ValidationError

from callsheet.models.endpoint import EndpointConfig, OpenAICompatibleClient
from callsheet.models.errors import ContextOverflow, EndpointError, ModelError, ModelUnavailable
from callsheet.models.flow import Flow
from callsheet.models.retry import Retrier, RetryPolicy
from callsheet.models.shared import SharedClient
from callsheet.models.structured import ask_structured

PROMPT: list[LLMMessage] = [UserMessage(content="Which flight is the cheapest one?", source="user")]


def client_of(server: FakeEndpoint) -> OpenAICompatibleClient:
    return OpenAICompatibleClient(EndpointConfig(model="fake", base_url=server.url))


def whole(server: FakeEndpoint, prompt: Sequence[LLMMessage] = PROMPT) -> CreateResult:
    async def go() -> CreateResult:
        client = client_of(server)
        try:
            return await client.create(prompt)
        finally:
            await client.close()

    return asyncio.run(go())


def streamed(server: FakeEndpoint) -> CreateResult:
    async def go() -> CreateResult:
        client = client_of(server)
        try:
            last = [piece async for piece in client.create_stream(PROMPT)][-1]
        finally:
            await client.close()
        assert isinstance(last, CreateResult)
        return last

    return asyncio.run(go())


def sent(*choices: dict[str, Any]) -> Fault:
    """A stream of events with one choice each, that ends as it should."""
    last: dict[str, Any] = {"delta": {}, "finish_reason": "stop"}
    lines = [f"data: {json.dumps({'id': 'x', 'choices': [choice]})}\n\n" for choice in choices]
    end = f"data: {json.dumps({'choices': [last]})}\n\ndata: [DONE]\n\n"
    return Fault("error_in_200", body="".join(lines) + end)


def refused(body: Any, status: int = 400) -> ModelError:
    with (
        FakeEndpoint(script=[Fault("status", status=status, body=json.dumps(body))]) as server,
        pytest.raises(ModelError) as caught,
    ):
        whole(server)
    return caught.value


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "You passed 10243 input tokens and requested 6142 output tokens. However, the "
              "model's context length is only 16384 tokens, so the two do not fit."),
        (400, "The input (5000 tokens) is longer than the model's context length (4096 tokens)."),
        (422, "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 and 100"),
        (422, "`inputs` must have less than 1024 tokens. Given: 5000"),
        (400, "The model is loaded with context length of only 4096 tokens, which is not enough"),
        (400, "This model's maximum prompt length is 131072 but the request has 140000 tokens."),
    ],
)  # fmt: skip
def test_a_prompt_that_is_too_long(status: int, words: str) -> None:
    assert isinstance(refused({"error": {"message": words}}, status), ContextOverflow)
    assert isinstance(refused({"object": "error", "message": words}, status), ContextOverflow)


def test_a_gateway_tells_what_the_provider_behind_it_said() -> None:
    raw = "prompt is too long: 5000 tokens > 4096 maximum"
    told = {"message": "Provider returned error", "code": 400, "metadata": {"raw": raw}}
    assert isinstance(refused({"error": told}), ContextOverflow)
    told["metadata"] = {"raw": "no such tool parser"}
    assert "no such tool parser" in str(refused({"error": told}))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([{"error": {"code": 400, "message": "API key not valid"}}], "API key not valid"),
        ({"detail": [{"loc": ["body", "tools"], "msg": "Field required"}]}, "Field required"),
        ({"message": {"detail": [{"msg": "extra inputs"}]}}, "extra inputs"),
    ],
)
def test_the_providers_words_wherever_they_stand(body: Any, words: str) -> None:
    assert words in str(refused(body))


def test_a_path_that_the_server_does_not_know_is_told_at_once() -> None:
    body = json.dumps({"error": "Unexpected endpoint or method. (POST /chat/completions)"})
    with (
        FakeEndpoint(script=[Fault("error_in_200", body=body)]) as server,
        pytest.raises(EndpointError, match="usually in /v1") as caught,
    ):
        whole(server)
    assert not caught.value.retryable


def test_an_error_is_told_where_the_prompt_is_no_text_for_utf8() -> None:
    prompt = [UserMessage(content="half a pair: \ud83d and some more words", source="user")]
    fault = Fault("status", status=400, body='{"error": {"message": "no"}}')
    with (
        FakeEndpoint(script=[fault]) as server,
        pytest.raises(EndpointError, match="it says: no"),
    ):
        whole(server, prompt)


BROKEN = [
    {"error": {"code": 502, "message": "it burst"}, "choices": [{"delta": {"content": ""},
     "finish_reason": "error"}]},
    {"choices": [{"delta": {}, "finish_reason": "error", "error": {"message": "it burst"}}]},
    {"object": "error", "message": "it burst", "code": 500},
]  # fmt: skip


@pytest.mark.parametrize("event", BROKEN)
def test_a_stream_that_ends_in_an_error_is_no_answer(event: dict[str, Any]) -> None:
    begun = json.dumps({"choices": [{"delta": {"content": "It costs "}}]})
    body = f"data: {begun}\n\ndata: {json.dumps({'id': 'x', **event})}\n\n"
    with (
        FakeEndpoint(script=[Fault("error_in_200", body=body)]) as server,
        pytest.raises(EndpointError, match="it burst") as caught,
    ):
        streamed(server)
    assert caught.value.retryable


@pytest.mark.parametrize("finish", ["error", "abort"])
def test_an_answer_that_broke_off_is_asked_for_again(finish: str) -> None:
    half = {"message": {"content": "It costs "}, "finish_reason": finish}
    fault = Fault("error_in_200", body=json.dumps({"choices": [half]}))
    with FakeEndpoint(lambda _: {"content": "It costs 90."}, script=[fault]) as server:
        retrier = Retrier(RetryPolicy(first_wait=0, longest_wait=0))

        async def go() -> CreateResult:
            client = SharedClient(client_of(server), name="m", retrier=retrier)
            try:
                return await client.create(PROMPT)
            finally:
                await client.close()

        assert asyncio.run(go()).content == "It costs 90."
        assert server.total == 2


def piece(index: int | None, name: str | None, arguments: Any, **more: Any) -> dict[str, Any]:
    """One tool call of a delta; what is None is left out."""
    function = {"arguments": arguments} | ({} if name is None else {"name": name})
    return {"function": function} | ({} if index is None else {"index": index}) | more


def calls_of(*pieces: Any) -> list[tuple[str, str]]:
    with FakeEndpoint(script=[sent(*({"delta": {"tool_calls": each}} for each in pieces))]) as s:
        content = streamed(s).content
    assert isinstance(content, list) and len({call.id for call in content}) == len(content)
    return [(call.name, call.arguments) for call in content]


TWO = [("f", '{"x":1}'), ("g", '{"y":2}')]


def test_calls_that_all_have_the_index_zero() -> None:
    f, g = piece(0, "f", '{"x":1}', id="a"), piece(0, "g", '{"y":2}', id="b")
    assert calls_of([f], [g]) == calls_of([f, g]) == TWO
    assert calls_of([piece(0, "f", '{"x":1}')], [piece(0, "g", '{"y":2}')]) == TWO
    # Without arguments, and in pieces.
    assert calls_of([piece(0, "f", "", id="a")], [piece(0, "g", "", id="b")]) == [
        ("f", "{}"), ("g", "{}"),
    ]  # fmt: skip
    assert calls_of([piece(0, "f", '{"x"', id="a")], [piece(0, None, ":1}")], [g]) == TWO


def test_calls_without_an_index() -> None:
    assert calls_of([piece(None, "f", '{"x":1}'), piece(None, "g", '{"y":2}')]) == TWO
    f, g = piece(None, "f", '{"x":', id="a"), piece(None, "g", '{"y":2}', id="b")
    assert calls_of([f], [piece(None, None, "1}")], [g]) == TWO


def test_pieces_that_repeat_the_name_or_make_up_ids_are_one_call() -> None:
    assert calls_of([piece(0, "f", '{"x"', id="a")], [piece(0, "f", ":1}", id="a")]) == TWO[:1]
    assert calls_of([piece(0, "f", '{"x"', id="a")], [piece(0, None, ":1}", id="b")]) == TWO[:1]


def test_calls_keep_the_order_of_their_indices() -> None:
    f, g = piece(0, "f", '{"x":1}', id="a"), piece(1, "g", '{"y":2}', id="b")
    assert calls_of([g], [f]) == TWO


def test_arguments_as_an_object_and_calls_as_one() -> None:
    assert calls_of([piece(0, "f", {"x": 1}, id="a")]) == TWO[:1]
    assert calls_of(piece(0, "f", '{"x":1}', id="a")) == TWO[:1]


@pytest.mark.parametrize(
    ("choices", "content"),
    [
        ([{"delta": {"content": [{"type": "text", "text": "Hi"}]}}], "Hi"),
        ([{"delta": {"refusal": "I will not."}}], "I will not."),
        ([{"delta": {"content": "Hi"}}, {"delta": None, "content_filter_results": {}}], "Hi"),
        ([{"delta": {"content": "Hi"}}, {"index": 0}], "Hi"),
    ],
)
def test_deltas_that_are_none(choices: list[dict[str, Any]], content: str) -> None:
    with FakeEndpoint(script=[sent(*choices)]) as server:
        assert streamed(server).content == content


THOUGHT = [
    ("<think>\nMaybe one? No.\n</think>\n\nFive.", "Maybe one? No.", "Five."),
    ("Maybe one? No.\n</think>\n\nFive.", "Maybe one? No.", "Five."),
    ("Write <think> and </think> around it.", None, "Write <think> and </think> around it."),
]


@pytest.mark.parametrize(("text", "thought", "said"), THOUGHT)
def test_what_is_thought_in_tags_is_not_said(text: str, thought: str | None, said: str) -> None:
    with FakeEndpoint(lambda _: {"content": text}) as server:
        for result in (whole(server), streamed(server)):
            assert (result.content, result.thought) == (said, thought)


def test_a_draft_in_the_thought_is_not_the_answer() -> None:
    text = '<think>Maybe {"grade": 1}? No.</think>\n{"grade": 5}'
    form = {"type": "object", "properties": {"grade": {"type": "integer"}}, "required": ["grade"]}

    async def go(server: FakeEndpoint) -> Any:
        client = client_of(server)
        try:
            return await ask_structured(client, PROMPT, form)
        finally:
            await client.close()

    with FakeEndpoint(lambda _: {"content": text}) as server:
        assert asyncio.run(go(server)) == {"grade": 5}


def test_a_call_keeps_the_thought_in_tags() -> None:
    call = {"id": "a", "function": {"name": "f", "arguments": "{}"}}
    reply = {"content": "<think>Call f.</think>Let me see.", "tool_calls": [call]}
    with FakeEndpoint(lambda _: reply) as server:
        result = whole(server)
    assert result.content == [FunctionCall(id="a", name="f", arguments="{}")]
    assert result.thought == "Call f.\nLet me see."


@pytest.mark.parametrize(
    ("finish", "reason"),
    [("eos_token", "stop"), ("end_turn", "stop"), ("MAX_TOKENS", "length"), ({}, "unknown")],
)
def test_why_an_answer_ended(finish: Any, reason: str) -> None:
    choice = {"message": {"content": "Hi"}, "finish_reason": finish}
    body = json.dumps({"choices": [choice]})
    with FakeEndpoint(script=[Fault("error_in_200", body=body)]) as server:
        assert whole(server).finish_reason == reason


def test_an_endpoint_that_is_closed_for_hours_is_told_to_everybody() -> None:
    async def go() -> None:
        async def sleep(seconds: float) -> None:
            raise AssertionError(f"slept for {seconds} s")

        flow = Flow(clock=lambda: 100.0, sleep=sleep, longest_wait=60.0)
        with pytest.raises(EndpointError, match="daily limit"):
            async with flow.slot():
                raise EndpointError("daily limit", status=429, retryable=True, retry_after=7200)
        for _ in range(2):
            with pytest.raises(EndpointError, match=r"daily limit; .* 7200 s") as caught:
                async with flow.slot():
                    raise AssertionError("the call was made")
            assert not caught.value.retryable
        assert flow.in_flight == 0 and flow.decreases == 1

    asyncio.run(go())


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALL_PROXY", "socks://localhost:1080"),
        ("HTTP_PROXY", "http://localhost:80o0"),
        ("SSL_CERT_FILE", "/nowhere/cacert.pem"),
    ],
)
def test_an_environment_that_cannot_be_followed(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callsheet.models import connections

    monkeypatch.setenv(variable, value)
    connections._trust.cache_clear()
    try:
        with FakeEndpoint() as server:
            for ask in (whole, streamed):
                with pytest.raises(ModelUnavailable, match=f"no connection.*{variable}"):
                    ask(server)
    finally:
        connections._trust.cache_clear()


def test_a_key_that_no_header_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", "sk-“curly”")
    with pytest.raises(ModelUnavailable, match="TEST_KEY holds a character"):
        OpenAICompatibleClient(EndpointConfig(model="m", api_key_env="TEST_KEY"))


def test_an_address_that_is_none() -> None:
    with pytest.raises(ValidationError, match="is no address"):
        EndpointConfig(model="m", base_url="http://localhost:80o0/v1")
