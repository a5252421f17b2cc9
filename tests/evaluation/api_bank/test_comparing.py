"""Where an evaluation's files lie: in its own folder, whatever the models are called."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest
from api_bank_dialogues import alarm_dialogue, write_folder

from callsheet.agents.rules import RulesClient
from callsheet.environments.api_bank import ApiBankData, api_bank_data
from callsheet.environments.api_bank.data import SEED
from callsheet.evaluation.api_bank import comparing
from callsheet.evaluation.api_bank.comparing import Comparison, compare_models


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ApiBankData:
    monkeypatch.setenv("CALLSHEET_ENCODER", "lexical")
    write_folder(tmp_path / "data", [alarm_dialogue(api_bank_data(SEED))], [])
    return api_bank_data(tmp_path / "data")


@pytest.mark.parametrize("protocol", ["corrected", "interactive"])
def test_a_checkpoints_folder_is_not_written_to_and_new_weights_are_asked_anew(
    protocol: str, data: ApiBankData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def by_rules(name: str, folders: object) -> RulesClient:
        loaded.append(name)
        return RulesClient("assistant")

    monkeypatch.setattr(comparing, "_client", by_rules)
    weights = tmp_path / "base" / "config.json"
    weights.parent.mkdir()
    weights.write_text("{}")
    name, out = str(weights.parent), tmp_path / "out"
    comparison = Comparison(models=[name], levels=(1,), protocol=protocol, style="native")  # type: ignore[arg-type]
    said = compare_models(comparison, data, out)
    assert list(weights.parent.iterdir()) == [weights]
    (kept,) = (out / protocol).iterdir()
    assert orjson.loads((kept / "level-1.json").read_bytes())["model"] == name
    assert compare_models(comparison, data, out) == said and loaded == [name]
    os.utime(weights, ns=(1, 1))
    compare_models(comparison, data, out)
    assert loaded == [name, name] and len(list((out / protocol).iterdir())) == 2


def test_predictions_may_be_called_by_a_path(data: ApiBankData, tmp_path: Path) -> None:
    line = {"file": "Alarm-level-2-1.jsonl", "id": 0, "pred": "[GetToday()]"}
    (tmp_path / "p.jsonl").write_bytes(orjson.dumps(line) + b"\n")
    theirs = tmp_path / "theirs"
    comparison = Comparison(models=[str(theirs)], levels=(1,), predictions=tmp_path / "p.jsonl")
    compare_models(comparison, data, tmp_path / "out")
    assert not theirs.exists()
    assert len(list((tmp_path / "out" / "paper").glob("*theirs/level-1.json"))) == 1
