"""Runs in processes of their own on which the tests act meanwhile: with a model that takes its
time, so that there is a meanwhile."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from program import PROGRAM

from callsheet.trajectories.event import Event
from callsheet.trajectories.log import read_episodes

T = TypeVar("T")

SCENARIO = """
name: {name}
environment: workspace
tools: [Calculator]
plan:
  - tool_call: work out the formula "12*7"
  - tool_call: work out the formula "3+4"
  - chitchat: busy week
"""


def prepare(folder: Path, url: str, names: tuple[str, ...] = ("sums",)) -> Path:
    """A project with scenarios and a model called `remote`."""
    (folder / "scenarios").mkdir()
    for name in names:
        (folder / "scenarios" / f"{name}.yaml").write_text(SCENARIO.format(name=name))
    models = folder / "configs" / "models"
    models.mkdir(parents=True)
    (models / "remote.yaml").write_text(
        f"provider: openai_compatible\nconfig: {{model: m, base_url: '{url}'}}\ncache: false\n"
    )
    return folder / "run"


@contextlib.contextmanager
def callsheet(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`callsheet` in a process group of its own, killed at the end if it still lives."""
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            kill(process)
        process.communicate()


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL for the process and its workers."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def finished(process: subprocess.Popen[str]) -> str:
    """What it printed, after it has ended."""
    out, errors = process.communicate(timeout=60)
    assert process.returncode in (0, 1), errors
    return out + errors


def until(found: Callable[[], T], seconds: float = 30.0) -> T:
    """The first true value of `found`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError):
            value = found()
            if value:
                return value
        time.sleep(0.02)
    raise AssertionError("it did not come to that in time")


def events(run: Path) -> dict[str, list[Event]]:
    return dict(read_episodes(run))


def words(told: list[Event], source: str) -> list[Any]:
    return [e.data["message"]["content"] for e in told if e.kind == "message"
            and e.source == source and not e.data["message"].get("tool_calls")]  # fmt: skip
