"""The program as a person runs it: a real process in a folder, and what it said."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PROGRAM = [sys.executable, "-c", "from callsheet.cli import main; main()"]

_DROP_FROM_BOUNDING_SET, _IGNORE_PERMISSIONS = 24, 1


def callsheet(
    folder: Path,
    *arguments: str,
    before: Callable[[], None] | None = None,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """`callsheet ARGUMENTS` in `folder`; `before` runs in the new process."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=before,
    )


def as_anybody() -> None:
    """Let file permissions hold for root too, which tests in a container often are."""
    ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, _IGNORE_PERMISSIONS, 0, 0, 0)


def children(process: int) -> list[int]:
    """Processes that it has started and that have not ended."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in listed]


def until_gone(processes: Sequence[int]) -> None:
    """Wait until all of them have ended; fails after half a minute."""
    deadline = time.monotonic() + 30
    while alive := [one for one in processes if _runs(one)]:
        assert time.monotonic() < deadline, alive
        time.sleep(0.05)


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    # In a container nobody may be there to ask how an orphan ended.
    return state != "Z"


def one_line(ended: subprocess.CompletedProcess[str]) -> str:
    """Its only line on standard error."""
    lines = ended.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("callsheet: "), ended.stderr
    return lines[0]


def new_project(folder: Path) -> Path:
    """What `callsheet init` makes."""
    assert callsheet(folder, "init", "mine").returncode == 0
    return folder / "mine"


def use_endpoint(project: Path, url: str, **more: object) -> None:
    """Configure the model `remote` of a project."""
    extra = "".join(f"{name}: {value}\n" for name, value in more.items())
    (project / "configs" / "models" / "remote.yaml").write_text(
        f"provider: openai_compatible\nconfig: {{model: m, base_url: '{url}'}}\n{extra}"
    )
