"""The endpoint: /v1/chat/completions, /v1/models and /health, over one model.

Starlette alone: there are three routes, and what they take is checked in `wire`. A caller that
goes away ends its answer's computation. Nothing of a prompt or an answer is logged. There is no
CORS, and where only this machine is served, a request under another host's name is refused, so
that no web page can ask through its visitor's browser.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import uvicorn
from autogen_core.models import ChatCompletionClient, CreateResult, UserMessage
from pydantic import ValidationError
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ...models.completion import encode
from ...models.errors import ModelError
from ...models.local_client import LocalClient
from .errors import Refusal, of_model, of_validation
from .listening import address, listen
from .settings import ServeSettings
from .wire import ChatRequest, chunk, completion, last_chunks

T = TypeVar("T")
Pieces = AsyncGenerator[str | CreateResult, None]

_LARGEST = 8 << 20
"""Bytes of a request."""
_CALLER_GONE = 499
"""What proxies log for it; nobody reads this answer."""
_LAST_ANSWERS = 5
"""Seconds that answers under way may still take after Ctrl-C."""


def run(
    client: ChatCompletionClient,
    name: str,
    settings: ServeSettings,
    on_ready: Callable[[str], None],
) -> None:
    """See `callsheet.train.serving.serve`."""
    listening = listen(settings.host, settings.port)
    shown = address(settings.host, listening.getsockname()[1])

    async def serving() -> None:
        config = uvicorn.Config(
            endpoint(client, name, settings),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_LAST_ANSWERS,
        )
        try:
            if isinstance(client, LocalClient):
                # Weights that cannot be loaded are found now, and not by the first caller.
                hello = [UserMessage(content="Hello", source="user")]
                await client.create(hello, extra_create_args={"max_tokens": 1})
            on_ready(f"{shown}/v1")
            await uvicorn.Server(config).serve(sockets=[listening])
        finally:
            await client.close()

    with contextlib.closing(listening), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serving())


def endpoint(client: ChatCompletionClient, name: str, settings: ServeSettings) -> Starlette:
    """The application that serves `client` under `name`."""
    served = _Served(client, name, settings)
    return Starlette(
        routes=[
            Route("/v1/chat/completions", served.complete, methods=["POST"]),
            Route("/v1/models", served.models),
            Route("/v1/models/{model:path}", served.model),
            Route("/health", served.health),
        ],
        exception_handlers={
            Refusal: _refused,
            HTTPException: _no_route,
            ClientDisconnect: _gone,
            Exception: _failed,
        },
    )


class _Served:
    def __init__(self, client: ChatCompletionClient, name: str, settings: ServeSettings) -> None:
        self._client = client
        self._name = name
        self._settings = settings
        self._since = int(time.time())
        self._under_way = 0

    async def health(self, request: Request) -> Response:
        self._admit(request, anybody=True)
        return _json({"status": "ok", "model": self._name, "under_way": self._under_way})

    async def models(self, request: Request) -> Response:
        self._admit(request)
        return _json({"object": "list", "data": [self._described()]})

    async def model(self, request: Request) -> Response:
        self._admit(request)
        self._is_ours(request.path_params["model"])
        return _json(self._described())

    async def complete(self, request: Request) -> Response:
        """One answer, whole or as a stream."""
        self._admit(request)
        asked = await _read(request)
        self._is_ours(asked.model)
        try:
            prompt, arguments = asked.prompt(), asked.arguments()
        except ValueError as error:
            raise Refusal(400, str(error), param="messages") from None
        head = {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "created": int(time.time()),
            "model": self._name,
        }
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(self._place())
            stack.enter_context(_as_refusals())
            if not asked.stream:
                answer = self._client.create(prompt, **arguments)
                return _json(completion(head, await _unless_gone(request, answer)))
            pieces: Any = self._client.create_stream(prompt, **arguments)
            stack.push_async_callback(pieces.aclose)
            # What is refused is refused with its status: a stream has none of its own.
            first = await _unless_gone(request, anext(pieces))
            events = _events(head, first, pieces, asked.wants_usage)
            return _Stream(events, stack.pop_all())

    def _admit(self, request: Request, *, anybody: bool = False) -> None:
        local = ("127.0.0.1", "localhost", "::1", self._settings.host)
        if self._settings.is_local and request.url.hostname not in local:
            raise Refusal(403, f"this endpoint is not served as {request.url.hostname}")
        key = self._settings.key
        if key is None or anybody:
            return
        given = request.headers.get("authorization", "").encode("latin-1", "replace")
        if not hmac.compare_digest(given, f"Bearer {key.get_secret_value()}".encode()):
            raise Refusal(401, "wrong API key", code="invalid_api_key")

    def _is_ours(self, model: str) -> None:
        if model != self._name:
            raise Refusal(
                404,
                f"the model {model!r} is not served here; {self._name!r} is",
                code="model_not_found",
                param="model",
            )

    @contextlib.contextmanager
    def _place(self) -> Any:
        if self._under_way >= self._settings.queue:
            raise Refusal(429, "too many requests wait already", code="queue_full", retry_after=1)
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def _described(self) -> dict[str, Any]:
        return {
            "id": self._name,
            "object": "model",
            "created": self._since,
            "owned_by": "callsheet",
        }


class _Stream(EventSourceResponse):
    """A stream that gives back what it holds, however it ends, and even if it never began."""

    def __init__(self, events: AsyncIterator[bytes], held: contextlib.AsyncExitStack) -> None:
        super().__init__(events, sep="\n")
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Errors are part of the stream by now, so that the stack sees none.
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._held.aclose()


async def _events(
    head: dict[str, Any], first: str | CreateResult, pieces: Pieces, wants_usage: bool
) -> AsyncIterator[bytes]:
    """The stream as server-sent events; an error in the middle of it is its last one."""
    yield _event(chunk(head, {"role": "assistant", "content": ""}))
    said = ""
    piece: str | CreateResult = first
    try:
        while isinstance(piece, str):
            said += piece
            yield _event(chunk(head, {"content": piece}))
            piece = await anext(pieces)
        for last in last_chunks(head, piece, said, wants_usage):
            yield _event(last)
    except ModelError as error:
        yield _event(of_model(error).body())
    except (ValueError, StopAsyncIteration) as error:
        yield _event(Refusal(502, str(error) or "the answer broke off").body())
    else:
        yield b"data: [DONE]\n\n"


async def _read(request: Request) -> ChatRequest:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > _LARGEST:
            raise Refusal(413, f"a request has {_LARGEST >> 20} MB at most", code="too_large")
        parts.append(part)
    try:
        return ChatRequest.model_validate_json(b"".join(parts))
    except ValidationError as error:
        raise of_validation(error) from None


async def _unless_gone(request: Request, answer: Awaitable[T]) -> T:
    """The answer. Raises `ClientDisconnect`, and cancels it, where nobody waits any more."""
    wanted = asyncio.ensure_future(answer)
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({wanted, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not wanted.done():
            raise ClientDisconnect
        return await wanted
    finally:
        wanted.cancel()
        gone.cancel()
        # Until both have really ended: the one still holds the generator, the other the channel.
        await asyncio.gather(wanted, gone, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


@contextlib.contextmanager
def _as_refusals() -> Any:
    try:
        yield
    except ModelError as error:
        raise of_model(error) from None
    except StopAsyncIteration:
        raise Refusal(502, "the model gave no answer") from None


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + encode(value) + b"\n\n"


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(encode(value), status, headers, media_type="application/json")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _json(error.body(), error.status, error.headers)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path}: {error.detail}"
    return _json(Refusal(error.status_code, message).body(), error.status_code)


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=_CALLER_GONE)


async def _failed(request: Request, error: Exception) -> Response:
    return _json(Refusal(500, "the endpoint failed; its own log says more").body(), 500)
