"""The log: what is recorded stays recorded, exactly once, whatever dies when."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.trajectories.event import Event
from callsheet.trajectories.identity import run_identity
from callsheet.trajectories.log import (
    LogBusy,
    LogDamaged,
    LogWriter,
    claim_epoch,
    read_episodes,
    recover,
    segments,
)


def event(episode: str, seq: int, **data: object) -> Event:
    return Event(episode=episode, seq=seq, kind="message", source="user", data=data)


def ended(episode: str, seq: int) -> Event:
    return Event(episode=episode, seq=seq, kind="status", source="driver", data={"state": "ended"})


def writer(run: Path, worker: str = "w0", **options: int) -> LogWriter:
    return LogWriter(run, worker, claim_epoch(run, worker), **options)


def test_events_come_back_in_order_and_finished_episodes_first(tmp_path: Path) -> None:
    log = writer(tmp_path)
    for item in (event("a", 0), event("b", 0, text="x"), event("a", 1), ended("a", 2)):
        log.append(item)
    log.close()
    found = dict(read_episodes(tmp_path))
    assert list(found) == ["a", "b"]
    assert [e.seq for e in found["a"]] == [0, 1, 2]
    assert found["b"][0].data == {"text": "x"}


def test_an_open_segment_is_readable_and_a_torn_line_is_not_an_event(tmp_path: Path) -> None:
    log = writer(tmp_path)
    log.append(event("a", 0))
    ((_, path),) = segments(tmp_path)
    with path.open("ab") as file:
        file.write(b'{"episode":"a","se')
    assert [len(events) for _, events in read_episodes(tmp_path)] == [1]


def test_recovery_cuts_the_torn_line_and_publishes_the_rest(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from callsheet.trajectories.event import Event\n"
        "from callsheet.trajectories.log import LogWriter\n"
        "log = LogWriter(Path(sys.argv[1]), 'w0', 1)\n"
        "for i in range(3): log.append(Event(episode='a', seq=i, kind='message', source='user'))\n"
        "os.write(log._handle, b'{\"torn')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert killed.returncode == -9
    assert recover(tmp_path) == 1
    assert not list((tmp_path / "spool").glob("*/*/*.jsonl"))
    assert [e.seq for _, events in read_episodes(tmp_path) for e in events] == [0, 1, 2]
    assert recover(tmp_path) == 0


def test_recovery_finishes_a_publication_that_was_cut_between_link_and_unlink(
    tmp_path: Path,
) -> None:
    log = writer(tmp_path)
    log.append(event("a", 0))
    log.seal()
    published = tmp_path / "log" / "w0" / "1" / "0.jsonl"
    os.link(published, tmp_path / "spool" / "w0" / "1" / "0.jsonl")
    assert len(segments(tmp_path)) == 1
    recover(tmp_path)
    assert [len(events) for _, events in read_episodes(tmp_path)] == [1]
    assert published.exists()


def test_a_living_writer_is_not_recovered(tmp_path: Path) -> None:
    log = writer(tmp_path)
    log.append(event("a", 0))
    with pytest.raises(LogBusy, match="still alive"):
        recover(tmp_path, patience=0.05)


def test_a_higher_epoch_takes_over_from_its_first_event(tmp_path: Path) -> None:
    slow = writer(tmp_path, "w0")
    slow.append(event("a", 0, by="slow"))
    slow.append(event("a", 1, by="slow"))
    quick = writer(tmp_path, "w1")
    quick.append(event("a", 1, by="quick"))
    # The one that was thought dead goes on, and even finishes.
    slow.append(event("a", 2, by="slow"))
    slow.append(ended("a", 3))
    quick.append(event("a", 2, by="quick"))
    slow.close()
    quick.close()
    ((_, events),) = read_episodes(tmp_path)
    assert [e.data["by"] for e in events] == ["slow", "quick", "quick"]


def test_a_new_attempt_replaces_the_whole_episode(tmp_path: Path) -> None:
    first = writer(tmp_path)
    for item in (event("a", 0, attempt=1), ended("a", 1), event("b", 0), ended("b", 1)):
        first.append(item)
    first.close()
    second = writer(tmp_path)
    second.append(event("a", 0, attempt=2))
    second.append(ended("a", 1))
    second.close()
    found = dict(read_episodes(tmp_path))
    assert found["a"][0].data == {"attempt": 2}
    assert set(found) == {"a", "b"}


@pytest.mark.parametrize(
    "damage", [b"garbage\n", b"[1]\n", b'{"v":99}\n'], ids=["not json", "a list", "version"]
)
def test_a_damaged_line_is_an_error_that_names_file_and_offset(
    tmp_path: Path, damage: bytes
) -> None:
    log = writer(tmp_path)
    log.append(event("a", 0))
    log.close()
    ((_, path),) = segments(tmp_path)
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(damage)
    with pytest.raises(LogDamaged, match=f"0.jsonl: byte {size}"):
        list(read_episodes(tmp_path))


def test_a_gap_is_an_error(tmp_path: Path) -> None:
    log = writer(tmp_path)
    log.append(event("a", 0))
    log.append(event("a", 2))
    with pytest.raises(LogDamaged, match="event 2 where 1 is due"):
        list(read_episodes(tmp_path))


def test_segments_are_cut_by_size_and_never_reused(tmp_path: Path) -> None:
    log = writer(tmp_path, segment_bytes=200)
    for i in range(10):
        log.append(event("a", i, text="x" * 50))
    log.close()
    assert len(segments(tmp_path)) >= 5
    assert [e.seq for _, events in read_episodes(tmp_path) for e in events] == list(range(10))


def test_epochs_are_claimed_once(tmp_path: Path) -> None:
    assert [claim_epoch(tmp_path, "w") for _ in range(3)] == [1, 2, 3]


def test_identity_ignores_time_and_the_order_between_episodes(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    first, second = writer(one), writer(two)
    for item in (event("a", 0), event("b", 0), ended("a", 1), ended("b", 1)):
        first.append(item)
    for item in (event("b", 0), ended("b", 1), event("a", 0), ended("a", 1)):
        second.append(Event(**{**item.model_dump(), "ambient": {"host": "other"}}))
    assert run_identity(one) == run_identity(two)
    second.append(event("c", 0))
    assert run_identity(one) != run_identity(two)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=20)), max_size=30), st.data())
def test_a_log_cut_at_any_byte_keeps_every_whole_event(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str]], data: st.DataObject
) -> None:
    run = tmp_path_factory.mktemp("run")
    log = writer(run)
    counts = dict.fromkeys("abc", 0)
    ends = [0]
    for episode, text in said:
        said_now = event(episode, counts[episode], text=text)
        said_now.ambient["t"] = 0.5  # lines as long as they were the last time
        log.append(said_now)
        counts[episode] += 1
        ends.append(log._length)
    path = run / "spool" / "w0" / "1" / "0.jsonl"
    if not said:
        return
    cut = data.draw(st.integers(0, ends[-1]))
    os.truncate(path, cut)
    os.close(log._handle)
    recover(run)
    whole = sum(end <= cut for end in ends) - 1
    assert sum(len(events) for _, events in read_episodes(run)) == whole
