"""The page's pure modules, under Node: events become blocks."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

import callsheet
from callsheet.scenarios import library, load_scenario
from callsheet.simulation import RunConfig, simulate
from callsheet.trajectories.log import read_episodes

MODULES = Path(callsheet.__file__).parent / "watch" / "page" / "conversation"
SCENARIOS = (
    "parallel-calls",
    "fault-and-retry",
    "shop-order",
    "planned-pool",
    "impossible-request",
)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_events_become_blocks(tmp_path: Path) -> None:
    run = tmp_path / "run"
    simulate([load_scenario(library()[name]) for name in SCENARIOS], RunConfig(), run)
    recorded = {
        name.partition("-")[2]: [event.model_dump(exclude={"episode"}) for event in events]
        for name, events in read_episodes(run)
    }
    assert recorded.keys() == set(SCENARIOS)
    (tmp_path / "recorded.json").write_bytes(orjson.dumps(recorded))
    # Without a package.json that says so, Node takes a .js file for something older than a module.
    (tmp_path / "package.json").write_text('{"type": "module"}')
    tests = Path(__file__).with_name("turns.test.mjs")
    for file in (tests, *(MODULES / name for name in ("turns.js", "changes.js", "partials.js"))):
        shutil.copy(file, tmp_path)
    done = subprocess.run(
        ["node", "--test", tests.name], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
