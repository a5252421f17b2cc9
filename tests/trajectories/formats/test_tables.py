"""Rows of Parquet and Arrow files, with values that JSON does not have."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from callsheet.tools.importers.documents import Unreadable
from callsheet.trajectories.formats import records
from callsheet.trajectories.formats.convert import convert_file
from callsheet.trajectories.reading import read_trajectories

pyarrow = pytest.importorskip("pyarrow")

TURNS = [{"role": "user", "content": "Is it null?"}, {"role": "assistant", "content": "No."}]
ODD = {"at": datetime(2024, 5, 1, 12, tzinfo=UTC), "day": date(2024, 5, 1), "hour": time(9, 30),
       "price": Decimal("1.50")}  # fmt: skip


@pytest.mark.parametrize("asked", ["Is it null?", "Is it so?"])
def test_times_and_decimals_are_text_whatever_else_the_row_holds(
    tmp_path: Path, asked: str
) -> None:
    from pyarrow import parquet

    row = {"messages": [{**TURNS[0], "content": asked}, TURNS[1]], **ODD}
    parquet.write_table(pyarrow.Table.from_pylist([row]), tmp_path / "a.parquet")
    report = convert_file(tmp_path / "a.parquet", tmp_path / "out.jsonl")
    assert (report.converted, report.refused) == (1, {})
    assert report.lost == {"values that JSON cannot hold as they stood": 4}
    (trajectory,) = read_trajectories(tmp_path / "out.jsonl")
    assert trajectory.other_information == {
        "at": "2024-05-01T12:00:00+00:00", "day": "2024-05-01", "hour": "09:30:00",
        "price": "1.50",
    }  # fmt: skip


def _write(path: Path, rows: list[dict[str, Any]], form: str) -> None:
    from pyarrow import ipc

    table = pyarrow.Table.from_pylist(rows)
    opened = ipc.new_stream if form == "stream" else ipc.new_file
    with opened(str(path), table.schema) as writer:
        writer.write_table(table)


@pytest.mark.parametrize("form", ["stream", "file"])
def test_arrow_files_are_read(tmp_path: Path, form: str) -> None:
    _write(tmp_path / "a.arrow", [{"messages": TURNS}] * 600, form)
    report = convert_file(tmp_path / "a.arrow", tmp_path / "out.jsonl")
    assert (report.read, report.converted) == (600, 600)


def test_a_broken_arrow_file_is_one_refusal(tmp_path: Path) -> None:
    (tmp_path / "a.arrow").write_bytes(b"\n" * 50 + b"no arrow")
    report = convert_file(tmp_path / "a.arrow", tmp_path / "out.jsonl")
    assert (report.read, report.refusals) == (1, 1)


def test_without_pyarrow_a_table_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    _write(tmp_path / "a.arrow", [{"messages": TURNS}], "stream")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Unreadable, match="need pyarrow"):
        list(records.read_records(tmp_path / "a.arrow", lambda value: True))
