"""A training run's figures: one JSON line a step, and the loss as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

from ..models.errors import ModelUnavailable


class StepMetrics(BaseModel):
    """One optimizer step."""

    step: int
    loss: float
    """Mean cross entropy over the step's labelled tokens, in nats."""
    token_accuracy: float | None = None
    """Share of the labelled tokens that were the most likely ones."""
    learning_rate: float | None = None
    grad_norm: float | None = None
    seconds: float
    """Training time so far, over all resumed parts."""


def read_metrics(path: Path) -> list[StepMetrics]:
    """The steps in order; a torn last line (a killed run's) is left out."""
    if not path.exists():
        return []
    whole = path.read_bytes().rpartition(b"\n")[0]
    return [StepMetrics.model_validate(orjson.loads(line)) for line in whole.splitlines()]


def append_metrics(path: Path, metrics: StepMetrics) -> None:
    with path.open("ab") as file:
        file.write(orjson.dumps(metrics.model_dump(exclude_none=True)) + b"\n")


def cut_metrics(path: Path, last_step: int) -> list[StepMetrics]:
    """Drop the lines after `last_step`, which a resumed run will write again; gives the rest."""
    kept = [metrics for metrics in read_metrics(path) if metrics.step <= last_step]
    lines = [orjson.dumps(metrics.model_dump(exclude_none=True)) for metrics in kept]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return kept


def plot_loss(metrics: list[StepMetrics], path: Path, title: str) -> None:
    """The loss over the steps, with its running mean, as a PNG.

    Raises `ModelUnavailable` without the train extra.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ModelUnavailable("plots need the extra: pip install callsheet[train]") from error
    figure = Figure(figsize=(7, 4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot()
    steps = [m.step for m in metrics]
    losses = [m.loss for m in metrics]
    axes.plot(steps, losses, color="#9db7d5", linewidth=1, label="step")
    axes.plot(steps, _running_mean(losses), color="#1f4e8c", linewidth=2, label="running mean")
    axes.set(xlabel="optimizer step", ylabel="loss per labelled token (nats)", title=title)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path)


def _running_mean(values: list[float], weight: float = 0.9) -> list[float]:
    means: list[float] = []
    mean, share = 0.0, 0.0
    for value in values:
        mean = weight * mean + (1 - weight) * value
        share = weight * share + (1 - weight)
        means.append(mean / share)
    return means
