"""The README's two pictures of the page, of a run that is really played.

Only where CALLSHEET_SCREENSHOTS names a folder: page-run.png and page-episode.png are written
there, and copied to docs/ by whoever finds them good.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser

from callsheet.scenarios import library, load_scenario
from callsheet.scenarios.schema import Faults, Limits
from callsheet.simulation import RunConfig, simulate

from .every_view import READY, address

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("CALLSHEET_SCREENSHOTS"), reason="CALLSHEET_SCREENSHOTS names no folder"
    ),
]
SCENARIOS = (
    "reschedule-offsite", "shop-order", "fault-and-retry", "account-flow", "chained-calls",
    "parallel-calls", "missing-parameter", "impossible-request", "react-contact", "planned-pool",
)  # fmt: skip


def test_the_pictures(
    browser: Browser, server: Callable[..., Any], tmp_path: Path, screenshot: Callable[..., Path]
) -> None:
    run = tmp_path / "runs" / "offsite-and-orders"
    # Tools that fail now and then, and a tight limit, so that not everything is accepted.
    strict = {"limits": Limits(tool_calls=3), "faults": Faults(timeout=0.15, seed=4)}
    calm = ("shop-order", "fault-and-retry")
    read = [load_scenario(library()[name]) for name in SCENARIOS]
    scenarios = [one if one.name in calm else one.model_copy(update=strict) for one in read]
    # In a thread of its own: Playwright's event loop has this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(simulate, scenarios, RunConfig(repeat=40), run).result()
    url = server(run.parent).url
    context = browser.new_context(
        viewport={"width": 1360, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    rows = page.request.get(f"{url}/api/episodes?run={run.name}").json()["rows"]
    shown = [row["episode"] for row in rows if row["scenario"] == "shop-order"][:2]
    for view in ("run", "episode"):
        page.goto(url + address(view, run.name, shown))
        page.wait_for_selector(READY[view])
        page.wait_for_timeout(1500)  # charts lag behind the rows
        screenshot(page, f"page-{view}")
    context.close()
