"""A real browser shows a hostile report: no script runs, no request is made, nothing appears."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hostile_run import HOSTILE, hostile_run

from callsheet.evaluation.quality import Settings, instruments, quality_report, write_report

ACTIVE = HOSTILE.removeprefix("</title></style>").partition("<meta")[0].replace("alert(1)", "0")
"""What should come alive, without what makes a browser wait or leave."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


class Listener:
    """A server to which every name is resolved; remembers what is asked of it."""

    def __init__(self) -> None:
        asked: list[str] = []
        self.asked = asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(f"{self.headers.get('Host')}{self.path}")
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.close()


def shown(page: Path, listener: Listener, profile: Path) -> str:
    """The page's document after its scripts, if any, have run."""
    assert CHROMIUM is not None
    ended = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-extensions",
            "--disable-background-networking", "--no-first-run", f"--user-data-dir={profile}",
            f"--host-resolver-rules=MAP *.test:80 127.0.0.1:{listener.port}",
            "--virtual-time-budget=2000", "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return ended.stdout


def test_nothing_of_a_hostile_run_comes_alive(tmp_path: Path, listener: Listener) -> None:
    run = hostile_run(tmp_path)
    report = quality_report([run], instruments(Settings(encoder="lexical")), tmp_path)
    _, page = write_report(report, tmp_path / "out")
    document = shown(page, listener, tmp_path / "profile")
    assert "data-owned" not in document and listener.asked == []
    assert not re.search(r"<(script|img|iframe|link|base|object)\b", document)
    # The page is there, with its own style, and says what was said.
    assert "How it was measured" in document and "&lt;script&gt;" in document


def test_the_browser_would_have_told(tmp_path: Path, listener: Listener) -> None:
    """The same strings in a page that escapes nothing: the test above can fail."""
    page = tmp_path / "naive.html"
    page.write_text(f"<!doctype html><body>{ACTIVE}", encoding="utf-8")
    document = shown(page, listener, tmp_path / "profile")
    assert "data-owned" in document
    assert any("evil.test" in asked for asked in listener.asked)


def test_the_policy_holds_even_where_escaping_failed(tmp_path: Path, listener: Listener) -> None:
    run = hostile_run(tmp_path)
    report = quality_report([run], instruments(Settings(encoder="lexical")), tmp_path)
    _, page = write_report(report, tmp_path / "out")
    whole = page.read_text(encoding="utf-8")
    page.write_text(whole.replace("</main>", f"{ACTIVE}</main>"), encoding="utf-8")
    document = shown(page, listener, tmp_path / "profile")
    assert "<script>" in document and "data-owned" not in document
    assert '<html lang="en">' in document and listener.asked == []
