"""`callsheet student`: train a small model on simulated episodes, and measure what it learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Workers


def student(
    out: Annotated[Path, typer.Option(help="Where everything is written.")] = Path("out/student"),
    workers: Workers = 1,
) -> int:
    """Train on simulated episodes, evaluate on held-out scenarios; goes on where it stopped."""
    from ..pipelines.journey import JourneyConfig
    from ..pipelines.student import student as train_student
    from ..watch import StageView

    report = train_student(out, journey=JourneyConfig(workers=workers), on_progress=StageView())
    typer.echo(report.markdown())
    for what, path in report.paths.items():
        typer.echo(f"{what + ':':14}{out / path}")
    return 0
