"""A key is used and seen nowhere: not in dumps, representations, errors, answers or logs."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import pickle

import pytest
from autogen_core.models import UserMessage
from fake_endpoint import FakeEndpoint, Fault
from hypothesis import given
from hypothesis import strategies as st

from callsheet.models import secrets
from callsheet.models.endpoint import EndpointConfig, OpenAICompatibleClient
from callsheet.models.errors import EndpointError, ModelUnavailable
from callsheet.models.secrets import guard, hidden, hidden_bytes
from callsheet.models.shared import SharedClient

KEY = "sk-live/4f9a+Zb\"q7='x"
PROMPT = [UserMessage(content="Hello", source="user")]


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)


def client_of(server: FakeEndpoint) -> OpenAICompatibleClient:
    return OpenAICompatibleClient(
        EndpointConfig(
            model="m",
            base_url=server.url,
            api_key_env="TEST_KEY",
            headers_env={"x-gateway": "TEST_KEY"},
        )
    )


def test_the_key_is_sent_and_never_shown(keyed: None) -> None:
    with FakeEndpoint() as server:
        client = client_of(server)
        asyncio.run(client.create(PROMPT))
        assert server.headers[0]["authorization"] == f"Bearer {KEY}"
        assert server.headers[0]["x-gateway"] == KEY
        shared = SharedClient(client, name="m")
        shown = [
            repr(client),
            str(vars(client)),
            str(vars(shared)),
            client.dump_component().model_dump_json(),
            repr(client.dump_component()),
        ]
    assert not any(KEY in text or "4f9a" in text for text in shown)
    again = OpenAICompatibleClient.load_component(client.dump_component())
    assert again._config == client._config, "a dumped client loads with the same key variable"


def test_an_echoed_key_is_taken_out_of_errors(keyed: None) -> None:
    coded = base64.b64encode(f"user:{KEY}".encode()).decode()
    body = json.dumps({"error": {"message": f"key {KEY} in {coded} is wrong"}})
    refusing = FakeEndpoint(script=[Fault("status", status=401, body=body)])
    with refusing as server, pytest.raises(EndpointError) as caught:
        asyncio.run(client_of(server).create(PROMPT))
    text = str(caught.value)
    assert KEY not in text and coded not in text and "[secret]" in text
    assert "$TEST_KEY" in text, "the advice names the variable"


def test_an_echoed_key_is_taken_out_of_answers(keyed: None) -> None:
    with FakeEndpoint(lambda request: {"content": f"your key is {KEY}"}) as server:
        client = client_of(server)
        assert asyncio.run(client.create(PROMPT)).content == "your key is [secret]"


def test_no_log_line_holds_the_key(keyed: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with FakeEndpoint(script=[Fault("status", status=500)]) as server:
        client = client_of(server)
        with pytest.raises(EndpointError):
            asyncio.run(client.create(PROMPT))
        asyncio.run(client.create(PROMPT))
    assert caplog.records, "the libraries underneath do log"
    assert KEY not in caplog.text and "4f9a" not in caplog.text


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_KEY", raising=False)
    with FakeEndpoint() as server, pytest.raises(ModelUnavailable, match="TEST_KEY is not set"):
        client_of(server)


def test_a_config_cannot_hold_a_key() -> None:
    dumped = EndpointConfig(model="m", api_key_env="TEST_KEY").model_dump_json()
    assert json.loads(dumped)["api_key_env"] == "TEST_KEY"
    assert pickle.dumps(EndpointConfig(model="m", api_key_env="TEST_KEY")).find(b"4f9a") < 0


@given(
    st.text(min_size=8, max_size=40).filter(
        lambda text: text.strip() == text and text.isprintable() and text not in secrets.HIDDEN
    ),
    st.binary(max_size=7),
    st.binary(max_size=7),
)
def test_every_form_is_hidden_wherever_it_stands(secret: str, before: bytes, after: bytes) -> None:
    _forget()
    guard(secret)
    coded = base64.b64encode(before + secret.encode() + after).decode()
    shown = hidden(f"a {secret} b {coded} c {json.dumps(secret)}")
    assert shown.count("[secret]") >= 3
    assert secret not in shown
    # What is left of the base64 no longer holds the secret's bytes.
    assert hidden(coded) != coded
    assert secret.encode() not in hidden_bytes(b"x" + secret.encode() + b"y")
    _forget()


def _forget() -> None:
    secrets._live.clear()
    secrets._live_bytes.clear()


def test_short_values_do_not_garble_the_log() -> None:
    guard("abc")
    assert hidden("abc") == "abc"
