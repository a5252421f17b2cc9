"""Names that stand for weights in folders: a checkpoint, a base under an adapter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callsheet.models.adapted import configured, smollm2_checkpoint
from callsheet.models.errors import ModelUnavailable
from callsheet.models.model_file import ModelFile
from callsheet.models.registry import configuration_digest, load

ROUNDING = {"kind": "nf4", "double": True}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return with_file(tmp_path / "base", "config.json")


def with_file(folder: Path, name: str, **content: Any) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text(json.dumps(content))
    return folder


def trained(folder: Path, **record: Any) -> Path:
    """A training's folder, as far as a name needs it."""
    with_file(folder / "adapter", "adapter_config.json")
    return with_file(folder, "train.json", adapter="adapter", steps=3, **record)


def file_of(name: object, *search: Path) -> ModelFile:
    return configured(str(name), search)[0]


def test_a_folder_is_a_model(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_of(base)
    assert (file.kind, file.config["path"]) == ("huggingface", str(base))
    assert file.concurrency.most == file.config["batch_size"]
    monkeypatch.chdir(base.parent)
    assert file_of("./base") == file
    with pytest.raises(ModelUnavailable, match="no model is called 'base'"):
        configured("base")  # without a slash it is a name


def test_a_training_or_its_adapter_with_the_base_rounded_as_recorded(
    base: Path, tmp_path: Path
) -> None:
    run = trained(tmp_path / "run", rounding=ROUNDING)
    whole, alone = file_of(f"{base}+{run}"), file_of(f"{base}+{run}/adapter")
    assert whole == alone and whole.config["rounding"] == ROUNDING
    assert whole.config["adapter"] == str(run / "adapter")
    assert whole.config["path"] == str(base)


def test_without_a_record_the_base_is_as_it_is(base: Path, tmp_path: Path) -> None:
    alone = with_file(tmp_path / "theirs", "adapter_config.json")
    for adapter in (alone, trained(tmp_path / "whole", rounding=None)):
        assert "rounding" not in file_of(f"{base}+{adapter}").config


def test_a_record_beside_another_adapter_says_nothing(base: Path, tmp_path: Path) -> None:
    run = trained(tmp_path / "run", rounding=ROUNDING)
    other = with_file(run / "other", "adapter_config.json")
    assert "rounding" not in file_of(f"{base}+{other}").config


def test_smollm2_is_its_checkpoint_in_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run = trained(tmp_path / "run", rounding=ROUNDING)
    file = file_of(f"smollm2+{run}")
    assert file.kind == "huggingface" and file.config["path"] == str(smollm2_checkpoint())
    assert file.config["path"].startswith(str(tmp_path / "cache"))
    assert file.config["params"] == file_of("smollm2").config["params"]
    assert "adapter" not in file_of("smollm2+").config and file_of("smollm2").kind == "smollm2"
    assert not (tmp_path / "cache").exists()  # a name alone unpacks nothing


def test_a_configured_checkpoint_keeps_its_settings(base: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        f"provider: huggingface\nconfig: {{path: '{base}', threads: 3, adapter: old}}\n"
        "concurrency: {start: 2, most: 2}\n"
    )
    run = trained(tmp_path / "run", rounding=ROUNDING)
    file = file_of(f"mine+{run}", tmp_path)
    assert (file.config["threads"], file.concurrency.most) == (3, 2)
    assert file.config["adapter"] == str(run / "adapter")
    assert file_of("mine+", tmp_path).config == {"path": str(base), "threads": 3}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nobody+{run}", "no model is called 'nobody'"),
        ("remote+{run}", "needs the model's weights here"),
        ("gguf+{run}", "names a GGUF file"),
        ("{base}+{base}", "no adapter here"),
        ("{base}+/no/such", "no adapter here"),
        ("{base}+{damaged}", "no record of a training"),
        ("/etc/passwd", "no model is called"),
        ("+{run}", "no model is called ''"),
    ],
)
def test_what_is_wrong_with_a_name(base: Path, tmp_path: Path, name: str, says: str) -> None:
    run = trained(tmp_path / "run")
    damaged = with_file(tmp_path / "damaged", "train.json", adapter=3)
    (tmp_path / "remote.yaml").write_text("provider: openai_compatible\nconfig: {model: m}\n")
    (tmp_path / "gguf.yaml").write_text("provider: smollm2\nconfig: {path: a.gguf}\n")
    with pytest.raises(ModelUnavailable, match=says):
        load(name.format(base=base, run=run, damaged=damaged), [tmp_path])


def test_its_digest_tells_adapters_apart(base: Path, tmp_path: Path) -> None:
    names = [str(base), *(f"{base}+{trained(tmp_path / n, rounding=ROUNDING)}" for n in "ab")]
    assert len({configuration_digest(name) for name in names}) == 3
