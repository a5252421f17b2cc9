"""A fake OpenAI-compatible server on real loopback sockets, with scripted faults.

In a test: `with FakeEndpoint() as server: ... server.url`. It runs in a thread of its own with its
own event loop, so that a client under test shares nothing with it but the socket. As a program,
`python tests/fake_endpoint.py`, it prints its address and serves until its input closes: for
measuring a client's CPU alone.

Every request is counted by the digest of its prompt. Faults are taken from `script`, one for each
request in order of arrival, and then the answer is `reply(request)`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import struct
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal

Kind = Literal[
    "status",
    "hang",
    "reset",
    "truncated_stream",
    "cut_body",
    "malformed",
    "wrong_shape",
    "error_in_200",
    "ok",
]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request."""

    kind: Kind
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: str = '{"error": {"message": "scripted", "code": "scripted"}}'


def too_many(retry_after: str | None = None) -> Fault:
    """A 429, with `Retry-After` if given."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Fault("status", status=429, headers=headers)


def prompt_digest(request: dict[str, Any]) -> str:
    """The name under which a request is counted: the digest of its messages."""
    text = json.dumps(request["messages"], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def echo(request: dict[str, Any]) -> dict[str, Any]:
    """The default answer: a text that depends on prompt and seed alone."""
    return {"content": f"answer {prompt_digest(request)[:8]} {request.get('seed')}"}


class FakeEndpoint:
    """The server. Attributes may be changed between requests, from the test's thread."""

    def __init__(
        self,
        reply: Callable[[dict[str, Any]], dict[str, Any]] = echo,
        *,
        script: Iterable[Fault] = (),
        latency: float = 0.0,
        capacity: int | None = None,
        streams: Literal["yes", "refused", "ignored"] = "yes",
        piece_latency: float = 0.0,
    ) -> None:
        """`reply` makes the assistant message of an answer. `latency`: seconds before each
        answer. `capacity`: requests under way beyond which it says 429.
        `streams`: what comes of a request to stream. `piece_latency`: seconds between pieces."""
        self.reply = reply
        self.script: deque[Fault] = deque(script)
        self.latency = latency
        self.capacity = capacity
        self.streams = streams
        self.piece_latency = piece_latency
        self.flowing = threading.Event()
        """Cleared, it holds streamed answers between two pieces (where those have a latency)."""
        self.flowing.set()
        self.counts: Counter[str] = Counter()
        """Requests by prompt digest, refused ones included."""
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: Counter[int] = Counter()
        self.connections = 0
        self.in_flight = 0
        self.peak = 0
        self.dropped_by_client = 0
        """Requests whose client went away before the answer."""
        self.url = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="fake-endpoint")

    def __enter__(self) -> FakeEndpoint:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=5)

    @property
    def total(self) -> int:
        return len(self.requests)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=2048)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (h.partition(":") for h in head[1:] if h)}
        request = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))))
        self.headers.append(headers)
        self.requests.append(request)
        self.counts[prompt_digest(request)] += 1
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            fault = self.script.popleft() if self.script else Fault("ok")
            if self.capacity is not None and self.in_flight > self.capacity:
                fault = too_many()
            if self.latency or fault.kind == "hang":
                await self._wait(reader, 3600.0 if fault.kind == "hang" else self.latency)
            return await self._answer(writer, request, fault)
        finally:
            self.in_flight -= 1

    async def _wait(self, reader: asyncio.StreamReader, seconds: float) -> None:
        """Wait, unless the client goes away."""
        try:
            async with asyncio.timeout(seconds):
                await reader.read(1)
            self.dropped_by_client += 1
            raise ConnectionResetError
        except TimeoutError:
            pass

    async def _answer(
        self, writer: asyncio.StreamWriter, request: dict[str, Any], fault: Fault
    ) -> bool:
        self.statuses[fault.status if fault.kind == "status" else 200] += 1
        if fault.kind == "reset":
            # Linger 0 makes the kernel send RST instead of an orderly end.
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        if fault.kind in ("status", "error_in_200"):
            status = fault.status if fault.kind == "status" else 200
            return await _send(writer, status, fault.body.encode(), fault.headers)
        if fault.kind == "malformed":
            return await _send(writer, 200, b'{"choices": [{"message"', {})
        if fault.kind == "wrong_shape":
            return await _send(writer, 200, b'{"hello": "world"}', {})
        message = self.reply(request)
        if request.get("stream") and self.streams == "refused":
            body = b'{"error": {"message": "streams are not for you"}}'
            return await _send(writer, 400, body, {})
        if request.get("stream") and self.streams == "yes":
            cut = fault.kind == "truncated_stream"
            return await _stream(
                writer, message, cut=cut, pause=self.piece_latency, flowing=self.flowing
            )
        body = json.dumps(completion(message)).encode()
        if fault.kind == "cut_body":
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            writer.write(head + body[: len(body) // 2])
            await writer.drain()
            return False
        return await _send(writer, 200, body, {})


def completion(message: dict[str, Any]) -> dict[str, Any]:
    """A chat completion around an assistant message; `usage` or `finish_reason` in the message
    replace the usual ones."""
    message = dict(message)
    usage = message.pop("usage", {"prompt_tokens": 10, "completion_tokens": 5})
    finish = message.pop("finish_reason", "tool_calls" if message.get("tool_calls") else "stop")
    logprobs = message.pop("logprobs", None)
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": None, **message},
        "finish_reason": finish,
        "logprobs": logprobs,
    }
    value = {"id": "fake", "object": "chat.completion", "model": "fake", "choices": [choice]}
    return value if usage is None else {**value, "usage": usage}


async def _send(
    writer: asyncio.StreamWriter, status: int, body: bytes, headers: dict[str, str]
) -> bool:
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = (
        f"HTTP/1.1 {status} Fake\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{more}\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    return True


async def _stream(
    writer: asyncio.StreamWriter,
    message: dict[str, Any],
    *,
    cut: bool,
    pause: float,
    flowing: threading.Event,
) -> bool:
    """The message as server-sent events in chunked encoding; `cut` ends it in the middle."""
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    whole = completion(message)
    said = whole["choices"][0]["message"]
    deltas: list[dict[str, Any]] = [{"role": "assistant"}]
    text = said.get("content") or ""
    deltas += [{"content": text[i : i + 4]} for i in range(0, len(text), 4)]
    for index, call in enumerate(said.get("tool_calls") or ()):
        function = call["function"]
        deltas.append(
            {"tool_calls": [{**call, "index": index, "function": {**function, "arguments": ""}}]}
        )
        for i in range(0, len(function["arguments"]), 3):
            piece = {"index": index, "function": {"arguments": function["arguments"][i : i + 3]}}
            deltas.append({"tool_calls": [piece]})
    if cut:
        deltas = deltas[: max(1, len(deltas) // 2)]
    for delta in deltas:
        _event(writer, {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        if pause:
            await writer.drain()
            await asyncio.sleep(pause)
            while not flowing.is_set():
                await asyncio.sleep(pause)
    if not cut:
        finish = whole["choices"][0]["finish_reason"]
        _event(writer, {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        _event(writer, {"choices": [], "usage": whole.get("usage")})
        _chunk(writer, b"data: [DONE]\n\n")
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


def _event(writer: asyncio.StreamWriter, value: dict[str, Any]) -> None:
    _chunk(writer, b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n")


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def main() -> None:
    with FakeEndpoint() as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
