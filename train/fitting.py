"""A training from beginning to end, whatever its method: the folder, the steps, the card.

QLoRA: the base is held in NF4 with double quantization, a PEFT adapter learns; the same config on
CPU and CUDA, in one process or in those of `accelerate launch`. Data come tokenized and labelled,
so that nothing of the trainer's own templating or truncation takes part. Nothing here knows what
a method trains on; `sft.py` and `dpo.py` bring that as a `Job`.
"""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..models.errors import ModelUnavailable
from ..trajectories.whole_file import write_whole
from .card import TrainResult, card, installed_versions, mean_loss, mean_margin, weights_digest
from .chat_format import ChatFormat, chat_format
from .config import TrainConfig
from .metrics import (
    HeldOutMetrics,
    StepMetrics,
    append_metrics,
    cut_metrics,
    plot_loss,
    read_held_out,
    read_metrics,
)
from .precision import best_device
from .processes import Processes, processes
from .run_folder import (
    WHOLE,
    begin,
    config_digest,
    last_checkpoint,
    locked,
    step_of,
    without_torn,
)
from .samples import SampleReport

TEMPLATE = "chat_template.jinja"
"""In an adapter's folder: the chat template that it has learnt, patches included."""

Progress = Callable[[str, int, int, str], None]
"""Told what is being done, how much of it is done, of how much, and a line for people."""


class BaseUnusable(ValueError):
    """The base's folder is missing or no checkpoint; says which and what to give."""


class TrainingDiverged(ValueError):
    """A loss or a gradient that is no number any more; says at which step and what to try."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What every method needs to know of where it trains."""

    config: TrainConfig
    base: Path
    tokenizer: Any
    written: ChatFormat
    here: Processes
    say: Progress


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom a trainer tells what."""

    on_step: Callable[[int, int, Mapping[str, float]], bool]
    """After each optimizer step: its number, of how many, its figures. True ends the training."""
    on_held_out: Callable[[int, Mapping[str, float]], None]
    """After each measurement on held-out data."""
    on_saved: Callable[[int], None]
    """After each checkpoint."""
    begun: int = 0
    """Steps that were made before, in an earlier process."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is trained on, and how."""

    report: SampleReport
    """A stream's grows while it is trained on."""
    data: str
    """Digest of the data."""
    make_trainer: Callable[[Path, Hooks], Any]
    """A trainer that writes its checkpoints into a folder."""
    held_out: SampleReport | None = None
    account: Callable[[], list[str]] = field(default=list)
    """Lines on what a stream is drawn from, and how much of it until now."""


def fitted(
    config: TrainConfig,
    out: Path,
    base: Path | None,
    on_progress: Progress | None,
    prepare: Callable[[Setting], Job],
) -> TrainResult:
    """Train an adapter in `out`, or go on with one that was begun there.

    Raises `ModelUnavailable` without the train extra, `LogBusy` where another process trains in
    `out`, `BaseUnusable`, `TrainingMismatch`, `TrainingDiverged`, `TemplateUnusable` and what
    `prepare` raises.
    """
    _prepare_process(config)
    here = processes(best_device(config.device))
    say = on_progress if on_progress and here.main else _silent
    out.mkdir(parents=True, exist_ok=True)
    # Of several processes the first one alone writes.
    with locked(out) if here.main else nullcontext():
        return _fitted(config, out, base, here, say, prepare)


def _fitted(
    config: TrainConfig,
    out: Path,
    base: Path | None,
    here: Processes,
    say: Progress,
    prepare: Callable[[Setting], Job],
) -> TrainResult:
    base = base or _base_of(config, out)
    tokenizer = _tokenizer(base)
    written = chat_format(config.samples.template, tokenizer)
    setting = Setting(config, base, tokenizer, written, here, say)
    job = prepare(setting)
    for line in job.account() or job.report.lines():
        say("samples", job.report.trained, job.report.trained, line)
    identity = {"config": config_digest(config), "data": job.data, "base": weights_digest(base)}
    if here.world > 1:
        # What a step is made of, and which part of a checkpoint is whose.
        identity["number of processes"] = str(here.world)
    if config.start is not None:
        identity["start"] = weights_digest(Path(config.start))
    if job.held_out is not None:
        identity["held-out data"] = job.held_out.digest
    finished = begin(out, identity, write=here.main)
    if finished is not None:
        return finished
    here.wait()
    stopped = _fit(setting, job, out)
    if here.main:
        _finish(setting, job, identity, out, stopped)
    here.wait()
    return TrainResult.model_validate_json((out / "train.json").read_bytes())


def _silent(stage: str, done: int, total: int, line: str) -> None:
    """Nobody listens."""


def _prepare_process(config: TrainConfig) -> None:
    """Offline, with the config's threads; before torch is first imported where possible."""
    for name, value in (
        ("HF_HUB_OFFLINE", "1"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("OMP_NUM_THREADS", str(config.threads)),
    ):
        os.environ.setdefault(name, value)
    try:
        import torch
        import transformers
        import trl  # noqa: F401 - asked for now, so that it is missed before work is done
    except ImportError as error:
        raise ModelUnavailable(
            f"training needs the extra: pip install callsheet[train] (no module {error.name})"
        ) from error
    torch.set_num_threads(config.threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def _base_of(config: TrainConfig, out: Path) -> Path:
    if config.base != "smollm2":
        return Path(config.base)
    from ..models.checkpoint import export_smollm2

    folder = out / "base"
    export_smollm2(folder)
    return folder


def _tokenizer(base: Path) -> Any:
    """Raises `BaseUnusable`."""
    from transformers import AutoTokenizer

    if not (base / "config.json").is_file():
        raise BaseUnusable(
            f"{base}: there is no base checkpoint here (no config.json); give the folder of one "
            "that was downloaded, or smollm2, as base"
        )
    try:
        return AutoTokenizer.from_pretrained(base)
    except (OSError, ValueError) as error:
        why = next(iter(str(error).splitlines()), type(error).__name__)
        raise BaseUnusable(f"{base}: the base's tokenizer cannot be read: {why}") from error


def _fit(setting: Setting, job: Job, out: Path) -> str:
    """Train and save the adapter; gives the reason why training ended."""
    config, here, say = setting.config, setting.here, setting.say
    if here.main:
        (out / "samples.json").write_text(job.report.model_dump_json(indent=2), encoding="utf-8")
        without_torn(out / "checkpoints")
    here.wait()
    checkpoint = last_checkpoint(out / "checkpoints")
    record = _Record(setting, out, step_of(checkpoint))
    words = f"loading the base{' and a checkpoint' if checkpoint else ''}"
    say("train", step_of(checkpoint), 0, words)
    trainer = job.make_trainer(out / "checkpoints", record.hooks())
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if here.main:
        trainer.model.save_pretrained(out / "adapter", selected_adapters=["default"])
    ended = record.reached_limit
    return f"time limit of {config.max_minutes:g} minutes" if ended else "all steps"


class _Record:
    """Writes the metrics down as they come, and says when the time is over."""

    def __init__(self, setting: Setting, out: Path, begun: int) -> None:
        self._config = setting.config
        self._here = setting.here
        self._say = setting.say
        self._out = out
        self._path = out / "metrics.jsonl"
        self._begun = begun
        earlier = cut_metrics(self._path, begun) if self._here.main else []
        self._spent = earlier[-1].seconds if earlier else 0.0
        self._started = time.monotonic()
        self.reached_limit = False

    def hooks(self) -> Hooks:
        return Hooks(self._on_step, self._on_held_out, self._on_saved, self._begun)

    def _seconds(self) -> float:
        return round(self._spent + time.monotonic() - self._started, 3)

    def _check(self, step: int, **figures: float | None) -> None:
        """Raise `TrainingDiverged` before such a figure is written, or a checkpoint is saved."""
        for name, value in figures.items():
            if value is not None and not math.isfinite(value):
                raise TrainingDiverged(
                    f"step {step}: the {name.replace('_', ' ')} is {value}, training has diverged; "
                    "begin again in an empty folder with a learning_rate lower than "
                    f"{self._config.learning_rate:g} (checkpoints before this step are kept in "
                    f"{self._out / 'checkpoints'})"
                )

    def _on_step(self, step: int, total: int, logged: Mapping[str, float]) -> bool:
        self._check(step, loss=logged["loss"], gradient_norm=logged.get("grad_norm"))
        metrics = StepMetrics(
            step=step,
            loss=logged["loss"],
            token_accuracy=logged.get("mean_token_accuracy"),
            reward_margin=logged.get("rewards/margins"),
            reward_accuracy=logged.get("rewards/accuracies"),
            learning_rate=logged.get("learning_rate"),
            grad_norm=logged.get("grad_norm"),
            seconds=self._seconds(),
        )
        if self._here.main:
            append_metrics(self._path, metrics)
        margin = metrics.reward_margin
        told = "" if margin is None else f"  margin {margin:+.4f}"
        line = f"step {step}/{total}  loss {metrics.loss:.3f}{told}  {metrics.seconds:.0f} s"
        self._say("train", step, total, line)
        limit = self._config.max_minutes
        if limit is not None:
            over = metrics.seconds > 60 * limit and step < total
            self.reached_limit = self._here.agreed(over)
        return self.reached_limit

    def _on_held_out(self, step: int, logged: Mapping[str, float]) -> None:
        self._check(step, held_out_loss=logged["eval_loss"])
        metrics = HeldOutMetrics(
            step=step,
            held_out_loss=logged["eval_loss"],
            token_accuracy=logged.get("eval_mean_token_accuracy"),
            reward_margin=logged.get("eval_rewards/margins"),
            reward_accuracy=logged.get("eval_rewards/accuracies"),
            seconds=self._seconds(),
        )
        if self._here.main:
            append_metrics(self._path, metrics)
        self._say("held out", step, 0, f"after step {step}: loss {metrics.held_out_loss:.3f}")

    def _on_saved(self, step: int) -> None:
        # Each process writes a part of a checkpoint.
        self._here.wait()
        if self._here.main:
            write_whole(self._out / "checkpoints" / f"checkpoint-{step}" / WHOLE, [b"{}\n"])


def _finish(
    setting: Setting, job: Job, identity: Mapping[str, str], out: Path, stopped: str
) -> None:
    import torch

    config, report = setting.config, job.report
    path = out / "metrics.jsonl"
    metrics, held_out = read_metrics(path), read_held_out(path)
    about = f"{config.name}: {config.method.upper()} on {report.trained} samples"
    plot_loss(path, about, out / "loss.png")
    on_cuda = best_device(config.device) == "cuda"
    result = TrainResult(
        adapter="adapter",
        base=config.base,
        config_digest=identity["config"],
        data_digest=identity["data"],
        base_digest=identity["base"],
        adapter_digest=weights_digest(out / "adapter"),
        start_digest=identity.get("start"),
        steps=metrics[-1].step,
        stopped=stopped,
        seconds=metrics[-1].seconds,
        seconds_per_step=metrics[-1].seconds / metrics[-1].step,
        first_loss=mean_loss(metrics, last=False),
        last_loss=mean_loss(metrics, last=True),
        first_margin=mean_margin(metrics, last=False),
        last_margin=mean_margin(metrics, last=True),
        held_out=held_out,
        held_out_samples=job.held_out,
        samples=report,
        drawn=job.account(),
        versions=installed_versions(),
        device=torch.cuda.get_device_name() if on_cuda else f"cpu, {config.threads} thread(s)",
        processes=setting.here.world,
        own_template=setting.written.own,
        rounding=config.quantization.rounding,
    )
    (out / "samples.json").write_text(report.model_dump_json(indent=2), encoding="utf-8")
    # Where transformers and vLLM look for one.
    (out / "adapter" / TEMPLATE).write_text(setting.written.template, encoding="utf-8")
    (out / "adapter" / "README.md").write_text(card(config, result), encoding="utf-8")
    write_whole(out / "train.json", [result.model_dump_json(indent=2).encode()])
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
