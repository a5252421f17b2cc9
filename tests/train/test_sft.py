"""QLoRA on a tiny random model: what is written, that it learns, and that a kill costs little."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conversations import trajectory
from tiny_model import tiny_checkpoint

from callsheet.train.metrics import read_metrics
from callsheet.train.run_folder import TrainingMismatch, last_checkpoint, without_torn
from callsheet.train.sft import train

pytestmark = [pytest.mark.train, pytest.mark.slow]
for module in ("torch", "trl", "peft", "bitsandbytes"):
    pytest.importorskip(module, reason="needs the train extra")

HERE = Path(__file__).parent
STEPS = 8


def start(base: Path, out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HERE.parent / "train_run.py"), str(base), str(out), str(STEPS)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE.parent)},
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture(scope="module")
def uninterrupted(base, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("whole")
    process = start(base, out)
    process.communicate(timeout=240)
    assert process.returncode == 0
    return out


def test_everything_is_written_and_the_loss_falls(uninterrupted):
    result = json.loads((uninterrupted / "train.json").read_text())
    metrics = read_metrics(uninterrupted / "metrics.jsonl")
    assert [m.step for m in metrics] == list(range(1, STEPS + 1))
    assert metrics[-1].loss < metrics[0].loss
    assert result["samples"]["trained"] == 24 and result["samples"]["labelled_tokens"] > 0
    assert (uninterrupted / "loss.png").read_bytes().startswith(b"\x89PNG")
    card = (uninterrupted / "adapter" / "README.md").read_text()
    for named in ("data_digest", "config_digest", "base_digest", "adapter_digest"):
        assert result[named] in card
    assert "bitsandbytes" in card and '"nf4"' in card


def test_the_base_is_held_in_four_bits_and_only_the_adapter_learns(base):
    from bitsandbytes.nn import Linear4bit
    from train_run import config

    from callsheet.train.quantized_base import load_model

    model = load_model(config(1), base)
    layers = [m for m in model.modules() if isinstance(m, Linear4bit)]
    assert len(layers) == 2 * 7
    states = [layer.weight.quant_state for layer in layers]
    assert {state.quant_type for state in states} == {"nf4"} and all(s.nested for s in states)
    learned = {name for name, p in model.named_parameters() if p.requires_grad}
    assert learned and all("lora_" in name for name in learned)


def test_a_killed_training_goes_on_and_ends_where_the_other_did(base, uninterrupted, tmp_path):
    process = start(base, tmp_path)
    assert process.stdout is not None
    for line in process.stdout:
        if line.split() == ["train", "5"]:
            process.send_signal(signal.SIGKILL)
            break
    process.wait(timeout=60)
    assert not (tmp_path / "train.json").exists()
    checkpoint = last_checkpoint(tmp_path / "checkpoints")
    assert checkpoint is not None and checkpoint.name in ("checkpoint-2", "checkpoint-4")
    resumed = start(base, tmp_path)
    said, _ = resumed.communicate(timeout=240)
    assert resumed.returncode == 0 and "train 1\n" not in said
    one, two = (read_metrics(folder / "metrics.jsonl") for folder in (uninterrupted, tmp_path))
    assert [m.step for m in two] == list(range(1, STEPS + 1))
    assert [m.loss for m in two] == pytest.approx([m.loss for m in one], rel=1e-4)


def test_a_finished_training_is_not_made_again_and_another_is_refused(base, uninterrupted):
    from train_run import config, run

    before = (uninterrupted / "train.json").stat().st_mtime_ns
    run(base, uninterrupted, STEPS)
    assert (uninterrupted / "train.json").stat().st_mtime_ns == before
    with pytest.raises(TrainingMismatch, match="another config"):
        run(base, uninterrupted, STEPS + 1)
    with pytest.raises(TrainingMismatch, match="another data"):
        train(config(STEPS), [trajectory("z")], uninterrupted, base=base)


def test_a_half_written_checkpoint_is_not_resumed_from(tmp_path):
    (tmp_path / "checkpoint-2").mkdir()
    (tmp_path / "checkpoint-2" / "whole.json").write_text("{}")
    (tmp_path / "checkpoint-4").mkdir()
    without_torn(tmp_path)
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-2"
    assert not (tmp_path / "checkpoint-4").exists()
