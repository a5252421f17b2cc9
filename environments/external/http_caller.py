"""Calls over HTTP: sent with httpx, bounded in time and size, credentials added on the way out.

No cookie is kept, no redirect leads to another host, and what httpx logs of a request is its
address without credentials. An answer that is compressed is unpacked within the size limit.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import ValidationError

from ...models.connections import Connections
from ...models.errors import ModelUnavailable
from ...models.secrets import hidden
from ...tools import ToolSpec
from ..protocol import ToolOutcome
from .credentials import Credentials
from .http_reply import HttpReply, outcome_of
from .http_request import HttpRequest, NoServer, Unsendable, build_request
from .settings import HttpSettings

_SAFE = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"}
"""Methods that HTTP defines as idempotent (RFC 9110, section 9.2.2)."""
_CONNECT_SECONDS = 10.0
_REDIRECTS = 3


class _Refused(Exception):
    """The server's answer is none that can be taken; the text says why."""


class HttpCaller:
    """Calls the operations of one API; see `Caller`."""

    def __init__(self, settings: HttpSettings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._credentials = Credentials(settings.credentials, name)
        self._connections = Connections(
            read_timeout=settings.timeout,
            connect_timeout=min(_CONNECT_SECONDS, settings.timeout),
        )

    def at(self, server: str) -> HttpCaller:
        """The same API elsewhere. Credentials are not taken along: they are meant for the server
        that the project names. Raises `ValueError` for what is no http address."""
        settings = self._settings.model_dump(exclude={"credentials"}) | {"server": server}
        try:
            return HttpCaller(HttpSettings.model_validate(settings), self._name)
        except ValidationError:
            raise ValueError(f"{server!r} is no http or https address of a server") from None

    def prepare(self) -> None:
        self._credentials.prepare()

    def idempotent(self, spec: ToolSpec) -> bool:
        method = (spec.source.method or "" if spec.source else "").upper()
        return method in _SAFE or spec.name in self._settings.idempotent

    def for_episode(self) -> HttpCaller:
        return self

    async def close(self) -> None:
        """Connections are kept for the next episode."""

    async def call(self, spec: ToolSpec, arguments: Mapping[str, Any]) -> ToolOutcome:
        try:
            request = build_request(spec, arguments, self._settings.server)
            async with asyncio.timeout(self._settings.timeout):
                return outcome_of(spec, await self._send(request, spec))
        except Unsendable as error:
            return ToolOutcome(error_type="invalid_arguments", error=str(error))
        except (NoServer, ModelUnavailable) as error:
            return ToolOutcome(error_type="unavailable", error=str(error))
        except (TimeoutError, httpx.TimeoutException):
            what = f"{spec.name} gave no answer within {self._settings.timeout:g} s."
            return ToolOutcome(error_type="timeout", error=what)
        except _Refused as error:
            return ToolOutcome(error_type="failed", error=f"{spec.name} {error}")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            what = f"{spec.name} cannot be reached ({type(error).__name__}: {error})"
            return ToolOutcome(error_type="unavailable", error=hidden(what)[:500])

    async def _send(self, request: HttpRequest, spec: ToolSpec) -> HttpReply:
        url = request.url
        for _ in range(_REDIRECTS + 1):
            async with self._connections.one() as client:
                client.cookies.clear()
                response = await client.send(self._prepared(client, request, url, spec),
                                             stream=True, follow_redirects=False)  # fmt: skip
                try:
                    if not response.has_redirect_location:
                        kind = response.headers.get("Content-Type", "")
                        return HttpReply(response.status_code, kind, await self._body(response))
                    url = _followed(request.method, response, url)
                finally:
                    await response.aclose()
        raise _Refused(f"answered with more than {_REDIRECTS} redirects")

    def _prepared(
        self, client: httpx.AsyncClient, request: HttpRequest, url: str, spec: ToolSpec
    ) -> httpx.Request:
        """The request with its credentials. Those in the query go into the target that is sent,
        not into the URL, which httpx logs."""
        source = spec.source
        assert source is not None  # `build_request` would have refused.
        out = self._credentials.outgoing(source.auth, source.auth_form)
        headers: list[tuple[bytes, bytes]] = [
            (b"Accept", b"application/json, */*;q=0.5"),
            (b"Accept-Encoding", b"gzip"),
            (b"User-Agent", b"callsheet"),
        ]
        cookies = list(out.cookies)
        for name, value in request.headers:
            if name == "Cookie":
                cookies.insert(0, value)
            elif name not in out.headers:
                headers.append((name.encode(), value.encode()))
        headers += [(name.encode(), value.encode()) for name, value in out.headers.items()]
        if cookies:
            headers.append((b"Cookie", "; ".join(cookies).encode()))
        made = client.build_request(request.method, url, headers=headers, content=request.body)
        if out.query:
            target = made.url.raw_path.decode()
            joined = "&".join(out.query)
            made.extensions["target"] = f"{target}{'&' if '?' in target else '?'}{joined}".encode()
        return made

    async def _body(self, response: httpx.Response) -> bytes:
        """The whole body, unpacked. Raises `_Refused` once it is longer than allowed."""
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip", "x-gzip", "deflate"):
            raise _Refused(f"answered in the coding {coding!r}, which was not asked for")
        unpack = None if coding == "identity" else zlib.decompressobj(wbits=47)
        body = bytearray()
        limit = self._settings.max_bytes
        try:
            async for chunk in response.aiter_raw():
                room = limit + 1 - len(body)
                body += chunk[:room] if unpack is None else unpack.decompress(chunk, room)
                if len(body) > limit:
                    raise _Refused(f"answered with more than {limit} bytes")
        except zlib.error:
            raise _Refused("answered with a damaged compressed body") from None
        return bytes(body)


def _followed(method: str, response: httpx.Response, url: str) -> str:
    """Where a redirect within the same server leads. Raises `_Refused` for any other."""
    target = urljoin(url, response.headers["Location"])
    before, after = urlsplit(url), urlsplit(target)
    if (before.scheme, before.netloc) != (after.scheme, after.netloc):
        raise _Refused(f"answered with a redirect to {after.hostname}, which is not followed")
    if method not in ("GET", "HEAD") and response.status_code not in (307, 308):
        raise _Refused(f"answered a {method} with a redirect, which is not followed")
    # A credential that came along in the query is added again when the request is sent.
    query = "&".join(part for part in after.query.split("&") if hidden(part) == part)
    clean = after._replace(query=query, fragment="").geturl()
    if hidden(clean) != clean:
        raise _Refused("answered with a redirect that holds a credential, which is not followed")
    return clean
