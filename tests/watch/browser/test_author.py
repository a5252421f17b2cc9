"""Authoring in a real browser: completion, findings as one types, saving, running, watching."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from .played import project as project

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=window.hurt=1>"


def part(page: Page, name: str) -> Locator:
    return page.get_by_test_id(name)


def text_of(page: Page) -> str:
    lines = page.locator(".cm-line").all_inner_texts()
    return "\n".join(line.rstrip("\n") for line in lines)


def opened(page: Page, url: str, query: str = "") -> None:
    page.goto(f"{url}/author{query}")
    expect(part(page, "editor")).to_have_attribute("aria-busy", "false")
    expect(part(page, "findings-line")).not_to_have_text("Looking…")


def typed(page: Page, text: str) -> None:
    """The whole text, put in from the clipboard."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    pasted(page, text)


def pasted(page: Page, text: str) -> None:
    page.locator(".cm-content").evaluate(
        """(element, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const paste = {clipboardData: data, bubbles: true, cancelable: true};
          element.dispatchEvent(new ClipboardEvent("paste", paste));
        }""",
        text,
    )


def test_a_scenario_is_written_mended_saved_run_and_watched(
    page: Page, server: Callable[..., Any], project: Path, screenshot: Callable[..., Path]
) -> None:
    opened(page, server(project / "runs").url)
    expect(part(page, "findings-line")).to_contain_text("Nothing to mend")
    begun = text_of(page)
    typed(page, begun.replace("new-scenario", "my-weather").replace("GetWeather", "GetWether"))
    finding = part(page, "findings").locator("li").first
    expect(finding).to_contain_text("4:9")
    expect(finding).to_contain_text("GetWeather")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    screenshot(page, "author-finding")
    # The finding leads to its place.
    finding.get_by_role("button").click()
    page.keyboard.press("Shift+End")
    pasted(page, "GetWeather]")
    expect(part(page, "findings-line")).to_contain_text("Nothing to mend")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(0)
    expect(part(page, "dirty")).to_have_text("not saved")
    page.keyboard.press("Control+s")
    dialog = part(page, "save-dialog")
    expect(dialog.get_by_role("textbox")).to_have_value("my-weather.yaml")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(part(page, "dirty")).to_have_text("")
    assert "tools: [GetWeather]" in (project / "scenarios" / "my-weather.yaml").read_text()
    expect(page).to_have_url(re.compile(r"file=my-weather\.yaml"))
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    watched = page.frame_locator("[data-testid=watched] iframe")
    expect(watched.get_by_test_id("state")).to_have_text("completed")
    expect(watched.locator(".by-user").first).to_contain_text("weather in Oslo")
    screenshot(page, "author-run")


def test_completion_knows_the_schema_and_the_tools(
    page: Page, server: Callable[..., Any], project: Path
) -> None:
    opened(page, server(project / "runs").url)
    offered = page.locator(".cm-tooltip-autocomplete li")
    for before, keys, wanted in (
        ("name: a\n", "env", "environment"),
        ("name: a\nuser: {", "sty", "style"),
        ("name: a\nuser:\n  style: ", "te", "terse"),
        ("name: a\ntools:\n  - ", "GetW", "GetWeather"),
        ("name: a\nassistant:\n  model: ", "ru", "rules"),
    ):
        typed(page, before)
        page.keyboard.type(keys)
        expect(offered.first).to_have_text(wanted)
        offered.first.click()
        expect(page.locator(".cm-content")).to_contain_text(wanted)
    page.locator(".cm-line", has_text="assistant").get_by_text("assistant").hover()
    expect(page.locator(".author-hint")).to_have_text("Who is asked.")


def test_what_is_not_saved_is_not_lost_nor_overwrites(
    page: Page, server: Callable[..., Any], project: Path, problems: Any
) -> None:
    file = project / "scenarios" / "a.yaml"
    file.write_text("name: a\nplan: [{chitchat: hello}]\n")
    url = server(project / "runs").url
    opened(page, url, "?file=a.yaml")
    typed(page, "name: a\nplan: [{chitchat: mine}]\n")
    expect(part(page, "dirty")).to_have_text("not saved")
    page.get_by_role("link", name="Runs", exact=True).click()
    expect(page).to_have_url(f"{url}/")
    page.go_back()
    expect(page.locator(".cm-content")).to_contain_text("chitchat: mine")
    expect(part(page, "dirty")).to_have_text("not saved")
    file.write_text("name: a\nplan: [{chitchat: theirs}]\n")
    problems.expect("409")
    part(page, "save").click()
    expect(part(page, "toasts")).to_contain_text("was changed meanwhile")
    assert "theirs" in file.read_text()


def test_a_file_that_cannot_be_opened_leaves_every_draft_as_it_is(
    page: Page, server: Callable[..., Any], project: Path, problems: Any
) -> None:
    problems.expect("404")
    files = {name: project / "scenarios" / f"{name}.yaml" for name in "ab"}
    for name, file in files.items():
        file.write_text(f"name: {name}\nplan: [{{chitchat: hello}}]\n")
    opened(page, server(project / "runs").url, "?file=b.yaml")
    typed(page, "name: b\nplan: [{chitchat: mine of b}]\n")
    expect(part(page, "dirty")).to_have_text("not saved")
    part(page, "open").select_option("f a.yaml")
    expect(page.locator(".cm-content")).to_contain_text("name: a")
    typed(page, "name: a\nplan: [{chitchat: mine of a}]\n")
    expect(part(page, "dirty")).to_have_text("not saved")
    payload = files["b"].read_text()
    files["b"].unlink()
    part(page, "open").select_option("f b.yaml")
    expect(page.get_by_role("alert").first).to_contain_text("there is no such file")
    typed(page, "name: a\nplan: [{chitchat: more of a}]\n")
    files["b"].write_text(payload)
    page.reload()
    expect(page.locator(".cm-content")).to_contain_text("chitchat: mine of b")
    part(page, "open").select_option("f a.yaml")
    expect(page.locator(".cm-content")).to_contain_text("chitchat: more of a")


def test_nothing_is_named_that_a_page_must_not(
    page: Page, server: Callable[..., Any], project: Path, problems: Any
) -> None:
    (project / "scenarios" / f"{HOSTILE}.yaml").write_text("name: a\nplan: [{chitchat: b}]\n")
    opened(page, server(project / "runs").url)
    problems.expect("422")
    line = part(page, "findings")
    for environment, word in (
        ("python:os", "unknown environment"),
        ("mcp:files", "unknown environment"),
        ("openapi:/etc/pets.yaml", "outside the project"),
        (HOSTILE, HOSTILE),
    ):
        typed(page, f"name: a\nplan: [{{chitchat: b}}]\nenvironment: '{environment}'\n")
        expect(line).to_contain_text(word)
        part(page, "start").click()
        expect(part(page, "refusal")).to_contain_text(word)
    typed(page, "name: a\nenvironment: planned\npool: ../../../etc/passwd\nplan: [{chitchat: b}]\n")
    expect(line).to_contain_text("outside the project")
    assert list((project / "runs").glob("0*")) == []
    assert page.evaluate("window.hurt") is None


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1360, "dark")])
def test_it_is_readable_on_a_phone_and_in_the_dark(
    page: Page, server: Callable[..., Any], project: Path, screenshot: Callable[..., Path],
    width: int, theme: str,
) -> None:  # fmt: skip
    page.set_viewport_size({"width": width, "height": 780})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    url = server(project / "runs").url
    opened(page, url, "?template=missing-parameter")
    screenshot(page, f"author-{width}-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{url}/start?library=single-call")
    expect(part(page, "launch")).to_be_visible()
    screenshot(page, f"start-{width}-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
