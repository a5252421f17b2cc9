"""The real server on a loopback port, in this process or in one of its own, and readers of it."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from program import PROGRAM
from pydantic import SecretStr

pytest.importorskip("fastapi")

from callsheet.train.serving.listening import listen
from callsheet.watch.web.app import Server, application
from callsheet.watch.web.index import Index
from callsheet.watch.web.place import Place
from callsheet.watch.web.settings import WatchSettings
from callsheet.watch.web.stream import Hub


class Served:
    """A server in a thread of this process."""

    def __init__(self, runs: Path, token: str | None = None) -> None:
        self.place = Place(runs, runs.parent)
        secret = None if token is None else SecretStr(token)
        self._settings = WatchSettings(runs=runs, project=runs.parent, port=0, token=secret)
        self._listening = listen("127.0.0.1", 0)
        self.port = self._listening.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.index = Index(self.place)
        self.hub: Hub
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.hub = Hub(self.index)
        self._server = Server(application(self.place, self._settings, self.hub), self.hub)
        self._ready.set()
        await self._server.serve(sockets=[self._listening])

    def __enter__(self) -> Served:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *exception: object) -> None:
        # Not as by a signal: sse-starlette takes that for the end of every server in this process.
        self._loop.call_soon_threadsafe(self.hub.close)
        self._server.should_exit = True
        self._thread.join(10)
        self._listening.close()
        assert not self._thread.is_alive()

    def get(self, path: str, **params: Any) -> Any:
        """What a GET is answered, as JSON; it must go well."""
        found = httpx.get(f"{self.address}{path}", params=params, timeout=30)
        assert found.status_code == 200, found.text
        return found.json()


class Reader:
    """Reads a stream in a thread, and keeps what it was told."""

    def __init__(self, address: str, *topics: str, last_event_id: str = "") -> None:
        self.messages: list[dict[str, Any]] = []
        self.at: list[float] = []
        """When each message came, in seconds since 1970."""
        self.last_id = ""
        self._host = address.removeprefix("http://")
        self._path = "/api/stream?" + urlencode([("topic", one) for one in topics])
        self._headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        self._connection = http.client.HTTPConnection(self._host)
        self._ended = threading.Event()
        self._opened = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Reader:
        self._thread.start()
        assert self._opened.wait(15)
        return self

    def __exit__(self, *exception: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def _read(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            self._connection.request("GET", self._path, headers=self._headers)
            self._socket = self._connection.sock
            answer = self._connection.getresponse()
            assert answer.status == 200
            self._opened.set()
            while line := answer.readline():
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "id":
                    self.last_id = value
                elif name == "data":
                    self.at.append(time.time())
                    self.messages.append(json.loads(value))
        self._connection.close()
        self._ended.set()

    @property
    def ended(self) -> bool:
        """Whether the server has ended the stream."""
        return self._ended.is_set()

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events that came, as they came."""
        return [event for message in self.messages for event in message.get("events", ())]

    def until(self, holds: Callable[[Reader], Any], seconds: float = 15.0) -> Any:
        """Wait until something holds of what was read."""
        return until(lambda: holds(self), seconds, lambda: self.messages[-3:])


def until(
    holds: Callable[[], Any], seconds: float = 15.0, shown: Callable[[], Any] = lambda: ""
) -> Any:
    """Wait until something holds; what it returned."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"it never came to be: {shown()!s:.2000}"
        time.sleep(0.01)
    return found


@contextlib.contextmanager
def process(
    folder: Path, *arguments: str, port: int = 0, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`callsheet watch ARGUMENTS` as a process, and the address that it prints."""
    started = subprocess.Popen(
        [*PROGRAM, "watch", *arguments, "--port", str(port)],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stdout is not None and started.stderr is not None
        line = started.stdout.readline()
        assert "http://" in line, started.stderr.read()
        yield started, line.partition(" is shown at ")[2].partition(" ")[0]
    finally:
        started.kill()
        started.communicate()
