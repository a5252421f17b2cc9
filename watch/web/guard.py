"""Who is answered: the checks that every request passes before anything else sees it.

Against a web page that wants to use its visitor's browser: the Host must be ours (DNS rebinding),
the Origin too where one is sent, and whatever changes something must carry the page's CSRF token
as JSON. Against people on the network: the token, as a cookie or as a bearer token. Every answer
says with its headers that nothing foreign may run in the page, and nothing frame it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import socket
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .refused import Refused
from .settings import WatchSettings

CSRF_HEADER = "X-Callsheet-CSRF"
_LOCAL = ("localhost", "127.0.0.1", "::1")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """The application's outermost layer."""

    def __init__(self, app: ASGIApp, settings: WatchSettings, csrf: str) -> None:
        """`csrf` is the token that the page was given."""
        self._app = app
        self._settings = settings
        self._csrf = csrf.encode()
        self._token = settings.token.get_secret_value().encode() if settings.token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                # A report brings a stricter one of its own.
                headers.setdefault("Content-Security-Policy", _policy(nonce))
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        request = Request(scope, receive)
        try:
            self._expected(request)
            answer = self._admission(request)
            if answer is None and request.method not in ("GET", "HEAD"):
                self._meant(request)
        except Refused as refused:
            answer = JSONResponse({"error": refused.line}, refused.status)
        await (answer or self._app)(scope, receive, guarded)

    def _expected(self, request: Request) -> None:
        """Raises `Refused` where the request was meant for somebody else, or sent by one."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or not self._is_ours(_hostname(hosts[0])):
            raise Refused(403, "this page is not served under that name; use the printed address")
        origin = request.headers.get("origin")
        if origin is not None and origin.partition("://")[2] != hosts[0]:
            raise Refused(403, "another page may not ask this one")
        # What a page embeds (an image, say) is asked for without an Origin; it could not be read,
        # but much of it could be asked for.
        site = request.headers.get("sec-fetch-site", "none")
        if site not in ("same-origin", "none") and request.url.path.startswith("/api/"):
            raise Refused(403, "another page may not ask this one")

    def _is_ours(self, name: str) -> bool:
        host = self._settings.host.lower()
        if name in _LOCAL or name == host:
            return True
        if host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
            return False
        # Served at every address of this machine: an address cannot be rebound, a name can.
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name == socket.gethostname().lower()
        return True

    def _admission(self, request: Request) -> Response | None:
        """What a visitor with the token in the address is answered; None for who may go on.

        Raises `Refused` for those who do not know it.
        """
        if self._token is None:
            return None
        cookie = f"callsheet-watch-{request.url.port or 80}"
        known = hmac.new(self._token, b"callsheet watch", hashlib.sha256).hexdigest()
        given = request.query_params.get("token")
        if given is not None and request.method == "GET":
            if not _same(given, self._token):
                raise Refused(401, "wrong token")
            rest = [(k, v) for k, v in request.query_params.multi_items() if k != "token"]
            # One slash in front: two would lead to another host.
            path = "/" + request.url.path.lstrip("/")
            answer = RedirectResponse(f"{path}?{urlencode(rest)}" if rest else path, 303)
            # Not "strict": a link that somebody was sent is to open. A GET changes nothing, an
            # action needs the page's own token, and /api/ is closed to other sites.
            answer.set_cookie(cookie, known, httponly=True, samesite="lax")
            return answer
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if _same(bearer, self._token) or _same(request.cookies.get(cookie, ""), known.encode()):
            return None
        raise Refused(401, "open the printed address with its ?token=…, or send it as Bearer")

    def _meant(self, request: Request) -> None:
        """Raises `Refused` where an action does not come from our page."""
        if not _same(request.headers.get(CSRF_HEADER, ""), self._csrf):
            raise Refused(403, "this page is older than the server: reload it")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refused(415, "an action is sent as application/json")


def _hostname(host: str) -> str:
    """The name of a Host header, without port and brackets."""
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        return ""
    return parts.hostname or ""


def _same(given: str, known: bytes) -> bool:
    """Compares in a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), known)


def _policy(nonce: str) -> str:
    return (
        "default-src 'none'; script-src 'self'; "
        f"style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; worker-src 'self'; frame-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
