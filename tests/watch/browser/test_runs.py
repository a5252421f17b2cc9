"""The list of runs and the view of one, as somebody with a browser uses them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ..recorded_runs import LiveRun, big_run, hostile_run, write_run
from .conftest import Problems, Server

Start = Callable[..., Server]
Screenshot = Callable[..., Path]

_FRAMES = """async () => {
  const holder = document.querySelector('.tabulator-tableholder');
  const frames = [];
  let last = await new Promise(requestAnimationFrame);
  for (let i = 0; i < 120; i += 1) {
    holder.scrollTop += 120;
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  return {frames: frames.sort((a, b) => a - b), top: holder.scrollTop};
}"""
"""Scrolls by four rows in each frame, as a flung wheel does; gives the frames' milliseconds."""


def _row(page: Page, episode: str) -> Any:
    return page.locator(f".tabulator-row[data-episode='{episode}']")


def _shown(page: Page) -> list[str]:
    return [str(row.get_attribute("data-episode")) for row in page.locator(".tabulator-row").all()]


def _open(page: Page, server: Server, run: str, query: str = "") -> None:
    page.goto(f"{server.url}/run?run={run}{query}")
    page.wait_for_selector(".tabulator-row")


def test_a_live_run_appears_and_goes_on_without_reloading(
    server: Start, page: Page, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    runs.mkdir()
    page.goto(server(runs).url)
    expect(page.get_by_test_id("empty")).to_contain_text("callsheet run")
    page.evaluate("window.sameDocument = true")
    with LiveRun(runs / "live") as live:
        live.begin(0)
        row = page.locator("[data-run=live]")
        expect(row.get_by_test_id("progress")).to_have_text("0 of 4 · 0 %")
        expect(row.get_by_test_id("state")).to_have_text("running")
        live.turn(1, 0)
        live.end(0)
        expect(row.get_by_test_id("progress")).to_have_text("1 of 4 · 25 %")
        expect(row.get_by_test_id("accepted")).to_have_text("1")
    expect(row.get_by_test_id("state")).to_have_text("stopped")
    assert page.evaluate("window.sameDocument")


def test_rows_of_a_run_change_where_they_stand(server: Start, page: Page, tmp_path: Path) -> None:
    run = tmp_path / "runs" / "live"
    with LiveRun(run, episodes=200) as live:
        for index in range(100):
            live.begin(index)
        served = server(run.parent)
        _open(page, served, "live")
        chosen = live.name(40)
        page.locator(".tabulator-tableholder").evaluate("e => e.scrollTop = 30 * 38")
        _row(page, chosen).locator(".tabulator-cell").nth(1).hover()
        _row(page, chosen).get_by_role("checkbox").check()
        top = page.locator(".tabulator-tableholder").evaluate("e => e.scrollTop")
        live.turn(1, 40)
        live.end(40, "completed", 1.0)
        live.begin(100)
        expect(_row(page, chosen)).to_contain_text("completed")
        expect(_row(page, chosen)).to_contain_text("accepted")
        expect(page.get_by_test_id("shown")).to_have_text("101")
        expect(_row(page, chosen).get_by_role("checkbox")).to_be_checked()
        assert page.locator(".tabulator-tableholder").evaluate("e => e.scrollTop") == top
        expect(page.get_by_test_id("progress")).to_have_text("1 of 200 · 1 %")


def test_filters_and_order_stand_in_the_address(server: Start, page: Page, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "0001", episodes=40, unfinished=2)
    served = server(tmp_path / "runs")
    _open(page, served, "0001")
    page.get_by_test_id("filter-status").select_option("failed")
    expect(page.get_by_test_id("shown")).to_have_text("10 of 42")
    page.get_by_test_id("filter-blame").select_option("endpoint")
    expect(page.get_by_test_id("shown")).to_have_text("5 of 42")
    page.get_by_test_id("filter-text").fill("convert")
    page.get_by_test_id("sort").select_option("-index")
    assert "status=failed" in page.url and "text=convert" in page.url and "sort=-index" in page.url
    expect(page.locator(".tabulator-row").first).to_have_attribute(
        "data-episode", "000039-convert-money"
    )
    page.reload()
    page.wait_for_selector(".tabulator-row")
    assert _shown(page)[0] == "000039-convert-money" and len(_shown(page)) == 5
    page.get_by_test_id("filter-clear").click()
    expect(page.get_by_test_id("shown")).to_have_text("42")
    page.locator(".tabulator-col", has_text="Took").click()
    expect(page).to_have_url(re.compile("sort=-?seconds"))


def test_back_leads_to_where_one_was(server: Start, page: Page, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "0001", episodes=120)
    _open(page, server(tmp_path / "runs"), "0001")
    holder = page.locator(".tabulator-tableholder")
    holder.evaluate("e => (e.scrollTop = 1500)")
    page.evaluate("window.scrollTo(0, 90)")
    page.wait_for_timeout(500)  # as a reader would: scrolling is told to the page a frame later
    # At the click: the page may move while its charts are drawn.
    link = page.locator(".tabulator-row a").nth(8)
    top = link.evaluate("e => { const top = window.scrollY; e.click(); return top; }")
    assert top > 0
    page.wait_for_selector("[data-testid=conversation]")
    assert page.evaluate("window.scrollY") == 0
    page.go_back()
    page.wait_for_selector(".tabulator-row")
    # Not `wait_for_function`: the page's policy forbids it to ask twice.
    found = page.evaluate(
        """async (wanted) => {
          for (let i = 0; ; i += 1) {
            const holder = document.querySelector('.tabulator-tableholder');
            const found = [window.scrollY, holder?.scrollTop];
            if (String(found) === String(wanted) || i > 600) return found;
            await new Promise(requestAnimationFrame);
          }
        }""",
        [top, 1500],
    )
    assert found == [top, 1500]


def test_the_keyboard_alone_moves_opens_and_compares(
    server: Start, page: Page, tmp_path: Path
) -> None:
    write_run(tmp_path / "runs" / "0001", episodes=12)
    write_run(tmp_path / "runs" / "0002", episodes=4)
    served = server(tmp_path / "runs")
    page.goto(served.url)
    page.wait_for_selector("[data-testid=run-row]")
    page.keyboard.press("/")
    page.keyboard.type("0001")
    expect(page.get_by_test_id("run-row")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("0001")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(".tabulator-row")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.get_by_test_id("compare")).to_be_visible()
    page.keyboard.press("k")
    expect(page.locator(".tabulator-row.is-current")).to_have_attribute(
        "data-episode", "000000-book-a-table"
    )
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys-dialog")).to_contain_text("next, previous episode")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("keys-dialog")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/episode\?run=0001&episode=000000-book-a-table"))
    page.go_back()
    page.wait_for_selector(".tabulator-row")


@pytest.mark.slow
def test_ten_thousand_episodes_scroll(
    server: Start, page: Page, tmp_path: Path, screenshot: Screenshot
) -> None:
    big_run(tmp_path / "runs" / "big")
    served = server(tmp_path / "runs")
    _open(page, served, "big")
    expect(page.get_by_test_id("shown")).to_have_text("10,000")
    assert page.locator(".tabulator-row").count() < 200
    idle = page.evaluate(_FRAMES.replace("+= 120", "+= 0"))["frames"]
    scrolled = page.evaluate(_FRAMES)
    frames = scrolled["frames"]
    print(
        f"\n10,000 episodes: frame times while scrolling, ms: median {frames[60]:.1f}, "
        f"p95 {frames[114]:.1f}, max {frames[-1]:.1f} (page at rest: median {idle[60]:.1f}, "
        f"max {idle[-1]:.1f})"
    )
    assert scrolled["top"] == pytest.approx(120 * 120, abs=300)
    assert frames[60] < 3 * max(idle[60], 1000 / 60)
    page.get_by_test_id("filter-text").fill("009999")
    expect(page.get_by_test_id("shown")).to_have_text("1 of 10,000")
    page.get_by_test_id("filter-text").fill("")
    page.keyboard.press("Tab")
    page.locator(".episode-table").focus()
    page.keyboard.press("End")
    expect(page.locator(".tabulator-row.is-current")).to_have_attribute(
        "data-episode", re.compile("^009999-")
    )
    screenshot(page, "run-10000")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_and_a_telephone(
    server: Start,
    browser: Browser,
    problems: Problems,
    tmp_path: Path,
    screenshot: Screenshot,
    theme: Any,
) -> None:
    runs = tmp_path / "runs"
    write_run(runs / "exp" / "arm-a", episodes=60)
    write_run(runs / "night-of-the-very-long-name-that-somebody-gave-a-run", 30, unfinished=3)
    served = server(runs)
    for width, height in ((1360, 860), (360, 740)):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme
        )
        problems.watch(context)
        page = context.new_page()
        for name, address, ready in (
            ("runs", "/", "[data-testid=run-row]"),
            ("run", "/run?run=exp%2Farm-a", ".tabulator-row"),
        ):
            page.goto(served.url + address)
            page.wait_for_selector(ready)
            sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert sideways <= 0, (name, width)
            screenshot(page, f"{name}-{theme}-{width}", full_page=width < 400)
        context.close()
    assert not problems.unexpected


def test_the_toggle_is_kept(server: Start, page: Page, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "0001", episodes=2)
    page.emulate_media(color_scheme="light")
    page.goto(server(tmp_path / "runs").url)
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_test_id("theme").click()
    dark = page.evaluate(paper)
    assert dark != light
    page.reload()
    assert page.evaluate(paper) == dark


def test_first_paint(server: Start, context: BrowserContext, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "0001", episodes=40)
    served = server(tmp_path / "runs")
    paints = []
    for _ in range(5):
        page = context.new_page()
        page.goto(served.url)
        page.wait_for_selector("[data-testid=run-row]")
        paints.append(
            page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        )
        page.close()
    median = sorted(paints)[2]
    print(f"\nfirst contentful paint, ms: {', '.join(f'{paint:.0f}' for paint in paints)}")
    assert median < 1000


def test_the_charts_of_very_many_episodes_can_be_told(
    server: Start, page: Page, tmp_path: Path
) -> None:
    write_run(tmp_path / "runs" / "0001", episodes=1)
    page.goto(server(tmp_path / "runs").url)
    told = page.evaluate("""async () => {
      const { said } = await import('/page/run/charts.js');
      return said.turns(Array.from({ length: 200_000 }, (_, i) => ({ turns: 1 + (i % 3) })));
    }""")
    assert told == "2 at the median, 3 at most"


def test_names_and_reasons_stay_text(server: Start, page: Page, tmp_path: Path) -> None:
    run = hostile_run(tmp_path / "runs")
    served = server(tmp_path / "runs")
    page.goto(served.url)
    page.wait_for_selector("[data-testid=run-row]")
    page.locator(".run-link").click()
    page.wait_for_selector(".tabulator-row")
    page.locator("summary").click()
    expect(page.locator("h1")).to_contain_text(run.name)
    assert page.evaluate("document.documentElement.dataset.owned") is None
    assert page.locator("main :is(img, script, iframe, base, meta, svg)").count() == 0


def test_a_run_that_is_not_there_says_so(
    server: Start, page: Page, problems: Problems, tmp_path: Path
) -> None:
    problems.expect("404")
    write_run(tmp_path / "runs" / "0001", episodes=2)
    page.goto(f"{server(tmp_path / 'runs').url}/run?run=nowhere")
    expect(page.get_by_role("alert")).to_contain_text("nowhere")
