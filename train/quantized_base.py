"""The base, held in 4 bits, with the adapter that learns around it.

Imported only where training starts: this file needs the train extra at import time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from .config import QuantizationConfig, TrainConfig
from .precision import best_device, fastest_type
from .processes import local_device


def compute_type(quantization: QuantizationConfig, device: str) -> torch.dtype:
    """The type of the matrix products on `device`."""
    name = quantization.compute if quantization.compute != "auto" else fastest_type(device)
    return torch.bfloat16 if name == "bfloat16" else torch.float32


def load_model(config: TrainConfig, base: Path) -> Any:
    """The quantized base with an adapter around it: the one that the config starts from, or a
    fresh one, seeded by the config."""
    device = best_device(config.device)
    dtype = compute_type(config.quantization, device)
    options: dict[str, Any] = {}
    if config.quantization.bits == 4:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type=config.quantization.kind,
            bnb_4bit_use_double_quant=config.quantization.double,
            bnb_4bit_compute_dtype=dtype,
        )
    model = AutoModelForCausalLM.from_pretrained(
        base,
        dtype=dtype,
        device_map={"": local_device(device)},
        local_files_only=True,
        **options,
    )
    _keep_trainable(model)
    if config.gradient_checkpointing:
        model.enable_input_require_grads()
    if config.start is not None:
        return PeftModel.from_pretrained(model, config.start, is_trainable=True)
    torch.manual_seed(config.seed)
    return get_peft_model(
        model,
        LoraConfig(
            r=config.lora.rank,
            lora_alpha=config.lora.alpha,
            lora_dropout=config.lora.dropout,
            target_modules=config.lora.targets,
            task_type="CAUSAL_LM",
        ),
    )


def _keep_trainable(model: Any) -> None:
    """Keep bitsandbytes (0.50) from laying the base's weights out for inference.

    On a processor with bfloat16 instructions it does so at the first measurement on held-out data,
    for good, and what it computes from then on has no gradient: training goes on, and only the last
    layers learn.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
