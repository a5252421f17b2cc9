"""A project's folder in which the page's runs are played, and left by nobody."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from callsheet.simulation import RunDirectory
from callsheet.simulation.control import change_control


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project with empty folders `runs` and `scenarios`; its runs are cancelled at the end."""
    for name in ("runs", "scenarios"):
        (tmp_path / name).mkdir()
    yield tmp_path
    runs = [path.parent for path in (tmp_path / "runs").glob("*/run.json")]
    for run in runs:
        change_control(run, cancelled=True, paused=False)
    deadline = time.monotonic() + 60
    while any(RunDirectory(run).is_live() for run in runs):
        assert time.monotonic() < deadline, "a run is still being played"
        time.sleep(0.1)
