"""`callsheet train`: a QLoRA adapter from trajectories, a mixture of them, or preferences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def train(
    out: Annotated[Path, typer.Option(help="Where the adapter and its records are written.")],
    trajectories: Annotated[
        Path | None,
        typer.Argument(help="A run's folder, or a file of trajectories; none for a mixture."),
    ] = None,
    config: Annotated[
        str, typer.Option(help="A packaged training config (demo, student) or a YAML file.")
    ] = "student",
    base: Annotated[
        str | None, typer.Option(help="smollm2, or a folder with a checkpoint; over the config's.")
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="sft, or dpo on preferences; over the config's.")
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(help="An adapter to go on with; for dpo it is the reference as well."),
    ] = None,
    evaluation: Annotated[
        Path | None, typer.Option(help="Held-out trajectories, on which the loss is measured.")
    ] = None,
) -> int:
    """Train a QLoRA adapter; goes on where it stopped. On several GPUs: `accelerate launch
    --no_python callsheet train ...`."""
    from ..simulation.run_directory import RunDirectory
    from ..train import dpo, load_train_config, sft
    from ..trajectories.reading import read_trajectories
    from ..watch import StageView

    def read(path: Path | None) -> Any:
        if path is None:
            return None
        return read_trajectories(RunDirectory(path).trajectories if path.is_dir() else path)

    given = {"base": base, "method": method, "start": start and str(start)}
    told = load_train_config(config, **{key: value for key, value in given.items() if value})
    if (trajectories is None) == (told.mixture is None):
        raise typer.BadParameter("give trajectories, or a config with a mixture")
    fit = dpo.train if told.method == "dpo" else sft.train
    result = fit(
        told, read(trajectories) or (), out, held_out=read(evaluation), on_progress=StageView()
    )
    typer.echo(f"steps:   {result.steps} in {result.seconds / 60:.1f} minutes on {result.device}")
    typer.echo(f"adapter: {out / result.adapter}")
    typer.echo(f"loss:    {out / 'loss.png'}")
    return 0
