"""TRL's SFT trainer, set up for tokenized samples, and what both trainers have in common.

Imported only where training starts: this file needs the train extra at import time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, IterableDataset
from transformers import PrinterCallback, TrainerCallback
from transformers.trainer_pt_utils import LengthGroupedSampler, get_length_grouped_indices
from trl import SFTConfig, SFTTrainer

from .config import TrainConfig
from .encoding import IGNORED
from .fitting import Hooks, Setting
from .labelled_logits import LabelledLogits
from .packing import Columns, columns
from .precision import best_device
from .quantized_base import load_model
from .samples import Sample


class EpochOrder(LengthGroupedSampler):  # type: ignore[misc]
    """Batches of like lengths (padding costs a CPU as much as words do), in another order in each
    epoch, which is the same whenever that epoch is gone on with.

    transformers' own order depends on all chance that was used before, which a training that goes
    on in a later epoch cannot repeat. `seeded` False leaves the first epoch's order to it, as
    trainings without measurements have always had it.
    """

    def __init__(self, lengths: Sequence[int], batch: int, seed: int, *, seeded: bool) -> None:
        super().__init__(batch, lengths=list(lengths))
        self._seed = seed
        self._seeded = seeded
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer before each epoch."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        generator = None
        if self._seeded or self._epoch:
            generator = torch.Generator().manual_seed(1_000_003 * self._seed + self._epoch)
        return iter(get_length_grouped_indices(self.lengths, self.batch_size, generator=generator))


def in_order(trainer: Any, lengths: Sequence[int], *, seeded: bool) -> EpochOrder:
    """The order for a trainer's data set, whose rows have so many tokens."""
    args = trainer.args
    batch = args.train_batch_size * args.gradient_accumulation_steps
    return EpochOrder(lengths, batch, args.data_seed, seeded=seeded)


def widen(model: Any) -> None:
    """Hold what learns in float32, as PEFT does.

    Over a quantized base TRL rounds it to bfloat16, and AdamW then keeps its averages in bfloat16
    too, which has three digits: the squared gradients' average, of which a step replaces a
    thousandth, hardly ever falls again, and steps get smaller and smaller. (QLoRA's authors kept
    these averages in 32 bits.)
    """
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()


class LabelledTrainer(SFTTrainer):  # type: ignore[misc]
    """The SFT trainer with a loss that projects labelled positions only, rows of several samples,
    streams that are each process's own, and a held-out loss that is exact.

    TRL's own loss does so on GPUs; on a CPU it projects every position onto the whole vocabulary.
    The figures are the same.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.accelerator.unwrap_model(self.model).get_base_model()
        self._labelled_logits = LabelledLogits(inner)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        if return_outputs or self.accelerator.num_processes > 1:
            # Gradients are exchanged by a wrapper of the model, which TRL's own loss goes through.
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        logits, targets, _ = self._labelled(inputs)
        total = torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
        right = (logits.argmax(-1) == targets).float().mean()
        mode = "train" if model.training else "eval"
        self._metrics[mode]["mean_token_accuracy"].append(right.item())
        count = targets.numel() if num_items_in_batch is None else num_items_in_batch
        return total / count

    def _labelled(self, inputs: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        """Logits and labels at the labelled positions, and where those are."""
        labels = inputs["labels"][:, 1:]
        chosen = labels != IGNORED
        return self._labelled_logits(inputs, chosen), labels[chosen], chosen

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        if isinstance(self.train_dataset, IterableDataset):
            return None
        lengths = [len(row) for row in self.train_dataset["input_ids"]]
        plain = self.eval_dataset is None and "position_ids" not in self.train_dataset.column_names
        return in_order(self, lengths, seeded=not plain)

    def get_train_dataloader(self) -> Any:
        """A stream is each process's own already; a data set is divided among them."""
        if not isinstance(self.train_dataset, IterableDataset):
            return super().get_train_dataloader()
        return torch.utils.data.DataLoader(
            self.train_dataset,
            batch_size=self.args.per_device_train_batch_size,
            collate_fn=self.data_collator,
        )

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """The mean over all held-out labelled tokens, not over batches of them."""
        self.model.eval()
        counts = [torch.zeros(3, dtype=torch.float64)]
        for batch in self.get_eval_dataloader():
            with torch.no_grad():
                logits, targets, chosen = self._labelled(self._prepare_inputs(batch))
            losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
            rows = chosen.nonzero()[:, 0]
            each = torch.zeros(chosen.shape[0], 3, device=losses.device)
            right = (logits.argmax(-1) == targets).float()
            each.index_add_(0, rows, torch.stack([losses, right, torch.ones_like(losses)], dim=1))
            counts.append(self.accelerator.gather_for_metrics(each).cpu().double().sum(0))
        loss, right, tokens = torch.stack(counts).sum(0).tolist()
        found = {"eval_loss": loss / tokens, "eval_mean_token_accuracy": right / tokens}
        self.log(dict(found))
        trainer: Any = self
        handler = trainer.callback_handler
        trainer.control = handler.on_evaluate(trainer.args, trainer.state, trainer.control, found)
        return found


class Reporter(TrainerCallback):  # type: ignore[misc]
    """Hands each logged step, measurement and saved checkpoint on; measures at the end too."""

    def __init__(self, hooks: Hooks, *, measures: bool) -> None:
        self._hooks = hooks
        self._measures = measures

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        logs = kwargs.get("logs") or {}
        if "eval_loss" in logs:
            self._hooks.on_held_out(state.global_step, logs)
        elif "loss" in logs and self._hooks.on_step(state.global_step, state.max_steps, logs):
            control.should_training_stop = True
            control.should_save = True
            control.should_evaluate = self._measures

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._measures and state.global_step >= state.max_steps:
            control.should_evaluate = True

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._hooks.on_saved(state.global_step)


class PackedRows:
    """Collates rows with positions; there is no attention mask, as positions say it all."""

    def __init__(self, padding: int) -> None:
        self._padding = {"input_ids": padding, "labels": IGNORED, "position_ids": 0}

    def __call__(self, rows: Sequence[Mapping[str, list[int]]]) -> dict[str, Any]:
        longest = max(len(row["input_ids"]) for row in rows)
        return {
            name: torch.tensor([row[name] + [fill] * (longest - len(row[name])) for row in rows])
            for name, fill in self._padding.items()
        }


def make_trainer(
    setting: Setting,
    data: Columns | Callable[[], Iterator[dict[str, list[int]]]],
    held_out: Sequence[Sample],
    checkpoints: Path,
    hooks: Hooks,
    steps: int | None = None,
) -> Any:
    """A trainer, ready to run. `data`: all rows, or what makes an endless stream of them, of which
    `steps` optimizer steps are trained.

    Raises `ValueError` where a batch lost labels on its way.
    """
    config, tokenizer = setting.config, setting.tokenizer
    pad(tokenizer)
    packing = config.samples.packing
    measured = columns([[sample.encoded] for sample in held_out], positions=packing)
    settings = common(config, checkpoints, hooks, measures=bool(held_out))
    if callable(data):
        dataset, settings["max_steps"] = IterableDataset.from_generator(data), steps
    else:
        dataset = Dataset.from_dict(data)
    if packing or callable(data):
        settings["remove_unused_columns"] = False
        settings["dataset_kwargs"] = {"skip_prepare_dataset": True}
    trainer = LabelledTrainer(
        model=load_model(config, setting.base),
        args=SFTConfig(max_length=None, packing=False, shuffle_dataset=False, **settings),
        train_dataset=dataset,
        eval_dataset=Dataset.from_dict(measured) if held_out else None,
        data_collator=PackedRows(tokenizer.pad_token_id) if packing else None,
        processing_class=tokenizer,
        callbacks=[Reporter(hooks, measures=bool(held_out))],
    )
    widen(trainer.model)
    # Progress goes to whoever asked for it, not to the terminal.
    trainer.remove_callback(PrinterCallback)
    if not callable(data):
        _check_labels(trainer, data)
    return trainer


def pad(tokenizer: Any) -> None:
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token


def common(
    config: TrainConfig, checkpoints: Path, hooks: Hooks, *, measures: bool
) -> dict[str, Any]:
    """The arguments that SFT and DPO share."""
    settings: dict[str, Any] = {
        "output_dir": str(checkpoints),
        "per_device_train_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.accumulate,
        "learning_rate": config.learning_rate,
        "lr_scheduler_type": config.schedule,
        "warmup_steps": config.warmup_steps,
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.max_grad_norm,
        "num_train_epochs": config.epochs,
        "max_steps": config.max_steps or -1,
        "gradient_checkpointing": config.gradient_checkpointing,
        "use_cpu": best_device(config.device) == "cpu",
        # The compute type is the quantized base's; autocast on top would only convert twice.
        "bf16": False,
        "fp16": False,
        "logging_steps": 1,
        # transformers would write an average where a loss is no number.
        "logging_nan_inf_filter": False,
        "save_strategy": "steps",
        "save_steps": config.save_every,
        "save_total_limit": 2,
        "seed": config.seed,
        "data_seed": config.seed,
        "report_to": [],
        "disable_tqdm": True,
        "dataloader_num_workers": 0,
        "dataloader_pin_memory": False,
    }
    if measures:
        settings |= {
            "eval_strategy": "steps",
            "eval_steps": config.held_out.every,
            "eval_on_start": not hooks.begun,
            "per_device_eval_batch_size": config.batch_size,
        }
    return settings


def _check_labels(trainer: Any, rows: Columns) -> None:
    """What the trainer will see has the labels that the samples have."""
    seen = sum(sum(label != IGNORED for label in row["labels"]) for row in trainer.train_dataset)
    meant = sum(sum(label != IGNORED for label in labels) for labels in rows["labels"])
    if seen != meant or len(trainer.train_dataset) != len(rows["labels"]):
        raise ValueError(
            f"the trainer holds {len(trainer.train_dataset)} samples with {seen} labelled tokens; "
            f"{len(rows['labels'])} with {meant} were made"
        )
