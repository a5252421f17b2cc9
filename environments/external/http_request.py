"""From a tool's arguments to the HTTP request that an API document describes.

Every value goes where the tool's source says (`ToolSource.places`), under its name on the wire,
encoded so that it cannot leave its place: no argument can add a path segment, a query parameter,
a header or a host. Sending, and credentials, are `http_caller`'s.

Not covered: XML bodies from several parameters, and file uploads other than as text.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx
import orjson

from ...tools import ToolSource, ToolSpec
from ...trajectories.canonical import NotEncodable, encodable

Pairs = list[tuple[str, str]]

_FORM = "application/x-www-form-urlencoded"
_SEPARATORS = {"csv": ",", "ssv": "%20", "tsv": "%09", "pipes": "%7C"}
_OURS = {"accept", "content-type", "content-length", "transfer-encoding", "connection", "host",
         "te", "upgrade", "expect", "cookie", "accept-encoding"}  # fmt: skip
"""Headers that the request itself decides; OpenAPI says to ignore such parameters."""
_CREDENTIAL = {"authorization", "proxy-authorization"}


class Unsendable(ValueError):
    """These arguments make no request; says which and why, for the model to read."""


class NoServer(ValueError):
    """The document does not say where its API is, or names an address that it may not."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request without credentials."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


def build_request(
    spec: ToolSpec, arguments: Mapping[str, Any], server: str | None = None
) -> HttpRequest:
    """The request of one call; `server` replaces the document's.

    Raises `Unsendable` for arguments that have no form there, and `NoServer`.
    """
    source = spec.source
    if source is None or not source.method or source.path is None:
        raise NoServer(f"{spec.name} was not made from an API document, so it cannot be called")
    parts = _Parts(source, _usable(arguments))
    base = base_url(source, server)
    path, _, fixed = parts.path().partition("?")
    query = "&".join(filter(None, [fixed.partition("#")[0], *parts.query()]))
    headers = parts.headers()
    body, kind = parts.body()
    if kind is not None:
        headers.append(("Content-Type", kind))
    url = f"{base}/{path.partition('#')[0].lstrip('/')}" + (f"?{query}" if query else "")
    return HttpRequest(source.method.upper(), url, tuple(headers), body)


def base_url(source: ToolSource, server: str | None) -> str:
    """The URL in front of paths, without a slash at its end.

    Only http and https. A document's own server may not be an address of this machine or its
    network: whoever means that says so with `server`. Raises `NoServer`.
    """
    url = (server or source.server or "").strip().rstrip("/")
    parts = urlsplit(url)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        what = f"its server {url!r} is no http address" if url else "it names no server"
        raise NoServer(f"{source.document or 'the document'}: {what}; give one as `server`")
    if parts.username is not None or parts.query or parts.fragment:
        raise NoServer("a server's URL has no user, query or fragment")
    if server is None and _inside(parts.hostname):
        raise NoServer(
            f"the document's own server {parts.hostname} is inside this network; give it as "
            "`server` if it is meant"
        )
    return url


def _inside(host: str) -> bool:
    """Whether a host is this machine or an address that only this network knows, as far as its
    name tells: what a name server makes of it is not asked."""
    host = host.rstrip(".")
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        # All digits and dots, or hexadecimal: another way to write an address.
        return re.fullmatch(r"[0-9.]+|0x[0-9a-f.x]+", host.lower()) is not None


class _Parts:
    """The parts of one request, each from the arguments that belong there."""

    def __init__(self, source: ToolSource, arguments: Mapping[str, Any]) -> None:
        self._source = source
        self._arguments = arguments

    def _at(self, place: str) -> Iterator[tuple[str, str, Any, str]]:
        """(name, name on the wire, value, style or "") of the arguments that go there."""
        for name, value in self._arguments.items():
            if self._source.places.get(name, "query") == place:
                wire = self._source.wire_names.get(name, name)
                yield name, wire, value, self._source.styles.get(name, "")

    def path(self) -> str:
        """The path, filled in; a value stays within its segment."""
        path = self._source.path or "/"
        for name, wire, value, style in self._at("path"):
            text = _in_path(wire, value, style)
            if not text:
                raise Unsendable(f"{name}: may not be empty, it is part of the path")
            path = path.replace("{" + wire + "}", text)
        missing = re.search(r"\{[^{}/]*\}", path)
        if missing is not None:
            raise Unsendable(f"the path needs {missing[0]}, which is not given")
        for segment in path.partition("?")[0].split("/"):
            if unquote(segment) in (".", ".."):
                raise Unsendable("a part of the path may not be . or ..")
        return path

    def query(self) -> list[str]:
        """Encoded `name=value`, in the arguments' order."""
        return [
            f"{_quoted(key)}={value}"
            for _, wire, given, style in self._at("query")
            for key, value in _pairs(wire, given, style or "multi")
        ]

    def headers(self) -> Pairs:
        found: Pairs = []
        for name, wire, value, _ in self._at("header"):
            if wire.lower() in _CREDENTIAL:
                raise Unsendable(f"{name}: credentials belong into callsheet.toml")
            if wire.lower() in _OURS or value is None:
                continue
            # HTTP itself does not carry spaces at the ends of a header.
            text = _joined(value, ",", str).strip()
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", wire):
                raise Unsendable(f"{name}: {wire!r} is no name of a header")
            if any(ord(c) < 32 or ord(c) == 127 for c in text):
                raise Unsendable(f"{name}: a header holds no line breaks or control characters")
            found.append((wire, text))
        cookies = [
            f"{_quoted(wire)}={_joined(value, '%2C', _quoted)}"
            for _, wire, value, _ in self._at("cookie")
            if value is not None
        ]
        return [*found, ("Cookie", "; ".join(cookies))] if cookies else found

    def body(self) -> tuple[bytes | None, str | None]:
        """The body and its media type."""
        kind = self._source.body_type
        for _, _, value, _ in self._at("whole_body"):
            return _whole(value, kind or "application/json")
        fields = list(self._at("body"))
        if not fields and not (_is_json(kind) and "body" in self._source.places.values()):
            return None, None
        kind = kind or "application/json"
        if _is_json(kind):
            return orjson.dumps({wire: value for _, wire, value, _ in fields}), kind
        pairs = [pair for _, wire, value, style in fields
                 for pair in _pairs(wire, value, style or "multi")]  # fmt: skip
        if kind.startswith("multipart/"):
            return _multipart([(key, unquote(text)) for key, text in pairs])
        if kind.partition(";")[0].strip() == _FORM:
            return "&".join(f"{_quoted(key)}={text}" for key, text in pairs).encode(), kind
        raise Unsendable(f"a body of {kind} cannot be made from several parameters")


def _in_path(wire: str, value: Any, style: str) -> str:
    text = _joined(value, ",", _quoted)
    if style == "label":
        return f".{text}"
    return f";{_quoted(wire)}={text}" if style == "matrix" else text


def _pairs(name: str, value: Any, style: str) -> Pairs:
    """Names as they are with encoded values: one pair, or one for each item."""
    if value is None:
        return []
    if style == "json":
        return [(name, _quoted(_json(value)))]
    if isinstance(value, dict) and style in ("multi", "deepObject"):
        deep = style == "deepObject"
        return [(f"{name}[{key}]" if deep else str(key), _quoted(_text(item)))
                for key, item in value.items()]  # fmt: skip
    if isinstance(value, list) and style in ("multi", "deepObject"):
        return [(name, _quoted(_text(item))) for item in value]
    return [(name, _joined(value, _SEPARATORS.get(style, ","), _quoted))]


def _joined(value: Any, separator: str, encode: Any) -> str:
    """A scalar, the items of a list, or the keys and values of an object in turn."""
    if isinstance(value, dict):
        return separator.join(encode(_text(part)) for item in value.items() for part in item)
    if isinstance(value, list):
        return separator.join(encode(_text(item)) for item in value)
    return str(encode(_text(value)))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _is_json(kind: str | None) -> bool:
    name = (kind or "").partition(";")[0].strip().lower()
    return name == "application/json" or name.endswith("+json")


def _whole(value: Any, kind: str) -> tuple[bytes, str]:
    """A parameter that is the body: JSON, a form, or text as it is."""
    if _is_json(kind):
        return orjson.dumps(value), kind
    if kind.partition(";")[0].strip() == _FORM and isinstance(value, dict):
        pairs = [pair for key, item in value.items() for pair in _pairs(str(key), item, "multi")]
        return "&".join(f"{_quoted(key)}={text}" for key, text in pairs).encode(), kind
    return _text(value).encode(), kind


def _multipart(fields: Pairs) -> tuple[bytes, str]:
    """The boundary follows from the content, so that equal calls are equal requests."""
    boundary = hashlib.blake2b(orjson.dumps(fields), digest_size=16).hexdigest()
    request = httpx.Request(
        "POST",
        "http://form",
        files=[(name, (None, text.encode())) for name, text in fields],
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    return request.read(), request.headers["Content-Type"]


def _usable(arguments: Mapping[str, Any]) -> dict[str, Any]:
    try:
        mended, altered = encodable(dict(arguments))
    except NotEncodable as error:
        raise Unsendable(str(error)) from None
    if altered:
        raise Unsendable(f"{altered[0]}: a text or number that cannot be sent")
    return dict(mended)
