"""Direct preference optimization (Rafailov et al. 2023): pairs of branches in, an adapter out.

The quantized base with an adapter is trained to prefer what was chosen, held near a reference: the
base, or the adapter that the config starts from (usually of supervised fine-tuning).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from ..trajectories.trajectory import Trajectory
from .card import TrainResult
from .config import TrainConfig
from .fitting import Hooks, Job, Progress, Setting, fitted
from .mixed_samples import drawn
from .preference_samples import Pair, build_pairs
from .samples import SampleReport


def train(
    config: TrainConfig,
    trajectories: Iterable[Trajectory],
    out: Path,
    *,
    base: Path | None = None,
    held_out: Iterable[Trajectory] | None = None,
    on_progress: Progress | None = None,
) -> TrainResult:
    """Train an adapter in `out` on the preferences of trajectories, or go on with one begun there.

    As `sft.train`, but for what is trained on: `accept`, `augment` and packing do not apply, and of
    a mixture all is drawn before training begins.
    Raises what `sft.train` does.
    """
    if config.mixture is not None:
        seed = config.seed
        trajectories = drawn(config.mixture, seed, "train")
        held_out = drawn(config.mixture, seed, "evaluation") if config.mixture.evaluation else None
    return fitted(config, out, base, on_progress, partial(_paired, trajectories, held_out))


def _paired(
    trajectories: Iterable[Trajectory], held_out: Iterable[Trajectory] | None, setting: Setting
) -> Job:
    pairs, report = _built(setting, trajectories, setting.config.samples.limit)
    measured: list[Pair] = []
    account: SampleReport | None = None
    if held_out is not None:
        measured, account = _built(setting, held_out, setting.config.held_out.limit)

    def make_trainer(checkpoints: Path, hooks: Hooks) -> Any:
        from .preference_trainer import make_pair_trainer

        return make_pair_trainer(setting, pairs, measured, checkpoints, hooks)

    return Job(report, report.digest, make_trainer, account)


def _built(
    setting: Setting, trajectories: Iterable[Trajectory], limit: int | None
) -> tuple[list[Pair], SampleReport]:
    return build_pairs(
        trajectories,
        setting.tokenizer,
        config=setting.config.samples.model_copy(update={"limit": limit}),
        seed=setting.config.seed,
        written=setting.written,
    )
