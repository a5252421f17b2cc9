"""Files of tools become pools; files of conversations never do, whatever else they hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callsheet.trajectories.formats.conversion import Conversion
from callsheet.trajectories.formats.convert import convert_file

TIDES = {"name": "tides", "description": "Tides.", "parameters": {"type": "object"}}
TOOL = {"type": "function", "function": TIDES}
TURNS = [{"role": "user", "content": "Tides?"}, {"role": "assistant", "content": "High."}]
SPOKEN = [{"speaker": "a", "text": "Tides?"}, {"speaker": "b", "text": "High."}]


def _convert(path: Path, text: str) -> Conversion:
    path.write_text(text)
    report = convert_file(path, path.with_name("out.jsonl"))
    assert report.read == report.converted + report.refusals
    assert report.read, "what is not empty is read or refused"
    refused = path.with_name("out.jsonl.refused.jsonl")
    lines = refused.read_text().splitlines() if refused.exists() else []
    assert len(lines) == report.refusals
    return report


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
@pytest.mark.parametrize(
    ("record", "converted"),
    [
        ({"trajectory": TURNS, "tools": [TOOL]}, 1),
        ({"trajectory": json.dumps(TURNS), "tools": [TOOL]}, 1),
        ({"messages": json.dumps(TURNS), "tools": [TOOL]}, 1),
        ({"conversation": TURNS, "tools": [{"name": "tides", "input_schema": {}}]}, 1),
        ({"name": "n", "description": "d", "dialogue": TURNS}, 1),
        ({"name": "n", "description": "d", "dialogue": SPOKEN}, 0),
        ({"talk": SPOKEN, "tools": [TOOL]}, 0),
        ({"talk": json.dumps(TURNS), "tools": [TOOL]}, 0),
    ],
)
def test_conversations_are_no_pool(
    tmp_path: Path, record: dict[str, Any], converted: int, suffix: str
) -> None:
    report = _convert(tmp_path / f"a{suffix}", json.dumps(record))
    assert report.tools is None
    assert (report.read, report.converted) == (1, converted)
    assert report.refusals == 1 - converted


@pytest.mark.parametrize(
    ("name", "text", "tools"),
    [
        ("a.json", json.dumps({"tools": [TOOL]}), 1),
        ("a.json", json.dumps([TIDES]), 1),
        ("a.jsonl", json.dumps(TIDES), 1),
        ("a.jsonl", f"{json.dumps(TIDES)}\n{json.dumps(TOOL)}", 1),
        ("a.json", json.dumps([TIDES, {"name": "", "description": "x", "parameters": {}}]), 1),
    ],
)
def test_tools_are_a_pool(tmp_path: Path, name: str, text: str, tools: int) -> None:
    assert _convert(tmp_path / name, text).tools == tools


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", json.dumps({"tools": [TOOL]})),
        ("a.json", f'[{json.dumps(TIDES)}, {{"name": '),
        ("a.json", "{}"), ("a.json", "null"), ("a.jsonl", "3"), ("a.json", '{"tools": []}'),
        ("a.json", "[[]]"), ("a.jsonl", "{"),
    ],
)  # fmt: skip
def test_what_is_neither_is_refused_with_a_reason(tmp_path: Path, name: str, text: str) -> None:
    assert _convert(tmp_path / name, text).refusals


def test_a_list_of_nothing_is_empty(tmp_path: Path) -> None:
    for text in ("", "\n", "[]"):
        (tmp_path / "a.json").write_text(text)
        assert convert_file(tmp_path / "a.json", tmp_path / "out.jsonl").read == 0
