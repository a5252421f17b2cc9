"""Reports from the page: made in a process of its own, shown from their record, never more."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from callsheet.evaluation.quality import (
    Settings,
    compare,
    instruments,
    write_comparison,
)
from callsheet.watch.web.reports import router

from ..asked import asking, refusal
from ..compared_runs import compared_runs

pytestmark = pytest.mark.slow

RUN = "exp/first"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    compared_runs(tmp_path / "runs")
    return tmp_path


@pytest.fixture
def page(project: Path) -> TestClient:
    return asking(project, router)


def ended(page: TestClient, run: str = RUN) -> Any:
    """The work on a report, once it is over."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        work = page.get("/api/report", params={"run": run}).json()["work"]
        if work["state"] != "running":
            return work
        time.sleep(0.1)
    raise AssertionError("the report does not end")


def test_a_report_is_made_shown_and_known_to_be_old(page: TestClient, project: Path):
    assert page.get("/api/report", params={"run": RUN}).json()["made"] is None
    assert "make a report" in refusal(page.get("/api/report/page", params={"run": RUN}))
    begun = page.post("/api/report", json={"run": RUN, "encoder": "lexical"})
    assert begun.json()["work"]["state"] == "running"
    again = page.post("/api/report", json={"run": RUN, "encoder": "lexical"})
    assert "already" in refusal(again)
    assert ended(page)["state"] == "done"
    told = page.get("/api/report", params={"run": RUN}).json()
    assert told["made"] is not None
    assert not told["stale"]
    shown = page.get("/api/report/page", params={"run": RUN})
    assert "Dialogue quality: first" in shown.text
    policy = shown.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    (project / "runs" / RUN / "trajectories.jsonl").open("a").write("\n")
    assert page.get("/api/report", params={"run": RUN}).json()["stale"]


def test_the_html_file_beside_the_record_is_never_served(page: TestClient, project: Path):
    page.post("/api/report", json={"run": RUN, "encoder": "lexical"})
    ended(page)
    folder = project / "runs" / RUN / "report"
    (folder / "report.html").write_text("<script>alert(1)</script>")
    assert "alert(1)" not in page.get("/api/report/page", params={"run": RUN}).text
    record = (folder / "report.json").read_text()
    (folder / "report.json").write_text(record.replace('"name": "first"', '"name": "<script>x"'))
    shown = page.get("/api/report/page", params={"run": RUN}).text
    assert "&lt;script&gt;x" in shown
    assert "<script" not in shown
    (folder / "report.json").write_text('{"figures": {}}')
    assert "report.json" in refusal(page.get("/api/report/page", params={"run": RUN}))
    (folder / "report.json").unlink()
    (folder / "report.json").symlink_to("/etc/passwd")
    assert "link" in refusal(page.get("/api/report/page", params={"run": RUN}))


def test_a_report_can_be_stopped(page: TestClient, project: Path):
    page.post("/api/report", json={"run": RUN, "encoder": "lexical"})
    assert page.post("/api/report/stop", json={"run": RUN}).json()["work"]["state"] == "stopped"
    assert ended(page)["state"] == "stopped"
    assert not list((project / "runs" / RUN).glob("report/.*"))
    assert page.post("/api/report/stop", json={"run": RUN}).status_code == 200


def test_a_failure_is_one_line(page: TestClient, project: Path):
    (project / "runs" / RUN / "trajectories.jsonl").write_text('{"scenario": 1}\n')
    page.post("/api/report", json={"run": RUN, "encoder": "lexical"})
    work = ended(page)
    assert work["state"] == "failed"
    assert "trajectories.jsonl:1" in work["error"]
    (project / "runs" / RUN / "trajectories.jsonl").unlink()
    order = page.post("/api/report", json={"run": RUN, "encoder": "lexical"})
    assert "no file of dialogues" in refusal(order)


def test_comparisons_and_reports_on_other_dialogues_are_listed(page: TestClient, project: Path):
    runs = project / "runs"
    using = instruments(Settings(encoder="lexical"))
    sources = [runs / "exp" / "first", runs / "exp" / "second"]
    write_comparison(compare(sources, using, sources), runs / "notes" / "compared")
    page.post("/api/report", json={"run": RUN, "encoder": "lexical"})
    ended(page)
    (runs / "synthesis").mkdir()
    (runs / RUN / "report").rename(runs / "synthesis" / "report")
    listed = page.get("/api/reports").json()
    assert [one["run"] for one in listed["reports"]] == ["exp/first", "exp/second", "fork"]
    assert listed["comparisons"] == ["notes/compared"]
    assert listed["others"] == ["synthesis"]
    assert "lexical" in listed["encoders"]
    shown = page.get("/api/report/comparison", params={"name": "notes/compared"})
    assert "Runs compared" in shown.text
    assert "sandbox" in shown.headers["content-security-policy"]
    other = page.get("/api/report/page", params={"run": "synthesis"})
    assert "Dialogue quality" in other.text


@pytest.mark.parametrize("name", ["..", "../runs/exp", "/etc", "exp/../exp", "", "exp", "\0"])
def test_names_that_lead_elsewhere_have_no_report(page: TestClient, name: str):
    assert page.get("/api/report/page", params={"run": name}).status_code == 404
    assert page.get("/api/report", params={"run": name}).status_code == 404
    assert page.get("/api/report/comparison", params={"name": name}).status_code == 404
    assert page.post("/api/report", json={"run": name}).status_code == 404


def test_orders_name_known_encoders_only(page: TestClient):
    order = page.post("/api/report", json={"run": RUN, "encoder": "/tmp"})
    assert "lexical" in refusal(order)
    assert page.post("/api/report", json={"run": RUN, "nli": "x"}).status_code == 422
