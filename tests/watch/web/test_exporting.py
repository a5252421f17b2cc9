"""Exports: what is copied from an episode can be read, trained on and played again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

pytest.importorskip("fastapi")
from fastapi.testclient import TestClient

from callsheet.scenarios import library, load_scenario
from callsheet.scenarios.lint import lint_file
from callsheet.scenarios.schema import Scenario
from callsheet.simulation import RunConfig, simulate
from callsheet.trajectories.event import Event
from callsheet.trajectories.formats import FORMATS, Losses
from callsheet.trajectories.log import LogWriter, claim_epoch, read_episodes
from callsheet.watch.web.exporting import router
from callsheet.watch.web.index import Index

from ..asked import asking, refusal

SCENARIOS = (
    "parallel-calls", "shop-order", "planned-pool", "missing-parameter", "fault-and-retry",
    "impossible-request", "chitchat-between", "react-contact", "reschedule-offsite",
)  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "runs"
    simulate([load_scenario(library()[name]) for name in SCENARIOS], RunConfig(), folder / "0001")
    improvised = Scenario.model_validate(
        {"name": "own-choice", "tools": ["GetWeather", "Calculator"], "user": {"improvises": 2}}
    )
    simulate([improvised], RunConfig(), folder / "0002")
    return folder


def client(runs: Path) -> TestClient:
    return asking(runs.parent, lambda place: router(Index(place)))


def exported(runs: Path, run: str, episode: str, form: str) -> dict[str, Any]:
    answer = client(runs).get("/api/export", params={"run": run, "episode": episode, "as": form})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def episodes(run: Path) -> dict[str, list[Event]]:
    return dict(read_episodes(run))


def test_json_is_the_log_s_own_lines(runs: Path) -> None:
    name, events = next(iter(episodes(runs / "0001").items()))
    found = exported(runs, "0001", name, "json")
    assert found["file"] == f"{name}.jsonl" and found["notes"] == []
    assert found["text"].encode() == b"".join(event.line() for event in events)


def test_a_sample_is_read_back_as_the_same_conversation(runs: Path) -> None:
    for name, events in episodes(runs / "0001").items():
        found = exported(runs, "0001", name, "sample")
        record = orjson.loads(found["text"])
        (trajectory,) = FORMATS["openai"].read(record, Losses())
        said = [e.data["message"]["content"] for e in events if e.kind == "message"]
        assert [m.content for m in trajectory.path() if m.role in ("user", "assistant")] == said
        offered = [tool["name"] for tool in events[0].data["tools"]]
        assert [tool["function"]["name"] for tool in record["tools"]] == offered


@pytest.mark.parametrize("run", ["0001", "0002"])
def test_a_scenario_is_clean_and_plays_the_same_conversation_again(
    runs: Path, run: str, tmp_path: Path
) -> None:
    played: list[Scenario] = []
    for name in episodes(runs / run):
        found = exported(runs, run, name, "scenario")
        file = tmp_path / found["file"]
        file.write_text(found["text"])
        assert [str(finding) for finding in lint_file(file)] == []
        played.append(load_scenario(file))
        assert str(runs) not in found["text"] and "pool:" not in found["text"]
    simulate(played, RunConfig(), tmp_path / "again")
    before, after = episodes(runs / run), episodes(tmp_path / "again")
    assert [opened(events) for events in after.values()] == [
        opened(events) for events in before.values()
    ]
    assert [called(events) for events in after.values()] == [
        called(events) for events in before.values()
    ]


def opened(events: list[Event]) -> list[str]:
    """What the user said first of each step."""
    said: dict[int, str] = {}
    for event in events:
        if event.kind == "message" and event.source == "user":
            said.setdefault(event.data["step"], event.data["message"]["content"])
    return list(said.values())


def called(events: list[Event]) -> list[Any]:
    return [(e.data["name"], e.data["arguments"]) for e in events if e.kind == "tool_call"]


def test_an_unfinished_episode_says_so(runs: Path, tmp_path: Path) -> None:
    (name, events), *_ = episodes(runs / "0001").items()
    cut = tmp_path / "runs" / "cut"
    simulate([load_scenario(library()[SCENARIOS[0]])], RunConfig(limit=0), cut)
    manifest = orjson.loads((cut / "run.json").read_bytes())
    manifest["config"]["limit"], manifest["episodes"] = None, 1
    (cut / "run.json").write_bytes(orjson.dumps(manifest))
    writer = LogWriter(cut, "main", claim_epoch(cut, "main"))
    for event in events[:8]:
        writer.append(event)
    for form in ("json", "sample", "scenario"):
        found = exported(cut.parent, "cut", name, form)
        assert "unfinished" in found["notes"][0]
        assert found["text"]
    writer.close()


def test_what_is_not_there_is_one_clear_line(runs: Path) -> None:
    for run, episode, form in (
        ("0001", "000099-nobody", "json"),
        ("../elsewhere", "000000-parallel-calls", "json"),
        ("0001", "000000-parallel-calls", "zip"),
    ):
        wanted = {"run": run, "episode": episode, "as": form}
        got = client(runs).get("/api/export", params=wanted)
        assert got.status_code == 422 if form == "zip" else refusal(got)
