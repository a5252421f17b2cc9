"""Models by name beside each other: a base and its adapter, on the same held-out questions."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tiny_model import tiny_training

from callsheet.agents.rules import RulesClient
from callsheet.models.errors import ModelUnavailable
from callsheet.pipelines import models_compared
from callsheet.pipelines.journey import PACKAGE, JourneyConfig
from callsheet.pipelines.models_compared import compared
from callsheet.simulation.cast import Cast

HELDOUT = sorted((PACKAGE / "scenarios" / "heldout").glob("city-*.yaml"))[:3]
JOURNEY = JourneyConfig(heldout=[str(path) for path in HELDOUT], calls=3)


def silent(stage: str, done: int, total: int, line: str) -> None:
    """Nobody listens."""


def test_a_wrong_name_is_found_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="nobody"):
        compared(JOURNEY, ["rules", "nobody"], [], tmp_path / "out", silent)
    assert not (tmp_path / "out").exists()


def test_an_adapter_that_is_trained_anew_is_asked_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    class ByRules(Cast):
        def client(self, role: str, name: str) -> Any:
            loaded.append(name)
            return RulesClient(role)

    monkeypatch.setattr(models_compared, "Cast", ByRules)
    base, adapter = tmp_path / "base", tmp_path / "adapter"
    for folder, file in ((base, "config.json"), (adapter, "adapter_config.json")):
        folder.mkdir()
        (folder / file).write_text("{}")
    models = [str(base), f"{base}+{adapter}"]
    engines = [f"{base}+", f"{base}+{adapter}"]
    first = compared(JOURNEY, models, [], tmp_path / "out", silent)
    assert loaded == engines and [report.model for report in first.reports] == models
    assert compared(JOURNEY, models, [], tmp_path / "out", silent) == first
    assert loaded == engines, "nothing is asked twice"
    os.utime(adapter / "adapter_config.json", ns=(1, 1))
    compared(JOURNEY, models, [], tmp_path / "out", silent)
    assert loaded[2:] == engines[1:]
    assert [path.name for path in base.iterdir()] == ["config.json"]


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
