"""The review routes: what is sent before somebody has rated, what is kept, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

pytest.importorskip("fastapi")
from fastapi.testclient import TestClient
from hostile_run import hostile_trajectory
from review_entries import dialogue_of, written

from callsheet.scenarios import library, load_scenario
from callsheet.simulation import RunConfig, simulate
from callsheet.trajectories.identity import run_identity
from callsheet.trajectories.trajectory import Trajectory, Verdict
from callsheet.watch.web.reviewing import router

from ..asked import asking, refusal

RATED = {
    "rater_score": 1.5, "rate_model": "rate-secret", "rater_explanation": "explained-secret",
    "verdicts": [Verdict(check="verdict-secret", passed=False, reason="why-secret", by="judge")],
    "scenario": "scenario-secret", "score": 0.123456,
}  # fmt: skip
SECRET = ("secret", "0.123456", "1.5", "arm-b", "000000", "score", "verdict", "model", "rater")
"""What no blind answer holds: names, values and even the fields' names."""


@pytest.fixture
def asked(tmp_path: Path) -> TestClient:
    """A file of four dialogues in the folder of runs, whose name says which arm it is."""
    found = [dialogue_of(n, **RATED) for n in range(4)]
    written(tmp_path / "runs" / "arm-b" / "rated.jsonl", found)
    return asking(tmp_path, router)


SOURCE = "arm-b/rated.jsonl"


def queued(asked: TestClient, reviewer: str = "anna", **more: Any) -> list[dict[str, Any]]:
    answer = asked.get("/api/review/queue", params={"source": SOURCE, "reviewer": reviewer, **more})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def does(asked: TestClient, item: str, reviewer: str = "anna", **more: Any) -> Any:
    body = {"source": [SOURCE], "item": item, "reviewer": reviewer, **more}
    return asked.post("/api/review/entry", json=body)


def rates(asked: TestClient, item: str, reviewer: str = "anna", **review: Any) -> dict[str, Any]:
    review = {"decision": "accept", **review}
    answer = does(asked, item, reviewer, kind="review", review=review)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def test_nothing_is_told_before_one_has_rated_and_asked(asked: TestClient) -> None:
    items = [one["item"] for one in queued(asked)]
    rates(asked, items[0], "berta", comment="comment-secret", ratings={"overall": 1})
    query = {"source": SOURCE, "item": items[0], "reviewer": "anna"}
    blind = [
        asked.get("/api/review/queue", params={"source": SOURCE, "reviewer": "anna"}).text,
        asked.get("/api/review/item", params=query).text,
    ]
    assert json.loads(blind[1])["reviewers"] == 1 and json.loads(blind[1])["others"] is None
    blind.append(does(asked, items[0], kind="review", review={"decision": "accept"}).text)
    results = asked.get("/api/review/results", params={"source": SOURCE, "reviewer": "carla"})
    assert "comment-secret" not in results.text and "000000" not in results.text
    for text in blind:
        assert not [word for word in SECRET if word in text.casefold()]
        assert "berta" not in text
    told = does(asked, items[0], kind="reveal").json()["others"]
    assert told["source"] == SOURCE and told["model_name"] == "secret-model"
    assert told["rater_score"] == 1.5 and told["verdicts"][0]["check"] == "verdict-secret"
    assert [one["reviewer"] for one in told["reviews"]] == ["berta"]
    assert told["reviews"][0]["comment"] == "comment-secret"


def test_who_has_not_rated_is_shown_nothing(asked: TestClient) -> None:
    item = queued(asked)[0]["item"]
    for kind in ("reveal", "withdraw"):
        assert "rate it first" in refusal(does(asked, item, kind=kind))
    assert "kind review" in refusal(does(asked, item, kind="review"))
    assert "kind review" in refusal(does(asked, item, kind="skip", review={"decision": "accept"}))
    rates(asked, item)
    assert does(asked, item, kind="reveal").json()["others"] is not None
    hidden = does(asked, item, kind="withdraw").json()
    assert hidden["others"] is None and hidden["mine"] is None


def test_the_queue_moves_on(asked: TestClient) -> None:
    first, second, *_ = (one["item"] for one in queued(asked))
    rates(asked, first, ratings={"overall": 4})
    does(asked, second, kind="skip")
    assert [one["state"] for one in queued(asked)] == ["open", "open", "skipped", "done"]
    rates(asked, first, "berta")
    assert len(queued(asked, "carla", target=2)) == 3
    assert rates(asked, first, decision="reject")["mine"]["decision"] == "reject"


def test_an_edit_is_checked_shown_and_exported(asked: TestClient) -> None:
    item = queued(asked)[0]["item"]
    edit = {"edits": [{"message": 4, "content": "Booked: <b>B-4417</b>."}]}
    checked = asked.post(
        "/api/review/check", json={"source": [SOURCE], "item": item, "revision": edit}
    ).json()
    assert checked["problem"] is None
    (change,) = checked["changes"]
    assert "".join(t for kind, t in change["runs"] if kind != "before") == "Booked: <b>B-4417</b>."
    wrong = {"edits": [{"message": 2, "arguments": {"0": "{}"}}]}
    body = {"source": [SOURCE], "item": item, "revision": wrong}
    assert "required" in asked.post("/api/review/check", json=body).json()["problem"]
    review = {"decision": "edit", "revision": wrong}
    assert "required" in refusal(does(asked, item, kind="review", review=review))
    shown = rates(asked, item, decision="edit", revision=edit)
    assert shown["changes"] == checked["changes"]
    exported = asked.get("/api/review/export", params={"source": SOURCE})
    (line,) = exported.text.splitlines()
    assert Trajectory.model_validate_json(line).path()[-1].content == "Booked: <b>B-4417</b>."
    none = asked.get("/api/review/export", params={"source": SOURCE, "reviewers": 2})
    assert none.text == "" and none.status_code == 200


def test_a_dialogue_that_changed_since_is_told(asked: TestClient, tmp_path: Path) -> None:
    items = queued(asked)
    for one in items:
        rates(asked, one["item"])
    changed = [dialogue_of(n + 10, **RATED).model_copy(update={"id": dialogue_of(n).id})
               for n in range(4)]  # fmt: skip
    written(tmp_path / "runs" / "arm-b" / "rated.jsonl", changed)
    again = queued(asked)
    assert {(one["state"], one["outdated"], one["reviewers"]) for one in again} == {("open", 1, 0)}
    gone = does(asked, items[0]["item"], kind="review", review={"decision": "accept"})
    assert "reload the queue" in refusal(gone)


@pytest.mark.parametrize(
    "source",
    ["../secret.jsonl", "/etc/passwd", "arm-b", "nothing.jsonl", "arm-b/../../secret.jsonl",
     "link.jsonl", "reviews/anna.jsonl", "a\0.jsonl", "x" * 5000 + ".jsonl", ""],
)  # fmt: skip
def test_sources_outside_are_refused(asked: TestClient, tmp_path: Path, source: str) -> None:
    secret = written(tmp_path / "secret.jsonl", [dialogue_of(0)])
    (tmp_path / "runs" / "link.jsonl").symlink_to(secret)
    rates(asked, queued(asked)[0]["item"])
    answer = asked.get("/api/review/queue", params={"source": source, "reviewer": "anna"})
    assert answer.status_code == 404
    refusal(answer)


@pytest.mark.parametrize("name", ["", "../x", "<script>", "a" * 50, "a\nb"])
def test_names_that_are_none_are_refused(asked: TestClient, tmp_path: Path, name: str) -> None:
    params = {"source": SOURCE, "reviewer": name}
    assert "letters" in refusal(asked.get("/api/review/queue", params=params))
    item = queued(asked)[0]["item"]
    given = does(asked, item, name, kind="review", review={"decision": "accept"})
    assert "letters" in refusal(given)
    assert not (tmp_path / "runs" / "reviews").exists()


@pytest.mark.parametrize(
    "review",
    [
        {"decision": "maybe"},
        {"decision": "accept", "ratings": {"overall": 6}},
        {"decision": "accept", "ratings": {"naturalness": 0}},
        {"decision": "accept", "ratings": {"beauty": 3}},
        {"decision": "edit"},
        {"decision": "accept", "comment": "x" * 20_000},
    ],
)
def test_reviews_that_are_none_are_refused(asked: TestClient, review: dict[str, Any]) -> None:
    item = queued(asked)[0]["item"]
    assert does(asked, item, kind="review", review=review).status_code == 422


def test_damaged_files_are_named(asked: TestClient, tmp_path: Path) -> None:
    (tmp_path / "runs" / "reviews").mkdir()
    (tmp_path / "runs" / "reviews" / "berta.jsonl").write_text("{}\n")
    params = {"source": SOURCE, "reviewer": "anna"}
    assert "berta.jsonl:1" in refusal(asked.get("/api/review/queue", params=params))
    (tmp_path / "runs" / "arm-b" / "rated.jsonl").write_text("{}\n")
    assert "rated.jsonl:1" in refusal(asked.get("/api/review/queue", params=params))


def test_a_disk_that_refuses_is_said(asked: TestClient, tmp_path: Path) -> None:
    (tmp_path / "runs" / "reviews").write_text("a file where the folder would be")
    item = queued(asked)[0]["item"]
    answer = does(asked, item, kind="review", review={"decision": "accept"})
    assert answer.status_code == 507 and "not saved" in answer.json()["error"]


def test_hostile_dialogues_are_sent_as_they_are(tmp_path: Path) -> None:
    one = hostile_trajectory()
    written(tmp_path / "runs" / "bad.jsonl", [one])
    asked = asking(tmp_path, router)
    params = {"source": "bad.jsonl", "reviewer": "anna"}
    (place,) = asked.get("/api/review/queue", params=params).json()["items"]
    shown = asked.get("/api/review/item", params={**params, "item": place["item"]}).json()
    assert shown["events"][0]["data"]["message"]["content"] == one.messages[0].content


def test_a_run_stays_as_it_was(tmp_path: Path) -> None:
    run = tmp_path / "runs" / "0001"
    names = ("parallel-calls", "shop-order")
    simulate([load_scenario(library()[name]) for name in names], RunConfig(), run)
    before = run_identity(run), sorted(run.rglob("*")), (run / "trajectories.jsonl").read_bytes()
    asked = asking(tmp_path, router)
    assert asked.get("/api/review/sources").json() == {"sources": [{"name": "0001", "kind": "run"}]}
    params = {"source": "0001", "reviewer": "anna"}
    for place in asked.get("/api/review/queue", params=params).json()["items"]:
        body = {"source": ["0001"], "item": place["item"], "reviewer": "anna", "kind": "review",
                "review": {"decision": "accept", "ratings": {"overall": 5}}}  # fmt: skip
        assert asked.post("/api/review/entry", json=body).status_code == 200
    after = run_identity(run), sorted(run.rglob("*")), (run / "trajectories.jsonl").read_bytes()
    assert after == before
    assert asked.get("/api/review/sources").json()["sources"] == [{"name": "0001", "kind": "run"}]
    written(tmp_path / "runs" / "synth" / "accepted.jsonl", [dialogue_of(1)])
    more = asked.get("/api/review/sources").json()["sources"][1:]
    assert more == [{"name": "synth/accepted.jsonl", "kind": "file"}]
    lines = asked.get("/api/review/export", params={"source": "0001", "mean": 4}).text.splitlines()
    assert [orjson.loads(line)["review_score"] for line in lines] == [5.0, 5.0]
