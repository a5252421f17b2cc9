"""Open connections to one endpoint, kept and used again.

A connection here is an httpx client that holds exactly one connection; free ones wait on a stack.
The obvious alternative, one client with a pool, searches its whole pool at every request: with 64
calls under way it cost 1 to 5 ms of CPU a call, against 0.4 to 0.5 so (`benchmarks/endpoint.py`).

Not covered: a limit on their number; `callsheet.models.flow` owns that.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import httpx

from .errors import ModelUnavailable
from .secrets import hidden

_KEPT_OPEN = 30.0
"""Seconds that an idle connection is kept."""


class Connections:
    """A stack of one-connection clients. Belongs to the event loop that first uses it; in another
    loop it starts afresh."""

    def __init__(self, *, read_timeout: float, connect_timeout: float) -> None:
        """Timeouts in seconds; `read_timeout` is for each read, not for the whole answer."""
        self._timeout = httpx.Timeout(read_timeout, connect=connect_timeout, pool=None)
        self._free: list[httpx.AsyncClient] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    @asynccontextmanager
    async def one(self) -> AsyncIterator[httpx.AsyncClient]:
        """A connection for the duration of one call."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._free.clear()
            self._loop = loop
        client = self._free.pop() if self._free else self._open()
        try:
            yield client
        finally:
            # After a broken or cancelled call httpx has closed the connection and opens another
            # at the next request, so the client itself is good again.
            if loop is self._loop:
                self._free.append(client)

    async def close(self) -> None:
        free, self._free = self._free, []
        if asyncio.get_running_loop() is self._loop:
            for client in free:
                await client.aclose()

    def _open(self) -> httpx.AsyncClient:
        """Raises `ModelUnavailable` where the environment's variables cannot be followed."""
        try:
            return httpx.AsyncClient(
                timeout=self._timeout,
                verify=_trust(),
                limits=httpx.Limits(
                    max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEPT_OPEN
                ),
            )
        except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
            raise ModelUnavailable(
                f"no connection can be made ({hidden(str(error))}): look at the environment's "
                "ALL_PROXY, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"
            ) from None


@cache
def _trust() -> ssl.SSLContext:
    """Loading the system's certificates takes tens of milliseconds: once per process."""
    return httpx.create_ssl_context()
