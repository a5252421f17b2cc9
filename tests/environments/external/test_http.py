"""HTTP tools against a real service on loopback: good answers, bad ones, and secrets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback_api import KEY, LoopbackApi, loopback_api, operation

from callsheet.environments import ToolCall, ToolOutcome
from callsheet.environments.external.environment import ExternalSource
from callsheet.environments.external.http_caller import HttpCaller
from callsheet.environments.external.settings import Credential, HttpSettings
from callsheet.models.errors import ModelUnavailable
from callsheet.tools import ToolSpec


@pytest.fixture(scope="module")
def api() -> Iterator[LoopbackApi]:
    with loopback_api() as server:
        yield server


def call(api: LoopbackApi, spec: ToolSpec, settings: dict[str, Any] | None = None, /,
         **arguments: Any) -> ToolOutcome:  # fmt: skip
    """One call, as an episode makes it."""
    api.release.clear()
    chosen = HttpSettings(document="-", **{"server": api.url, **(settings or {})})
    source = ExternalSource("openapi:nursery", HttpCaller(chosen, "nursery"), lambda: [spec],
                            lambda: "", check_output=chosen.check_output)  # fmt: skip

    async def one() -> ToolOutcome:
        environment = source.open([], now=None, seed=0)  # type: ignore[arg-type]
        return await environment.call(ToolCall("c", 0, spec.name, arguments))

    return asyncio.run(one())


def place(name: str, path: str | None = None) -> ToolSpec:
    return operation(name, "GET", path or f"/{name}")


def test_what_was_created_can_be_read_back(api: LoopbackApi) -> None:
    add = operation("add", "POST", "/plants", name="body", colour="body")
    made = call(api, add, name="rose", colour="red")
    assert made.ok and made.output["name"] == "rose"
    get = operation("get", "GET", "/plants/{id}", id="path")
    assert call(api, get, id=made.output["id"]).output == made.output
    gone = call(api, operation("drop", "DELETE", "/plants/{id}", id="path"), id=made.output["id"])
    assert gone == ToolOutcome(None)
    missing = call(api, get, id=made.output["id"])
    assert missing.error_type == "failed"
    assert missing.error == '404 no such plant: {"detail":"plant 1 is unknown"}'


def test_arguments_are_checked_before_anything_is_sent(api: LoopbackApi) -> None:
    spec = operation("get", "GET", "/plants/{id}", id="path").model_copy(
        update={"parameters": {"type": "object", "properties": {"id": {"type": "string"}},
                               "required": ["id"]}})  # fmt: skip
    before = len(api.seen)
    assert call(api, spec).error_type == "invalid_arguments"
    assert call(api, spec, id=3).error_type == "invalid_arguments"
    assert call(api, spec, id="..").error_type == "invalid_arguments"
    assert call(api, spec, id="").error_type == "invalid_arguments"
    assert len(api.seen) == before


def test_an_answer_that_does_not_fit_is_an_error(api: LoopbackApi) -> None:
    wants = {"type": "object", "required": ["absent"]}
    spec = operation("echo", "GET", "/echo", returns=wants)
    assert call(api, spec).error_type == "invalid_output"
    assert call(api, spec, {"check_output": False}).ok


@pytest.mark.parametrize(
    ("path", "error_type", "says"),
    [
        ("/broken", "unavailable", "the greenhouse is on fire"),
        ("/status/400", "failed", "status 400"),
        ("/status/404", "failed", "404 no such plant"),
        ("/status/429", "unavailable", "429"),
        ("/status/504", "timeout", "504"),
        ("/status/304", "failed", "304"),
        ("/malformed", "invalid_output", "not JSON"),
        ("/deep", "invalid_output", ""),
        ("/picture", "invalid_output", "image/png"),
        ("/huge", "failed", "more than 1000000 bytes"),
        ("/bomb", "failed", "more than 1000000 bytes"),
        ("/elsewhere", "failed", "a redirect to elsewhere.example, which is not followed"),
        ("/round", "failed", "more than 3 redirects"),
        ("/abort", "unavailable", "cannot be reached"),
    ],
)
def test_bad_answers(api: LoopbackApi, path: str, error_type: str, says: str) -> None:
    outcome = call(api, place("bad", path))
    assert outcome.error_type == error_type
    assert says in (outcome.error or "") and "\n" not in (outcome.error or "")
    assert "t0p" not in (outcome.error or "")


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_a_slow_answer_is_given_up(api: LoopbackApi, path: str) -> None:
    outcome = call(api, place("late", path), {"timeout": 0.3})
    assert outcome.error_type == "timeout" and outcome.error == "late gave no answer within 0.3 s."


def test_nobody_listens(api: LoopbackApi) -> None:
    outcome = call(api, place("nobody", "/x"), {"server": "http://127.0.0.1:9"})
    assert outcome.error_type == "unavailable" and "cannot be reached" in (outcome.error or "")


def test_good_answers_of_other_kinds(api: LoopbackApi) -> None:
    assert call(api, place("words")).output == "zwölf Pflanzen"
    assert call(api, place("packed")).output == {"packed": True}
    assert call(api, place("moved")).output["target"] == "/echo?moved=1"
    sent_on = call(api, operation("moved", "POST", "/moved", a="body"), a=1)
    assert sent_on.output["body"] == '{"a":1}'
    refused = call(api, operation("found", "POST", "/found", a="body"), a=1)
    assert "redirect, which is not followed" in (refused.error or "")


def test_no_cookie_is_kept(api: LoopbackApi) -> None:
    spec = place("cookie")
    source = ExternalSource(
        "openapi:nursery", HttpCaller(HttpSettings(document="-", server=api.url), "n"),
        lambda: [spec], lambda: "",
    )  # fmt: skip

    async def twice() -> list[Any]:
        found = []
        for _ in range(2):
            environment = source.open([], now=None, seed=0)  # type: ignore[arg-type]
            found.append((await environment.call(ToolCall("c", 0, "cookie", {}))).output)
            await environment.close()
        return found

    assert asyncio.run(twice()) == [{"had": None}, {"had": None}]


@pytest.mark.parametrize(
    ("credential", "where"),
    [
        ({"name": "X-Key"}, "header"),
        ({"prefix": "Bearer "}, "header"),
        ({"place": "query", "name": "api key".replace(" ", "_")}, "query"),
        ({"place": "cookie", "name": "key"}, "cookie"),
    ],
)
def test_a_credential_goes_out_and_never_comes_back(
    api: LoopbackApi,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    credential: dict[str, Any],
    where: str,
) -> None:
    monkeypatch.setenv("NURSERY_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    spec = operation("echo", "GET", "/echo", say="query")
    settings = {"credentials": [Credential(env="NURSERY_KEY", **credential)]}
    outcome = call(api, spec, settings, say="hello")
    seen = api.seen[-1]
    if where == "query":
        assert seen.query == [("say", "hello"), ("api_key", KEY)]
    else:
        assert KEY in "".join(seen.headers.values()) or "k3y-of-the-nursery%2F" in str(seen.headers)
    assert outcome.ok
    logged = str(outcome) + caplog.text
    assert "k3y-of" not in logged and "[secret]" in str(outcome)
    assert "say=hello" in caplog.text, "what may be seen is logged"


def test_a_redirect_does_not_bring_a_credential_into_the_log(
    api: LoopbackApi, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NURSERY_KEY", KEY)
    caplog.set_level(logging.INFO)
    settings = {"credentials": [Credential(env="NURSERY_KEY", place="query", name="key")]}
    outcome = call(api, operation("slash", "GET", "/slash", a="query"), settings, a="1")
    assert outcome.ok
    assert api.seen[-1].query == [("a", "1"), ("key", KEY)]
    assert "k3y-of" not in caplog.text + str(outcome) and "/slash/?a=1" in caplog.text


def test_basic_authentication(api: LoopbackApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NURSERY_LOGIN", "gardener:open-sesame")
    settings = {"credentials": [Credential(env="NURSERY_LOGIN", basic=True)]}
    outcome = call(api, operation("echo", "GET", "/echo"), settings)
    assert api.seen[-1].headers["Authorization"] == "Basic Z2FyZGVuZXI6b3Blbi1zZXNhbWU="
    assert "Z2FyZGVuZXI6" not in str(outcome)


def test_a_secret_with_escapes_does_not_come_back(
    api: LoopbackApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NURSERY_KEY", KEY)
    settings = {"credentials": [Credential(env="NURSERY_KEY", name="X-Key")]}
    outcome = call(api, place("escaped"), settings)
    assert outcome == ToolOutcome({"[secret]": ["[secret]"]})


def test_a_missing_credential_is_said_before_a_run_begins(
    api: LoopbackApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NURSERY_KEY", raising=False)
    caller = HttpCaller(
        HttpSettings(document="-", credentials=[Credential(env="NURSERY_KEY")]), "openapi:nursery"
    )
    with pytest.raises(ModelUnavailable, match=r"openapi:nursery: .* NURSERY_KEY is not set"):
        ExternalSource("openapi:nursery", caller, list, lambda: "").digest  # noqa: B018


@pytest.mark.parametrize(
    ("server", "says"),
    [
        (None, "names no server"),
        ("ftp://plants.example", "no http address"),
        ("http://localhost:8000", "inside this network"),
        ("http://127.1/", "inside this network"),
        ("http://169.254.169.254/latest", "inside this network"),
        ("http://[::1]/", "inside this network"),
        ("http://user:pass@plants.example", "no user"),
    ],
)
def test_a_document_does_not_choose_any_server(
    api: LoopbackApi, server: str | None, says: str
) -> None:
    spec = operation("echo", "GET", "/echo")
    assert spec.source is not None
    spec = spec.model_copy(update={"source": spec.source.model_copy(update={"server": server})})
    outcome = call(api, spec, {"server": None})
    assert outcome.error_type == "unavailable" and says in (outcome.error or "")


def test_idempotent_by_method_or_by_the_project(tmp_path: Path) -> None:
    caller = HttpCaller(HttpSettings(document="-", idempotent=["again"]), "n")
    assert [caller.idempotent(operation("x", m, "/")) for m in ("GET", "PUT", "POST", "PATCH")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert caller.idempotent(operation("again", "POST", "/"))
