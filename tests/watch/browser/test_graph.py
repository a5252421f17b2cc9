"""The graph view in a real browser: found, grown, asked why, drawn from, by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")
pytest.importorskip("scipy")
from playwright.sync_api import Page, expect

from callsheet.planners.tool_graph import save_graph
from callsheet.scenarios import library
from callsheet.tools import load_pool, save_pool

from ...planners.tool_graph.test_exploring import graph_of, tool
from ..compared_runs import compared_runs, hostile_episodes

POOL = "saved:runs/synthesis/graph.npz"
RUN = "run:exp/first"
Open = Callable[..., None]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = compared_runs(tmp_path_factory.mktemp("project") / "runs")
    hostile_episodes(folder / "hostile")
    tools = load_pool(next(iter(library().values())).parents[1] / "pools" / "everyday.json")
    (folder / "synthesis").mkdir()
    save_pool(folder / "synthesis" / "pool.jsonl", tools)
    save_graph(graph_of(tools), folder / "synthesis" / "graph.npz")
    star = [tool(f"use_{i}", "Uses it", ["token"], []) for i in range(59)]
    save_graph(graph_of([tool("log_in", "", ["user"], ["token"]), *star]), folder / "star.npz")
    return folder


@pytest.fixture
def show(page: Page, server: Callable[..., Any], runs: Path) -> Open:
    url = server(runs).url

    def shown(**params: str) -> None:
        page.goto(f"{url}/graph?{urlencode(params)}")
        expect(page.get_by_test_id("shown").locator("li").first).to_be_attached()

    return shown


def tools_shown(page: Page) -> int:
    return int(page.get_by_test_id("picture").get_attribute("data-tools") or 0)


def test_a_graph_is_found_grown_and_asked_why(
    page: Page, show: Open, screenshot: Callable[..., Path]
):
    show(graph=POOL)
    expect(page.get_by_test_id("figures")).to_contain_text("tools 100")
    assert tools_shown(page) == 40
    expect(page.locator(".graph-canvas canvas").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("uploa")
    expect(page.get_by_test_id("found").locator("li").first).to_contain_text("upload_file")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("chosen")).to_have_text("upload_file")
    neighbours = page.get_by_test_id("neighbours").locator("li")
    expect(neighbours.first).to_be_visible()
    page.wait_for_timeout(600)
    screenshot(page, "graph")
    neighbours.first.get_by_role("button", name="Why it is joined").click()
    expect(page.get_by_test_id("joints").locator("li").first).to_contain_text("cosine 1")
    assert "tool=" in page.url


def test_a_tool_is_expanded_part_by_part(page: Page, show: Open):
    show(graph="saved:runs/star.npz", tool="0")
    expect(page.get_by_test_id("chosen")).to_have_text("log_in")
    assert tools_shown(page) == 24
    page.keyboard.press("e")
    expect(page.get_by_test_id("picture")).to_have_attribute("data-tools", "36")
    page.get_by_test_id("expand").click()
    expect(page.get_by_test_id("picture")).to_have_attribute("data-tools", "48")
    expect(page.locator(".graph-details")).to_contain_text("its pool is not at hand")


def test_a_sample_and_a_scenarios_tools_stand_out(page: Page, show: Open):
    show(graph=POOL)
    page.get_by_label("How many").fill("3")
    page.get_by_label("Seed").fill("7")
    page.get_by_test_id("draw").click()
    drawn = page.get_by_test_id("marked")
    expect(drawn).to_contain_text("3 tools drawn by graph")
    first = drawn.inner_text()
    page.get_by_test_id("draw").click()
    expect(drawn).to_have_text(first.replace("\n", " "), use_inner_text=True)
    drawn.get_by_role("button", name="clear").click()
    expect(drawn).to_have_count(0)
    show(graph=RUN)
    page.get_by_test_id("scenario-run").select_option("exp/second")
    page.get_by_test_id("scenarios").get_by_role("button", name="chained-calls").click()
    expect(drawn).to_contain_text("GetUserToken")


def test_what_a_run_used_and_how_often(page: Page, show: Open, screenshot: Callable[..., Path]):
    page.emulate_media(color_scheme="dark")
    show(graph=RUN)
    page.get_by_test_id("shown").get_by_role("button", name="GetUserToken").click()
    fed = page.get_by_test_id("neighbours").locator("li").filter(has_text="AddReminder")
    expect(fed).to_contain_text("is fed by this one")
    fed.get_by_role("button", name="Why it is joined").click()
    expect(page.get_by_test_id("joints")).to_contain_text(
        "GetUserToken.token feeds AddReminder.token (2 times)"
    )
    page.wait_for_timeout(600)
    screenshot(page, "graph-of-a-run-dark")


def test_another_graph_is_chosen_from_the_list(page: Page, show: Open):
    show()
    page.get_by_test_id("graphs").select_option(RUN)
    expect(page.get_by_test_id("figures")).to_contain_text("calls")
    expect(page.get_by_test_id("draw")).to_have_count(0)


def test_hostile_names_are_inert(page: Page, show: Open):
    show(graph="run:hostile")
    shown = page.get_by_test_id("shown").get_by_role("button")
    expect(shown.first).to_contain_text("<script>")
    shown.first.click()
    expect(page.get_by_test_id("chosen")).to_contain_text("<script>")
    page.get_by_test_id("neighbours").get_by_role("button", name="Why it is joined").first.click()
    expect(page.get_by_test_id("joints")).to_contain_text("was followed by")
    page.get_by_test_id("find").fill("<script>")
    expect(page.get_by_test_id("found").locator("li").first).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.owned") is None
    assert page.locator("main iframe, main img, main script").count() == 0


def test_a_graph_that_is_not_there_is_said(page: Page, server: Any, runs: Path, problems: Any):
    problems.expect("404")
    page.goto(f"{server(runs).url}/graph?graph=saved:project/none.npz")
    expect(page.get_by_test_id("graph-error")).to_contain_text("none.npz")
    expect(page.get_by_test_id("graphs")).to_be_visible()


def test_it_can_be_read_on_a_phone(page: Page, show: Open, screenshot: Callable[..., Path]):
    page.set_viewport_size({"width": 360, "height": 740})
    show(graph=POOL, tool="0")
    expect(page.get_by_test_id("chosen")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.wait_for_timeout(600)
    screenshot(page, "graph-phone", full_page=True)
