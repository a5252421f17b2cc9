"""The terminal view: a conversation to read, and nothing that a model says can act on it."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from callsheet.simulation import Progress
from callsheet.simulation.episodes import EpisodeEnd
from callsheet.trajectories.event import Event
from callsheet.watch import (
    LiveView,
    ProgressView,
    describe,
    episode_line,
    harmless,
    summary,
)


def shown(*events: Event, terminal: bool = False, width: int = 100, colours: bool = True) -> str:
    file = io.StringIO()
    console = Console(
        file=file,
        force_terminal=terminal,
        width=width,
        highlight=False,
        color_system="auto" if colours else None,
    )
    view = LiveView(console)
    for event in events:
        view.show(event)
    return file.getvalue()


def said(source: str, text: str) -> Event:
    message = {"role": source, "content": text}
    return Event(episode="e", seq=0, kind="message", source=source, data={"message": message})


@given(st.text())
def test_no_text_reaches_the_terminal_as_a_command(text: str) -> None:
    plain = shown(said("user", text))
    assert "\x1b" not in plain and "\x07" not in plain and "\u202e" not in plain
    assert plain.startswith("User: ")


def test_a_name_reaches_the_terminal_as_text() -> None:
    hostile = "\x1b]0;owned\x07\x1b[2Juser"
    data = {"status": hostile, "score": None, "blame": hostile, "usage": {"tool_calls": 0}}
    end = Event(episode="e", seq=0, kind="status", source="driver",
                data={**data, "state": "ended"})  # fmt: skip
    lines = [shown(said(hostile, "hello")), episode_line(hostile, []), episode_line(hostile, [end])]
    for line in lines:
        assert "owned" in line.lower() and not {"\x1b", "\x07"} & set(line)


def test_markup_is_text() -> None:
    assert "[bold red]x[/] :smile:" in shown(said("assistant", "[bold red]x[/] :smile:"))


def test_control_characters_become_visible() -> None:
    assert harmless("a\x1b[31mb\u202ec\n") == "a\\u001b[31mb\\u202ec\n"
    assert harmless("ordinary, also Zürich") == "ordinary, also Zürich"


def test_a_call_its_result_and_its_traces_are_shown() -> None:
    call = {"call_id": "call_0", "ordinal": 0, "name": "Add", "arguments": {"a": 1}}
    result = {"call_id": "call_0", "name": "Add", "ok": False, "content": {"error": "no"},
              "error_type": "failed"}  # fmt: skip
    text = shown(
        Event(episode="e", seq=0, kind="tool_call", source="assistant", data=call),
        Event(episode="e", seq=1, kind="tool_result", source="tool", data=result),
        Event(episode="e", seq=2, kind="state_diff", source="environment",
              data={"added": {"t": [{"id": 1}]}, "removed": {}}),
        Event(episode="e", seq=3, kind="verdict", source="tester",
              data={"check": "plan_completed", "passed": False, "reason": "step 2"}),
    )  # fmt: skip
    assert "→ Add(a=1)" in text
    assert '✗ failed: {"error":"no"}' in text
    assert '+ t: {"id":1}' in text
    assert "✗ plan_completed: step 2" in text


def test_colours_only_where_there_is_a_terminal() -> None:
    assert "\x1b[" in shown(said("user", "hi"), terminal=True)
    assert "\x1b[" not in shown(said("user", "hi"))


def test_a_narrow_window_breaks_lines_and_loses_nothing() -> None:
    words = " ".join(f"word{i}" for i in range(40))
    lines = shown(said("user", words), terminal=True, width=30, colours=False).splitlines()
    assert max(map(len, lines)) <= 30
    assert " ".join(lines).split() == ["User:", *words.split()]


def test_a_file_has_each_line_whole() -> None:
    words = " ".join(f"word{i}" for i in range(40))
    assert shown(said("user", words), width=30) == f"User: {words}\n"


def end(index: int, status: str, blame: str | None) -> EpisodeEnd:
    score = 1.0 if blame is None else 0.5
    return EpisodeEnd(index, status, blame, "", score, 100, 10, 0.01)


def test_progress_tells_rate_time_left_blame_tokens_and_cost() -> None:
    progress = Progress(total=10)
    progress.add(end(0, "completed", None))
    progress.add(end(1, "failed", "endpoint"))
    line = describe(progress, 4.0)
    assert line == "30.0/min, 0:16 left, 1 accepted, 1 endpoint, 220 tokens, cost 0.02"
    assert summary(progress)[0] == "episodes:     2/10 (1 completed, 1 failed)"


def test_a_long_run_says_ever_more_rarely_how_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    now = 0.0
    monkeypatch.setattr("callsheet.watch.progress.time.monotonic", lambda: now)
    view = ProgressView(Console(file=file, width=100))
    lines = []
    while now < 7 * 86_400:
        now += 5.0
        view.show(Progress(total=3))
        lines.append(file.getvalue().count("\n"))
    assert lines[11] == 6  # a minute: every ten seconds
    assert lines[-1] < 250


def test_a_bar_is_drawn_in_a_terminal_alone() -> None:
    for terminal in (True, False):
        file = io.StringIO()
        console = Console(file=file, force_terminal=terminal, width=100)
        with ProgressView(console) as view:
            view.show(Progress(total=3))
        assert bool(file.getvalue()) == terminal
