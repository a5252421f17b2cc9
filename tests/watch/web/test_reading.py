"""What the page is answered about runs, episodes, events and prompts, in whatever state."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from callsheet.simulation import RunDirectory
from callsheet.simulation.control import change_control
from callsheet.trajectories.event import Event

from ..recorded_runs import LiveRun, big_run, hostile_run, long_episode, make, write_run
from .served import Served, until


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "runs").mkdir()
    with Served(tmp_path / "runs") as server:
        yield server


def row(served: Served, run: str) -> dict[str, object]:
    found: dict[str, object] = served.get("/api/run", run=run)["row"]
    return found


def test_a_run_adds_up(served: Served) -> None:
    write_run(served.place.runs / "exp" / "arm-a", 8, unfinished=2)
    (found,) = served.get("/api/runs")["rows"]
    assert found.pop("rev") > 0
    assert found == {
        "run": "exp/arm-a", "total": 10, "done": 8, "running": 0, "accepted": 3, "rejected": 5,
        "statuses": {"completed": 5, "limit": 1, "failed": 2},
        "blames": {"assistant": 2, "tool": 1, "user": 1, "endpoint": 1},
        "models": {}, "scenarios": 4, "prompt_tokens": 10400, "completion_tokens": 520,
        "cost": 0.0052, "rate": None, "started": 1790000000.4, "changed": 1790000017.2,
        "live": False, "state": "stopped", "forked_from": None, "fault": None,
    }  # fmt: skip
    rows = served.get("/api/episodes", run="exp/arm-a")["rows"]
    assert [r["status"] for r in rows[-3:]] == ["failed", "stopped", "stopped"]
    rows[0].pop("rev")
    assert rows[0] == {
        "episode": "000000-book-a-table", "index": 0, "scenario": "book-a-table",
        "status": "completed", "blame": None, "reason": "", "accepted": True, "score": 1.0,
        "turns": 2, "messages": 8, "calls": 2, "errors": 0,
        "tools": ["AddReminder", "SearchContacts"], "prompt_tokens": 1200,
        "completion_tokens": 60, "model_calls": 6, "cost": 0.0006, "started": 1790000000.4,
        "ended": 1790000011.2, "seconds": 10.8, "events": 28,
    }  # fmt: skip


def test_a_run_in_which_nothing_has_happened_was_made_just_now(served: Served) -> None:
    make(served.place.runs / "0001", 4)
    told = row(served, "0001")
    assert told["started"] == told["changed"]
    assert abs(time.time() - float(str(told["changed"]))) < 600


def test_a_fork_names_the_run_it_came_from_if_that_is_in_the_folder(served: Served) -> None:
    for name, origin in (("here", served.place.runs / "exp" / "0001"), ("there", Path("/else/1"))):
        make(served.place.runs / name, 1, forked_from={"run": str(origin), "turn": 2})
    rows = {row["run"]: row["forked_from"] for row in served.get("/api/runs")["rows"]}
    assert rows == {"here": {"run": "exp/0001", "turn": 2}, "there": {"run": "/else/1", "turn": 2}}


def test_events_and_prompts(served: Served) -> None:
    write_run(served.place.runs / "0001", 1)
    asked = {"run": "0001", "episode": "000000-book-a-table"}
    answer = served.get("/api/events", **asked)
    events = answer["events"]
    assert [event["seq"] for event in events] == list(range(28))
    assert set(events[0]) == {"seq", "kind", "source", "ambient", "data"}
    assert not [event for event in events if "prompt" in event["data"]]
    assert answer["control"] == {"paused": False, "cancelled": False, "people": [], "waiting": []}
    prompt = served.get("/api/prompt", key="assistant.0", **asked)
    assert [message["role"] for message in prompt["messages"]] == ["system", "user"]
    assert prompt["answer"]["usage"] and len(prompt["tools"]) == 5
    assert served.get("/api/prompt", key="user.0", **asked)["tools"] == []
    missing = httpx.get(f"{served.address}/api/prompt", params={**asked, "key": "x"})
    assert missing.status_code == 404


def test_whether_somebody_plays_is_seen_without_being_in_the_way(served: Served) -> None:
    path = served.place.runs / "0001"
    write_run(path, 2, unfinished=2)
    assert row(served, "0001")["state"] == "stopped"
    with LiveRun(path):
        until(lambda: row(served, "0001")["state"] == "running")
        rows = served.get("/api/episodes", run="0001")["rows"]
        assert [r["status"] for r in rows][-1] == "running"
        change_control(path, paused=True)
        until(lambda: row(served, "0001")["state"] == "paused")
    change_control(path, paused=False, cancelled=True)
    until(lambda: row(served, "0001")["state"] == "cancelled")
    directory = RunDirectory(path)
    for _ in range(300):  # while it is looked at all the time
        with directory.locked():
            pass
        assert not directory.is_live()


def test_what_cannot_be_read_is_a_fault_of_that_run_alone(served: Served, tmp_path: Path) -> None:
    runs = served.place.runs
    write_run(runs / "good", 2)
    write_run(runs / "damaged", 2)
    with (runs / "damaged" / "log" / "main" / "1" / "0.jsonl").open("ab") as file:
        file.write(b'{"v":1,"episode":\n')
    for name, content in (("half", b'{"schema_version": 1, "conf'), ("empty", b""), ("list", b"[]"),
                          ("binary", os.urandom(300))):  # fmt: skip
        (runs / name).mkdir()
        (runs / name / "run.json").write_bytes(content)
    make(runs / "strange", 1)
    (runs / "strange" / "log" / "main" / "1").mkdir(parents=True)
    (runs / "strange" / "log" / "main" / "1" / "0.jsonl").write_bytes(
        b'{"v":1,"episode":"000000-x","seq":0,"kind":"status","source":3,"data":[],"ambient":{}}\n'
    )
    (runs / "looped").symlink_to(runs)
    (runs / "file").write_text("run.json")
    rows = {row["run"]: row for row in served.get("/api/runs")["rows"]}
    assert set(rows) == {"good", "damaged", "half", "empty", "list", "binary", "strange"}
    assert rows["good"]["fault"] is None and rows["good"]["done"] == 2
    for name in set(rows) - {"good"}:
        assert rows[name]["fault"], name
    assert "byte" in rows["damaged"]["fault"] and rows["damaged"]["done"] == 2
    assert "run.json" in rows["half"]["fault"]
    refused = httpx.get(f"{served.address}/api/run", params={"run": "half"})
    assert refused.status_code == 422 and "run.json" in refused.json()["error"]
    # What was half-written is whole later.
    for file in ("run.json", "scenarios.jsonl"):
        shutil.copy(runs / "good" / file, runs / "half" / file)
    until(lambda: not {r["run"]: r for r in served.get("/api/runs")["rows"]}["half"]["fault"])


def test_a_name_that_is_no_text_is_passed_over(served: Served) -> None:
    runs = served.place.runs
    write_run(runs / "good", 1)
    odd = os.fsdecode(b"caf\xe9")
    write_run(runs / odd, 1)
    (runs / "folder" / odd / "report").mkdir(parents=True)
    (runs / "folder" / odd / "report" / "report.json").write_text("{}")
    (runs / "pools").mkdir()
    (runs / "pools" / f"{odd}.json").write_text("[]")
    (runs / f"{odd}.jsonl").write_text("")
    # A worker of that name is the run's own: its fault is told, with a mark for the byte.
    (runs / "good" / "log" / odd / "1").mkdir(parents=True)
    (runs / "good" / "log" / odd / "1" / "0.jsonl").write_bytes(b"nonsense\n")
    (row,) = served.get("/api/runs")["rows"]
    assert row["run"] == "good" and "caf\\udce9/1/0.jsonl" in row["fault"]
    assert [one["run"] for one in served.get("/api/reports")["reports"]] == ["good"]
    assert served.get("/api/reports")["others"] == []
    listed = [one["name"] for one in served.get("/api/graphs")["graphs"] if one["kind"] != "saved"]
    assert "good" in listed and not any("caf" in name for name in listed)
    assert [one["name"] for one in served.get("/api/review/sources")["sources"]] == ["good"]


def test_a_folder_that_one_may_not_enter_hides_nothing_else(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = served.place.runs
    (runs / "closed" / "inner").mkdir(parents=True)
    (runs / "open" / "report").mkdir(parents=True)
    (runs / "open" / "report" / "report.json").write_text("{}")
    stat = Path.stat

    def refusing(path: Path, **options: Any) -> os.stat_result:
        if runs / "closed" in path.parents:
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", refusing)
    assert served.get("/api/reports")["others"] == ["open"]


def test_an_event_that_is_nested_too_deep_is_refused(served: Served) -> None:
    with LiveRun(served.place.runs / "deep") as live:
        live.begin()
        line = live.say("user", "here").line()
    (segment,) = (live.path / "log").glob("*/*/*")
    deep = line.replace(b'"here"', b"[" * 300 + b"]" * 300)
    segment.write_bytes(segment.read_bytes().replace(line, deep))
    params = {"run": "deep", "episode": live.name()}
    refused = httpx.get(f"{served.address}/api/events", params=params)
    assert refused.status_code == 422 and "event 2 cannot be shown" in refused.json()["error"]


def test_numbers_and_forms_that_nobody_expects_are_a_fault_of_that_run_alone(
    served: Served,
) -> None:
    runs = served.place.runs
    write_run(runs / "good", 1)
    make(runs / "huge", 1)
    manifest = (runs / "huge" / "run.json").read_text()
    huge = manifest.replace('"forked_from": null', f'"forked_from": {{"run": 1{"0" * 30}}}')
    assert huge != manifest
    (runs / "huge" / "run.json").write_text(huge)
    ended = {"state": "ended", "status": {}, "blame": [1], "reason": 7}
    usage = {"prompt_tokens": 2**63, "completion_tokens": 2**63}
    odd: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
        ("9" * 200, "status", {"state": "started", "scenario": "x"}, {}),
        ("000001-x", "status", ended, {}),
        ("000002-x", "message", {}, {"t": "nan"}),
        ("000003-x", "message", {}, {"t": 1e300}),
        ("000004-x", "model_call", {"answer": {"usage": usage}}, {}),
    ]
    make(runs / "odd", len(odd))
    with LiveRun(runs / "odd") as live:
        for episode, kind, data, ambient in odd:
            live.write(Event(episode=episode, seq=0, kind=kind, source="x", data=data,  # type: ignore[arg-type]
                             ambient=ambient))  # fmt: skip
    rows = {row["run"]: row for row in served.get("/api/runs")["rows"]}
    assert rows["good"]["done"] == 1 and rows["good"]["fault"] is None
    assert "run.json" in rows["huge"]["fault"] and rows["odd"]["fault"]
    names = [row["episode"] for row in served.get("/api/episodes", run="odd")["rows"]]
    assert sorted(names) == sorted(episode for episode, *_ in odd)
    for name in names:
        assert len(served.get("/api/events", run="odd", episode=name)["events"]) == 1


def test_a_run_that_is_removed_has_gone_and_another_takes_its_name(served: Served) -> None:
    path = served.place.runs / "0001"
    write_run(path, 3)
    assert len(served.get("/api/episodes", run="0001")["rows"]) == 3
    shutil.rmtree(path)
    assert httpx.get(f"{served.address}/api/run", params={"run": "0001"}).status_code == 404
    assert served.get("/api/runs")["rows"] == []
    write_run(path, 1)
    until(lambda: len(served.get("/api/episodes", run="0001")["rows"]) == 1)
    until(lambda: served.get("/api/runs")["rows"][0]["total"] == 1)


def test_a_run_made_again_before_anybody_looked_is_read_anew(served: Served) -> None:
    path = served.place.runs / "0001"
    write_run(path, 3)
    assert served.get("/api/runs")["rows"][0]["done"] == 3
    assert len(served.get("/api/episodes", run="0001")["rows"]) == 3
    shutil.rmtree(path)
    write_run(path, 1)
    until(lambda: len(served.get("/api/episodes", run="0001")["rows"]) == 1)
    until(lambda: served.get("/api/runs")["rows"][0]["done"] == 1)


def test_hostile_text_is_text(served: Served) -> None:
    run = hostile_run(served.place.runs).name
    answer = httpx.get(f"{served.address}/api/episodes", params={"run": run})
    assert answer.headers["content-type"] == "application/json"
    found, unfinished = answer.json()["rows"]
    assert "<script>" in found["scenario"] and found["ended"] and not unfinished["ended"]
    events = served.get("/api/events", run=run, episode=found["episode"])["events"]
    assert len(events) == found["events"]


@pytest.mark.slow
def test_a_thousand_runs(served: Served) -> None:
    first = write_run(served.place.runs / "0000", 1)
    for number in range(1, 1000):
        shutil.copytree(first, served.place.runs / f"{number:04d}", copy_function=os.link)
    until(lambda: sum(r["done"] for r in served.get("/api/runs")["rows"]) == 1000, 30)
    started = time.process_time()
    served.get("/api/runs")
    print(f"1,000 runs, none new: {time.process_time() - started:.3f} s")


@pytest.mark.slow
def test_others_are_answered_while_a_large_run_is_read(served: Served) -> None:
    big_run(served.place.runs / "big", 10_000)
    write_run(served.place.runs / "small", 2)
    began, cpu = time.monotonic(), time.process_time()
    first = served.get("/api/episodes", run="big")["rows"]
    waits, growing = [], [len(first)]
    while growing[-1] < 10_000:
        asked = time.monotonic()
        assert served.get("/api/events", run="small", episode="000000-book-a-table")["events"]
        waits.append(time.monotonic() - asked)
        growing.append(len(served.get("/api/episodes", run="big")["rows"]))
    cpu = time.process_time() - cpu
    print(
        f"10,000 episodes after {time.monotonic() - began:.2f} s ({cpu:.2f} s of CPU, the reader's "
        f"of the answers included); other answers took {max(waits):.3f} s at most"
    )
    assert 0 < len(first) < 10_000 and growing == sorted(growing)
    assert max(waits) < 2.0  # on a machine with nothing else to do: some hundredths


def test_a_long_episode(served: Served) -> None:
    long_episode(served.place.runs / "long", 2_000)
    asked = {"run": "long", "episode": "000000-book-a-table"}
    assert len(served.get("/api/events", **asked)["events"]) > 3_000
    prompt = served.get("/api/prompt", key="assistant.999", **asked)
    assert prompt["messages"][1]["content"].startswith("Message 1000:")


def test_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    with Served(tmp_path / "runs") as server:
        told = server.get("/api/runs")
        assert told["rows"] == [] and told["folder"] == "runs"
        write_run(tmp_path / "runs" / "0001", 1)
        assert len(server.get("/api/runs")["rows"]) == 1


def test_the_folder_may_itself_be_a_run(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "0007", 1)
    with Served(tmp_path / "runs" / "0007") as server:
        answer = server.get("/api/runs")
        assert [row["run"] for row in answer["rows"]] == ["0007"] and answer["folder"] == "."
