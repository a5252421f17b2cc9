"""A real HTTP service on loopback: a nursery that keeps plants, and answers badly where it is told.

It keeps every request it has seen, byte for byte where it matters, so that a test can say what
went over the wire. `python tests/loopback_api.py` serves until its input closes.
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from callsheet.tools import ToolSource, ToolSpec

KEY = "k3y-of-the-nursery/+="


@dataclass
class Seen:
    """One request as it came in."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)


class LoopbackApi(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[Seen] = []
        self.plants: dict[str, dict[str, Any]] = {}
        self.arrived = threading.Event()
        """Set when a request for a slow answer has come in."""
        self.release = threading.Event()
        """Slow answers wait for it."""
        self.guard = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are what these tests are about."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: LoopbackApi

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = Seen(self.command, self.path, dict(self.headers.items()), body)
        with self.server.guard:
            self.server.seen.append(seen)
        first = seen.path.strip("/").split("/")[0]
        answer = getattr(self, f"_{first}", None)
        if answer is None:
            self._say(404, {"detail": "no such place"})
        else:
            answer(seen)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve

    def _plants(self, seen: Seen) -> None:
        name = seen.path.removeprefix("/plants").strip("/")
        plants = self.server.plants
        if seen.method == "POST":
            plant = {"id": str(len(plants) + 1), **orjson.loads(seen.body)}
            plants[plant["id"]] = plant
            if plant.get("name") == "slow":
                self.server.arrived.set()
                self.server.release.wait(20)
            self._say(201, plant)
        elif not name:
            colour = dict(seen.query).get("colour")
            found = [p for p in plants.values() if colour in (None, p.get("colour"))]
            self._say(200, {"plants": found, "total": len(found)})
        elif name not in plants:
            self._say(404, {"detail": f"plant {name} is unknown"})
        elif seen.method == "DELETE":
            del plants[name]
            self._say(204, None)
        else:
            self._say(200, plants[name])

    def _echo(self, seen: Seen) -> None:
        self._say(200, {"target": seen.target, "headers": seen.headers,
                        "body": seen.body.decode("utf-8", "replace")})  # fmt: skip

    def _escaped(self, seen: Seen) -> None:
        """The caller's key, as JSON may write any letter."""
        key = "".join(f"\\u{ord(c):04x}" for c in seen.headers["X-Key"])
        self._raw(200, "application/json", f'{{"{key}": ["{key}"]}}'.encode())

    def _slow(self, seen: Seen) -> None:
        self.server.arrived.set()
        self.server.release.wait(20)
        self._say(200, {"late": True})

    def _drip(self, seen: Seen) -> None:
        """A byte at a time, for ever: no single read ever times out."""
        self._head(200, "application/json", None)
        while not self.server.release.wait(0.05):
            self._chunk(b" ")

    def _broken(self, seen: Seen) -> None:
        self._say(500, {"detail": "the greenhouse is on fire"})

    def _status(self, seen: Seen) -> None:
        self._say(int(seen.path.rpartition("/")[2]), {"detail": "as you asked"})

    def _malformed(self, seen: Seen) -> None:
        self._raw(200, "application/json", b'{"plants": [')

    def _deep(self, seen: Seen) -> None:
        self._raw(200, "application/json", b"[" * 5000 + b"]" * 5000)

    def _picture(self, seen: Seen) -> None:
        self._raw(200, "image/png", b"\x89PNG\r\n")

    def _words(self, seen: Seen) -> None:
        self._raw(200, "text/plain; charset=utf-8", "zwölf Pflanzen".encode())

    def _huge(self, seen: Seen) -> None:
        """More and more, without ever saying how much."""
        self._head(200, "application/json", None)
        for _ in range(2000):
            self._chunk(b'"' + b"x" * 65534 + b'"')

    def _bomb(self, seen: Seen) -> None:
        self._raw(200, "application/json", gzip.compress(b'"' + b"0" * 50_000_000 + b'"'),
                  ("Content-Encoding", "gzip"))  # fmt: skip

    def _packed(self, seen: Seen) -> None:
        self._raw(200, "application/json", gzip.compress(b'{"packed": true}'),
                  ("Content-Encoding", "gzip"))  # fmt: skip

    def _moved(self, seen: Seen) -> None:
        self._raw(307, "text/plain", b"", ("Location", "/echo?moved=1"))

    def _found(self, seen: Seen) -> None:
        self._raw(302, "text/plain", b"", ("Location", "/echo?moved=1"))

    def _slash(self, seen: Seen) -> None:
        """To the same with a slash at the end, as many servers do."""
        if seen.path.endswith("/"):
            self._echo(seen)
        else:
            query = seen.target.partition("?")[2]
            self._raw(301, "text/plain", b"", ("Location", f"/slash/?{query}"))

    def _round(self, seen: Seen) -> None:
        self._raw(307, "text/plain", b"", ("Location", "/round"))

    def _elsewhere(self, seen: Seen) -> None:
        self._raw(302, "text/plain", b"", ("Location", "http://elsewhere.example/?token=t0p"))

    def _cookie(self, seen: Seen) -> None:
        self._raw(200, "application/json", orjson.dumps({"had": seen.headers.get("Cookie")}),
                  ("Set-Cookie", "session=of-another-episode"))  # fmt: skip

    def _abort(self, seen: Seen) -> None:
        self.close_connection = True
        self.connection.close()

    def _say(self, status: int, value: Any) -> None:
        body = b"" if value is None else orjson.dumps(value)
        self._raw(status, "application/json", body)

    def _raw(self, status: int, kind: str, body: bytes, *headers: tuple[str, str]) -> None:
        self._head(status, kind, len(body), *headers)
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: int, kind: str, length: int | None, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is None:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(length))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def loopback_api() -> Iterator[LoopbackApi]:
    server = LoopbackApi()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()


def operation(
    tool: str, method: str, path: str, /, *, returns: Any = None, **places: str
) -> ToolSpec:
    """A tool of the service; `places` are its parameters, each of any type."""
    more: dict[str, Any] = {}
    if any(place in ("body", "whole_body") for place in places.values()):
        more["body_type"] = "application/json"
    return ToolSpec(
        name=tool,
        parameters={"type": "object", "properties": {p: {} for p in places}},
        returns=returns,
        source=ToolSource(
            document="nursery", path=path, method=method, places=places,
            errors={"404": "no such plant"}, **more,
        ),
    )  # fmt: skip


DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Nursery", "version": "1"},
    "servers": [{"url": "https://nursery.example"}],
    "components": {
        "schemas": {
            "Plant": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "name": {"type": "string", "description": "Name of the plant"},
                    "colour": {"type": "string", "description": "Colour of its flowers"},
                },
                "required": ["id", "name"],
            }
        }
    },
    "paths": {
        "/plants": {
            "get": {
                "operationId": "list_plants",
                "summary": "List the plants of a colour.",
                "parameters": [
                    {
                        "name": "colour",
                        "in": "query",
                        "description": "Colour of the flowers",
                        "schema": {"type": "string", "enum": ["red", "white", "blue"]},
                    }
                ],
                "responses": {
                    "200": {
                        "description": "the plants",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "plants": {
                                            "type": "array",
                                            "items": {"$ref": "#/components/schemas/Plant"},
                                        },
                                        "total": {"type": "integer"},
                                    },
                                    "required": ["plants"],
                                }
                            }
                        },
                    }
                },
            },
            "post": {
                "operationId": "add_plant",
                "summary": "Add a plant to the nursery.",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "name": {"type": "string", "description": "Name of the plant"},
                                    "colour": {
                                        "type": "string",
                                        "description": "Colour of the flowers",
                                        "enum": ["red", "white", "blue"],
                                    },
                                },
                                "required": ["name"],
                            }
                        }
                    },
                },
                "responses": {
                    "201": {
                        "description": "the plant",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Plant"}}
                        },
                    }
                },
            },
        },
        "/plants/{id}": {
            "get": {
                "operationId": "get_plant",
                "summary": "Look a plant up by its number.",
                "parameters": [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "description": "Number of the plant",
                        "schema": {"type": "string"},
                    }
                ],
                "responses": {
                    "200": {
                        "description": "the plant",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Plant"}}
                        },
                    },
                    "404": {"description": "There is no plant of that number."},
                },
            },
        },
    },
}
"""The service's own description, of our own making."""


if __name__ == "__main__":
    import sys

    with loopback_api() as served:
        print(served.url, flush=True)
        sys.stdin.read()
