"""Packed, mixed and preference training of a tiny model in processes of their own: what is written,
that it learns, that a kill costs little, and that several processes train one adapter."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_model import tiny_checkpoint

from callsheet.train.metrics import read_held_out, read_metrics
from callsheet.train.run_folder import TrainingMismatch

pytestmark = [pytest.mark.train, pytest.mark.slow]
for module in ("torch", "trl", "peft", "bitsandbytes"):
    pytest.importorskip(module, reason="needs the train extra")

HERE = Path(__file__).parent
STEPS = 6
RUN = str(HERE.parent / "train_run.py")


def start(base: Path, out: Path, kind: str, *launcher: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *launcher, RUN, str(base), str(out), str(STEPS), kind],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE.parent)},
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture(scope="module")
def whole(base, tmp_path_factory):
    """A function that makes a training of a kind, once, and gives its folder."""
    folder = tmp_path_factory.mktemp("runs")

    def make(kind: str) -> Path:
        if not (folder / kind / "train.json").exists():
            process = start(base, folder / kind, kind)
            process.communicate(timeout=240)
            assert process.returncode == 0
        return folder / kind

    return make


@pytest.mark.parametrize("kind", ["packed", "mixture"])
def test_the_loss_on_held_out_data_falls_and_is_on_the_card(whole, kind):
    out = whole(kind)
    held_out = read_held_out(out / "metrics.jsonl")
    assert [m.step for m in held_out] == [0, 3, 6]
    assert held_out[-1].held_out_loss < held_out[0].held_out_loss
    result = json.loads((out / "train.json").read_text())
    assert [m["step"] for m in result["held_out"]] == [0, 3, 6]
    card = (out / "adapter" / "README.md").read_text()
    assert f"| held-out loss | {held_out[0].held_out_loss:.3f} -> " in card
    assert (out / "adapter" / "chat_template.jinja").exists()
    if kind == "packed":
        assert result["samples"]["packing"]["samples"] == 24
        assert result["samples"]["packing"]["share"] > 0.5
    else:
        assert "| source | a: read 12, accepted 12" in card


def test_the_reward_margin_rises_from_nothing(whole):
    out = whole("dpo")
    metrics, held_out = read_metrics(out / "metrics.jsonl"), read_held_out(out / "metrics.jsonl")
    assert held_out[0].reward_margin == 0.0
    assert held_out[0].held_out_loss == pytest.approx(0.6931, abs=1e-4)
    assert held_out[-1].reward_margin > 0 and held_out[-1].reward_accuracy == 1.0
    assert metrics[-1].reward_margin > 0 and metrics[-1].loss < metrics[0].loss
    card = (out / "adapter" / "README.md").read_text()
    assert "| reward margin | 0.0000 -> " in card


@pytest.mark.parametrize("kind", ["packed", "pairs"])
def test_what_learns_is_held_in_float32(whole, kind):
    """The optimizer's averages have its type, and in bfloat16 they would not follow."""
    import torch
    from safetensors.torch import load_file

    weights = load_file(whole(kind) / "adapter" / "adapter_model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {torch.float32}


def test_an_adapter_that_is_gone_on_with_is_the_reference(whole):
    whole("sft")
    held_out = read_held_out(whole("start") / "metrics.jsonl")
    assert held_out[0].reward_margin == 0.0 and held_out[-1].reward_margin > 0
    result = json.loads((whole("start") / "train.json").read_text())
    started = json.loads((whole("sft") / "train.json").read_text())
    assert result["start_digest"] == started["adapter_digest"] != result["adapter_digest"]


@pytest.mark.parametrize("kind", ["mixture", "dpo", "start", "packed"])
def test_a_killed_training_goes_on_and_ends_where_the_other_did(base, whole, kind):
    whole("sft")
    expected = whole(kind)
    out = expected.parent / f"killed-{kind}"
    process = start(base, out, kind)
    assert process.stdout is not None
    for line in process.stdout:
        if line.split() == ["train", "5"]:
            process.send_signal(signal.SIGKILL)
            break
    process.wait(timeout=60)
    assert not (out / "train.json").exists() and (out / "checkpoints").exists()
    resumed = start(base, out, kind)
    said, _ = resumed.communicate(timeout=240)
    assert resumed.returncode == 0 and "train 1\n" not in said
    one, two = (read_metrics(folder / "metrics.jsonl") for folder in (expected, out))
    assert [m.step for m in two] == list(range(1, STEPS + 1))
    assert [m.loss for m in two] == pytest.approx([m.loss for m in one], rel=1e-4)
    one, two = (read_held_out(folder / "metrics.jsonl") for folder in (expected, out))
    assert [m.step for m in two] == [0, 3, 6]
    losses = [[m.held_out_loss for m in part] for part in (one, two)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)


@pytest.mark.parametrize("kind", ["mixture", "sft"])
def test_several_processes_train_one_adapter(base, tmp_path, kind):
    """As `accelerate launch` starts them, on a processor."""
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")
    process = start(base, tmp_path / kind, kind, *launcher)
    said, _ = process.communicate(timeout=280)
    assert process.returncode == 0 and said.count("train 1\n") == 1
    result = json.loads((tmp_path / kind / "train.json").read_text())
    assert result["processes"] == 2
    metrics = read_metrics(tmp_path / kind / "metrics.jsonl")
    assert [m.step for m in metrics] == list(range(1, STEPS + 1))
    # Byte tokens: what a fresh model knows of them, whatever the number of processes.
    assert metrics[0].loss == pytest.approx(5.57, abs=0.05) and metrics[-1].loss < metrics[0].loss


def test_a_measurement_leaves_the_base_trainable(base):
    """bitsandbytes lays weights out for inference in a forward pass that is not training."""
    import torch
    from train_run import config

    from callsheet.train.quantized_base import load_model

    model = load_model(config(1), base)
    ids = torch.arange(40)[None] + 5

    def first_gradient():
        model.zero_grad()
        model.train()
        model(input_ids=ids, labels=ids).loss.backward()
        named = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
        return next(grad.clone() for name, grad in named.items() if "layers.0" in name and
                    "q_proj.lora_B" in name)  # fmt: skip

    before = first_gradient()
    model.eval()
    with torch.no_grad():
        model(input_ids=ids)
    after = first_gradient()
    assert before.abs().sum() > 0 and torch.allclose(before, after, rtol=1e-3, atol=1e-8)


def test_changed_pairs_are_refused(base, whole):
    from train_run import config, pairs

    from callsheet.train import dpo

    plain = {"augment": None, "held_out": {"every": 3}}
    told = config(STEPS, method="dpo", learning_rate=0.001, **plain)
    with pytest.raises(TrainingMismatch, match="another data"):
        dpo.train(told, pairs()[:2], whole("dpo"), base=base, held_out=pairs()[:2])
    with pytest.raises(TrainingMismatch, match="another held-out data"):
        dpo.train(told, pairs(), whole("dpo"), base=base)


def test_a_merged_checkpoint_answers_as_base_and_adapter_do(whole, base, tmp_path):
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from callsheet.models.quantized import Rounding, round_weights
    from callsheet.train.merging import merged

    folder = merged(whole("mixture"), tmp_path / "merged")
    assert (folder / "model.safetensors").exists()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = torch.tensor([tokenizer("How many lamps?").input_ids])
    apart = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    round_weights(apart, Rounding())
    apart = PeftModel.from_pretrained(apart, whole("mixture") / "adapter")
    with torch.no_grad():
        one = apart(ids).logits
        two = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)(ids).logits
    assert torch.allclose(one, two, atol=1e-4)
    assert tokenizer.chat_template == (whole("mixture") / "adapter/chat_template.jinja").read_text()
    with pytest.raises(FileExistsError):
        merged(whole("mixture"), folder)
