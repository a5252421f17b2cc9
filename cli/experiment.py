"""`callsheet experiment`: train on several datasets alike, and compare the students."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def experiment(
    config: Annotated[Path, typer.Argument(help="An experiment's config (YAML).")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Its folder; default: out/NAME.")
    ] = None,
) -> int:
    """Train on each dataset, evaluate, compare; stopped anywhere, it goes on."""
    from ..pipelines.experiment import experiment as carry_out
    from ..pipelines.experiment import load_experiment_config
    from ..watch import StageView

    told = load_experiment_config(config)
    folder = out or Path("out") / told.name
    report = carry_out(told, folder, on_progress=StageView())
    typer.echo(report.markdown())
    typer.echo(f"{folder}/report.md, report.json")
    return 0
