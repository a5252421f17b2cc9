"""`callsheet evaluate`: call accuracy of models in the sandbox, on scenarios or on API-Bank."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from .evaluate_api_bank import evaluate_api_bank
from .options import model_folders

API_BANK = "api-bank"


class EvaluateCommand(TyperCommand):
    """`evaluate SCENARIOS...`, or `evaluate api-bank`, which has options of its own."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **more: Any) -> Any:
        """Hand on to the other command where the first word names it."""
        if args[:1] != [API_BANK]:
            return super().make_context(info_name, args, *rest, **more)
        app = typer.Typer(add_completion=False)
        app.command(name=API_BANK)(evaluate_api_bank)
        other = typer.main.get_command(app)
        return other.make_context(f"{info_name} {API_BANK}", args[1:], *rest, **more)


def evaluate(
    scenarios: Annotated[
        list[str], typer.Argument(help="Scenarios with expected calls: files, folders, globs.")
    ],
    model: Annotated[
        list[str],
        typer.Option(
            help="A model by name, `rules`, or base+adapter; several are compared with the first."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where the answers are kept.")] = Path("out/evaluate"),
    calls: Annotated[int | None, typer.Option(min=1, help="At most so many calls.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the scenarios' variations.")] = 0,
) -> int:
    """Ask models for each expected call, make it in the sandbox, and count what was right.

    On the benchmark API-Bank: `callsheet evaluate api-bank --help`.
    """
    from ..pipelines.journey import JourneyConfig
    from ..pipelines.models_compared import compared
    from ..watch import StageView

    journey = JourneyConfig(heldout=scenarios, calls=calls, seed=seed)
    comparison = compared(journey, model, model_folders(), out, StageView())
    typer.echo(comparison.markdown(), nl=False)
    typer.echo(f"answers: {out}")
    return 0
