"""TRL's DPO trainer, set up for tokenized pairs whose labels say what is compared.

TRL compares all that follows the prompt. Here a batch marks the assistant's own tokens alone, so
that a branch is not preferred for what its tools answered. Imported only where training starts:
this file needs the train extra at import time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import PrinterCallback
from trl import DPOConfig, DPOTrainer

from .encoding import IGNORED
from .fitting import Hooks, Setting
from .preference_samples import Pair
from .quantized_base import load_model
from .trainer import Reporter, common, in_order, pad, widen


class PairTrainer(DPOTrainer):  # type: ignore[misc]
    """The DPO trainer for rows that are tokenized already."""

    def _prepare_dataset(self, dataset: Any, *args: Any, **kwargs: Any) -> Any:
        return dataset

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        sides = zip(
            self.train_dataset["chosen_ids"], self.train_dataset["rejected_ids"], strict=True
        )
        return in_order(self, [max(map(len, pair)) for pair in sides], seeded=True)


class PairRows:
    """Collates pairs: the chosen sides, then the rejected ones."""

    def __init__(self, padding: int) -> None:
        self._padding = padding

    def __call__(self, pairs: Sequence[Mapping[str, list[int]]]) -> dict[str, Any]:
        sides = [(pair[f"{side}_ids"], pair[f"{side}_labels"]) for side in _SIDES for pair in pairs]
        longest = max(len(ids) for ids, _ in sides)

        def padded(rows: list[list[int]], fill: int) -> Any:
            return torch.tensor([row + [fill] * (longest - len(row)) for row in rows])

        return {
            "input_ids": padded([ids for ids, _ in sides], self._padding),
            "attention_mask": padded([[1] * len(ids) for ids, _ in sides], 0),
            "completion_mask": padded(
                [[int(label != IGNORED) for label in labels] for _, labels in sides], 0
            ),
        }


_SIDES = ("chosen", "rejected")


def make_pair_trainer(
    setting: Setting,
    pairs: Sequence[Pair],
    held_out: Sequence[Pair],
    checkpoints: Path,
    hooks: Hooks,
) -> Any:
    """A trainer, ready to run. The reference is a copy of the adapter as training begins: one that
    it goes on with, or a fresh one, which changes nothing of the base."""
    config, tokenizer = setting.config, setting.tokenizer
    pad(tokenizer)
    settings = common(config, checkpoints, hooks, measures=bool(held_out))
    if held_out:
        # One pair at a time: TRL's figures are means over batches.
        settings["per_device_eval_batch_size"] = 1
    trainer = PairTrainer(
        model=load_model(config, setting.base),
        args=DPOConfig(
            beta=config.beta,
            max_length=None,
            remove_unused_columns=False,
            disable_dropout=True,
            **settings,
        ),
        train_dataset=Dataset.from_list([_row(pair) for pair in pairs]),
        eval_dataset=Dataset.from_list([_row(pair) for pair in held_out]) if held_out else None,
        data_collator=PairRows(tokenizer.pad_token_id),
        processing_class=tokenizer,
        callbacks=[Reporter(hooks, measures=bool(held_out))],
    )
    widen(trainer.model)
    _begin_as_reference(trainer.model)
    # Progress goes to whoever asked for it, not to the terminal.
    trainer.remove_callback(PrinterCallback)
    return trainer


def _begin_as_reference(model: Any) -> None:
    """TRL has rounded what learns, and the reference not: let them begin as the same."""
    parameters = dict(model.named_parameters())
    for name, parameter in parameters.items():
        if ".ref." in name:
            parameter.data = parameters[name.replace(".ref.", ".default.")].data.clone()


def _row(pair: Pair) -> dict[str, list[int]]:
    return {
        "chosen_ids": pair.chosen.input_ids,
        "chosen_labels": pair.chosen.labels,
        "rejected_ids": pair.rejected.input_ids,
        "rejected_labels": pair.rejected.labels,
    }
