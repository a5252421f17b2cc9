"""The episode view in a real browser: live, long and hostile; read, replayed and taken away."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from callsheet.scenarios import library, load_scenario
from callsheet.scenarios.document import read_document
from callsheet.simulation import RunConfig, simulate

from ..recorded_runs import LiveRun, hostile_run, long_episode

SCENARIOS = ("shop-order", "fault-and-retry", "parallel-calls", "missing-parameter")
WHOLE = "[data-testid=conversation][aria-busy=false]"
SMOOTH = 4
"""How many times as long as of a short conversation a frame of a long one may take."""


def part(page: Page, name: str) -> Locator:
    return page.get_by_test_id(name)


def opened(page: Page, url: str, run: str, episode: str, fragment: str = "") -> None:
    page.goto(f"{url}/episode?{urlencode({'run': run, 'episode': episode})}{fragment}")
    page.wait_for_selector(WHOLE)


@pytest.fixture
def library_run(tmp_path: Path) -> Path:
    run = tmp_path / "runs" / "0001"
    scenarios = [load_scenario(library()[name]) for name in SCENARIOS]
    # In a thread of its own: Playwright's event loop has this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(simulate, scenarios, RunConfig(), run).result()
    return run.parent


def test_an_episode_is_read_as_a_conversation(
    page: Page, server: Callable[..., Any], library_run: Path, screenshot: Callable[..., Path]
) -> None:
    url = server(library_run).url
    opened(page, url, "0001", "000000-shop-order")
    names = page.locator("article .who").all_inner_texts()
    assert [name.split()[0] for name in names if name.split()[0] in ("User", "Assistant")][:3] == [
        "User", "Assistant", "Assistant",
    ]  # fmt: skip
    feed = page.get_by_role("feed", name="Conversation")
    assert feed.get_by_role("article").count() == len(names)
    # What the order changed: one row more, and one changed, told as such.
    changed = part(page, "changes").locator("tr.changed")
    expect(changed.locator("td.differs del")).to_have_count(1)
    expect(changed.get_by_role("rowheader", name="changed")).to_be_visible()
    expect(part(page, "changes").locator("tr.added")).to_have_count(1)
    expect(part(page, "plan").locator("li.met")).to_have_count(2)
    expect(part(page, "checks").locator("li.passed")).to_have_count(4)
    expect(part(page, "outcome")).to_contain_text("completed")
    # Tall, and not `full_page`: what is out of sight is not drawn (content-visibility).
    page.set_viewport_size({"width": 1360, "height": 1200})
    screenshot(page, "episode")

    page.get_by_role("link", name="next →").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("000001-fault-and-retry")
    failed = page.get_by_role("region", name="Call of GetExchangeRate, failed")
    expect(failed).to_contain_text("unavailable")
    page.keyboard.press("]")
    group = page.get_by_role("group", name="2 parallel calls")
    expect(group.get_by_test_id("call")).to_have_count(2)


def test_a_key_for_the_neighbour_is_followed_once_that_is_known(
    page: Page, server: Callable[..., Any], library_run: Path
) -> None:
    url = server(library_run).url
    held: list[Route] = []
    page.route("**/api/episodes?*", lambda route: held.append(route), times=1)
    opened(page, url, "0001", "000000-shop-order")
    expect(part(page, "outcome")).to_contain_text("completed")
    page.keyboard.press("]")
    expect(page.get_by_role("heading", level=1)).to_have_text("000000-shop-order")
    held[0].continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("000001-fault-and-retry")


def test_the_prompt_and_the_answer_on_demand(
    page: Page, server: Callable[..., Any], library_run: Path
) -> None:
    opened(page, server(library_run).url, "0001", "000002-parallel-calls")
    page.locator("article.by-assistant").first.get_by_test_id("model-line").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Prompt and answer of assistant.0")
    expect(dialog.locator(".said.by-user")).to_contain_text("what is the weather")
    expect(dialog.locator(".said.answer")).to_contain_text("GetWeather")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_scrubbing_and_replaying(page: Page, server: Callable[..., Any], library_run: Path) -> None:
    opened(page, server(library_run).url, "0001", "000000-shop-order")
    articles = page.locator("article:visible")
    everything = articles.count()
    slider = part(page, "scrub")
    slider.focus()
    page.keyboard.press("Home")
    expect(articles).to_have_count(1)
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(articles.last).to_contain_text("search")
    expect(part(page, "at")).to_contain_text("4/")
    expect(part(page, "plan").locator("[aria-current=step]")).to_contain_text("search for")
    expect(part(page, "outcome")).to_have_count(0)
    # A call is there before its result is.
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(part(page, "call")).to_contain_text("running")
    part(page, "spacing").select_option("clock")
    part(page, "speed").select_option("20")
    part(page, "play").click()
    expect(part(page, "play")).to_have_accessible_name("Pause")
    expect(part(page, "outcome")).to_be_visible()
    expect(articles).to_have_count(everything)
    expect(part(page, "play")).to_have_accessible_name("Replay")


def test_keys_go_from_message_to_message(
    page: Page, server: Callable[..., Any], library_run: Path
) -> None:
    opened(page, server(library_run).url, "0001", "000001-fault-and-retry")

    def here() -> str | None:
        found: str | None = page.evaluate("document.activeElement.id")
        return found

    page.keyboard.press("g")
    assert here() == "e0"
    page.keyboard.press("j")
    assert here() == "e4"
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert here() == "e4"
    page.keyboard.press("e")
    assert page.evaluate("document.querySelector('.marked')?.id") == "e8"
    page.keyboard.press("p")
    assert here() == "e4"
    page.keyboard.press("G")
    assert here() == "e19"
    page.keyboard.press("Space")
    expect(part(page, "play")).to_have_accessible_name("Pause")
    page.keyboard.press("Space")
    expect(part(page, "play")).to_have_accessible_name("Replay")


def test_a_fork_offers_the_tools_that_had_been_found(
    page: Page, server: Callable[..., Any], tmp_path: Path
) -> None:
    tool = {"name": "FoundLater", "description": "Found by a search.", "parameters": {}}
    with LiveRun(tmp_path / "runs" / "0001") as live:
        script = live.script()
        script.begin()
        script.say("user", "find it")
        script.call("SearchTools", {"keywords": "later"}, ["FoundLater"])
        script.events[-1].data["offers"] = [tool]
        script.call("FoundLater", {}, "found")
        script.end()
        for event in script.events:
            live.write(event)
    opened(page, server(tmp_path / "runs").url, "0001", live.name())
    calls = page.locator("article.by-assistant")
    for number, has in ((0, 0), (1, 1)):
        calls.nth(number).hover()
        calls.nth(number).locator("[data-fork]").click()
        dialog = part(page, "fork-dialog")
        expect(dialog.locator("select[name=tool]")).to_be_visible()
        expect(dialog.locator("option", has_text="FoundLater")).to_have_count(has)
        expect(dialog.get_by_text("Found by a search.")).to_have_count(has)
        page.keyboard.press("Escape")


def test_the_arrows_scroll_a_wide_table_that_has_the_focus(
    page: Page, server: Callable[..., Any], tmp_path: Path
) -> None:
    with LiveRun(tmp_path / "runs" / "0001") as live:
        script = live.script()
        script.begin()
        row = {f"column-{number:02d}": "x" * 30 for number in range(30)}
        script.note("state_diff", "environment", {"added": {"wide": [row]}, "removed": {}})
        script.end()
        for event in script.events:
            live.write(event)
    opened(page, server(tmp_path / "runs").url, "0001", live.name())
    table = page.get_by_role("group", name="Changes of wide").first
    before = part(page, "at").inner_text()
    table.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("element => element.scrollLeft > 0", arg=table.element_handle())
    assert part(page, "at").inner_text() == before
    page.locator("main").focus()
    page.keyboard.press("ArrowLeft")
    expect(part(page, "at")).not_to_have_text(before)


def test_links_and_what_can_be_taken_away(
    page: Page, context: BrowserContext, server: Callable[..., Any], library_run: Path
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, server(library_run).url, "0001", "000000-shop-order", "#e21")
    marked = page.locator(".marked")
    expect(marked).to_have_attribute("id", "e21")
    expect(marked).to_be_in_viewport()
    page.get_by_role("link", name="Link to event 13").click()
    expect(marked).to_have_attribute("id", "e13")
    expect(part(page, "toasts")).to_contain_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert page.url.endswith("#e13")

    def copied(form: str) -> str:
        page.get_by_text("Copy as…").click()
        part(page, f"copy-{form}").click()
        expect(part(page, "take-away")).not_to_have_attribute("open", "")
        text: str = page.evaluate("""async () => {
          for (;;) {
            const text = await navigator.clipboard.readText();
            if (text && text !== window.before) return (window.before = text);
            await new Promise((passed) => setTimeout(passed, 50));
          }
        }""")
        return text

    page.evaluate("navigator.clipboard.readText().then(t => window.before = t)")
    events = [orjson.loads(line) for line in copied("json").splitlines()]
    assert [event["seq"] for event in events] == list(range(len(events)))
    sample = orjson.loads(copied("sample"))
    assert {tool["function"]["name"] for tool in sample["tools"]} >= {"place_order"}
    scenario = read_document(copied("scenario").encode()).value
    assert scenario["user"]["verbatim"] is True
    page.get_by_text("Copy as…").click()
    with page.expect_download() as saved:
        part(page, "save-scenario").click()
    assert saved.value.suggested_filename == "000000-shop-order.yaml"


def test_a_live_episode_grows_without_a_reload(
    page: Page, server: Callable[..., Any], tmp_path: Path
) -> None:
    with LiveRun(tmp_path / "runs" / "live") as live:
        live.begin()
        for number in range(1, 9):
            live.turn(number)
        opened(page, server(tmp_path / "runs").url, "live", live.name())
        page.evaluate("window.loaded = 'once'")
        took = []
        for number in range(9, 14):
            start = time.perf_counter()
            live.say("assistant", f"live words {number}", turn=9)
            page.get_by_text(f"live words {number}", exact=True).wait_for()
            took.append(time.perf_counter() - start)
        print(f"\nlogged → shown: median {statistics.median(took) * 1000:.0f} ms")
        # The reader is at the end: the end is followed.
        expect(page.locator(".end")).to_be_in_viewport()
        expect(part(page, "announced")).to_have_text("Assistant: live words 13")

        # The reader goes back: nothing moves, and what is new is counted.
        page.evaluate("window.scrollTo(0, 300)")
        page.wait_for_timeout(300)
        before = page.evaluate("window.scrollY")
        live.say("user", "one more thing", turn=10)
        live.say("assistant", "certainly", turn=10)
        expect(part(page, "behind")).to_have_text("2 new ↓")
        assert page.evaluate("window.scrollY") == before
        part(page, "behind").click()
        expect(page.get_by_text("certainly", exact=True)).to_be_in_viewport()
        expect(part(page, "behind")).to_have_count(0)
        live.end()
        expect(part(page, "state")).to_have_text("completed")
        assert page.evaluate("window.loaded") == "once"


def test_an_episode_that_has_not_begun_appears_when_it_does(
    page: Page, server: Callable[..., Any], tmp_path: Path, problems: Any
) -> None:
    problems.expect("404")
    with LiveRun(tmp_path / "runs" / "live") as live:
        address = server(tmp_path / "runs").url
        page.goto(f"{address}/episode?{urlencode({'run': 'live', 'episode': live.name()})}")
        page.get_by_text("there is no episode").wait_for()
        live.begin()
        live.say("user", "at last")
        expect(page.get_by_text("at last", exact=True)).to_be_in_viewport()
        expect(part(page, "state")).to_have_text("running")


def test_an_answer_is_seen_as_it_is_written(
    page: Page, server: Callable[..., Any], tmp_path: Path
) -> None:
    run = tmp_path / "runs" / "live"
    frames = run / "frames" / "main.json"

    def show(*said: str) -> None:
        shown = {"episode": live.name(), "role": "assistant", "key": "assistant.0", "done": False}
        frames.parent.mkdir(exist_ok=True)
        beside = frames.with_suffix(".new")
        beside.write_bytes(orjson.dumps([{**shown, "text": text} for text in said]))
        beside.replace(frames)

    with LiveRun(run) as live:
        live.begin()
        live.say("user", "hello")
        opened(page, server(tmp_path / "runs").url, "live", live.name())
        show("It is")
        writing = part(page, "partial")
        expect(writing.locator(".words")).to_have_text("It is")
        show("It is written\nword by word.")
        expect(writing.locator(".words")).to_contain_text("word by word.")
        body = "Math.round(document.querySelector('{}').getBoundingClientRect().{})"
        place = [page.evaluate(body.format(".partial .words", side)) for side in ("top", "height")]
        show()
        live.say("assistant", "It is written\nword by word.")
        expect(writing).to_have_count(0)
        said = "article.by-assistant .words"
        assert [page.evaluate(body.format(said, side)) for side in ("top", "height")] == place


def scrolled(page: Page) -> list[float]:
    """Milliseconds of each frame while the page is scrolled, the shortest first."""
    took: list[float] = page.evaluate(
        """async () => {
          const took = [];
          let before = performance.now();
          for (let i = 0; i < 150; i++) {
            window.scrollBy(0, i % 50 < 25 ? 300 : -300);
            await new Promise(requestAnimationFrame);
            took.push(performance.now() - before);
            before = performance.now();
          }
          return took.sort((a, b) => a - b);
        }"""
    )
    return took


@pytest.mark.slow
def test_two_thousand_messages_stay_smooth(
    page: Page, server: Callable[..., Any], tmp_path: Path, screenshot: Callable[..., Path]
) -> None:
    long_episode(tmp_path / "runs" / "long", 2_000)
    long_episode(tmp_path / "runs" / "short", 60)
    address = server(tmp_path / "runs").url
    opened(page, address, "short", "000000-book-a-table")
    short = scrolled(page)
    page.goto(f"{address}/episode?run=long&episode=000000-book-a-table")
    page.wait_for_selector("article.message")
    first = page.evaluate("performance.now()")
    page.wait_for_selector(WHOLE)
    whole = page.evaluate("performance.now()")
    assert page.locator("article.message").count() >= 2_000
    frames = scrolled(page)
    print(
        f"\n2,000 messages: first content {first:.0f} ms, all {whole:.0f} ms; frames while "
        f"scrolling: median {frames[75]:.0f} ms (of 60 messages: {short[75]:.0f} ms), "
        f"95 % within {frames[142]:.0f} ms, longest {frames[-1]:.0f} ms"
    )
    assert frames[75] < SMOOTH * short[75]
    # All of it can be found by the browser's own search, and linked to.
    assert page.evaluate("window.find('Message 777:')")
    screenshot(page, "episode-long")
    scrub = part(page, "scrub")
    scrub.focus()
    page.keyboard.press("Home")
    expect(page.locator("article:visible")).to_have_count(1)
    page.keyboard.press("End")
    page.keyboard.press("G")
    expect(page.locator("article").last).to_be_in_viewport()


def test_hostile_text_stays_text(
    page: Page, server: Callable[..., Any], tmp_path: Path, screenshot: Callable[..., Path]
) -> None:
    run = hostile_run(tmp_path / "runs")
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    address = server(tmp_path / "runs").url
    page.goto(f"{address}/run?{urlencode({'run': run.name})}")
    episode = orjson.loads(page.evaluate(
        "run => fetch(`/api/episodes?run=${encodeURIComponent(run)}`).then(r => r.text())", run.name
    ))["rows"][0]["episode"]  # fmt: skip
    opened(page, address, run.name, episode)
    for details in page.locator("main details").all():
        details.evaluate("element => element.open = true")
    page.locator("article").get_by_test_id("model-line").first.click()
    expect(page.get_by_role("dialog").locator(".said.answer")).to_be_visible()
    foreign = (
        "main img, main iframe, main script, main object, main embed, main [onerror], main [onload]"
    )
    assert page.locator(foreign).count() == 0
    assert page.evaluate("document.documentElement.dataset.owned") is None
    assert alerts == []
    page.keyboard.press("Escape")
    screenshot(page, "episode-hostile")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone(
    page: Page, server: Callable[..., Any], library_run: Path, theme: Any,
    screenshot: Callable[..., Path],
) -> None:  # fmt: skip
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=theme)
    opened(page, server(library_run).url, "0001", "000000-shop-order")
    page.get_by_text("Plan, checks, models, tools").click()
    expect(part(page, "plan")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("article.by-user").first.scroll_into_view_if_needed()
    screenshot(page, f"episode-phone-{theme}")
