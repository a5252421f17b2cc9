"""Reading what a filter threw out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conversations import trajectory

from callsheet.evaluation.quality.rejected import FILE, rejected_files, rejections
from callsheet.trajectories.reading import TrajectoriesUnreadable


def test_reasons_are_counted_by_dialogue_defect_and_blame(tmp_path: Path) -> None:
    record = trajectory().model_dump(mode="json")
    vague = {"reason": "vague_argument", "blame": "assistant", "message": 3, "detail": "my city"}
    lines = [
        record | {"defects": [vague, vague, {"reason": "leaked_plan", "blame": "user"}]},
        {"trajectory": record, "defects": [vague | {"blame": None}]},
        record | {"defects": []},
    ]
    (tmp_path / FILE).write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert rejected_files([tmp_path]) == [tmp_path / FILE]
    assert rejected_files([tmp_path / "trajectories.jsonl"]) == [tmp_path / FILE]
    found = rejections([tmp_path / FILE])
    assert found is not None and (found.dialogues, found.defects) == (3, 4)
    vagueness, leak = found.reasons
    assert (vagueness.reason, vagueness.dialogues, vagueness.defects) == ("vague_argument", 2, 3)
    assert vagueness.blame == {"assistant": 2, "nobody": 1}
    assert leak.blame == {"user": 1}


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert rejected_files([tmp_path]) == [] and rejections([]) is None


def test_a_report_on_the_rejected_does_not_count_them_twice(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("")
    assert rejected_files([tmp_path / FILE]) == []


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"defects": []}\n{"defects": [{"blame": "user"}]}\n')
    with pytest.raises(TrajectoriesUnreadable, match=r"rejected.jsonl:2: defects.0.reason"):
        rejections([tmp_path / FILE])


def test_the_number_of_names_is_bounded(tmp_path: Path) -> None:
    lines = [{"defects": [{"reason": f"r{i}", "blame": f"b{i}"}]} for i in range(500)]
    (tmp_path / FILE).write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = rejections([tmp_path / FILE])
    assert found is not None and found.defects == sum(r.defects for r in found.reasons) == 500
    assert len(found.reasons) <= 201 and len(found.blame) <= 21
