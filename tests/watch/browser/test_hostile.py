"""Every view over a run whose every text wants to be markup, script or request: nothing happens.

What a run's texts can reach in each view is opened too: details, the prompt, the fork, keys, what
others said. The policy of the page would stop a script; here no element may come of a text at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from ...hostile_run import HOSTILE, hostile_trajectory
from ..recorded_runs import hostile_run, write_run
from .conftest import Problems
from .every_view import KEPT_NAME, READY, VIEWS, address

pytestmark = pytest.mark.slow
_FILE = "<img src=x onerror=alert(1)>'\"&.yaml"
_SCENARIO = f"name: a\ndescription: {HOSTILE[:80]!r}\nplan: [{{chitchat: '<b>b</b>'}}]\n"
_MADE = """[...document.querySelectorAll(
  'img, base, object, embed, meta[http-equiv], iframe:not([data-testid=frame]), form[action], '
  + 'script:not([src^="/page/"]), link:not([href^="/page/"], [rel=icon]), body style, main b b')]
  .concat([...document.querySelectorAll('*')].filter((element) => [...element.attributes]
    .some(({name, value}) => /^on/.test(name) || /^\\s*(javascript|data):/i.test(value)
      && element.rel !== 'icon'
      || name === 'style' && /url|evil/.test(value)
      || ['href', 'src'].includes(name) && new URL(value, location).origin !== location.origin
        && element.rel !== 'icon')))
  .map((element) => element.outerHTML.slice(0, 200))"""
"""Elements that no view makes, and attributes that no element of a view has."""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    run = hostile_run(tmp_path / "runs")
    dialogues = [hostile_trajectory(number) for number in range(3)]
    lines = "".join(one.model_dump_json() + "\n" for one in dialogues)
    (run / "trajectories.jsonl").write_text(lines)
    (run.parent / f"{_FILE[:-5]}.jsonl").write_text(lines)
    write_run(run.parent / "0001", episodes=2)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / _FILE).write_text(_SCENARIO)
    return run.parent


@pytest.fixture
def hurt(context: BrowserContext, problems: Problems) -> Iterator[None]:
    def opened(dialog: Dialog) -> None:
        problems.lines.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    context.add_init_script(KEPT_NAME)
    context.on("dialog", opened)
    yield


def _inert(page: Page, where: str) -> None:
    assert page.evaluate("document.documentElement.dataset.owned") is None, where
    assert page.evaluate(_MADE) == [], where
    assert len(page.context.pages) == 1, where


def _touched(page: Page) -> None:
    """Everything that can be opened, opened; and the mouse over what wants it."""
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
    for kind in ("article", ".tabulator-row", ".run-row", ".tool-list button", "h1"):
        if page.locator(f"main {kind}").count():
            page.locator(f"main {kind}").first.hover(force=True)


@pytest.mark.usefixtures("hurt")
def test_no_view_does_what_a_text_wants(
    page: Page, server: Callable[..., Any], runs: Path, problems: Problems
) -> None:
    problems.expect("404")  # the view of a run that is nowhere
    run = next(one.name for one in runs.iterdir() if one.name.startswith("<img") and one.is_dir())
    episodes = [f"{index:06d}-{HOSTILE}" for index in range(2)]
    url = server(runs).url
    for view in VIEWS:
        page.goto(url + address(view, run, episodes, "0001"))
        page.wait_for_selector(READY[view])
        _touched(page)
        _inert(page, view)


@pytest.mark.usefixtures("hurt")
def test_what_is_opened_in_a_view_is_inert(
    page: Page, server: Callable[..., Any], runs: Path, problems: Problems
) -> None:
    problems.expect("400")  # the file of that name
    run = next(one.name for one in runs.iterdir() if one.name.startswith("<img") and one.is_dir())
    episodes = [f"{index:06d}-{HOSTILE}" for index in range(2)]
    url = server(runs).url
    page.goto(url + address("unfinished", run, episodes))
    page.wait_for_selector(READY["unfinished"])
    page.get_by_test_id("model-line").first.click()
    expect(page.get_by_test_id("prompt")).to_contain_text("onerror")
    _inert(page, "prompt")
    page.keyboard.press("Escape")
    page.locator("article.by-user").first.hover()
    page.locator("article.by-user [data-fork]").first.click()
    expect(page.get_by_test_id("fork-dialog").locator("[name=words]")).to_have_value(HOSTILE)
    _inert(page, "fork")
    page.keyboard.press("Escape")
    page.get_by_test_id("take-away").locator("summary").click()
    with page.expect_download() as saved:
        page.get_by_test_id("save-json").click()
    assert "/" not in saved.value.suggested_filename
    _inert(page, "take away")

    page.goto(url + address("run", run, episodes))
    page.wait_for_selector(READY["run"])
    page.get_by_test_id("filter-status").select_option(index=1)
    page.get_by_test_id("filter-tool").select_option(index=1)
    page.get_by_test_id("filter-text").fill(HOSTILE)
    expect(page.locator(".tabulator-placeholder, .tabulator-row").first).to_be_visible()
    _inert(page, "filters")

    page.goto(url + address("review", run, episodes))
    page.wait_for_selector(READY["review"])
    page.get_by_test_id("comment").fill(HOSTILE)
    page.keyboard.press("Escape")
    page.locator("label.is-accept").click()
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("said")).to_contain_text("saved")
    page.keyboard.press("k")
    page.get_by_test_id("reveal").click()
    expect(page.get_by_test_id("others")).to_be_visible()
    _inert(page, "what others said")

    page.goto(f"{url}/author?file=" + "%3Cb%3Ehurt")
    expect(page.get_by_role("alert")).to_be_visible()
    _inert(page, "a file that is none")
