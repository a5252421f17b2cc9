"""Words shown while a model is finding them: to who looks on, and without a trace in the record."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from acted_runs import prepare
from fake_endpoint import FakeEndpoint, Fault

from callsheet.scenarios import load_scenarios
from callsheet.simulation import RunConfig, RunDirectory, make_run, replay, resume
from callsheet.simulation.frames import Frame, FrameReader, FrameWriter, _words, mark_watched, sweep
from callsheet.trajectories.identity import run_identity

LONG = "A long answer that takes its time to be found, word by word by word. " * 3
EPISODE = "000000-sums"


def answer(request: dict[str, Any]) -> dict[str, Any]:
    return {"content": f"{len(request['messages'])} {LONG}"}


def play(folder: Path, name: str, watched: str | None = None) -> tuple[Path, list[Frame]]:
    """A run of one episode, and the frames of it that somebody saw who looked at `watched`."""
    run, seen = folder / name, list[Frame]()
    config = RunConfig(
        models={"assistant": "remote"}, model_folders=[str(folder / "configs" / "models")]
    )
    scenarios = load_scenarios([folder / "scenarios"])
    make_run(scenarios, config, run)
    thread = threading.Thread(target=resume, args=(run,))
    reader = FrameReader(run)
    if watched is not None:
        mark_watched(run, [watched])
    thread.start()
    while thread.is_alive():
        if watched is not None:
            mark_watched(run, [watched])
        seen += reader.read()
        time.sleep(0.02)
    return run, seen + reader.read()


def test_words_are_shown_as_they_come_and_leave_nothing_behind(tmp_path: Path) -> None:
    with FakeEndpoint(answer, piece_latency=0.01) as server:
        prepare(tmp_path, server.url)
        plain, nothing = play(tmp_path, "plain")
        assert not any(request.get("stream") for request in server.requests) and not nothing
        watched, seen = play(tmp_path, "watched", EPISODE)
    for key in ("assistant.0", "assistant.1"):
        texts = [frame.text for frame in seen if frame.key == key and frame.text]
        assert len(texts) > 2 and texts == sorted(texts, key=len)
        assert all(text in f"2 {LONG}4 {LONG}" for text in texts)
    assert [frame.done for frame in seen if not frame.text][-1]
    assert not (watched / "frames").exists()
    assert run_identity(plain) == run_identity(watched)
    assert replay(RunDirectory(watched))[0].finished


def test_a_stream_that_broke_off_is_shown_anew(tmp_path: Path) -> None:
    with FakeEndpoint(answer, piece_latency=0.01) as server:
        prepare(tmp_path, server.url)
        server.script.append(Fault("truncated_stream"))
        _, seen = play(tmp_path, "again", EPISODE)
    first = [frame.text for frame in seen if frame.key == "assistant.0"]
    assert "" in first[:-1] and all(text in f"2 {LONG}" for text in first)


@pytest.mark.parametrize("streams", ["refused", "ignored"])
def test_looking_on_costs_no_episode_its_answer(tmp_path: Path, streams: Any) -> None:
    with FakeEndpoint(answer, streams=streams, latency=0.1) as server:
        prepare(tmp_path, server.url)
        plain, _ = play(tmp_path, "plain")
        asked = server.total
        watched, _ = play(tmp_path, "watched", EPISODE)
        assert server.total == 2 * asked + 1
    assert run_identity(plain) == run_identity(watched)


def test_two_servers_that_look_at_different_episodes_both_see_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wanted() -> list[bool]:
        writer = FrameWriter(tmp_path, "main")
        now = asyncio.get_running_loop().time()
        return [writer.wanted(episode, now) for episode in ("one", "two", "three")]

    for process, episode in ((1, "one"), (2, "two")):
        monkeypatch.setattr("os.getpid", lambda process=process: process)
        mark_watched(tmp_path, [episode])
    assert asyncio.run(wanted()) == [True, True, False]
    sweep(tmp_path)
    assert asyncio.run(wanted()) == [False, False, False]


def test_only_what_is_looked_at_streams(tmp_path: Path) -> None:
    with FakeEndpoint(answer) as server:
        prepare(tmp_path, server.url)
        _, seen = play(tmp_path, "another", "000001-sums")
        assert not any(request.get("stream") for request in server.requests) and not seen


def test_of_a_users_reply_only_the_words_are_shown() -> None:
    said = 'He said "two\nlines", é and \u2028'
    for ascii_only in (True, False):
        reply = json.dumps({"step_met": True, "message": said}, ensure_ascii=ascii_only)
        shown = [_words(reply[:end]) for end in range(len(reply) + 1)]
        assert shown[-1] == said and all(said.startswith(text) for text in shown[1:])
    assert _words("plain words") == "plain words"
