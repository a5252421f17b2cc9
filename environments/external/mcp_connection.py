"""One connection to a Model Context Protocol server, by the `mcp` SDK.

The SDK's connections belong to the event loop and the task that opened them. Here all of them live
in one thread with a loop of its own, so that episodes in any loop, and plain code that only wants
the list of tools, can use them. A connection that broke is opened anew at the next call.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from ...models.errors import ModelUnavailable
from ...models.secrets import hidden
from .credentials import Credentials, read
from .settings import Credential, McpSettings

T = TypeVar("T")
_START_SECONDS = 60.0
_TOOLS = 10_000
"""Tools of one server, beyond which its list is refused."""


class McpLost(Exception):
    """The server cannot be reached, or broke off; the text is one line."""


class McpConnection:
    """A server's tools and calls. Nothing is started before it is asked for something."""

    def __init__(self, settings: McpSettings, name: str, folder: Path) -> None:
        self._settings = settings
        self._name = name
        self._folder = folder
        self._credentials = Credentials(settings.credentials, name)
        self._opening: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[Any] | None = None
        self._closing: asyncio.Event | None = None

    def prepare(self) -> None:
        """Raises `ModelUnavailable` where the SDK or a credential is missing."""
        _sdk()
        self._credentials.prepare()
        self._variables()

    def tools(self) -> list[dict[str, Any]]:
        """The server's tools as it lists them, by the protocol's names. Raises `ValueError`, and
        `ModelUnavailable`."""
        self.prepare()
        try:
            return _submit(self._listed()).result(_START_SECONDS + self._settings.timeout)
        except TimeoutError:
            raise ValueError(f"{self._name}: it does not list its tools") from None
        except McpLost as error:
            raise ValueError(str(error)) from None

    async def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A call's result in the protocol's form. Raises `McpLost` and `TimeoutError`."""
        return await asyncio.wrap_future(_submit(self._called(name, arguments)))

    async def close(self) -> None:
        """End the server, if it was started."""
        await asyncio.wrap_future(_submit(self._close()))

    async def _called(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        client = await self._client()
        async with asyncio.timeout(self._settings.timeout):
            result = await self._guarded(client.call_tool(name, arguments))
        dumped: dict[str, Any] = result.model_dump(mode="json", by_alias=True)
        return dumped

    async def _listed(self) -> list[dict[str, Any]]:
        client = await self._client()
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        async with asyncio.timeout(self._settings.timeout):
            while True:
                page = await self._guarded(client.list_tools(cursor=cursor))
                found += [tool.model_dump(mode="json", by_alias=True) for tool in page.tools]
                cursor = page.next_cursor
                if not cursor or len(found) > _TOOLS:
                    return found[:_TOOLS]

    async def _guarded(self, request: Coroutine[Any, Any, T]) -> T:
        """The answer to a request; whatever the SDK raises becomes one line."""
        try:
            return await request
        except TimeoutError:
            raise
        except Exception as error:
            if getattr(error, "code", None) == _sdk().types.CONNECTION_CLOSED:
                # What is left of it is wound down by its own task; the next call opens another.
                if self._closing is not None:
                    self._closing.set()
                self._opening = None
                raise McpLost(f"{self._name}: the server broke off") from None
            raise McpLost(f"{self._name}: {_words(error)}") from None

    async def _client(self) -> Any:
        """The open client. Calls that come while it opens wait for the same one."""
        if self._opening is None or self._opening.done():
            self._ready = asyncio.get_running_loop().create_future()
            self._closing = asyncio.Event()
            self._opening = asyncio.create_task(self._serve(self._ready, self._closing))
        assert self._ready is not None
        return await asyncio.shield(self._ready)

    async def _serve(self, ready: asyncio.Future[Any], closing: asyncio.Event) -> None:
        """Keep the connection open until it is closed: the SDK wants one task for both."""
        try:
            async with (
                asyncio.timeout(_START_SECONDS) as start,
                self._transport() as transport,
                _sdk().Client(transport) as client,
            ):
                start.reschedule(None)
                ready.set_result(client)
                await closing.wait()
        except Exception as error:
            if not ready.done():
                ready.set_exception(McpLost(f"{self._name}: cannot be reached: {_words(error)}"))

    @asynccontextmanager
    async def _transport(self) -> AsyncIterator[Any]:
        settings = self._settings
        if settings.url is not None:
            import httpx2
            from mcp.client.streamable_http import streamable_http_client

            headers = self._credentials.outgoing(form="bearer").headers
            timeout = httpx2.Timeout(settings.timeout, read=settings.timeout)
            async with httpx2.AsyncClient(headers=headers, timeout=timeout) as client:
                yield streamable_http_client(settings.url, http_client=client)
            return
        from mcp.client.stdio import StdioServerParameters, stdio_client

        command, *arguments = settings.command
        parameters = StdioServerParameters(
            command=command, args=arguments, env=self._variables(), cwd=self._folder
        )
        with Path(os.devnull).open("w") as nowhere:  # noqa: ASYNC230 - this never blocks
            yield stdio_client(parameters, errlog=nowhere)

    async def _close(self) -> None:
        if self._opening is None or self._ready is None or self._closing is None:
            return
        self._closing.set()
        if not self._ready.done():
            # A server that is still starting does not look whether anybody wants it.
            self._ready.cancel()
            self._opening.cancel()
        await asyncio.wait([self._opening])

    def _variables(self) -> dict[str, str]:
        """The program's own environment variables, secrets read."""
        return {
            name: read(value, self._name).get_secret_value()
            if isinstance(value, Credential)
            else value
            for name, value in self._settings.env.items()
        }


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The loop of all connections, in a thread that ends with the process."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="callsheet-mcp", daemon=True).start()
    return loop


def _submit(work: Coroutine[Any, Any, T]) -> Future[T]:
    return asyncio.run_coroutine_threadsafe(work, _loop())


def _sdk() -> Any:
    try:
        import mcp
    except ImportError:
        raise ModelUnavailable(
            "MCP servers need the extra `mcp`: pip install 'callsheet[mcp]'"
        ) from None
    return mcp


def _words(error: BaseException) -> str:
    """The innermost error of a group, in one line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    # The protocol's own errors put their number before their message.
    text = " ".join(str(getattr(error, "message", error)).split())[:300]
    return hidden(f"{type(error).__name__}: {text}" if text else type(error).__name__)
