"""Reviewing on the page: several people, blind, by keys alone; edits, results, crashes."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")
from hostile_run import HOSTILE, hostile_trajectory
from playwright.sync_api import Browser, BrowserContext, Page, expect
from review_entries import dialogue_of, entry, written

from callsheet.evaluation.agreement import kappa, pearson
from callsheet.evaluation.reviews import Entry, ReviewFolder, content_digest, standings
from callsheet.evaluation.reviews.reliability import alpha, spearman
from callsheet.trajectories.reading import read_trajectories
from callsheet.trajectories.trajectory import Verdict

COUNT = 6
DIALOGUES = [
    dialogue_of(
        n, rater_score=float(n), rate_model="rate-secret",
        verdicts=[Verdict(check="secret-verdict", passed=False, by="judge")],
    )
    for n in range(COUNT)
]  # fmt: skip
NUMBERS = {content_digest(one): n for n, one in enumerate(DIALOGUES)}
SAID = {"anna": [0, 1, 2, 3, 4, 5], "berta": [0, 2, 2, 4, 4, 5], "carla": [1, 1, 3, 2, 5, 4]}
"""Overall ratings by number of the dialogue."""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    written(tmp_path / "runs" / "arm-secret" / "rated.jsonl", DIALOGUES)
    return tmp_path / "runs"


SOURCE = "arm-secret/rated.jsonl"


def opened(context: BrowserContext, url: str, name: str, source: str = SOURCE) -> Page:
    """The queue of somebody who chose their name before."""
    kept = f"localStorage.setItem('callsheet.reviewer', '{name}')"
    context.add_init_script(f"if (location.protocol === 'http:') {kept}")
    page = context.new_page()
    page.goto(f"{url}/review?source={source}&target=3")
    return page


def order(page: Page, url: str, name: str) -> list[int]:
    """The numbers of the dialogues in somebody's queue."""
    answer = page.request.get(f"{url}/api/review/queue?source={SOURCE}&target=3&reviewer={name}")
    return [NUMBERS[one["item"]] for one in answer.json()["items"]]


def rate(page: Page, keys: str) -> None:
    """Press keys once the conversation is there, and save."""
    expect(page.get_by_test_id("save")).to_be_enabled()
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("Enter")


def done(page: Page, count: int) -> None:
    expect(page.get_by_test_id("progress")).to_have_text(re.compile(f"^{count} of "))


def test_three_people_agree_as_evaluation_says(
    browser: Browser, runs: Path, server: Callable[..., Any], problems: Any,
    screenshot: Callable[..., Path],
) -> None:  # fmt: skip
    url = server(runs).url
    for name, ratings in SAID.items():
        context = browser.new_context()
        problems.watch(context)
        page = opened(context, url, name)
        for count, number in enumerate(order(page, url, name), start=1):
            overall = ratings[number]
            rate(page, f"{overall}{max(1, overall)}{'a' if overall > 2 else 'r'}")
            if count < COUNT:
                done(page, count)
        expect(page.get_by_test_id("finished")).to_be_visible()
        page.get_by_test_id("tab-results").click()
        expect(page.get_by_test_id("results")).to_be_visible()
        if name != "carla":
            context.close()
    names = sorted(SAID)
    columns = list(zip(*(map(float, SAID[name]) for name in names), strict=True))
    row = page.get_by_test_id("agreement-overall")
    kappas = [kappa([(c[a], c[b]) for c in columns]) for a, b in ((0, 1), (0, 2), (1, 2))]
    expect(row.get_by_test_id("kappa")).to_have_text([f"{value:.2f}" for value in kappas])
    alphas = alpha([dict(zip(names, column, strict=True)) for column in columns])
    expect(row.get_by_test_id("alpha")).to_have_text(re.compile(rf"^{alphas:.2f} \[.+, .+\]$"))
    decisions = [[(float(c[a] > 2), float(c[b] > 2)) for c in columns] for a, b in ((0, 1), (0, 2))]
    shown = page.get_by_test_id("agreement-decision").get_by_test_id("kappa")
    for at, pairs in enumerate(decisions):
        expect(shown.nth(at)).to_have_text(f"{kappa(pairs):.2f}")
    against = [(float(n), sum(column) / 3) for n, column in enumerate(columns)]
    machine = page.get_by_test_id("machine-rater")
    for figure in (pearson, spearman):
        cell = machine.get_by_test_id(figure.__name__)
        expect(cell).to_have_text(re.compile(rf"^{figure(against):.2f} \["))
    expect(page.get_by_test_id("disputed").locator("> li")).to_have_count(COUNT)
    screenshot(page, "review-results", full_page=True)
    page.context.close()
    assert not problems.unexpected


def test_nothing_reaches_a_reviewer_who_has_not_rated(
    context: BrowserContext, runs: Path, server: Callable[..., Any], screenshot: Callable[..., Path]
) -> None:
    folder = ReviewFolder(runs / "reviews")
    for one in DIALOGUES:
        folder.append(entry(one, "berta", comment="secret-comment", ratings={"overall": 1}))
    texts: list[str] = []
    context.on(
        "response",
        lambda answer: texts.append(answer.text()) if "/api/review/" in answer.url else None,
    )
    page = opened(context, server(runs).url, "anna")
    expect(page.get_by_test_id("conversation")).to_be_visible()
    expect(page.get_by_text("1 reviewer", exact=True)).to_be_visible()
    expect(page.get_by_test_id("rated")).to_have_count(0)
    page.keyboard.press("4")
    page.keyboard.press("a")
    screenshot(page, "review")
    rate(page, "")
    done(page, 1)
    expect(page.get_by_test_id("save")).to_be_enabled()
    assert texts and not [text for text in texts if "secret" in text or "berta" in text]
    page.keyboard.press("k")
    expect(page.get_by_role("radio", name="4").first).to_be_checked()
    page.get_by_test_id("reveal").click()
    expect(page.get_by_test_id("others")).to_contain_text("secret-model")
    expect(page.get_by_test_id("others")).to_contain_text("secret-comment")
    rate(page, "r")
    expect(page.get_by_test_id("said")).to_contain_text("saved: reject")
    (mine,) = [of["anna"] for of in standings(folder.entries()).values() if "anna" in of]
    assert mine.review and mine.blind
    assert (mine.review.decision, mine.blind.decision) == ("reject", "accept")
    expect(page.get_by_test_id("save")).to_be_enabled()


def test_a_first_visit_with_keys_alone(
    page: Page, problems: Any, runs: Path, server: Callable[..., Any]
) -> None:
    problems.expect("status of 422")
    written(runs / "own.jsonl", DIALOGUES[:2])
    page.goto(f"{server(runs).url}/review")
    page.get_by_role("checkbox", name="own.jsonl file").press("Space")
    page.get_by_label("Your name").fill("<img src=x>")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("1 to 40 letters")
    page.get_by_label("Your name").fill(" Zoë ")
    page.keyboard.press("Enter")
    rate(page, "")
    expect(page.get_by_test_id("problem")).to_have_text("accept, reject or edit it first")
    expect(page.get_by_role("group", name="Overall")).to_be_visible()
    page.get_by_role("group", name="Coherence").get_by_role("radio", name="2").press("ArrowRight")
    page.keyboard.press("5")
    page.keyboard.press("s")
    expect(page.get_by_test_id("said")).to_contain_text("skipped")
    rate(page, "3a")
    done(page, 1)
    page.keyboard.press("u")
    done(page, 0)
    rate(page, "1r")
    done(page, 1)
    rate(page, "a")
    expect(page.get_by_test_id("finished")).to_be_visible()
    assert sorted(path.name for path in (runs / "reviews").iterdir()) == ["zoë.jsonl"]
    page.set_viewport_size({"width": 360, "height": 740})
    page.reload()
    expect(page.get_by_test_id("save")).to_be_enabled()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_edit_from_the_page_to_a_file(
    context: BrowserContext, problems: Any, runs: Path, server: Callable[..., Any],
    tmp_path: Path, screenshot: Callable[..., Path],
) -> None:  # fmt: skip
    problems.expect("status of 422")
    page = opened(context, server(runs).url, "anna")
    expect(page.get_by_test_id("save")).to_be_enabled()
    page.keyboard.press("e")
    rate(page, "")
    expect(page.get_by_test_id("problem")).to_contain_text("nothing is edited")
    page.get_by_test_id("arguments-2-0").fill('{"restaurant": "Casa Lupo"}')
    expect(page.get_by_test_id("edit-problem")).to_contain_text('"date" is a required property')
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("problem")).to_contain_text("required property")
    page.get_by_test_id("arguments-2-0").fill('{"restaurant": "Casa Lupo", "date": "2026-03-06"}')
    page.get_by_test_id("words-4").fill("Done: <b>B-4417</b>.")
    expect(page.get_by_test_id("changes").locator("ins").last).to_contain_text("Done")
    screenshot(page, "review-edit")
    page.get_by_test_id("save").click()
    done(page, 1)
    page.get_by_test_id("tab-results").click()
    with page.expect_download() as waiting:
        page.get_by_test_id("export").click()
    waiting.value.save_as(tmp_path / "reviewed.jsonl")
    (one,) = read_trajectories(tmp_path / "reviewed.jsonl")
    assert one.path()[-1].content == "Done: <b>B-4417</b>."
    assert one.path(one.preferences[0].rejected)[-1].content == DIALOGUES[0].path()[-1].content


def test_what_is_not_saved_is_there_again(
    context: BrowserContext, problems: Any, runs: Path, server: Callable[..., Any]
) -> None:
    problems.expect("ERR_FAILED", "Failed to load resource")
    page = opened(context, server(runs).url, "anna")
    expect(page.get_by_test_id("save")).to_be_enabled()
    page.keyboard.press("e")
    page.get_by_test_id("words-4").fill("My own words.")
    page.get_by_test_id("comment").fill("half a thought")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_test_id("item-heading")).to_have_text(f"Conversation 2 of {COUNT}")
    expect(page.get_by_test_id("comment")).to_have_value("")
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_test_id("words-4")).to_have_value("My own words.")
    expect(page.get_by_test_id("comment")).to_have_value("half a thought")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_test_id("save").click()
    done(page, 1)
    # An undo that does not reach the server can be tried again.
    page.route("**/api/review/entry", lambda route: route.abort())
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("does not answer")
    page.unroute("**/api/review/entry")
    page.get_by_test_id("undo").click()
    done(page, 0)
    page.reload()
    expect(page.get_by_test_id("save")).to_be_enabled()
    assert asked == []
    page.get_by_test_id("comment").fill("not yet")
    page.reload()
    expect(page.get_by_test_id("save")).to_be_enabled()
    assert asked == ["beforeunload"]


def test_hostile_texts_are_text(
    context: BrowserContext, runs: Path, server: Callable[..., Any]
) -> None:
    source = "<img src=x onerror=alert(1)>.jsonl"
    hostile = hostile_trajectory()
    written(runs / source, [hostile])
    folder = ReviewFolder(runs / "reviews")
    folder.append(entry(hostile, "berta", comment=HOSTILE, decision="reject", source=HOSTILE))
    (runs / "reviews" / "<b>x.jsonl").write_text("hostile\n")
    page = opened(context, server(runs).url, "anna", source)
    expect(page.get_by_test_id("conversation")).to_contain_text("<script>")
    page.get_by_text("instructions and 1 tool").click()
    page.get_by_test_id("comment").fill(HOSTILE)
    page.get_by_role("group", name="Overall").get_by_role("radio", name="3").check()
    rate(page, "a")
    expect(page.get_by_test_id("finished")).to_be_visible()
    page.get_by_role("button", name="Back to the last one").click()
    page.get_by_test_id("reveal").click()
    expect(page.get_by_test_id("others")).to_contain_text("<script>")
    page.keyboard.press("e")
    page.get_by_test_id("words-0").fill(HOSTILE + "more")
    expect(page.get_by_test_id("changes").locator("ins")).to_contain_text("more")
    page.get_by_test_id("tab-results").click()
    expect(page.get_by_test_id("disputed")).to_contain_text("<script>")
    page.get_by_test_id("change").click()
    expect(page.get_by_test_id("review-setup")).to_contain_text("onerror")
    assert page.evaluate("document.documentElement.dataset.owned") is None
    assert page.locator("main img, main script, main iframe, main svg, main base").count() == 0


@pytest.mark.slow
def test_a_killed_server_loses_nothing_that_the_page_was_told(
    context: BrowserContext, problems: Any, runs: Path, server: Callable[..., Any]
) -> None:
    problems.expect("ERR_CONNECTION", "Failed to load resource", "ERR_EMPTY", "ERR_INCOMPLETE")
    written(runs / "many.jsonl", [dialogue_of(n) for n in range(60)])
    running = server(runs)
    page = opened(context, running.url, "anna", "many.jsonl")
    told: list[str] = []

    def tell(answer: Any) -> None:
        if answer.url.endswith("/api/review/entry") and answer.ok:
            told.append(answer.json()["item"])

    page.on("response", tell)
    expect(page.get_by_test_id("save")).to_be_enabled()
    for pause in (0.3, 0.7, 1.1):
        killer = threading.Timer(pause, running.kill)
        killer.start()
        while killer.is_alive():
            page.keyboard.press("a")
            page.keyboard.press("Enter")
            page.wait_for_timeout(15)
        killer.join()
        kept = [one.digest for one in ReviewFolder(runs / "reviews").entries()]
        assert set(told) <= set(kept)
        running.start()
        page.wait_for_timeout(200)
    page.reload()
    left = 60 - len({one.digest for one in _entries(runs)})
    assert 0 < len(set(told)) < 60, "the server was killed in the middle"
    for count in range(left):
        done(page, 60 - left + count)
        rate(page, "r")
    expect(page.get_by_test_id("finished")).to_be_visible()
    assert len({one.digest for one in _entries(runs)}) == 60


def _entries(runs: Path) -> list[Entry]:
    return list(ReviewFolder(runs / "reviews").entries())
