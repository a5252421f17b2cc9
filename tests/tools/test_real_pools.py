"""Whole collections of real tools, read where they are; they are no part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from callsheet.tools.importing import import_tools

_BESIDE = Path(__file__).parents[3] / "shared" / "data"
FOLDER = Path(os.environ.get("CALLSHEET_TOOL_DATA", _BESIDE))
POOL = "tools/openapi_tools_16k.jsonl.xz"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (FOLDER / POOL).is_file(), reason="no collections of tools: set CALLSHEET_TOOL_DATA"
    ),
]


@pytest.mark.parametrize(
    ("path", "format", "records", "tools"),
    [
        (POOL, "records", 16_000, 16_000),
        ("trajectories/stabletoolbench/solvable_queries.json", "rapidapi", 4_070, 2_490),
        ("trajectories/toucan_mcp_servers/servers.json", "mcp-list", 451, 440),
        ("trajectories/seal_tools/tool.jsonl", "seal-tools", 300, 300),
    ],
)
def test_every_record_arrives(path: str, format: str, records: int, tools: int) -> None:
    result = import_tools(FOLDER / path)
    assert [found for _, found, _ in result.recognised] == [format]
    assert (result.records, len(result.specs), result.lost) == (records, tools, 0)
    assert result.records == len(result.specs) + result.repeated
    assert len({spec.name for spec in result.specs}) == tools
