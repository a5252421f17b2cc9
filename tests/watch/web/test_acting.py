"""Acting from the page: real processes play, refusals leave nothing, nothing begins twice."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from callsheet.simulation import RunDirectory, run_progress
from callsheet.simulation.control import read_control
from callsheet.simulation.people import waiting
from callsheet.trajectories.event import Event
from callsheet.trajectories.log import read_episodes
from callsheet.watch.web import acting
from callsheet.watch.web.place import Place
from callsheet.watch.web.refused import Refused
from callsheet.watch.web.starting import ERRORS, Starter, last_words

from ..asked import asking, refusal
from ..keyless_model import keyless_model

pytestmark = pytest.mark.slow

ONE = {"scenarios": [{"library": "single-call"}]}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for run in (tmp_path / "runs").glob("0*"):
        client = asking(tmp_path, acting.router)
        client.post("/api/control", json={"run": run.name, "cancelled": True})
        until(lambda run=run: not RunDirectory(run).is_live())  # type: ignore[misc]


@pytest.fixture
def page(project: Path) -> TestClient:
    return asking(project, acting.router)


def until(holds: Callable[[], Any], seconds: float = 30.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)
    return found


def start(page: TestClient, identity: str = "press-0001", **wish: Any) -> str:
    answer = page.post("/api/start", json={"id": identity, **ONE, **wish})
    assert answer.status_code == 200, answer.text
    name: str = answer.json()["run"]
    return name


def events(run: Path) -> list[Event]:
    return [event for _, recorded in read_episodes(run) for event in recorded]


def said(run: Path, source: str) -> list[str]:
    return [e.data["message"]["content"] for e in events(run)
            if e.kind == "message" and e.source == source]  # fmt: skip


def test_a_run_is_played_by_a_process_of_its_own(page: TestClient, project: Path) -> None:
    run = project / "runs" / start(page, repeat=3, seed=5, limits={"turns": 4})
    until(lambda: run_progress(run).done == 3)
    manifest = RunDirectory(run).manifest()
    assert (manifest.config.seed, manifest.config.repeat) == (5, 3)
    assert RunDirectory(run).scenarios()[0].limits.turns == 4
    until(lambda: not RunDirectory(run).is_live())
    assert page.get("/api/acting", params={"run": run.name}).json()["last_words"] is None


def test_the_same_press_begins_once(page: TestClient, project: Path) -> None:
    servers = [page, asking(project, acting.router)]
    names: list[str] = []
    pressed = [
        threading.Thread(target=lambda s=server: names.append(start(s))) for server in servers
    ]
    for thread in pressed:
        thread.start()
    for thread in pressed:
        thread.join()
    assert names == ["0001", "0001"] and start(page) == "0001"
    assert start(page, "press-0002") == "0002"
    assert sorted(path.name for path in (project / "runs").glob("0*")) == ["0001", "0002"]


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ({"models": {"assistant": "nobody"}}, "no model is called"),
        ({"models": {"assistant": "./weights"}}, "no model is called"),
        ({"models": {"director": "rules"}}, "unknown role"),
        ({"models": {"tester": "human"}}, "a person plays"),
        ({"models": {"assistant": "keyless"}}, "NO_SUCH_KEY"),
        ({"scenarios": [{"library": "../training/x"}]}, "the library has no scenario"),
        ({"scenarios": [{"file": "../x.yaml"}]}, "scenario"),
        ({"scenarios": [{"file": "none.yaml"}]}, "no such file"),
        ({"scenarios": [{"text": "name: a\n"}]}, "the scenario:1:1: List should have"),
        ({"scenarios": [{"text": "name: a\nplan: [{chitchat: b}]\nenvironment: 'mcp:a'\n"}]},
         "unknown environment"),
        ({"scenarios": [{"text": "name: a\nplan: [{chitchat: b}]\nenvironment: 'python:os'\n"}]},
         "unknown environment"),
        ({"scenarios": [{"text": "name: a\nplan: [{chitchat: b}]\nenvironment: planned\n"
                                 "pool: /etc/passwd\n"}]}, "outside the project"),
    ],
)  # fmt: skip
def test_what_cannot_begin_leaves_nothing(
    page: TestClient, project: Path, wish: dict[str, Any], word: str
) -> None:
    keyless_model(project)
    answer = page.post("/api/start", json={"id": "press-0001", **ONE, **wish})
    assert word in refusal(answer)
    assert {p.name for p in (project / "runs").glob("*")} <= {".starts"}


def test_an_endpoint_that_is_not_there_is_told(page: TestClient, project: Path) -> None:
    models = project / "configs" / "models"
    models.mkdir(parents=True)
    (models / "away.yaml").write_text(
        "provider: openai_compatible\nconfig: {model: m, base_url: 'http://127.0.0.1:9'}\n"
        "retries: {attempts: 1}\n"
    )
    run = project / "runs" / start(page, models={"assistant": "away"})
    until(lambda: not RunDirectory(run).is_live() and last_words(run))
    assert "model away" in page.get("/api/acting", params={"run": run.name}).json()["last_words"]
    (models / "away.yaml").write_text(
        "provider: openai_compatible\nconfig: {model: m, base_url: 'http://127.0.0.1:19'}\n"
    )
    assert "--new-attempt" in refusal(page.post("/api/resume", json={"run": run.name}))
    assert "model away" in (last_words(run) or ""), "why it stopped, not why it was not resumed"


def test_a_person_talks_pauses_and_leaves(page: TestClient, project: Path) -> None:
    run = project / "runs" / start(page, models={"user": "human"})
    [asked] = until(lambda: waiting(run))
    here = {"run": run.name, "episode": asked.episode}
    wrong = {**here, "role": "assistant", "content": "x"}
    assert "nobody waits" in refusal(page.post("/api/say", json=wrong))
    words = {**here, "role": "user", "content": "What is the weather in Oslo?"}
    assert page.post("/api/say", json=words).status_code == 200
    until(lambda: said(run, "assistant"))
    assert said(run, "user") == ["What is the weather in Oslo?"]
    until(lambda: waiting(run))
    assert page.post("/api/control", json={**here, "cancelled": True}).status_code == 200
    until(lambda: run_progress(run).statuses["cancelled"] == 1)


def test_a_run_is_paused_continued_cancelled_and_resumed(page: TestClient, project: Path) -> None:
    run = project / "runs" / start(page, models={"user": "human"}, repeat=2, concurrency=1)
    until(lambda: waiting(run))
    assert page.post("/api/control", json={"run": run.name, "paused": True}).json()["paused"]
    assert "another process" in refusal(page.post("/api/resume", json={"run": run.name}))
    page.post("/api/control", json={"run": run.name, "paused": False, "cancelled": True})
    until(lambda: not RunDirectory(run).is_live())
    assert run_progress(run).total == 2
    answer = page.post("/api/resume", json={"run": run.name})
    assert answer.status_code == 200, answer.text


def test_two_people_take_a_role_each(page: TestClient, project: Path) -> None:
    run = project / "runs" / start(page, models={"user": "human"})
    [asked] = until(lambda: waiting(run))
    here = {"run": run.name, "episode": asked.episode}
    for role, mine in (("assistant", True), ("user", True), ("assistant", False)):
        answer = page.post("/api/control", json={**here, "people": {role: mine}})
        assert answer.status_code == 200, answer.text
    assert read_control(run).of(asked.episode).people == ("user",)
    assert page.post("/api/control", json={**here, "people": {"tool": True}}).status_code == 422


def test_a_fork_goes_another_way_once(page: TestClient, project: Path) -> None:
    run = project / "runs" / start(page)
    until(lambda: run_progress(run).done == 1)
    [asked, *_] = [e for e in events(run) if e.kind == "message" and e.source == "user"]
    words = "What is the weather in Rome on 2026-03-04?"
    wish = {"id": "press-fork", "run": run.name, "episode": asked.episode, "seq": asked.seq}
    begun = page.post("/api/fork", json={**wish, "message": words}).json()
    assert begun == page.post("/api/fork", json={**wish, "message": words}).json()
    forked = project / "runs" / begun["run"]
    until(lambda: run_progress(forked).done == 1)
    assert said(forked, "user")[0] == words != said(run, "user")[0]
    # What cannot be forked leaves no run, and can be tried again under the same identity.
    wrong = {**wish, "id": "press-wrong", "seq": 0}
    assert "no message" in refusal(page.post("/api/fork", json={**wrong, "message": words}))
    assert sorted(path.name for path in (project / "runs").glob("0*")) == ["0001", "0002"]


def test_a_start_is_not_repeated_by_a_server_that_was_killed_in_it(tmp_path: Path) -> None:
    starter = Starter(Place(tmp_path / "runs", tmp_path))
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        if len(made) == 1:
            raise Refused(422, "it cannot begin")
        (folder / "run.json").write_text("{}")

    def play(run: Path, options: object) -> None:
        # As the file of the start is left by a process that is killed here.
        shutil.copy(tmp_path / "runs" / ".starts" / "press-0001", tmp_path / "left")

    starter.play = play  # type: ignore[method-assign, assignment]
    with pytest.raises(Refused):
        starter.start_once("press-0001", make)
    assert not made[0].exists()
    assert starter.start_once("press-0001", make) == "0001"
    shutil.move(tmp_path / "left", tmp_path / "runs" / ".starts" / "press-0001")
    assert starter.start_once("press-0001", make) == "0001" and len(made) == 2


def test_old_starts_are_forgotten(tmp_path: Path) -> None:
    starter = Starter(Place(tmp_path / "runs", tmp_path))
    starter.play = lambda run, options: None  # type: ignore[method-assign, assignment, misc]
    starter.start_once("press-0001", lambda folder: None)
    os.utime(tmp_path / "runs" / ".starts" / "press-0001", (0, 0))
    starter.start_once("press-0002", lambda folder: None)
    assert [path.name for path in (tmp_path / "runs" / ".starts").iterdir()] == ["press-0002"]


def test_what_a_process_says_goes_into_no_other_file(page: TestClient, project: Path) -> None:
    run = project / "runs" / start(page, models={"user": "human"})
    page.post("/api/control", json={"run": run.name, "cancelled": True})
    until(lambda: not RunDirectory(run).is_live())
    (project / "mine.txt").write_text("mine")
    (run / ERRORS).unlink()
    (run / ERRORS).symlink_to(project / "mine.txt")
    (run / "scenarios.jsonl").rename(project / "away")
    refusal(page.post("/api/resume", json={"run": run.name}))
    (project / "away").rename(run / "scenarios.jsonl")
    assert page.post("/api/resume", json={"run": run.name}).status_code == 200
    assert (project / "mine.txt").read_text() == "mine" and not (run / ERRORS).is_symlink()
    assert not list(run.glob(".errors*"))


@pytest.mark.parametrize(
    "episode", ["000007-single-call", "../x", "", "000000-other", "0-single-call"]
)
def test_only_episodes_of_the_run_are_controlled(
    page: TestClient, project: Path, episode: str
) -> None:
    name = start(page)
    wish = {"run": name, "episode": episode, "paused": True}
    assert "no episode" in refusal(page.post("/api/control", json=wish))
    assert "no run" in refusal(page.post("/api/control", json={"run": "../..", "paused": True}))


def test_the_process_outlives_the_server(page: TestClient, project: Path) -> None:
    run = project / "runs" / start(page, models={"user": "human"})
    until(lambda: waiting(run))
    pid = next(int(line) for line in _playing(run))
    assert os.getsid(pid) == pid != os.getsid(0)


def _playing(run: Path) -> Iterator[str]:
    """Process ids of those who play a run."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"resume" in command and str(run).encode() in command:
            yield folder.name
