"""The page's own modules for rows and for the stream, under Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import callsheet

MODULES = Path(callsheet.__file__).parent / "watch" / "page" / "lib"
_SIGNAL = "export const signal = (value) => ({ value, peek() { return this.value; } });"
"""All that these modules want of the page's library."""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@pytest.mark.parametrize("module", ["rows", "stream-hub"])
def test_messages_reach_their_rows_and_tabs(tmp_path: Path, module: str) -> None:
    (tmp_path / "ui.js").write_text(_SIGNAL)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    tests = Path(__file__).with_name(f"{module}.test.mjs")
    for file in (tests, MODULES / f"{module}.js"):
        shutil.copy(file, tmp_path)
    done = subprocess.run(
        ["node", "--test", tests.name], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
