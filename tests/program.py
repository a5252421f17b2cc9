"""The program as a person runs it: a real process in a folder, and what it said."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
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
