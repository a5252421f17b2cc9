"""A real `callsheet watch` and a real Chromium, for tests of the page as people use it.

`server(runs)` starts the command over a folder; it can be killed and started again at the same
port. Whatever a page of `context` complains of fails the test: errors and violations of its policy
in the console, exceptions, and requests that leave the server. `problems.expect(...)` names what a
test provokes. Screenshots go to the folder that CALLSHEET_SCREENSHOTS names, or nowhere that lasts.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytest.importorskip("fastapi")
playwright = pytest.importorskip("playwright.sync_api")

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE = 60
"""Seconds that anything may take before a test gives it up; the machine may be busy."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Server:
    """`callsheet watch` over the folder `runs`, started in the folder above it."""

    runs: Path
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=lambda: _free_port())
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "callsheet", "watch", str(self.runs)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), *self.arguments],
            cwd=self.runs.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert self.url in line, line + (self.process.stdout.read() if not line else "")

    def kill(self) -> None:
        """At once, as a crash would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.communicate()
            self.process = None

    def restart(self) -> None:
        """Kill it and start it again at the same port."""
        self.kill()
        self.start()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server() -> Iterator[Callable[..., Server]]:
    """Starts `callsheet watch RUNS [ARGUMENTS…]` at a free port."""
    started: list[Server] = []

    def start(runs: Path, *arguments: str) -> Server:
        started.append(Server(runs, arguments))
        started[-1].start()
        return started[-1]

    yield start
    for one in started:
        one.kill()


class Problems:
    """What the pages of a context complained of."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._expected: list[str] = []

    def expect(self, *patterns: str) -> None:
        """Lines that match one of these regular expressions are what the test provokes."""
        self._expected += patterns

    def watch(self, context: playwright.BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.lines.append(f"exception: {error.error}"))
        context.on("request", self._request)

    def _console(self, message: playwright.ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.lines.append(f"console: {message.text} {message.location.get('url', '')}")

    def _request(self, request: playwright.Request) -> None:
        if not re.match(r"http://(127\.0\.0\.1|localhost)[:/]|data:|blob:", request.url):
            self.lines.append(f"request to elsewhere: {request.url}")

    @property
    def unexpected(self) -> list[str]:
        return [
            line
            for line in self.lines
            if not any(re.search(pattern, line) for pattern in self._expected)
        ]


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    """One a file: while it runs, Playwright's event loop has this thread, and a test elsewhere
    could not start its own."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    playwright.expect.set_options(timeout=_PATIENCE * 1000)
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture
def problems() -> Problems:
    return Problems()


@pytest.fixture
def context(
    browser: playwright.Browser, problems: Problems, server: Callable[..., Server]
) -> Iterator[playwright.BrowserContext]:
    """One browser with its own storage, cookies and shared worker; closed before its servers are,
    or a question under way would be one that no server answers."""
    opened = browser.new_context(viewport={"width": 1360, "height": 860})
    opened.set_default_timeout(_PATIENCE * 1000)
    problems.watch(opened)
    yield opened
    opened.close()
    assert not problems.unexpected


@pytest.fixture
def page(context: playwright.BrowserContext) -> playwright.Page:
    return context.new_page()


@pytest.fixture
def screenshot(tmp_path: Path) -> Callable[..., Path]:
    """`screenshot(page, name)`: what is seen now (`full_page=True`: all of it), as a PNG."""
    folder = Path(os.environ.get("CALLSHEET_SCREENSHOTS") or tmp_path / "screenshots")

    def take(page: playwright.Page, name: str, *, full_page: bool = False) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{name}.png"
        page.screenshot(path=file, full_page=full_page, animations="disabled")
        return file

    return take
