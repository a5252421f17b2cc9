"""Comparing in a real browser: a fork beside its origin, runs, one that goes on, hostile text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Page, expect

from ..compared_runs import HOSTILE_EPISODES, OFFSITE, compared_runs, hostile_episodes
from ..recorded_runs import LiveRun

FORKED = "000000-reschedule-offsite"
Open = Callable[..., None]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "runs"
    hostile_episodes(folder / "hostile")
    return compared_runs(folder)


@pytest.fixture
def compare(page: Page, server: Callable[..., Any], runs: Path) -> Open:
    """Opens the comparison of these names."""
    url = server(runs).url

    def opened(**names: str) -> None:
        page.goto(f"{url}/compare?{urlencode(names)}")

    return opened


def test_a_fork_beside_its_origin(page: Page, compare: Open, screenshot: Callable[..., Path]):
    compare(run="exp/first", episode=OFFSITE, run2="fork", episode2=FORKED)
    expect(page.get_by_test_id("parted")).to_have_text("They part company at turn 2")
    shared = page.get_by_test_id("shared")
    expect(shared.locator("summary")).to_have_text("1 turn is the same in both")
    expect(shared.locator("article")).not_to_be_visible()
    first = page.get_by_test_id("difference").first
    expect(first.locator("del")).to_have_text("The username is foo and the password is bar.")
    expect(first.locator("ins")).to_have_text("Make it Saturday instead")
    expect(page.get_by_test_id("totals").locator("td.differs").first).to_be_visible()
    expect(page.get_by_test_id("checks").locator("tbody tr")).to_have_count(3)
    screenshot(page, "compare-episodes")
    shared.locator("summary").click()
    expect(shared.locator("article .pair.same").first).to_be_visible()


def test_differences_are_walked_by_keyboard_and_sides_change(page: Page, compare: Open):
    compare(run="exp/first", episode=OFFSITE, run2="fork", episode2=FORKED)
    differences = page.get_by_test_id("difference")
    expect(differences.first).to_be_visible()
    page.keyboard.press("n")
    expect(differences.first).to_be_focused()
    page.keyboard.press("n")
    expect(differences.nth(1)).to_be_focused()
    page.keyboard.press("p")
    page.keyboard.press("p")
    expect(differences.last).to_be_focused()
    page.keyboard.press("x")
    expect(differences.first.locator("del")).to_have_text("Make it Saturday instead")
    tops = page.evaluate(
        "() => [...document.querySelector('[data-difference]').children]"
        ".map((side) => Math.round(side.getBoundingClientRect().top))"
    )
    assert tops[0] == tops[1]


def test_changed_arguments_and_results_stand_with_their_place(page: Page, compare: Open):
    compare(run="exp/first", episode="000000-chained-calls", episode2="000004-chained-calls")
    expect(page.get_by_test_id("set-up")).to_contain_text("seed")
    changes = page.locator(".between").get_by_test_id("changes").first
    expect(changes.locator("caption")).to_contain_text("Arguments")
    expect(changes.locator("del").first).to_be_visible()
    expect(changes.locator("ins").first).to_be_visible()


def test_two_runs_and_the_pairs_that_differ(
    page: Page, compare: Open, screenshot: Callable[..., Path]
):
    compare(run="exp/first", run2="exp/second")
    accepted = page.get_by_test_id("figures").get_by_role("row").filter(has_text="accepted")
    expect(accepted).to_contain_text("points")
    expect(page.get_by_test_id("run-comparison")).to_contain_text("8 pairs of episodes")
    rows = page.get_by_test_id("pairs").locator("tbody tr")
    differing = rows.count()
    assert 0 < differing <= 8
    screenshot(page, "compare-runs")
    page.get_by_test_id("all-pairs").check()
    expect(rows).to_have_count(8)
    header = page.get_by_test_id("pairs").get_by_role("columnheader", name="Episode")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    header.get_by_role("button").click()
    expect(rows.first).to_contain_text("000007-parallel-calls")
    rows.last.get_by_role("link").click()
    expect(page.get_by_test_id("comparison")).to_be_visible()
    assert "episode2=000000-chained-calls" in page.url


def test_an_episode_that_goes_on_is_compared_again(page: Page, compare: Open, runs: Path):
    with LiveRun(runs / "live") as live:
        live.begin()
        live.say("user", "hello")
        compare(run="live", episode=live.name(), run2="exp/first", episode2=OFFSITE)
        expect(page.get_by_test_id("comparison")).to_contain_text("hello")
        live.say("assistant", "a word that comes later")
        expect(page.get_by_test_id("comparison")).to_contain_text("a word that comes later")


def test_hostile_texts_are_inert(page: Page, compare: Open):
    compare(run="hostile", episode=HOSTILE_EPISODES[0], episode2=HOSTILE_EPISODES[1])
    expect(page.get_by_test_id("difference").first).to_contain_text("<script>")
    compare(run="hostile", run2="hostile")
    expect(page.get_by_test_id("figures")).to_be_visible()
    page.get_by_test_id("all-pairs").check()
    expect(page.get_by_test_id("pairs")).to_contain_text("<b>hostile</b>")
    assert page.evaluate("document.documentElement.dataset.owned") is None
    assert page.locator("main b, main iframe, main img").count() == 0


def test_what_is_not_there_is_said(page: Page, compare: Open, problems: Any):
    problems.expect("404")
    compare(run="exp/first", episode="000099-x", episode2=OFFSITE)
    expect(page.get_by_role("alert")).to_contain_text("000099-x")
    compare()
    page.get_by_test_id("choose-run2").select_option("fork")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_test_id("figures")).to_be_visible()


def test_it_can_be_read_on_a_phone(page: Page, compare: Open, screenshot: Callable[..., Path]):
    page.set_viewport_size({"width": 360, "height": 740})
    for names in (
        {"run": "exp/first", "episode": OFFSITE, "run2": "fork", "episode2": FORKED},
        {"run": "exp/first", "run2": "exp/second"},
    ):
        compare(**names)
        expect(page.locator("main [data-testid$=comparison] table").first).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0
        screenshot(page, f"compare-{'episode' in names}-phone", full_page=True)
