"""What the trainer computes is each model's own loss, whatever the model does to its logits."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tiny_model import byte_tokenizer

from callsheet.train.chat_format import own_format
from callsheet.train.config import TrainConfig
from callsheet.train.encoding import IGNORED, Encoded
from callsheet.train.fitting import Hooks, Setting
from callsheet.train.packing import columns
from callsheet.train.processes import Processes

pytestmark = pytest.mark.train
for module in ("torch", "trl", "peft", "bitsandbytes"):
    pytest.importorskip(module, reason="needs the train extra")

SIZES = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 1024,
    # Logits large enough for a cap to matter.
    "initializer_range": 0.2,
}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("LlamaConfig", SIZES),
    "granite": ("GraniteConfig", SIZES | {"logits_scaling": 8.0}),
    "cohere": ("CohereConfig", SIZES | {"logit_scale": 0.25}),
    "gemma2": ("Gemma2Config", SIZES | {"final_logit_softcapping": 2.0, "sliding_window": 16}),
    "gpt2": ("GPT2Config", {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 1024}),
    "mistral": ("MistralConfig", SIZES | {"sliding_window": 16}),
    "qwen2": (
        "Qwen2Config",
        SIZES | {"use_sliding_window": True, "sliding_window": 16, "max_window_layers": 1},
    ),
    "gpt-oss": (
        "GptOssConfig",
        SIZES | {"num_local_experts": 2, "num_experts_per_tok": 1, "sliding_window": 16},
    ),
}
"""Tiny ones with random weights: GPT-2 has no `.model`, Gemma 2 and GPT-OSS no fused attention."""
OTHERWISE = ("gemma2", "gpt-oss", "mistral", "qwen2")
"""Those that do not attend to all that went before, or not to that alone."""


def checkpoint(folder: Path, name: str) -> Path:
    import torch
    import transformers

    kind, sizes = MODELS[name]
    tokenizer = byte_tokenizer()
    special = {f"{mark}_token_id": getattr(tokenizer, f"{mark}_token_id") for mark in
               ("bos", "eos", "pad")}  # fmt: skip
    config = getattr(transformers, kind)(vocab_size=len(tokenizer), **sizes, **special)
    torch.manual_seed(0)
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def trainer_of(folder: Path, name: str) -> Any:
    from callsheet.train.trainer import make_trainer

    base = checkpoint(folder / "base", name)
    config = TrainConfig.model_validate(
        {"quantization": {"bits": 16, "compute": "float32"}, "lora": {"rank": 2, "alpha": 4},
         "batch_size": 2, "accumulate": 1, "max_steps": 1, "device": "cpu"}
    )  # fmt: skip
    rows = [
        [Encoded([5 + (7 * at + n) % 90 for at in range(n)], [IGNORED] * 3 + [9] * (n - 3))]
        for n in (30, 21)
    ]
    setting = Setting(config, base, byte_tokenizer(), own_format(), Processes(), print)
    hooks = Hooks(lambda *_: False, lambda *_: None, lambda _: None)
    return make_trainer(setting, columns(rows, positions=False), [], folder / "out", hooks)


@pytest.mark.parametrize(
    ("short", "long"), [(0, 0), (640, 0), (0, 1536)], ids=["fused", "plain", "blocks"]
)
@pytest.mark.parametrize("name", MODELS)
def test_the_trainers_loss_is_the_models_own(tmp_path, monkeypatch, name, short, long):
    import torch

    monkeypatch.setattr("callsheet.train.labelled_logits._SHORT", short)
    monkeypatch.setattr("callsheet.train.labelled_logits._LONG", long)
    monkeypatch.setattr("callsheet.train.causal_blocks._BLOCK", 8)
    trainer = trainer_of(tmp_path, name)
    model = trainer.model.eval()
    batch = next(iter(trainer.get_train_dataloader()))
    ours = trainer.compute_loss(model, batch)
    ours.backward()
    in_blocks = model.get_base_model().config._attn_implementation == "causal_blocks"
    assert in_blocks == (bool(long) and name not in OTHERWISE)
    learnt = {name: p for name, p in model.named_parameters() if p.requires_grad}
    gradients = {name: p.grad.clone() for name, p in learnt.items() if p.grad is not None}
    assert any(gradient.abs().sum() > 0 for gradient in gradients.values())
    model.zero_grad()
    inner = model.get_base_model()
    inner.set_attn_implementation("eager")
    # What TRL would add to it to keep experts evenly busy is no part of the loss on words.
    inner.config.output_router_logits = False
    own = inner(**batch).loss
    own.backward()
    assert ours.item() == pytest.approx(own.item(), rel=1e-5)
    for place, gradient in gradients.items():
        assert torch.allclose(gradient, learnt[place].grad, atol=1e-6), place


@pytest.mark.parametrize("name", ["llama", "gpt2", "granite", "gemma2"])
def test_only_models_that_do_no_more_than_project_are_projected(tmp_path, name):
    import torch
    import transformers

    from callsheet.train.labelled_logits import LabelledLogits

    model = transformers.AutoModelForCausalLM.from_pretrained(checkpoint(tmp_path, name))
    model.train()
    before = torch.get_rng_state()
    logits = LabelledLogits(model)
    assert logits._projects == (name in ("llama", "gpt2"))
    assert model.training and torch.equal(before, torch.get_rng_state())
    # A model that takes no positions to keep gives all its logits.
    model.eval()
    inputs = {"input_ids": torch.arange(24).reshape(2, 12) + 5}
    chosen = torch.zeros(2, 11, dtype=torch.bool)
    chosen[0, 3], chosen[1, 7:] = True, True
    told = logits(inputs, chosen)
    logits._projects = logits._chooses = False
    assert torch.allclose(told, logits(inputs, chosen), atol=1e-5)


@pytest.mark.parametrize(
    ("kernels", "device", "length", "packed", "wanted"),
    [
        ("sdpa blocks", "cpu", 640, False, "causal_blocks"),
        ("sdpa blocks", "cpu", 1536, False, "causal_blocks"),
        ("sdpa blocks", "cpu", 1537, False, "sdpa"),
        ("sdpa blocks", "cpu", 640, True, "eager"),
        ("sdpa blocks", "cuda", 640, False, "sdpa"),
        ("sdpa", "cpu", 640, False, "eager"),
        ("sdpa", "cpu", 641, True, "sdpa"),
        ("sdpa", "cuda", 100, False, "sdpa"),
        ("", "cpu", 641, False, "eager"),
        ("", "cuda", 100, True, "eager"),
        ("sdpa flash", "cuda", 100, True, "flash_attention_2"),
        ("sdpa", "cuda", 100, True, "sdpa"),
    ],
)
def test_attention_is_one_that_the_model_has(monkeypatch, kernels, device, length, packed, wanted):
    from callsheet.train import labelled_logits

    monkeypatch.setattr(labelled_logits, "find_spec", lambda _: "installed")
    model = SimpleNamespace(
        _supports_sdpa="sdpa" in kernels, _supports_flash_attn="flash" in kernels
    )
    blocks = "blocks" in kernels
    assert labelled_logits._attention(model, length, device, packed, blocks) == wanted
