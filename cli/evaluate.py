"""`callsheet evaluate`: call accuracy of models in the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import model_folders


def evaluate(
    scenarios: Annotated[
        list[str], typer.Argument(help="Scenarios with expected calls: files, folders, globs.")
    ],
    model: Annotated[
        list[str], typer.Option(help="A model by name, or `rules`; give several to compare.")
    ],
    out: Annotated[Path, typer.Option(help="Where the answers are kept.")] = Path("out/evaluate"),
    calls: Annotated[int | None, typer.Option(min=1, help="At most so many calls.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the scenarios' variations.")] = 0,
) -> int:
    """Ask models for each expected call, make it in the sandbox, and count what was right."""
    from ..evaluation import comparison_lines
    from ..pipelines.journey import JourneyConfig, compared
    from ..watch import StageView

    journey = JourneyConfig(heldout=scenarios, calls=calls, seed=seed)
    reports = compared(journey, model, model_folders(), out, StageView())
    for line in comparison_lines(reports):
        typer.echo(line)
    typer.echo(f"answers: {out}")
    return 0
