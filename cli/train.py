"""`callsheet train`: a QLoRA adapter from accepted trajectories."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def train(
    trajectories: Annotated[
        Path, typer.Argument(help="A run's folder, or a file of trajectories.")
    ],
    out: Annotated[Path, typer.Option(help="Where the adapter and its records are written.")],
    config: Annotated[
        str, typer.Option(help="A packaged training config (demo, student) or a YAML file.")
    ] = "student",
) -> int:
    """Train a QLoRA adapter on a run's accepted trajectories; goes on where it stopped."""
    from ..train import load_train_config
    from ..train.sft import train as fit
    from ..trajectories.reading import read_trajectories
    from ..watch import StageView

    path = trajectories / "trajectories.jsonl" if trajectories.is_dir() else trajectories
    result = fit(load_train_config(config), read_trajectories(path), out, on_progress=StageView())
    typer.echo(f"steps:   {result.steps} in {result.seconds / 60:.1f} minutes on {result.device}")
    typer.echo(f"adapter: {out / result.adapter}")
    typer.echo(f"loss:    {out / 'loss.png'}")
    return 0
