"""`callsheet run --live` in a real terminal (tmux): resized in the middle, without colour, into a
file, and with a model that says what terminals obey."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acted_runs import events, prepare, until
from fake_endpoint import FakeEndpoint
from program import PROGRAM, callsheet

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")

LONG = " ".join(f"word{number:03}" for number in range(60))
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m \u202eevil [bold]markup[/bold] \x9b2J"
PLAY = ("run", "scenarios", "--live", "--model", "assistant=remote", "--out", "run")
OTHERS = ("TMUX", "NO_COLOR", "COLUMNS", "LINES")
"""Variables that say of the terminal around the tests (or of none) what it is."""


class Terminal:
    """A terminal of its own that plays the scenarios, on a tmux server of its own."""

    def __init__(self, folder: Path, columns: int, rows: int) -> None:
        self._server = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        self._size = ["-x", str(columns), "-y", str(rows)]
        self._folder = folder

    def start(self, **environment: str) -> None:
        command = shlex.join([*PROGRAM, *PLAY]) + "; echo exit=$?; sleep 60"
        given = [part for name, value in environment.items() for part in ("-e", f"{name}={value}")]
        self.tmux("new-session", "-d", *self._size, *given, "-c", str(self._folder), command)

    def tmux(self, *arguments: str) -> str:
        variables = {k: v for k, v in os.environ.items() if k not in OTHERS}
        done = subprocess.run(
            [*self._server, *arguments],
            env={**variables, "TERM": "xterm-256color"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def text(self, *options: str) -> str:
        """All that stands in the terminal, lines that it wrapped put together again."""
        return self.tmux("capture-pane", "-p", "-J", "-S", "-", *options)

    def resize(self, server: FakeEndpoint, columns: int, rows: int) -> None:
        """Between two pieces of an answer, when all before is drawn: what is on its way while a
        terminal is resized was drawn for the size before."""
        server.flowing.clear()
        drawn = ""
        while drawn != (drawn := self.text()):
            time.sleep(0.3)
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))
        terminal = os.open(self.tmux("display-message", "-p", "#{pane_tty}").strip(), os.O_NOCTTY)
        try:
            until(lambda: os.get_terminal_size(terminal).columns == columns)
        finally:
            os.close(terminal)
        server.flowing.set()

    def over(self) -> str:
        return until(lambda: text if "exit=" in (text := self.text()) else "")


@contextlib.contextmanager
def terminal(
    folder: Path, columns: int = 100, rows: int = 60, **environment: str
) -> Iterator[Terminal]:
    opened = Terminal(folder, columns, rows)
    opened.start(**environment)
    try:
        yield opened
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            opened.tmux("kill-server")


def long(request: dict[str, Any]) -> dict[str, Any]:
    return {"content": LONG}


def hostile(request: dict[str, Any]) -> dict[str, Any]:
    return {"content": HOSTILE}


def test_a_terminal_that_is_resized_in_the_middle_loses_no_word(tmp_path: Path) -> None:
    with FakeEndpoint(long, piece_latency=0.01) as server:
        run = prepare(tmp_path, server.url)
        with terminal(tmp_path) as screen:
            until(lambda: "Assistant: …" in screen.text())
            screen.resize(server, 40, 60)
            until(lambda: sum(e.kind == "message" for told in events(run).values()
                              for e in told) >= 3)  # fmt: skip
            screen.resize(server, 140, 60)
            text = screen.over()
            assert "\x1b[3" in screen.text("-e")
    answers = re.findall(r"Assistant: (word000.*?)\n\s*(?:\[|\S*stopped|✓|✗)", text, re.DOTALL)
    assert [" ".join(answer.split()) for answer in answers] == [LONG] * 3
    assert text.count("…") <= 1 and "accepted:" in text


def test_a_growing_line_that_the_terminal_has_wrapped_goes_as_a_whole(tmp_path: Path) -> None:
    """In a terminal that is full: on an empty one tmux does not keep the cursor where it was."""
    with FakeEndpoint(long, piece_latency=0.01) as server:
        prepare(tmp_path, server.url)
        with terminal(tmp_path, rows=4) as screen:
            until(lambda: "Assistant: …word" in screen.text())
            screen.resize(server, 30, 4)
            text = screen.over()
    assert "…" not in text and LONG[-40:] in " ".join(text.split())


def test_no_colour_where_none_is_wanted(tmp_path: Path) -> None:
    with FakeEndpoint(long) as server:
        prepare(tmp_path, server.url)
        with terminal(tmp_path, NO_COLOR="1") as screen:
            assert LONG[:80] in " ".join(screen.over().split())
            styles = re.findall(r"\x1b\[([\d;]*)m", screen.text("-e"))
    colours = [s for style in styles for s in style.split(";") if s and 30 <= int(s) <= 107]
    assert not [s for s in colours if s not in ("39", "49")]


def test_what_a_model_says_moves_nothing(tmp_path: Path) -> None:
    with FakeEndpoint(hostile, piece_latency=0.005) as server:
        prepare(tmp_path, server.url)
        with terminal(tmp_path) as screen:
            text = screen.over()
            assert "owned" not in screen.tmux("display-message", "-p", "#{pane_title}")
    assert text.count("\\u001b]0;owned\\u0007\\u001b[2J") == 3 and "[bold]markup[/bold]" in text
    assert "sums" in text.splitlines()[0] and "\u202e" not in text


def test_a_file_gets_plain_text_with_each_line_whole(tmp_path: Path) -> None:
    with FakeEndpoint(long) as server:
        prepare(tmp_path, server.url)
        ended = callsheet(tmp_path, *PLAY, COLUMNS="40")
        assert not any(request.get("stream") for request in server.requests)
    assert ended.stdout.count(f"Assistant: {LONG}\n") == 3
    assert "\x1b" not in ended.stdout and "…" not in ended.stdout


def test_several_workers_are_refused_in_one_line(tmp_path: Path) -> None:
    prepare(tmp_path, "http://127.0.0.1:9/v1")
    ended = callsheet(tmp_path, *PLAY, "--workers", "2")
    assert ended.returncode == 2 and "one conversation at a time" in ended.stderr
    assert not (tmp_path / "run").exists()
