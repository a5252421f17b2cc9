"""QLoRA supervised fine-tuning: samples in, an adapter with a card out.

From a file of trajectories, which are all made into samples first, or from a mixture of sources,
which is drawn from while it is trained on.
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
from .mixed_samples import MixedSamples
from .packing import arranged
from .samples import Sample, SampleReport, build_samples


def train(
    config: TrainConfig,
    trajectories: Iterable[Trajectory],
    out: Path,
    *,
    base: Path | None = None,
    held_out: Iterable[Trajectory] | None = None,
    on_progress: Progress | None = None,
) -> TrainResult:
    """Train an adapter in `out`, or go on with one that was begun there.

    Where the config names a mixture, its parts stand in for `trajectories` and `held_out` (on which
    the loss is measured, not learnt). `base`: a folder with the base checkpoint; None takes the
    config's, exporting SmolLM2 from its package to `out/base` where the config says `smollm2`.
    Raises `ModelUnavailable` without the train extra, `TrainingMismatch`, `TemplateUnusable`,
    `LabelMissing`, `NothingToTrain` and `MixtureInvalid`.
    """
    whole = partial(_whole, trajectories, held_out)
    return fitted(config, out, base, on_progress, _mixed if config.mixture else whole)


def _whole(
    trajectories: Iterable[Trajectory], held_out: Iterable[Trajectory] | None, setting: Setting
) -> Job:
    """All samples of a file, made now."""
    config = setting.config
    samples, report = build_samples(
        trajectories,
        setting.tokenizer,
        accept=config.accept,
        config=config.samples,
        augment=config.augment,
        seed=config.seed,
        written=setting.written,
    )
    rows, report.packing = arranged([sample.encoded for sample in samples], config.samples)
    measured, account = _measured(setting, held_out)

    def make_trainer(checkpoints: Path, hooks: Hooks) -> Any:
        from .trainer import make_trainer

        return make_trainer(setting, rows, measured, checkpoints, hooks)

    return Job(report, report.digest, make_trainer, account)


def _mixed(setting: Setting) -> Job:
    """A mixture, drawn from while it is trained on."""
    mixed = MixedSamples(setting)
    measured, account = _measured(setting, mixed.held_out())

    def make_trainer(checkpoints: Path, hooks: Hooks) -> Any:
        from .trainer import make_trainer

        return make_trainer(setting, mixed.rows, measured, checkpoints, hooks, mixed.steps)

    return Job(mixed.report, mixed.digest(), make_trainer, account, mixed.lines)


def _measured(
    setting: Setting, held_out: Iterable[Trajectory] | None
) -> tuple[list[Sample], SampleReport | None]:
    """Held-out samples as they are, without variations, and their account."""
    if held_out is None:
        return [], None
    config = setting.config
    plain = {"copies": 1, "limit": config.held_out.limit, "packing": False}
    return build_samples(
        held_out,
        setting.tokenizer,
        accept=None if config.mixture else config.accept,
        config=config.samples.model_copy(update=plain),
        seed=config.seed,
        written=setting.written,
    )
