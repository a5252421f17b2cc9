"""A training run's figures: one JSON line a step or measurement, and the loss as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict

from ..models.errors import ModelUnavailable
from ..trajectories.whole_file import write_whole


class StepMetrics(BaseModel):
    """One optimizer step."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    step: int
    loss: float
    """sft: mean cross entropy over the step's labelled tokens, in nats. dpo: its own loss, which
    is 0.693 where the model is the reference."""
    token_accuracy: float | None = None
    """Share of the labelled tokens that were the most likely ones."""
    reward_margin: float | None = None
    """dpo: by how much the chosen branches' rewards are above the rejected ones', mean."""
    reward_accuracy: float | None = None
    """dpo: share of the pairs whose chosen branch has the higher reward."""
    learning_rate: float | None = None
    grad_norm: float | None = None
    seconds: float
    """Training time so far, over all resumed parts."""


class HeldOutMetrics(BaseModel):
    """One measurement on held-out data, between two steps."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    step: int
    """Steps that were made before it."""
    held_out_loss: float
    """As of a step, over all held-out data."""
    token_accuracy: float | None = None
    reward_margin: float | None = None
    reward_accuracy: float | None = None
    seconds: float


Metrics = StepMetrics | HeldOutMetrics


def read_metrics(path: Path) -> list[StepMetrics]:
    """The steps in order; a torn last line (a killed run's) is left out."""
    return [one for one in _read(path) if isinstance(one, StepMetrics)]


def read_held_out(path: Path) -> list[HeldOutMetrics]:
    """The measurements on held-out data, in order."""
    return [one for one in _read(path) if isinstance(one, HeldOutMetrics)]


def append_metrics(path: Path, metrics: Metrics) -> None:
    with path.open("ab") as file:
        file.write(_line(metrics))


def cut_metrics(path: Path, last_step: int) -> list[StepMetrics]:
    """Drop the lines after `last_step`, which a resumed run will write again; gives the rest's
    steps. One that begins anew, at 0, measures once more before its first step too."""
    kept = [metrics for metrics in _read(path) if last_step > 0 and metrics.step <= last_step]
    write_whole(path, map(_line, kept))
    return [one for one in kept if isinstance(one, StepMetrics)]


def _read(path: Path) -> list[Metrics]:
    if not path.exists():
        return []
    whole = path.read_bytes().rpartition(b"\n")[0]
    return [
        (HeldOutMetrics if "held_out_loss" in line else StepMetrics).model_validate(line)
        for line in map(orjson.loads, whole.splitlines())
    ]


def _line(metrics: Metrics) -> bytes:
    return orjson.dumps(metrics.model_dump(exclude_none=True)) + b"\n"


def plot_loss(path: Path, title: str, target: Path) -> None:
    """The losses in the metrics file `path` over the steps, as a PNG; of preference training the
    reward margins too.

    Raises `ModelUnavailable` without the train extra.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ModelUnavailable("plots need the extra: pip install callsheet[train]") from error
    metrics, held_out = read_metrics(path), read_held_out(path)
    margins = any(m.reward_margin is not None for m in metrics)
    figure = Figure(figsize=(7, 7 if margins else 4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.subplots(2 if margins else 1, squeeze=False)[:, 0]
    _curve(axes[0], metrics, held_out, ("loss", "held_out_loss"))
    axes[0].set(ylabel="loss" if margins else "loss per labelled token (nats)", title=title)
    axes[0].set_ylim(bottom=0)
    if margins:
        _curve(axes[1], metrics, held_out, ("reward_margin", "reward_margin"))
        axes[1].set(ylabel="reward margin")
    for one in axes:
        one.set(xlabel="optimizer step")
        one.grid(alpha=0.3)
        one.legend()
    figure.savefig(target)


def _curve(
    axes: Any,
    metrics: Sequence[StepMetrics],
    held_out: Sequence[HeldOutMetrics],
    fields: tuple[str, str],
) -> None:
    """One field of the steps with its running mean, and of the measurements."""
    steps = [m.step for m in metrics]
    values = [getattr(m, fields[0]) for m in metrics]
    axes.plot(steps, values, color="#9db7d5", linewidth=1, label="step")
    axes.plot(steps, _running_mean(values), color="#1f4e8c", linewidth=2, label="running mean")
    if held_out:
        measured = [getattr(m, fields[1]) for m in held_out]
        axes.plot([m.step for m in held_out], measured, "o-", color="#c2571a", label="held out")


def _running_mean(values: list[float], weight: float = 0.9) -> list[float]:
    means: list[float] = []
    mean, share = 0.0, 0.0
    for value in values:
        mean = weight * mean + (1 - weight) * value
        share = weight * share + (1 - weight)
        means.append(mean / share)
    return means
