"""The rules' ratings beside a published set of judged runs, where its files are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from callsheet.agents.rules import RulesRater
from callsheet.evaluation.agreement import agreement
from callsheet.pipelines.rating import rate_file
from callsheet.trajectories.formats.convert import convert_file
from callsheet.trajectories.reading import read_trajectories

FOLDER = Path(os.environ.get("CALLSHEET_TRAJECTORY_DATA", "nowhere"))
JUDGED = FOLDER / "toolalpaca" / "evaluation_outputs_7b.json"


@pytest.mark.skipif(
    not JUDGED.exists(), reason="CALLSHEET_TRAJECTORY_DATA names no folder with ToolAlpaca's files"
)
def test_the_rules_agree_with_judges_more_than_chance(tmp_path: Path) -> None:
    converted, rated = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    convert_file(JUDGED, converted)
    report = rate_file(converted, rated, RulesRater())
    assert report.rated == report.total > 90
    for label in ("judged.response", "judged.process"):
        found = agreement(read_trajectories(rated), label)
        assert found.compared > 90
        assert found.kappa.low is not None and found.kappa.low > 0
        assert found.accuracy.value is not None and found.accuracy.value > found.commonest
