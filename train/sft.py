"""QLoRA supervised fine-tuning: samples in, an adapter with a card out.

TRL's SFT trainer over a base held in NF4 with double quantization and a PEFT adapter; the same
config on CPU and CUDA. The samples come tokenized and labelled (see `train/encoding.py`), so that
nothing of the trainer's own templating or truncation takes part.

A run folder holds `started.json`, `samples.json`, `metrics.jsonl`, `loss.png`, `checkpoints/`,
`adapter/` and, written last, `train.json`. A killed run goes on from its last whole checkpoint
when it is started again with the same config and data; with others it is refused.
Not covered: several devices, and mixing in other data.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson

from ..models.errors import ModelUnavailable
from ..simulation.run_directory import write_whole
from ..trajectories.canonical import digest
from ..trajectories.trajectory import Trajectory
from .card import TrainResult, card, installed_versions, mean_loss, weights_digest
from .config import TrainConfig
from .metrics import StepMetrics, append_metrics, cut_metrics, plot_loss, read_metrics
from .precision import best_device
from .samples import Sample, SampleReport, build_samples

Progress = Callable[[str, int, int, str], None]
"""Told what is being done, how much of it is done, of how much, and a line for people."""

WHOLE = "whole.json"
"""Written into a checkpoint once all of it is on disk."""


class TrainingMismatch(ValueError):
    """The folder holds a training with another config or other data; says which."""


def train(
    config: TrainConfig,
    trajectories: Iterable[Trajectory],
    out: Path,
    *,
    base: Path | None = None,
    on_progress: Progress | None = None,
) -> TrainResult:
    """Train an adapter in `out`, or go on with one that was begun there.

    `base`: a folder with the base checkpoint; None takes the config's, exporting SmolLM2 from its
    package to `out/base` where the config says `smollm2`.
    Raises `ModelUnavailable` without the train extra, `TrainingMismatch`, `LabelMissing` and
    `NothingToTrain`.
    """
    say = on_progress or _silent
    _prepare_process(config)
    out.mkdir(parents=True, exist_ok=True)
    base = base or _base_of(config, out)
    tokenizer = _tokenizer(base)
    samples, report = build_samples(
        trajectories,
        tokenizer,
        accept=config.accept,
        config=config.samples,
        augment=config.augment,
        seed=config.seed,
    )
    for line in report.lines():
        say("samples", report.trained, report.trained, line)
    identity = {
        "config": digest(config.model_dump(mode="json")),
        "data": report.digest,
        "base": weights_digest(base),
    }
    finished = _begin(out, identity)
    if finished is not None:
        return finished
    (out / "samples.json").write_text(report.model_dump_json(indent=2), encoding="utf-8")
    stopped = _fit(config, samples, tokenizer, base, out, say)
    return _finish(config, report, identity, base, out, stopped)


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
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(base)


def _begin(out: Path, identity: dict[str, str]) -> TrainResult | None:
    """The result where training is done. Raises `TrainingMismatch` where it was another one."""
    path = out / "started.json"
    if path.exists():
        before = orjson.loads(path.read_bytes())
        changed = [key for key in identity if before.get(key) != identity[key]]
        if changed:
            raise TrainingMismatch(
                f"{out} holds a training with another {' and another '.join(changed)}; "
                "choose an empty folder"
            )
    else:
        write_whole(path, [orjson.dumps(identity)])
    done = out / "train.json"
    return TrainResult.model_validate_json(done.read_bytes()) if done.exists() else None


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint; those that a kill left half-written are deleted."""
    whole: list[tuple[int, Path]] = []
    for path in folder.glob("checkpoint-*") if folder.exists() else ():
        if (path / WHOLE).exists():
            whole.append((int(path.name.rpartition("-")[2]), path))
        else:
            shutil.rmtree(path)
    return max(whole)[1] if whole else None


def _fit(
    config: TrainConfig,
    samples: list[Sample],
    tokenizer: Any,
    base: Path,
    out: Path,
    say: Progress,
) -> str:
    """Train and save the adapter; gives the reason why training ended."""
    from .trainer import make_trainer

    checkpoint = last_checkpoint(out / "checkpoints")
    begun = int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0
    earlier = cut_metrics(out / "metrics.jsonl", begun)
    spent = earlier[-1].seconds if earlier else 0.0
    started = time.monotonic()
    reached_limit = False

    def on_step(step: int, total: int, logged: dict[str, float]) -> bool:
        """Record one step; True ends the training."""
        nonlocal reached_limit
        seconds = spent + time.monotonic() - started
        metrics = StepMetrics(
            step=step,
            loss=logged["loss"],
            token_accuracy=logged.get("mean_token_accuracy"),
            learning_rate=logged.get("learning_rate"),
            grad_norm=logged.get("grad_norm"),
            seconds=round(seconds, 3),
        )
        append_metrics(out / "metrics.jsonl", metrics)
        say("train", step, total, f"step {step}/{total}  loss {metrics.loss:.3f}  {seconds:.0f} s")
        limit = config.max_minutes
        reached_limit = limit is not None and seconds > 60 * limit and step < total
        return reached_limit

    def on_saved(step: int) -> None:
        write_whole(out / "checkpoints" / f"checkpoint-{step}" / WHOLE, [b"{}\n"])

    say("train", begun, 0, f"loading the base{' and a checkpoint' if checkpoint else ''}")
    trainer = make_trainer(config, samples, tokenizer, base, out / "checkpoints", on_step, on_saved)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    trainer.model.save_pretrained(out / "adapter")
    return f"time limit of {config.max_minutes:g} minutes" if reached_limit else "all steps"


def _finish(
    config: TrainConfig,
    report: SampleReport,
    identity: dict[str, str],
    base: Path,
    out: Path,
    stopped: str,
) -> TrainResult:
    import torch

    metrics = read_metrics(out / "metrics.jsonl")
    plot_loss(metrics, out / "loss.png", f"{config.name}: QLoRA on {report.trained} samples")
    on_cuda = best_device(config.device) == "cuda"
    result = TrainResult(
        adapter="adapter",
        base=config.base,
        config_digest=identity["config"],
        data_digest=identity["data"],
        base_digest=identity["base"],
        adapter_digest=weights_digest(out / "adapter"),
        steps=metrics[-1].step,
        stopped=stopped,
        seconds=metrics[-1].seconds,
        seconds_per_step=metrics[-1].seconds / metrics[-1].step,
        first_loss=mean_loss(metrics, last=False),
        last_loss=mean_loss(metrics, last=True),
        samples=report,
        versions=installed_versions(),
        device=torch.cuda.get_device_name() if on_cuda else f"cpu, {config.threads} thread(s)",
    )
    (out / "adapter" / "README.md").write_text(card(config, result), encoding="utf-8")
    write_whole(out / "train.json", [result.model_dump_json(indent=2).encode()])
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    return result
