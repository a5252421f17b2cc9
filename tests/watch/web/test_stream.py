"""The stream: everything once, in order, soon, whatever happens to runs, viewers and server."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from callsheet.simulation.control import change_control
from callsheet.watch.web.indexed_run import IndexedRun
from callsheet.watch.web.topics import RunTopic

from ..recorded_runs import LiveRun, big_run, hostile_run, write_run
from .served import Reader, Served, process, until


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "runs").mkdir()
    with Served(tmp_path / "runs") as server:
        yield server


@pytest.fixture
def live(served: Served) -> Iterator[LiveRun]:
    with LiveRun(served.place.runs / "live") as run:
        run.begin()
        yield run


def topic(run: str, episode: str | None = None, cursor: str = "") -> str:
    kind = "run" if episode is None else "episode"
    parts = [quote(part, safe="") for part in (run, episode) if part is not None]
    return ":".join([kind, *parts]) + (f"@{cursor}" if cursor else "")


def seqs(reader: Reader) -> list[int]:
    return [event["seq"] for event in reader.events]


def test_a_live_run_appears_and_its_events_arrive_at_once(served: Served) -> None:
    cursor = served.get("/api/runs")["cursor"]
    with Reader(served.address, f"runs@{cursor}") as runs:
        with LiveRun(served.place.runs / "live") as live:
            live.begin()
            runs.until(lambda r: [m for m in r.messages if m["rows"]])
            shown = runs.messages[-1]["rows"][0]
            assert (shown["run"], shown["live"], shown["state"]) == ("live", True, "running")
            with Reader(served.address, topic("live", live.name())) as episode:
                episode.until(lambda r: len(r.events) == 2)
                delays = []
                for _ in range(15):
                    sent = time.time()
                    seq = live.say("user", "hello").seq
                    episode.until(lambda r, seq=seq: seq in seqs(r))  # type: ignore[misc]
                    delays.append(episode.at[-1] - sent)
                print(f"seen after {statistics.median(delays) * 1000:.0f} ms (median)")
                assert statistics.median(delays) < 0.3
            live.end()
            runs.until(lambda r: r.messages[-1]["rows"][-1]["done"] == 1)
        runs.until(lambda r: not r.messages[-1]["rows"][-1]["live"])
        assert not [message for message in runs.messages if message.get("reset")]
        shutil.rmtree(served.place.runs / "live")
        runs.until(lambda r: r.messages[-1]["gone"] == ["live"])


def test_rows_of_a_run_change_as_it_goes_on(served: Served, live: LiveRun) -> None:
    answer = served.get("/api/episodes", run="live")
    with Reader(served.address, topic("live", cursor=answer["cursor"])) as reader:
        live.turn(1)
        reader.until(lambda r: r.messages and r.messages[-1]["rows"])
        shown = reader.messages[-1]["rows"][-1]
        assert (shown["calls"], shown["status"]) == (1, "running")
        live.begin(1)
        live.end(1, "failed", None)
        reader.until(lambda r: r.messages[-1]["row"]["done"] == 1)
        assert not [message for message in reader.messages if message.get("reset")]


def test_going_on_from_a_cursor_leaves_nothing_out_and_tells_nothing_twice(
    served: Served, live: LiveRun
) -> None:
    cursor = served.get("/api/events", run="live", episode=live.name())["cursor"]
    told: list[int] = []
    last_id = ""
    for sitting in range(4):
        live.turn(sitting + 1)  # while nobody listens
        given = topic("live", live.name(), cursor)
        with Reader(served.address, given, last_event_id=last_id) as reader:
            live.say("user", "and now")
            expected = len(live.script().events)
            reader.until(lambda r, n=expected: r.events and seqs(r)[-1] == n - 1)  # type: ignore[misc]
            told += seqs(reader)
            # What a browser says when it connects again by itself; the address stays as it was.
            last_id = reader.last_id
    assert told == list(range(2, len(live.script().events)))


def test_a_run_made_again_is_told_anew_and_to_its_end(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callsheet.watch.web.topics._ROWS", 2)
    path = write_run(served.place.runs / "0001", 3)
    with Reader(served.address, topic("0001")) as reader:
        reader.until(lambda r: r.messages and r.messages[-1].get("all"))
        beside = write_run(served.place.runs / ".beside", 5)
        shutil.rmtree(path)
        beside.rename(path)
        reader.until(lambda r: len([m for m in r.messages if m.get("all")]) == 2)
        begun = max(i for i, message in enumerate(reader.messages) if message.get("reset"))
        rows = [
            row["episode"][:6] for message in reader.messages[begun:] for row in message["rows"]
        ]
        assert begun and rows == [f"{index:06d}" for index in range(5)]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_the_server_restarts_and_nothing_is_lost(tmp_path: Path, how: str) -> None:
    (tmp_path / "runs").mkdir()
    told: list[int] = []
    last_id, port = "", 0
    with LiveRun(tmp_path / "runs" / "live", segment_bytes=2000) as live:
        live.begin()
        for sitting in range(3):
            with process(tmp_path, port=port) as (server, address):
                port = int(address.rpartition(":")[2])
                given = topic("live", live.name())
                with Reader(address, given, last_event_id=last_id) as reader:
                    for _ in range(3):
                        live.turn(sitting + 1)
                    expected = len(live.script().events)
                    reader.until(lambda r, n=expected: r.events and seqs(r)[-1] == n - 1)  # type: ignore[misc]
                    server.send_signal(signal.Signals[how])
                    reader.until(lambda r: r.ended)
                    resets = [m for m in reader.messages if m.get("reset")]
                    assert len(resets) == (sitting == 0)
                    told += seqs(reader)
                    last_id = reader.last_id
            live.say("user", "while no server ran")
    assert told == list(range(len(told))) and len(told) > 90


def test_a_new_attempt_is_never_mixed_with_the_old_one(served: Served) -> None:
    path = served.place.runs / "live"
    first = LiveRun(path)
    first.begin()
    first.say("user", "old")
    with Reader(served.address, topic("live", first.name())) as reader:
        reader.until(lambda r: len(r.events) == 3)
        first.crash()
        with LiveRun(path) as second:
            second.begin()
            second.say("user", "new")
            reader.until(lambda r: "new" in str(r.messages[-1]))
            resets = [m for m in reader.messages if m.get("reset")]
            assert len(resets) == 2 and resets[1]["events"][0]["seq"] == 0
            since = reader.messages[reader.messages.index(resets[1]) :]
            texts = [e["data"]["message"]["content"] for m in since for e in m.get("events", ())
                     if e["kind"] == "message"]  # fmt: skip
            assert texts == ["new"]
            # Somebody who slept through it, with the cursor of the old attempt.
            old = topic("live", second.name(), reader.messages[0]["cursor"])
            with Reader(served.address, old) as late:
                late.until(lambda r: r.messages and r.messages[0].get("reset"))
                assert "old" not in str(late.messages)


def test_a_resumed_episode_goes_on_without_a_reset(served: Served) -> None:
    path = served.place.runs / "live"
    first = LiveRun(path)
    first.begin()
    with Reader(served.address, topic("live", first.name())) as reader:
        reader.until(lambda r: len(r.events) == 2)
        first.crash()
        with LiveRun(path) as second:
            second.script().events.extend(first.script().events)
            second.say("user", "on")
            reader.until(lambda r: seqs(r) == [0, 1, 2])
        assert len([m for m in reader.messages if m.get("reset")]) == 1


def test_what_people_want_arrives(served: Served, live: LiveRun) -> None:
    with Reader(served.address, topic("live", live.name())) as reader:
        reader.until(lambda r: r.messages)
        change_control(live.path, episode=live.name(), paused=True, people=("user",))
        reader.until(lambda r: r.messages[-1].get("control", {}).get("paused"))
        assert reader.messages[-1]["control"]["people"] == ["user"]


def test_a_growing_answer_is_shown_and_told_apart(served: Served, live: LiveRun) -> None:
    frames = live.path / "frames"
    frames.mkdir()
    frame = {"episode": live.name(), "role": "assistant", "key": "assistant.0"}
    with Reader(served.address, topic("live", live.name())) as reader:
        reader.until(lambda r: r.messages)
        cursor = reader.messages[-1]["cursor"]
        for text in ("It", "It is", ""):
            shown = [{**frame, "text": text, "done": False}] if text else []
            beside = frames / ".main.json"
            beside.write_text(__import__("json").dumps(shown))
            beside.rename(frames / "main.json")
            reader.until(lambda r, text=text: r.messages[-1].get("partial") == [  # type: ignore[misc]
                {"role": "assistant", "key": "assistant.0", "text": text}
            ])  # fmt: skip
        assert reader.messages[-1]["cursor"] == cursor
        assert list((live.path / "watched").glob("*.json"))


@pytest.mark.slow
def test_ten_viewers_and_one_who_does_not_read(served: Served, live: LiveRun) -> None:
    """Whoever stops reading gets no queue, and keeps nobody waiting."""
    given = topic("live", live.name())
    stuck = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(20)]
    for one in stuck:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.sendall(f"GET /api/stream?topic={given} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    readers = [Reader(served.address, given).__enter__() for _ in range(10)]
    for reader in readers:
        reader.until(lambda r: len(r.events) >= 2)
    before = _resident()
    text = "x" * 20_000
    delays = []
    for _ in range(150):  # 3 MB, twenty times more than a socket takes
        seq, sent = live.say("user", text).seq, time.time()
        for reader in readers:
            reader.until(lambda r, seq=seq: seq in seqs(r))  # type: ignore[misc]
        delays.append(max(reader.at[-1] for reader in readers) - sent)
    grown = _resident() - before
    kept = sum(len(str(reader.messages)) for reader in readers)
    print(
        f"ten viewers: {statistics.median(delays) * 1000:.0f} ms (median, the slowest of ten); "
        f"memory grew by {grown >> 20} MB, {kept >> 20} MB of it kept by the readers of this test"
    )
    for reader in readers:
        assert seqs(reader) == list(range(152))
        reader.__exit__()
    for one in stuck:
        one.close()
    assert grown < kept * 2 + (40 << 20)
    until(lambda: not served.hub._connections)


def _resident() -> int:
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def test_nothing_is_looked_at_when_nobody_follows(
    served: Served, live: LiveRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Reader(served.address, "runs", topic("live"), topic("live", live.name())) as reader:
        reader.until(lambda r: r.events)
    until(lambda: not served.hub._looking)
    looked: list[Any] = []
    monkeypatch.setattr(served.index, "look", looked.append)
    monkeypatch.setattr(served.index.run("live"), "look", lambda: looked.append(1))
    time.sleep(1.2)
    assert not looked


def test_rows_come_while_a_large_run_is_read(served: Served) -> None:
    big_run(served.place.runs / "big", 10_000)
    with Reader(served.address, topic("big")) as reader:
        reader.until(lambda r: r.messages and r.messages[-1]["row"]["done"] == 10_000, 60)
        until(lambda: len({x["episode"] for m in reader.messages for x in m["rows"]}) == 10_000)
        assert max(len(message["rows"]) for message in reader.messages) <= 1_000


def test_one_stream_carries_many_topics_and_odd_names(served: Served) -> None:
    run = hostile_run(served.place.runs).name
    write_run(served.place.runs / "0001", 2)
    names = [row["episode"] for row in served.get("/api/episodes", run=run)["rows"]]
    odd = [topic("nowhere"), topic("../0001", "x"), topic("0001", "x")]
    ours = topic("0001", "000000-book-a-table")
    topics = ["runs", topic(run), *(topic(run, name) for name in names), ours, *odd]
    with Reader(served.address, *topics) as reader:
        reader.until(lambda r: {m["topic"] for m in r.messages} == set(topics[:5]))
        last_id = reader.last_id
    with Reader(served.address, *topics, last_event_id=last_id) as again:
        write_run(served.place.runs / "0002", 1)
        again.until(lambda r: [m for m in r.messages if m["topic"] == "runs"])
        assert not again.events


@pytest.mark.parametrize(
    "given",
    ["", "run", "runs:x", "run:a:b", "episode:a", "episode:a:b:c", "other:x", "@", "runs @x"],
)
def test_what_is_no_topic_is_refused(served: Served, given: str) -> None:
    answer = httpx.get(f"{served.address}/api/stream", params={"topic": given})
    assert answer.status_code == 400 and "is no topic" in answer.json()["error"]


@pytest.mark.parametrize("cursor", ["x", "@@", "1.-5", "." * 50, f"a.{10**30}", "%00", "0-0.5"])
def test_a_cursor_of_nobodys_begins_anew(served: Served, live: LiveRun, cursor: str) -> None:
    with Reader(served.address, topic("live", live.name(), cursor)) as reader:
        reader.until(lambda r: r.messages)
        assert reader.messages[0]["reset"] and seqs(reader) == [0, 1]


def test_a_slow_folder_keeps_nobody_else_waiting(
    served: Served, live: LiveRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = write_run(served.place.runs / "slow", 2)
    quick = IndexedRun.look

    def look(run: IndexedRun) -> bool:
        if run.path == slow:
            time.sleep(2)
        return quick(run)

    monkeypatch.setattr(IndexedRun, "look", look)
    with (
        Reader(served.address, "runs", topic("slow")) as other,
        Reader(served.address, topic("live", live.name())) as reader,
    ):
        reader.until(lambda r: r.events)
        began = time.monotonic()
        for count in range(10):
            live.say("user", "hello")
            reader.until(lambda r, n=count: len(r.events) == 3 + n)  # type: ignore[misc]
        assert time.monotonic() - began < 2
        other.until(lambda r: {"runs", topic("slow")} <= {m["topic"] for m in r.messages}, 30)


def test_a_defect_is_not_the_end_of_looking(
    served: Served, live: LiveRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[IndexedRun] = []

    def look(run: IndexedRun) -> bool:
        failed.append(run)
        raise ZeroDivisionError

    monkeypatch.setattr("callsheet.watch.web.stream._AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(IndexedRun, "look", look)
    with Reader(served.address, topic("live", live.name())) as reader:
        until(lambda: failed)
        monkeypatch.undo()
        reader.until(lambda r: r.events)


def test_a_topic_that_cannot_be_told_is_not_the_end_of_the_others(
    served: Served, live: LiveRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callsheet.watch.web.stream._AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(RunTopic, "news", lambda topic: {"rows": [2**70]})
    with Reader(served.address, topic("live"), topic("live", live.name())) as reader:
        reader.until(lambda r: len(r.events) == 2)
        live.say("user", "on")
        reader.until(lambda r: len(r.events) == 3)
        monkeypatch.undo()
        reader.until(lambda r: [m for m in r.messages if "rows" in m])


def test_many_connections(served: Served, live: LiveRun) -> None:
    readers = [Reader(served.address, "runs", topic("live", live.name())) for _ in range(60)]
    for reader in readers:
        reader.__enter__()
    live.say("user", "to all")
    for reader in readers:
        reader.until(lambda r: len(r.events) == 3)
        reader.__exit__()
    until(lambda: not served.hub._connections)
