"""Acting in a real browser: starting, speaking for a role, pausing, cancelling, forking."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from ..keyless_model import keyless_model
from .played import project as project

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=window.hurt=1>"


def part(page: Page, name: str) -> Locator:
    return page.get_by_test_id(name)


def started(page: Page, url: str, scenario: str, repeat: int = 1, **models: str) -> None:
    """Start a scenario of the library from the start view, and be where it is watched."""
    page.goto(f"{url}/start?{urlencode({'library': scenario})}")
    for role, name in models.items():
        page.locator(f"select[name=model-{role}]").select_option(name)
    page.locator("input[name=repeat]").fill(str(repeat))
    part(page, "start").click()
    expect(page).to_have_url(re.compile("/episode" if repeat == 1 else "/run"))


def say(page: Page, role: str, words: str) -> None:
    composer = part(page, f"composer-{role}")
    composer.locator("[name=words]").fill(words)
    composer.get_by_test_id("say").click()


def test_a_person_speaks_for_the_user_and_the_assistant(
    page: Page, server: Callable[..., Any], project: Path, screenshot: Callable[..., Path]
) -> None:
    started(page, server(project / "runs").url, "missing-parameter", user="human")
    expect(part(page, "composer-user")).to_contain_text("waits for you as the user")
    say(page, "user", f"What is the weather in Oslo on 2026-03-05? {HOSTILE}")
    expect(page.locator(".by-user .words").last).to_contain_text(HOSTILE)
    expect(page.locator(".by-assistant .words").last).to_contain_text("Oslo")
    part(page, "take-assistant").click()
    expect(part(page, "take-assistant")).to_have_attribute("aria-pressed", "true")
    say(page, "user", "And in Bergen?")
    composer = part(page, "composer-assistant")
    composer.get_by_test_id("call-a-tool").click()
    composer.locator("select[name=tool]").select_option("GetWeather")
    # The arguments have the shape that the tool's schema wants.
    expect(composer.locator("[name=arguments]")).to_have_value(
        re.compile('"city": "".*"date"', re.S)
    )
    composer.locator("[name=arguments]").fill('{"city": ')
    expect(composer.get_by_test_id("say")).to_be_disabled()
    screenshot(page, "act-composer")
    composer.locator("[name=arguments]").fill('{"city": "Bergen", "date": "2026-03-05"}')
    composer.get_by_test_id("say").click()
    say(page, "assistant", f"In Bergen it rains. {HOSTILE}")
    expect(page.locator(".by-assistant .words").last).to_contain_text("In Bergen it rains.")
    part(page, "take-assistant").click()
    expect(part(page, "take-assistant")).to_have_attribute("aria-pressed", "false")
    say(page, "user", "What is the weather in Rome on 2026-03-05?")
    expect(page.locator(".by-assistant .words").last).to_contain_text("Rome")
    part(page, "end").click()
    expect(part(page, "state")).to_have_text("completed")
    expect(part(page, "composer-user")).to_have_count(0)
    assert page.evaluate("window.hurt") is None


def test_a_run_is_paused_continued_cancelled_and_resumed_by_two_tabs(
    page: Page,
    server: Callable[..., Any],
    project: Path,
    screenshot: Callable[..., Path],
    problems: Any,
) -> None:
    problems.expect("403", "ERR_")  # an action with the old server's token is sent again
    running = server(project / "runs")
    started(page, running.url, "missing-parameter", repeat=2, user="human")
    other = page.context.new_page()
    other.goto(page.url)
    expect(part(page, "resume")).to_have_attribute("aria-disabled", "true")
    part(page, "pause").click()
    expect(part(other, "continue")).to_be_visible()
    screenshot(page, "act-run")
    # The run is played by nobody's server: it is still there when another one comes.
    running.restart()
    part(other, "continue").click()
    expect(part(page, "pause")).to_be_visible()
    part(page, "cancel").click()
    expect(part(other, "cancel")).to_have_attribute("aria-disabled", "true")
    expect(part(other, "pause")).to_have_attribute("aria-disabled", "true")


def test_a_run_whose_process_was_killed_is_resumed(
    page: Page, server: Callable[..., Any], project: Path
) -> None:
    started(page, server(project / "runs").url, "missing-parameter", repeat=2, user="human")
    expect(part(page, "resume")).to_have_attribute("aria-disabled", "true")
    [claim] = (project / "runs" / "0001" / "epochs").iterdir()
    os.kill(json.loads(claim.read_bytes())["pid"], signal.SIGKILL)
    expect(part(page, "pause")).to_have_attribute("aria-disabled", "true")
    part(page, "resume").click()
    expect(part(page, "resume")).to_have_attribute("aria-disabled", "true")
    part(page, "pause").click()
    expect(part(page, "continue")).to_be_visible()
    assert len(list((project / "runs" / "0001" / "epochs").iterdir())) == 2


def test_one_episode_is_cancelled_and_the_run_goes_on(
    page: Page, server: Callable[..., Any], project: Path
) -> None:
    started(page, server(project / "runs").url, "missing-parameter", user="human")
    expect(part(page, "composer-user")).to_be_visible()
    part(page, "episode-pause").click()
    expect(part(page, "episode-pause")).to_have_text("Continue")
    part(page, "episode-pause").click()
    expect(part(page, "episode-pause")).to_have_text("Pause")
    part(page, "episode-cancel").click()
    expect(part(page, "state")).to_have_text("cancelled")


def test_a_fork_with_other_words_goes_another_way(
    page: Page, server: Callable[..., Any], project: Path, screenshot: Callable[..., Path]
) -> None:
    started(page, server(project / "runs").url, "single-call")
    expect(part(page, "state")).to_have_text("completed")
    original = page.url
    before = page.locator(".by-user .words").first.inner_text()
    message = page.locator("article.by-user").first
    message.hover()
    message.locator("[data-fork]").click()
    dialog = part(page, "fork-dialog")
    expect(dialog.locator("[name=words]")).to_have_value(before)
    dialog.locator("[name=words]").fill("What is the weather in Rome on 2026-03-07?")
    screenshot(page, "act-fork")
    part(page, "fork-begin").click()
    expect(page).not_to_have_url(original)
    expect(page.locator(".by-user .words").first).to_have_text(
        "What is the weather in Rome on 2026-03-07?"
    )
    expect(part(page, "state")).to_have_text("completed")
    expect(page.locator(".by-assistant .words").last).to_contain_text("Rome")
    # The assistant's words can be others too; the user's stay.
    message = page.locator("article.by-assistant").last
    message.hover()
    message.locator("[data-fork]").click()
    part(page, "fork-dialog").locator("[name=words]").fill(f"I would not know. {HOSTILE}")
    part(page, "fork-begin").click()
    expect(page.locator(".by-assistant .words").last).to_contain_text("I would not know.")
    expect(page.locator(".by-user .words").first).to_contain_text("Rome")
    page.goto(page.url.replace("/episode", "/run"))
    expect(part(page, "forked-from")).to_contain_text("forked from 0002")
    assert page.evaluate("window.hurt") is None


def test_a_run_that_cannot_begin_says_why(
    page: Page, server: Callable[..., Any], project: Path, problems: Any
) -> None:
    keyless_model(project)
    page.goto(f"{server(project / 'runs').url}/start")
    part(page, "start").click()
    expect(part(page, "refusal")).to_have_text("Choose a scenario first.")
    page.get_by_label("single-call").first.check()
    page.locator("select[name=model-assistant]").select_option("keyless")
    problems.expect("422")
    part(page, "start").click()
    expect(part(page, "refusal")).to_contain_text("NO_SUCH_KEY")
    assert list((project / "runs").glob("0*")) == []
