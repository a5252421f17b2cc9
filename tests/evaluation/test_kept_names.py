"""The names under which answers are kept: one for each model that there is or was."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from callsheet.evaluation.kept_names import file_name, kept_as, weights_kept_as
from callsheet.models.errors import ModelUnavailable


def with_file(folder: Path, name: str, text: str = "{}") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return with_file(tmp_path / "base", "config.json")


def trained(folder: Path) -> Path:
    """What a training leaves, as far as a name needs it."""
    with_file(folder / "adapter", "adapter_config.json")
    with_file(folder / "adapter", "adapter_model.safetensors", "weights")
    return with_file(folder, "train.json", json.dumps({"adapter": "adapter"}))


def test_an_adapter_that_is_trained_anew_is_another_model(base: Path, tmp_path: Path) -> None:
    run = trained(tmp_path / "run")
    name, weights = f"{base}+{run}", run / "adapter" / "adapter_model.safetensors"
    before, alone = kept_as(name), kept_as(str(base))
    assert kept_as(name) == before != alone
    same = weights_kept_as("student", base, run / "adapter")
    weights.write_text("weightz")
    os.utime(weights, ns=(1, 1))  # a training takes longer than the clock's tick
    assert kept_as(name) != before and kept_as(str(base)) == alone
    assert weights_kept_as("student", base, run / "adapter") != same


def test_weights_are_the_same_wherever_they_lie(base: Path, tmp_path: Path) -> None:
    before = weights_kept_as("base", base, None)
    assert weights_kept_as("base", base.rename(tmp_path / "moved"), None) == before


def test_the_same_name_may_be_configured_otherwise(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with_file(
            tmp_path / name, "m.yaml", f"provider: openai_compatible\nconfig: {{model: {name}}}"
        )
    kept = {kept_as("m", [tmp_path / name]) for name in ("one", "two")}
    assert len(kept) == 2 and all(one.startswith("m-") for one in kept)
    with pytest.raises(ModelUnavailable, match="nobody"):
        kept_as("nobody")
    assert kept_as("rules") == kept_as("rules")


@pytest.mark.parametrize("name", ["/abs/base", "../up", "./base+../run", "a" * 500, "..", "/", ""])
def test_any_name_is_that_of_one_file(name: str) -> None:
    found = file_name(name)
    assert found and "/" not in found and not found.startswith(".") and len(found) <= 80
