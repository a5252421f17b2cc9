"""The report view in a real browser: made with progress, shown in a frame that can do nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Page, expect

from callsheet.evaluation.quality import (
    Settings,
    compare,
    instruments,
    quality_report,
    write_comparison,
    write_report,
)

from ...hostile_run import hostile_run
from ..compared_runs import compared_runs, hostile_episodes

pytestmark = pytest.mark.slow


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return compared_runs(tmp_path / "runs")


def test_a_report_is_made_and_shown(
    page: Page, server: Callable[..., Any], runs: Path, screenshot: Callable[..., Path]
):
    page.goto(f"{server(runs).url}/report")
    page.get_by_test_id("reports").get_by_role("link", name="exp/first").click()
    page.get_by_test_id("encoder").select_option("lexical")
    page.get_by_test_id("make").click()
    expect(page.get_by_test_id("work").get_by_role("progressbar")).to_be_visible()
    report = page.frame_locator("[data-testid=frame]")
    expect(report.get_by_role("heading", level=1)).to_have_text("Dialogue quality: first")
    expect(report.get_by_text("of turns call a tool")).to_be_visible()
    expect(page.get_by_test_id("reports")).to_contain_text("made now")
    expect(page.get_by_test_id("work")).to_have_text("")
    screenshot(page, "report")
    assert page.get_by_test_id("frame").get_attribute("sandbox") == ""
    styled = report.locator("body").evaluate("body => getComputedStyle(body).fontFamily")
    assert "serif" in styled

    lines = (runs / "exp" / "first" / "trajectories.jsonl").open("a")
    lines.write("\n")
    lines.close()
    page.reload()
    expect(page.get_by_test_id("stale")).to_be_visible()
    # A record of somebody else's making is only words.
    record = runs / "exp" / "first" / "report" / "report.json"
    changed = orjson.loads(record.read_bytes())
    changed["figures"]["name"] = "<script>parent.document.title='owned'</script>"
    record.write_bytes(orjson.dumps(changed))
    page.reload()
    expect(report.get_by_role("heading", level=1)).to_contain_text("<script>")
    assert page.title() != "owned"


def test_hostile_dialogues_and_comparisons_are_inert(
    page: Page, server: Callable[..., Any], runs: Path
):
    using = instruments(Settings(encoder="lexical"))
    played = hostile_run(runs / "made")
    hostile = runs / "<i>hostile"
    hostile_episodes(hostile)
    (hostile / "trajectories.jsonl").write_bytes((played / "trajectories.jsonl").read_bytes())
    write_report(quality_report([hostile], using, hostile), hostile / "report")
    write_comparison(compare([hostile, hostile], using, [hostile, hostile]), runs / "<b>both")
    page.goto(f"{server(runs).url}/report")
    page.get_by_test_id("reports").get_by_role("link", name="<i>hostile").click()
    report = page.frame_locator("[data-testid=frame]")
    expect(report.get_by_role("heading", level=1)).to_contain_text("<i>hostile")
    assert report.locator("script, iframe, img").count() == 0
    page.get_by_test_id("reports").get_by_role("link", name="<b>both").click()
    expect(report.get_by_role("heading", level=1)).to_have_text("Runs compared")
    assert page.evaluate("document.documentElement.dataset.owned") is None
    assert page.locator("main i, main b").count() == 0


def test_what_cannot_be_reported_is_said(
    page: Page, server: Callable[..., Any], runs: Path, problems: Any
):
    problems.expect("422", "404")
    (runs / "fork" / "trajectories.jsonl").unlink()
    url = server(runs).url
    page.goto(f"{url}/report?run=fork")
    page.get_by_test_id("make").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("no file of dialogues")
    page.goto(f"{url}/report?run=none")
    expect(page.get_by_test_id("report-error")).to_contain_text("no run")
    (runs / "exp" / "second" / "trajectories.jsonl").write_text("{}\n")
    page.goto(f"{url}/report?run=exp/second")
    page.get_by_test_id("make").click()
    expect(page.get_by_test_id("work")).to_contain_text("could not be made")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
