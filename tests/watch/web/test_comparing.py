"""Comparing from the page: names of two episodes or runs in, differences out, damage told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from callsheet.trajectories.event import Event
from callsheet.trajectories.log import LogWriter, claim_epoch
from callsheet.watch.web.comparing import router
from callsheet.watch.web.index import Index

from ..asked import asking, refusal
from ..compared_runs import HOSTILE_EPISODES, OFFSITE, compared_runs, hostile_episodes

FORKED = "000000-reschedule-offsite"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    compared_runs(folder / "runs")
    hostile_episodes(folder / "runs" / "hostile")
    return folder


@pytest.fixture
def page(project: Path) -> TestClient:
    return asking(project, lambda place: router(Index(place)))


def episodes(page: TestClient, **names: str) -> Any:
    return page.get("/api/compare/episodes", params=names)


def test_two_episodes_of_a_fork(page: TestClient):
    names = {"run": "exp/first", "episode": OFFSITE, "run2": "fork", "episode2": FORKED}
    found = episodes(page, **names).json()
    assert found["shared_turns"] == 1
    assert found["parted"] == [1, 0]
    row = found["turns"][1]["rows"][0]
    assert row["after"]["text"] == "Make it Saturday instead"
    assert ["after", "Make it Saturday instead"] in row["words"]
    assert found["before"]["score"] == 1.0
    assert found["after"]["turns"] > found["before"]["turns"]


def test_two_episodes_of_one_run(page: TestClient):
    found = episodes(page, run="exp/first", episode=OFFSITE, episode2="000006-reschedule-offsite")
    assert found.json()["parted"] is not None


def test_two_runs(page: TestClient):
    answer = page.get("/api/compare/runs", params={"run": "exp/first", "run2": "exp/second"})
    found = answer.json()
    assert found["equal_seeds"] == len(found["pairs"]) == 8
    assert found["alone"] == {"before": 0, "after": 0}
    accepted = next(figure for figure in found["figures"] if figure["name"] == "accepted")
    assert accepted["difference"]["mean"] < 0
    assert accepted["sure"]
    assert found["statuses"]["after"]["limit"] > 0
    assert found["blames"]["after"]["assistant"] > 0
    assert not found["blames"]["before"]
    same = page.get("/api/compare/runs", params={"run": "fork", "run2": "fork"}).json()
    assert [pair["same"] for pair in same["pairs"]] == [True]


def test_what_is_not_there_is_said(page: TestClient):
    wrong = episodes(page, run="exp/first", episode="000099-none", episode2=OFFSITE)
    assert "000099-none" in refusal(wrong)
    outside = episodes(page, run="../runs/exp/first", episode=OFFSITE, episode2=OFFSITE)
    assert "no run" in refusal(outside)
    assert "no run" in refusal(page.get("/api/compare/runs", params={"run": "..", "run2": "/"}))


def test_hostile_texts_are_only_texts(page: TestClient):
    names = {"run": "hostile", "episode": HOSTILE_EPISODES[0], "episode2": HOSTILE_EPISODES[1]}
    answer = episodes(page, **names)
    assert answer.headers["content-type"] == "application/json"
    assert "<script>" in answer.json()["turns"][0]["rows"][0]["before"]["text"]


def test_damaged_events_are_one_line(page: TestClient, project: Path):
    run = hostile_episodes(project / "runs" / "damaged")
    writer = LogWriter(run, "other", claim_epoch(run, "other"))
    writer.append(Event(episode="000007-x", seq=0, kind="message", source="user", data={}))
    writer.close()
    damaged = episodes(page, run="damaged", episode="000007-x", episode2="000007-x")
    assert "damaged" in refusal(damaged)
    runs = page.get("/api/compare/runs", params={"run": "damaged", "run2": "fork"})
    assert "damaged" in refusal(runs)
    segment = next((run / "log" / "other").glob("*/*.jsonl"))
    segment.write_text("no JSON\n")
    torn = page.get("/api/compare/runs", params={"run": "damaged", "run2": "fork"})
    assert "byte 0" in refusal(torn)
