"""The editor's pure modules, under Node: where one stands, and what can be written there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

import callsheet
from callsheet.scenarios import json_schema

MODULES = Path(callsheet.__file__).parent / "watch" / "page" / "authoring"


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_places_in_a_scenario(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_bytes(orjson.dumps(json_schema()))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    tests = Path(__file__).with_name("position.test.mjs")
    for file in (tests, MODULES / "position.js", MODULES / "schema.js"):
        shutil.copy(file, tmp_path)
    done = subprocess.run(
        ["node", "--test", tests.name], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
