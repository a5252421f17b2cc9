"""Every view by keyboard, for a screen reader, in both themes and on a telephone.

Names are those of Chromium's accessibility tree; contrast is computed from the styles as they are
rendered (WCAG 2.1: at least 4.5 to 1). What is drawn on a canvas is not looked at: it uses the same
colours, and the views say the same in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, BrowserContext, Page

from ..recorded_runs import write_run
from .conftest import Problems
from .every_view import KEPT_NAME, READY, VIEWS, address

pytestmark = pytest.mark.slow
EPISODES = ("000003-convert-money", "000012-book-a-table")
"""One that hit a limit, and one that nobody plays."""
_NAMED = {
    "button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "slider", "Iframe",
    "spinbutton", "dialog", "feed", "article", "img", "image", "progressbar", "navigation",
    "complementary", "heading", "grid", "region", "DisclosureTriangle",
}  # fmt: skip
"""Roles that say nothing without a name."""
_TABBABLE = """() => {
  const groups = new Set();
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, iframe, '
    + '[tabindex="0"], [contenteditable=true]')].filter((element) => {
    if (element.disabled || element.tabIndex < 0 && element.tagName !== 'IFRAME') return false;
    if (!element.checkVisibility({visibilityProperty: true})) return false;
    if (element.closest('[hidden], [inert]')) return false;
    const folded = element.closest('details:not([open])');
    if (folded && element !== folded.querySelector(':scope > summary')) return false;
    if (element.type !== 'radio') return true;
    return !groups.has(element.name) && groups.add(element.name);
  }).map((element, i) => {
    const group = element.type === 'radio' && element.closest('fieldset');
    const all = group ? group.querySelectorAll(`[name="${element.name}"]`) : [element];
    for (const one of all) one.dataset.tab = i;
    return element.outerHTML.slice(0, 120);
  });
}"""
"""Numbers what Tab should come to (one of each group of radio buttons) and tells what it is."""
_CONTRAST = """() => {
  const pixel = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgba = (colour) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], below) =>
    [...[r, g, b].map((part, i) => part * a + below[i] * (1 - a)), 1];
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    const behind = [];
    for (let one = element; one; one = one.parentElement)
      behind.unshift(rgba(getComputedStyle(one).backgroundColor));
    return behind.reduce((below, colour) => over(colour, below), [255, 255, 255, 1]);
  };
  const found = new Map();
  const judge = (element, style, text) => {
    let shade = 1;
    for (let one = element; one; one = one.parentElement)
      shade *= Number(getComputedStyle(one).opacity);
    if (!shade || element.closest(':disabled, svg')) return;
    const under = ground(element);
    const colour = rgba(style.color);
    colour[3] *= shade;
    const value = ratio(over(colour, under), under);
    const name = `${element.tagName}.${element.className}`;
    if (value < 4.5) found.set(name, `${value.toFixed(2)} ${name}: ${text.trim().slice(0, 40)}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    if (element.closest('.visually-hidden, noscript, script')) continue;
    judge(element, getComputedStyle(element), node.data);
  }
  for (const field of document.querySelectorAll('input[placeholder], textarea[placeholder]'))
    judge(field, getComputedStyle(field, '::placeholder'), field.placeholder);
  return [...found.values()];
}"""
"""Texts with too little contrast against what is behind them; disabled controls are exempt."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "runs"
    write_run(folder / "0001", episodes=12, unfinished=2)
    write_run(folder / "night-of-the-very-long-name-that-somebody-gave-a-run", episodes=4)
    return folder


@pytest.fixture
def look(server: Callable[..., Any], runs: Path, problems: Problems) -> Callable[..., None]:
    """`look(page, view)` goes there and waits until the view is ready."""
    url = server(runs).url
    problems.expect("404")  # the view of a run that is nowhere

    def at(page: Page, view: str) -> None:
        page.goto(
            url
            + address(
                view, "0001", EPISODES, "night-of-the-very-long-name-that-somebody-gave-a-run"
            )
        )
        page.wait_for_selector(READY[view])

    return at


@pytest.fixture
def page(context: BrowserContext) -> Page:
    context.add_init_script(KEPT_NAME)
    return context.new_page()


def _tree(page: Page) -> list[tuple[str, str]]:
    """Role and name of all nodes of the accessibility tree."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip())
        for node in nodes
        if not node["ignored"] and "role" in node
    ]


def test_every_view_has_landmarks_and_names(page: Page, look: Callable[..., None]) -> None:
    missing = []
    for view in VIEWS:
        look(page, view)
        nodes = _tree(page)
        roles = [role for role, _ in nodes]
        missing += [
            f"{view}: a {role} without a name"
            for role, name in nodes
            if role in _NAMED and not name
        ]
        for role, count in (("main", 1), ("banner", 1)):
            if roles.count(role) != count:
                missing.append(f"{view}: {roles.count(role)} × {role}")
        if page.locator("h1").count() != 1:
            missing.append(f"{view}: {page.locator('h1').count()} × h1")
        if ("navigation", "Main") not in nodes:
            missing.append(f"{view}: no navigation")
        if not page.title().removesuffix("callsheet").strip(" ·"):
            missing.append(f"{view}: no title")
        doubled = page.evaluate(
            "[...document.querySelectorAll('[id]')].map((one) => one.id)"
            ".filter((id, i, all) => all.indexOf(id) !== i)"
        )
        missing += [f"{view}: id {one} twice" for one in doubled]
    assert missing == []


def test_tab_reaches_everything_and_leaves_it(page: Page, look: Callable[..., None]) -> None:
    unreached = []
    for view in VIEWS:
        look(page, view)
        wanted = page.evaluate(_TABBABLE)
        reached: set[int] = set()
        for _ in range(3 * len(wanted) + 20):
            page.keyboard.press("Tab")
            at = page.evaluate("document.activeElement?.closest('[data-tab]')?.dataset.tab ?? null")
            if at is not None:
                reached.add(int(at))
            if len(reached) == len(wanted):
                break
        unreached += [f"{view}: {what}" for i, what in enumerate(wanted) if i not in reached]
    assert unreached == []


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser, problems: Problems) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1360, "height": 860}, color_scheme=request.param
    )
    problems.watch(context)
    context.add_init_script(KEPT_NAME)
    yield context.new_page()
    context.close()
    assert not problems.unexpected


def test_both_themes_can_be_read_and_a_telephone_shows_all(
    themed: Page, look: Callable[..., None], screenshot: Callable[..., Path]
) -> None:
    theme = (
        "dark" if themed.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    )
    wrong = []
    for view in VIEWS:
        themed.set_viewport_size({"width": 1360, "height": 860})
        look(themed, view)
        screenshot(themed, f"view-{view}-{theme}")
        opened = "document.querySelectorAll('main details').forEach((one) => { one.open = true })"
        themed.evaluate(opened)
        wrong += [f"{view}: {line}" for line in themed.evaluate(_CONTRAST)]
        themed.set_viewport_size({"width": 360, "height": 740})
        look(themed, view)
        screenshot(themed, f"view-{view}-{theme}-360")
        for what in ("as it comes", "all opened"):
            width = themed.evaluate("document.documentElement.scrollWidth")
            if width > 360:
                wrong.append(f"{view}, {what}: {width} px wide on a telephone")
            themed.evaluate(opened)
    assert wrong == []
