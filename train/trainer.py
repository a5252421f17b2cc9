"""TRL's SFT trainer, set up for tokenized samples, a quantized base and one device.

Imported only where training starts: this file needs the train extra at import time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer

from .config import QuantizationConfig, TrainConfig
from .encoding import IGNORED
from .precision import best_device, fastest_type
from .samples import Sample

OnStep = Callable[[int, int, dict[str, float]], bool]
OnSaved = Callable[[int], None]


def compute_type(quantization: QuantizationConfig, device: str) -> torch.dtype:
    """The type of the matrix products on `device`."""
    name = quantization.compute if quantization.compute != "auto" else fastest_type(device)
    return torch.bfloat16 if name == "bfloat16" else torch.float32


def load_model(config: TrainConfig, base: Path) -> Any:
    """The quantized base with a fresh adapter around it, seeded by the config."""
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
        device_map={"": device},
        local_files_only=True,
        attn_implementation="sdpa",
        **options,
    )
    if config.gradient_checkpointing:
        model.enable_input_require_grads()
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


_SHORT = 640
"""Tokens up to which plain attention is the faster on a processor, and its score matrices small."""


def _attention(length: int, device: str) -> str:
    """The attention for samples of `length` tokens: on a processor, plain matrix products take a
    quarter less time a step than torch's fused kernel, but their memory grows with the square."""
    return "eager" if device == "cpu" and length <= _SHORT else "sdpa"


class LabelledTrainer(SFTTrainer):  # type: ignore[misc]
    """The SFT trainer with a loss that projects labelled positions only.

    TRL's own loss does so on GPUs; on a CPU it projects every position onto the whole vocabulary,
    a quarter of the work for SmolLM2, of which labels need a fifth. The figures are the same.
    """

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        if return_outputs:
            return super().compute_loss(model, inputs, True, num_items_in_batch)
        labels = inputs["labels"][:, 1:]
        inner = self.accelerator.unwrap_model(model).get_base_model()
        length, device = inputs["input_ids"].shape[1], inputs["input_ids"].device.type
        inner.set_attn_implementation(_attention(length, device))
        hidden = inner.model(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            use_cache=False,
        ).last_hidden_state[:, :-1]
        chosen = labels != IGNORED
        targets = labels[chosen]
        logits = inner.lm_head(hidden[chosen]).float()
        total = torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
        right = (logits.argmax(-1) == targets).float().mean()
        mode = "train" if model.training else "eval"
        self._metrics[mode]["mean_token_accuracy"].append(right.item())
        count = targets.numel() if num_items_in_batch is None else num_items_in_batch
        return total / count


class _Reporter(TrainerCallback):  # type: ignore[misc]
    """Hands each logged step and each saved checkpoint on."""

    def __init__(self, on_step: OnStep, on_saved: OnSaved) -> None:
        self._on_step = on_step
        self._on_saved = on_saved

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        logs = kwargs.get("logs") or {}
        if "loss" in logs and self._on_step(state.global_step, state.max_steps, logs):
            control.should_training_stop = True
            control.should_save = True

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._on_saved(state.global_step)


def make_trainer(
    config: TrainConfig,
    samples: list[Sample],
    tokenizer: Any,
    base: Path,
    checkpoints: Path,
    on_step: OnStep,
    on_saved: OnSaved,
) -> Any:
    """A trainer, ready to run. Raises `ValueError` where a batch lost labels on its way."""
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    columns = {
        "input_ids": [sample.encoded.input_ids for sample in samples],
        "labels": [sample.encoded.labels for sample in samples],
    }
    trainer = LabelledTrainer(
        model=load_model(config, base),
        args=_arguments(config, checkpoints),
        train_dataset=Dataset.from_dict(columns),
        processing_class=tokenizer,
        callbacks=[_Reporter(on_step, on_saved)],
    )
    # Progress goes to whoever asked for it, not to the terminal.
    trainer.remove_callback(PrinterCallback)
    _check_labels(trainer, samples)
    return trainer


def _arguments(config: TrainConfig, checkpoints: Path) -> SFTConfig:
    return SFTConfig(
        output_dir=str(checkpoints),
        per_device_train_batch_size=config.batch_size,
        gradient_accumulation_steps=config.accumulate,
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.schedule,
        warmup_steps=config.warmup_steps,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        num_train_epochs=config.epochs,
        max_steps=config.max_steps or -1,
        gradient_checkpointing=config.gradient_checkpointing,
        use_cpu=best_device(config.device) == "cpu",
        # The compute type is the quantized base's; autocast on top would only convert twice.
        bf16=False,
        fp16=False,
        max_length=None,
        packing=False,
        shuffle_dataset=False,
        # Batches of like lengths: padding costs a CPU as much as words do.
        train_sampling_strategy="group_by_length",
        logging_steps=1,
        save_strategy="steps",
        save_steps=config.save_every,
        save_total_limit=2,
        seed=config.seed,
        data_seed=config.seed,
        report_to=[],
        disable_tqdm=True,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
    )


def _check_labels(trainer: Any, samples: list[Sample]) -> None:
    """What the trainer will see has the labels that the samples have."""
    seen = sum(sum(label != IGNORED for label in row["labels"]) for row in trainer.train_dataset)
    meant = sum(sample.encoded.labelled for sample in samples)
    if seen != meant or len(trainer.train_dataset) != len(samples):
        raise ValueError(
            f"the trainer holds {len(trainer.train_dataset)} samples with {seen} labelled tokens; "
            f"{len(samples)} with {meant} were made"
        )
