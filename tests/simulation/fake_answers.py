"""A real HTTP server on loopback that answers user turns as an OpenAI-compatible endpoint would.

What it answers depends on the request alone, so that runs against it can be compared; it keeps
the `seed` of every request it has seen, which tells one call of one episode from all others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


class AnswerServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seeds: list[int] = []
        self.guard = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle of a request is what these tests are about."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: AnswerServer

    def do_POST(self) -> None:
        body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.guard:
            self.server.seeds.append(body["seed"])
        payload = orjson.dumps(completion(words_for(body)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def words_for(body: dict[str, Any]) -> str:
    """The user's reply to its brief: the upcoming step in the plan's own words."""
    brief = orjson.loads(body["messages"][-1]["content"])
    upcoming = brief["upcoming"]
    reply = {"step_met": True, "message": upcoming["request"] if upcoming else ""}
    return orjson.dumps(reply).decode()


def completion(text: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "fake",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }


@contextmanager
def answer_server() -> Iterator[AnswerServer]:
    server = AnswerServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
