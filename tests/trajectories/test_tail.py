"""Reading a log while it grows gives at any moment what reading it anew gives."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from callsheet.trajectories.event import Event
from callsheet.trajectories.log import LogWriter, claim_epoch, read_episodes, recover
from callsheet.trajectories.tail import LogReplaced, LogTail


def event(episode: str, seq: int, text: str = "", state: str | None = None) -> Event:
    data = {"text": text} if state is None else {"state": state}
    kind = "message" if state is None else "status"
    return Event(episode=episode, seq=seq, kind=kind, source="user", data=data)  # type: ignore[arg-type]


def writer(run: Path, segment_bytes: int = 8 << 20) -> LogWriter:
    return LogWriter(run, "main", claim_epoch(run, "main"), segment_bytes=segment_bytes)


def texts(tail: LogTail, episode: str) -> list[str]:
    records = tail.records(tail.episodes[episode].places)
    return [record["data"].get("text", "") for record in records]


def look(tail: LogTail) -> list[tuple[str, int, bool]]:
    return [(e.log.episode, e.record["seq"], e.dropped) for e in tail.look()]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Published segments are listed at every look."""
    monkeypatch.setattr("callsheet.trajectories.tail._LISTED_SECONDS", 0.0)


def test_events_come_once_as_they_are_written(tmp_path: Path) -> None:
    tail = LogTail(tmp_path)
    assert look(tail) == []
    with_segments = writer(tmp_path, segment_bytes=150)
    for seq in range(7):
        with_segments.append(event("a", seq, str(seq)))
        assert look(tail) == [("a", seq, False)]
    with_segments.close()
    assert look(tail) == []
    assert texts(tail, "a") == list("0123456")


def test_a_torn_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    tail, log = LogTail(tmp_path), writer(tmp_path)
    log.append(event("a", 0))
    line = event("a", 1, "later").line()
    path = next((tmp_path / "spool").glob("*/*/*"))
    with path.open("ab", buffering=0) as file:
        for cut in (0, 1, len(line) - 1):
            file.write(line[:cut])
            assert look(tail) == ([("a", 0, False)] if cut == 0 else [])
            file.truncate(path.stat().st_size - cut)
        file.write(line)
    assert look(tail) == [("a", 1, False)]


@pytest.mark.parametrize("first", [0, 2, 3])
def test_what_a_higher_epoch_takes_over_is_dropped(tmp_path: Path, first: int) -> None:
    tail, old = LogTail(tmp_path), writer(tmp_path)
    for seq in range(3):
        old.append(event("a", seq, "old"))
    look(tail)
    new = writer(tmp_path)
    new.append(event("a", first, "new"))
    assert look(tail) == [("a", first, first < 3)]
    assert texts(tail, "a") == ["old"] * first + ["new"]
    assert (tail.episodes["a"].attempt > 0) == (first < 3)
    # The one that was thought dead writes on, and spoils nothing.
    old.append(event("a", 3, "zombie"))
    assert look(tail) == []
    new.append(event("a", first + 1, "new"))
    assert look(tail) == [("a", first + 1, False)]
    old.close()
    new.close()
    assert {e: len(v) for e, v in read_episodes(tmp_path)} == {"a": first + 2}


def test_an_attempt_is_known_by_the_same_mark_after_a_restart(tmp_path: Path) -> None:
    for _ in range(3):
        log = writer(tmp_path)
        log.append(event("a", 0))
        log.close()
    tails = [LogTail(tmp_path), LogTail(tmp_path)]
    for tail in tails:
        look(tail)
    assert [tail.episodes["a"].attempt for tail in tails] == [3, 3]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{nonsense\n", "not JSON"),
        (b"[]\n", "not an event"),
        (b'{"v":2}\n', "schema version"),
        (b'{"v":1}\n', "without episode"),
        (event("a", 1).line().replace(b'"ambient":{', b'"ambience":{'), "without ambient"),
        (event("a", 1).line().replace(b'"seq":1', b'"seq":true'), "without seq"),
        (b"\n", "not JSON"),
        (b"\xff\xfe\x00\n", "not JSON"),
        (event("a", 7).line(), "event 7 where 1 is due"),
        (event("a", -1).line(), "event -1 where 1 is due"),
    ],
)
def test_a_damaged_line_is_a_stated_fault(tmp_path: Path, line: bytes, says: str) -> None:
    tail, log, other = LogTail(tmp_path), writer(tmp_path), writer(tmp_path)
    log.append(event("a", 0))
    path = next((tmp_path / "spool").glob("*/*/*"))
    with path.open("ab") as file:
        file.write(line)
    other.append(event("b", 0))
    for _ in range(2):  # stated as long as it is there
        look(tail)
        assert tail.fault is not None and says in tail.fault and str(path) in tail.fault
    assert set(tail.episodes) == {"a", "b"}
    with path.open("r+b") as file:
        file.truncate(len(event("a", 0).line()) if log._length == 0 else log._length)
    log.append(event("a", 1))
    assert look(tail) == [("a", 1, False)]
    assert tail.fault is None


def test_a_segment_that_is_not_visible_yet_is_waited_for(tmp_path: Path) -> None:
    log = writer(tmp_path, segment_bytes=1)
    for seq in range(3):
        log.append(event("a", seq))
    log.close()
    hidden = tmp_path / "log" / "main" / "1" / "1.jsonl"
    hidden.rename(tmp_path / "away")
    tail = LogTail(tmp_path)
    assert look(tail) == [("a", 0, False)]
    assert tail.fault is not None and "1.jsonl is missing" in tail.fault
    (tmp_path / "away").rename(hidden)
    assert look(tail) == [("a", 1, False), ("a", 2, False)]
    assert tail.fault is None


def test_another_log_in_the_same_place_is_noticed(tmp_path: Path) -> None:
    tail = LogTail(tmp_path)
    log = writer(tmp_path)
    log.append(event("a", 0))
    log.close()
    look(tail)
    shutil.rmtree(tmp_path / "log")
    with pytest.raises(LogReplaced):
        look(tail)
    tail = LogTail(tmp_path)
    shutil.rmtree(tmp_path / "epochs")
    log = writer(tmp_path)
    log.append(event("b", 0))
    assert look(tail) == [("b", 0, False)]


def test_a_run_made_again_under_its_name_is_noticed(tmp_path: Path) -> None:
    tail = LogTail(tmp_path)
    for text in ("old", "new"):
        log = writer(tmp_path)
        log.append(event("a", 0, text))
        log.close()
        if text == "old":
            assert look(tail) == [("a", 0, False)]
            assert look(tail) == []
            # Segments of the same names, sizes and perhaps inodes come in its place.
            shutil.rmtree(tmp_path / "log")
            shutil.rmtree(tmp_path / "epochs")
    with pytest.raises(LogReplaced, match="another file"):
        look(tail)
    tail = LogTail(tmp_path)
    look(tail)
    assert texts(tail, "a") == ["new"]


def test_no_file_is_held_by_a_look_that_was_left(tmp_path: Path) -> None:
    log = writer(tmp_path)
    for seq in range(3):
        log.append(event("a", seq))
    held = Path("/proc/self/fd")
    before = sum(1 for _ in held.iterdir())
    tail = LogTail(tmp_path)
    left = tail.look()
    next(left)
    assert sum(1 for _ in held.iterdir()) == before
    assert [entry.record["seq"] for entry in left] == [1, 2]


def test_an_event_longer_than_a_block_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callsheet.trajectories.tail._BLOCK", 64)
    tail, log = LogTail(tmp_path), writer(tmp_path)
    for seq, text in enumerate(("x" * 500, "y", "z" * 200)):
        log.append(event("a", seq, text))
    assert len(look(tail)) == 3
    assert texts(tail, "a") == ["x" * 500, "y", "z" * 200]


def test_a_place_in_another_log_is_no_event(tmp_path: Path) -> None:
    tail, log = LogTail(tmp_path), writer(tmp_path)
    log.append(event("a", 0))
    log.append(event("a", 1))
    log.close()
    look(tail)
    path = next((tmp_path / "log").glob("*/*/*"))
    path.write_bytes(b"x" + path.read_bytes())
    with pytest.raises(OSError, match="another log"):
        texts(tail, "a")


def test_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    (tmp_path / "log" / "main" / "1").mkdir(parents=True)
    os.mkfifo(tmp_path / "log" / "main" / "1" / "0.jsonl")
    with pytest.raises(OSError, match="seek"):
        look(LogTail(tmp_path))


def test_names_that_are_none_of_ours_are_left_alone(tmp_path: Path) -> None:
    for name in ("log/main/x/0.jsonl", "log/main/1/a.jsonl", "log/main/1/0.txt", "log/file"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"nonsense\n")
    tail = LogTail(tmp_path)
    assert look(tail) == [] and tail.fault is None


@pytest.mark.parametrize("seed", range(25))
def test_it_agrees_with_the_whole_log_at_every_moment(tmp_path: Path, seed: int) -> None:
    """Writers that seal, crash, are taken over and come back, in any order."""
    draw = random.Random(seed)
    tail = LogTail(tmp_path)
    writers, known = [(writer(tmp_path, 400), dict[str, int]())], dict[str, int]()

    def write(log: LogWriter, counts: dict[str, int], episode: str, step: int) -> None:
        seq = counts.get(episode, 0)
        log.append(event(episode, seq, f"{seed}.{step}"))
        counts[episode] = seq + 1

    for step in range(120):
        act = draw.random()
        log, known = writers[-1]
        if act < 0.85:
            write(log, known, draw.choice("abcd"), step)
        elif act < 0.9:
            log.seal()
        elif act < 0.94:  # one that was taken over, and does not know, goes on with what it had
            zombie, counts = draw.choice(writers)
            if zombie is not log and counts:
                write(zombie, counts, draw.choice(sorted(counts)), step)
        else:  # somebody takes over: on from the end, from the middle, or anew
            if draw.random() < 0.5:
                for dead, _ in writers:
                    if dead._handle >= 0:
                        os.close(dead._handle)
                writers.clear()
                recover(tmp_path)
            log = writer(tmp_path, 400)
            counts = {e: draw.choice([n, n, draw.randrange(n + 1), 0]) for e, n in known.items()}
            for episode in sorted(counts):
                write(log, counts, episode, step)
            writers.append((log, counts))
        if draw.random() < 0.4:
            entries = tail.look()
            if draw.random() < 0.3:  # left in the middle, as a reader that has no more time does
                next(entries, None)
                entries.close()
                continue
            list(entries)
            assert tail.fault is None
            expected = {name: [e.data["text"] for e in events]
                        for name, events in read_episodes(tmp_path)}  # fmt: skip
            assert {name: texts(tail, name) for name in tail.episodes} == expected


def test_a_segment_that_came_and_was_sealed_between_two_looks_is_no_fault(tmp_path: Path) -> None:
    tail, log = LogTail(tmp_path), writer(tmp_path, segment_bytes=150)
    log.append(event("a", 0))
    look(tail)
    tail._listed = float("inf")  # the published ones are not due to be listed
    for seq in range(1, 6):
        log.append(event("a", seq))
    assert [seq for _, seq, _ in look(tail)] == [1, 2, 3, 4, 5]
    assert tail.fault is None
