"""Models by name beside each other: a base and its adapter, on the same held-out questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_model import tiny_training

from callsheet.models.errors import ModelUnavailable
from callsheet.pipelines.journey import PACKAGE, JourneyConfig
from callsheet.pipelines.models_compared import compared

HELDOUT = sorted((PACKAGE / "scenarios" / "heldout").glob("city-*.yaml"))[:3]
JOURNEY = JourneyConfig(heldout=[str(path) for path in HELDOUT], calls=3)


def silent(stage: str, done: int, total: int, line: str) -> None:
    """Nobody listens."""


def test_a_wrong_name_is_found_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="nobody"):
        compared(JOURNEY, ["rules", "nobody"], [], tmp_path / "out", silent)
    assert not (tmp_path / "out").exists()


@pytest.mark.train
def test_a_base_and_its_adapter(tmp_path: Path) -> None:
    from conversations import trajectory

    from callsheet.train.sft import train

    config = tiny_training(tmp_path)
    train(config, [trajectory("e0")], tmp_path / "run")
    record = json.loads((tmp_path / "run" / "train.json").read_text())
    assert record["rounding"] == {"kind": "nf4", "double": True}
    base = str(tmp_path / "base")
    models = [base, f"{base}+{tmp_path}/run", "rules"]
    found = compared(JOURNEY, models, [], tmp_path / "out", silent)
    assert [report.model for report in found.reports] == models
    assert found.gains[1].mean > 0
    told = (tmp_path / "out" / "report.md").read_text()
    assert f"Gain of {base}+{tmp_path}/run over {base}: " in told and "% interval" in told
    again = compared(JOURNEY, models, [], tmp_path / "out", silent)
    assert again.gains == found.gains
