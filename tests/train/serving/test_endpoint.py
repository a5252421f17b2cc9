"""The endpoint in a process of its own, asked by the openai SDK and by the project's own client."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from autogen_core.models import CreateResult, LLMMessage, UserMessage
from autogen_core.tools import ToolSchema
from openai.types.chat import ChatCompletion
from program import PROGRAM
from pydantic import ValidationError

pytest.importorskip("uvicorn", reason="needs the serve extra")
pytest.importorskip("sse_starlette", reason="needs the serve extra")
from callsheet.models.endpoint import EndpointConfig, OpenAICompatibleClient
from callsheet.models.errors import ContextOverflow, EndpointError
from callsheet.models.structured import response_format
from callsheet.train.serving.settings import ServeSettings

TESTS = Path(__file__).parents[2]
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tell the weather.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"enum": ["Rome", "Bern"]}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}


@contextmanager
def process(*command: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A serving process and its address; it is interrupted at the end, as by Ctrl-C."""
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(TESTS)},
    ) as server:
        assert server.stdout is not None and server.stderr is not None
        line = server.stdout.readline()
        address = re.search(r"http://\S+", line)
        if address is None:
            server.kill()
            raise AssertionError(server.stderr.read())
        try:
            yield address.group(), server
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    program = str(TESTS / "serve_scripted.py")
    with process(sys.executable, program, str(folder / "log"), folder=folder) as (address, _):
        yield address


@pytest.fixture
def sdk(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=url, api_key="none", max_retries=0)


def ask(sdk: openai.OpenAI, order: str, **given: Any) -> Any:
    messages = given.pop("messages", [{"role": "user", "content": order}])
    return sdk.chat.completions.create(**{"model": "obedient", "messages": messages, **given})


def ours(url: str, **config: Any) -> OpenAICompatibleClient:
    return OpenAICompatibleClient(EndpointConfig(model="obedient", base_url=url, **config))


def prompt(order: str) -> list[LLMMessage]:
    return [UserMessage(content=order, source="user")]


def test_the_model_is_listed_and_healthy(sdk: openai.OpenAI, url: str) -> None:
    assert [model.id for model in sdk.models.list()] == ["obedient"]
    assert sdk.models.retrieve("obedient").owned_by == "callsheet"
    with pytest.raises(openai.NotFoundError):
        sdk.models.retrieve("another")
    status, body = get(url, "/health")
    assert (status, body["status"], body["under_way"]) == (200, "ok", 0)


def test_an_answer_in_words(sdk: openai.OpenAI) -> None:
    answer: ChatCompletion = ask(sdk, "talk")
    (choice,) = answer.choices
    assert (choice.message.content, choice.finish_reason) == ("word0 word1 word2 end", "stop")
    assert answer.usage is not None and answer.usage.total_tokens == 10
    assert answer.id.startswith("chatcmpl-") and answer.model == "obedient"
    assert ask(sdk, "cut").choices[0].finish_reason == "length"


def test_calls_with_the_words_beside_them(sdk: openai.OpenAI) -> None:
    (choice,) = ask(sdk, "call weather clock", tools=[TOOL]).choices
    assert choice.finish_reason == "tool_calls" and choice.message.content == "I look it up."
    made = [(c.id, c.function.name, json.loads(c.function.arguments)) for c in
            choice.message.tool_calls]  # fmt: skip
    assert made == [("c0", "weather", {"n": 0}), ("c1", "clock", {"n": 1})]


def test_a_stream_of_words(sdk: openai.OpenAI) -> None:
    chunks = list(ask(sdk, "talk", stream=True, stream_options={"include_usage": True}))
    *said, finish, usage = chunks
    assert said[0].choices[0].delta.role == "assistant"
    words = [chunk.choices[0].delta.content for chunk in said]
    assert words == ["", "word0 ", "word1 ", "word2 ", "end"]
    assert finish.choices[0].finish_reason == "stop" and not usage.choices
    assert (usage.usage.prompt_tokens, usage.usage.completion_tokens) == (7, 3)
    assert len({chunk.id for chunk in chunks}) == 1
    assert not any(chunk.usage for chunk in ask(sdk, "talk", stream=True))


def test_a_stream_of_calls_as_the_sdk_puts_it_together(sdk: openai.OpenAI) -> None:
    with sdk.chat.completions.stream(
        model="obedient",
        messages=[{"role": "user", "content": "call weather clock"}],
        tools=[TOOL],
    ) as stream:
        kinds = [event.type for event in stream]
        (choice,) = stream.get_final_completion().choices
    assert kinds.count("tool_calls.function.arguments.done") == 2
    assert choice.finish_reason == "tool_calls"
    made = [(c.id, c.function.name, c.function.arguments) for c in choice.message.tool_calls or ()]
    assert made == [("c0", "weather", '{"n": 0}'), ("c1", "clock", '{"n": 1}')]


def test_our_own_client_reads_both(url: str) -> None:
    async def go() -> tuple[CreateResult, list[Any], list[Any]]:
        client = ours(url)
        try:
            called = await client.create(prompt("call weather"))
            words = [piece async for piece in client.create_stream(prompt("talk"))]
            calls = [piece async for piece in client.create_stream(prompt("call a b"))]
        finally:
            await client.close()
        return called, words, calls

    called, words, calls = asyncio.run(go())
    assert called.finish_reason == "function_calls" and called.thought == "I look it up."
    assert words[:-1] == ["word0 ", "word1 ", "word2 ", "end"]
    assert words[-1].content == "".join(words[:-1]) and words[-1].usage.prompt_tokens == 7
    assert [call.name for call in calls[-1].content] == ["a", "b"]


def test_what_is_asked_reaches_the_model(sdk: openai.OpenAI) -> None:
    call = {"id": "a", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    messages = [
        {"role": "developer", "content": "Help."},
        {"role": "user", "content": [{"type": "text", "text": part} for part in ("Ro", "me")]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "content": "rain"},
        {"role": "user", "content": "tell"},
    ]  # fmt: skip
    schema = {"type": "object", "properties": {}}
    answer = ask(
        sdk, "", messages=messages, tools=[TOOL], temperature=0.5, top_p=0, seed=-3, stop="x",
        max_completion_tokens=9, parallel_tool_calls=False, response_format=response_format(schema),
        tool_choice={"type": "function", "function": {"name": "weather"}}, user="u",
        extra_body={"unheard_of": 1},
    )  # fmt: skip
    told = json.loads(answer.choices[0].message.content)
    roles = [message["role"] for message in told["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "user"]
    assert told["messages"][1]["content"] == "Rome"
    assert told["messages"][2]["tool_calls"] == [call]
    assert told["tools"] == [TOOL["function"]] and told["tool_choice"] == "weather"
    params = told["params"]
    assert params.pop("response_format")["json_schema"]["schema"] == schema
    assert params.pop("seed") >= 0 and 0 < params.pop("top_p") < 1e-6
    assert params == {
        "temperature": 0.5, "max_tokens": 9, "stop": "x", "parallel_tool_calls": False,
    }  # fmt: skip


def test_what_is_not_said_is_left_to_the_model(sdk: openai.OpenAI) -> None:
    told = json.loads(ask(sdk, "tell").choices[0].message.content)
    assert (told["params"], told["tools"], told["tool_choice"]) == ({}, [], "auto")


def taking(parameters: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "weather", "parameters": parameters}}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"n": 2}, "n can only be 1 here"),
        ({"logprobs": True}, "logprobs"),
        ({"frequency_penalty": 0.5}, "frequency_penalty"),
        ({"temperature": 3}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "tool_call_id": "x", "content": ""}]}, "tool_call_id"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "text"),
        ({"tool_choice": "required"}, "there are no tools"),
        ({"tools": [TOOL, TOOL]}, "same name"),
        ({"tools": [taking({"properties": None})]}, "properties: null is not of type"),
        (
            {"tools": [taking({"properties": [{"city": {}}]})]},
            "tools.0.function.parameters: no JSO",
        ),
        ({"tools": [taking({"required": 1})]}, "required: 1 is not of type"),
        ({"tools": [taking({"properties": {"a": {"properties": 1}}})]}, "properties/a/properties"),
        ({"tools": [taking({"properties": {"a": {"enum": None}}})]}, "properties/a/enum"),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "x"}}}, "'x'"),
        ({"response_format": {"type": "json_schema"}}, "json_schema"),
        ({"stop": ["a"] * 5}, "stop"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(
    sdk: openai.OpenAI, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(sdk, "talk", **given)
    assert says in caught.value.message and caught.value.type == "invalid_request_error"
    assert "\n" not in caught.value.body["message"]


@pytest.mark.parametrize(
    "schema",
    [True, {"type": "integer", "minimum": 0, "exclusiveMinimum": True}, {"items": [{}, {}]}],
)
def test_older_spellings_of_json_schema_are_taken(sdk: openai.OpenAI, schema: Any) -> None:
    assert ask(sdk, "talk", tools=[taking({"properties": {"a": schema}})]).choices


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ("overflow", 400, "context_length_exceeded"),
        ("invalid", 422, "invalid_answer"),
        ("down", 502, "endpoint"),
        ("busy", 429, "endpoint"),
        ("unloaded", 503, "unavailable"),
        ("defect", 500, None),
    ],
)
def test_the_models_failures_have_their_status(
    sdk: openai.OpenAI, order: str, status: int, code: str | None, stream: bool
) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        ask(sdk, order, stream=stream)
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert "secret" not in caught.value.message
    if order == "busy":
        assert caught.value.response.headers["retry-after"] == "3"


def test_our_own_client_knows_an_overflow(url: str) -> None:
    async def go() -> None:
        client = ours(url)
        try:
            await client.create(prompt("overflow"))
        finally:
            await client.close()

    with pytest.raises(ContextOverflow):
        asyncio.run(go())


@pytest.mark.parametrize("order", ["break", "anew"])
def test_a_stream_that_breaks_says_so(sdk: openai.OpenAI, url: str, order: str) -> None:
    with pytest.raises(openai.APIError):
        list(ask(sdk, order, stream=True))

    async def go() -> None:
        client = ours(url)
        try:
            async for _ in client.create_stream(prompt(order)):
                pass
        finally:
            await client.close()

    with pytest.raises(EndpointError):
        asyncio.run(go())


def test_another_model_is_not_there(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        ask(sdk, "talk", model="gpt")
    assert caught.value.code == "model_not_found"


def get(url: str, path: str, **headers: str) -> tuple[int, Any]:
    return raw(url, "GET", path, b"", headers)


def raw(url: str, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/chat/completions", b"{", 400),
        ("POST", "/v1/chat/completions", b"[]", 400),
        ("POST", "/v1/chat/completions", b"[" * 100_000, 400),
        ("POST", "/v1/chat/completions", b'{"a": ' * 5000, 400),
        ("POST", "/v1/chat/completions", b'{"model": "\xff"}', 400),
        ("POST", "/v1/chat/completions", b" " * (9 << 20), 413),
        ("GET", "/v1/chat/completions", b"", 405),
        ("POST", "/v1/embeddings", b"{}", 404),
        ("GET", "/", b"", 404),
    ],
)
def test_what_is_no_request_is_refused(
    url: str, method: str, path: str, body: bytes, status: int
) -> None:
    try:
        answered, value = raw(url, method, path, body, {})
    except (BrokenPipeError, ConnectionResetError):
        assert status == 413  # refused before all of it was sent
        return
    assert answered == status and value["error"]["message"]


def test_another_hosts_name_is_refused(url: str) -> None:
    assert get(url, "/v1/models", Host="evil.example")[0] == 403
    assert get(url, "/v1/models", Host="localhost:1")[0] == 200


def noted(folder: Path, line: str) -> bool:
    """Whether the model's log gets the line, within ten seconds."""
    return until(lambda: line in (folder / "log").read_text().splitlines())


def until(true: Callable[[], bool]) -> bool:
    for _ in range(200):
        if true():
            return True
        time.sleep(0.05)
    return False


def test_a_caller_that_goes_away_ends_its_answer(
    sdk: openai.OpenAI, url: str, folder: Path
) -> None:
    with pytest.raises(openai.APITimeoutError):
        ask(sdk, "hang", timeout=0.3)
    assert noted(folder, "cancelled hang")
    stream = ask(sdk, "endless", stream=True)
    assert next(iter(stream)).choices
    stream.close()
    assert noted(folder, "cancelled endless")
    assert until(lambda: get(url, "/health")[1]["under_way"] == 0)


def test_a_full_queue_says_come_back(sdk: openai.OpenAI, url: str) -> None:
    held = [ask(sdk, "endless", stream=True) for _ in range(2)]
    with pytest.raises(openai.RateLimitError) as caught:
        ask(sdk, "talk")
    assert caught.value.code == "queue_full" and "retry-after" in caught.value.response.headers
    for stream in held:
        stream.close()
    assert until(lambda: get(url, "/health")[1]["under_way"] == 0)
    assert ask(sdk, "talk").choices


def test_a_key_is_asked_for_where_there_is_one(tmp_path: Path) -> None:
    program = str(TESTS / "serve_scripted.py")
    command = (sys.executable, program, str(tmp_path / "log"), "the-right-key")
    with process(*command, folder=tmp_path) as (url, _):
        assert get(url, "/health")[0] == 200 and get(url, "/v1/models")[0] == 401
        for key in ("wrong", "the-right-ke", "ké"):
            with pytest.raises((openai.AuthenticationError, UnicodeEncodeError)):
                ask(openai.OpenAI(base_url=url, api_key=key, max_retries=0), "talk")
        assert ask(openai.OpenAI(base_url=url, api_key="the-right-key"), "talk").choices


def test_ctrl_c_ends_it_in_order(tmp_path: Path) -> None:
    program = str(TESTS / "serve_scripted.py")
    with process(sys.executable, program, str(tmp_path / "log"), folder=tmp_path) as (_, server):
        pass
    assert server.returncode == 0


def test_it_is_open_to_nobody_by_accident() -> None:
    for host in ("0.0.0.0", "::", "example.org"):
        with pytest.raises(ValidationError, match="give it a key"):
            ServeSettings(host=host)
    assert ServeSettings(host="::1").is_local and ServeSettings(host="localhost").is_local


@pytest.mark.train
def test_a_checkpoint_is_served_by_the_program(tmp_path: Path) -> None:
    for module in ("torch", "transformers", "llguidance"):
        pytest.importorskip(module, reason="needs the train extra")
    from tiny_model import tiny_checkpoint

    tiny_checkpoint(tmp_path / "base")
    with process(*PROGRAM, "serve", "./base", "--port", "0", folder=tmp_path) as (url, _):
        sdk = openai.OpenAI(base_url=url, api_key="none", max_retries=0)
        given: dict[str, Any] = {"model": "./base", "max_tokens": 400, "seed": 1}
        (choice,) = ask(sdk, "Rome?", **given, tools=[TOOL], tool_choice="required",
                        parallel_tool_calls=False).choices  # fmt: skip
        (call,) = choice.message.tool_calls
        assert json.loads(call.function.arguments)["city"] in ("Rome", "Bern")
        talk = {**given, "max_tokens": 30, "temperature": 1.0}
        whole = ask(sdk, "Hi", **talk)
        pieces = [
            chunk.choices[0].delta.content or "" for chunk in ask(sdk, "Hi", **talk, stream=True)
        ]
        assert "".join(pieces) == whole.choices[0].message.content and len(pieces) > 5

        async def go() -> tuple[list[Any], CreateResult]:
            client = OpenAICompatibleClient(EndpointConfig(model="./base", base_url=url))
            spec: Any = TOOL["function"]
            tool = ToolSchema(**spec)
            arguments: Any = {"tools": [tool], "extra_create_args": {"max_tokens": 600, "seed": 2}}
            try:
                pieces = [p async for p in client.create_stream(prompt("Hi"), **arguments)]
                return pieces, await client.create(prompt("Hi"), **arguments)
            finally:
                await client.close()

        streamed, at_once = asyncio.run(go())
        assert streamed[-1].content == at_once.content
