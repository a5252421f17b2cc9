"""`callsheet evaluate api-bank`: models on API-Bank."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from .options import model_folders, use_api_bank

Protocol = Literal["paper", "corrected", "interactive"]
Style = Literal["bracket", "json", "native"]
Wording = Literal["published", "project"]


def evaluate_api_bank(
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="A model by name, `rules`, or `gold`, the annotated calls; several to compare."
        ),
    ] = None,
    level: Annotated[
        list[int] | None, typer.Option(min=1, max=3, help="Which levels; default: all.")
    ] = None,
    protocol: Annotated[
        Protocol,
        typer.Option(
            help="paper: as published, defects included. corrected: each call once, in the state "
            "it was made in. interactive: whole conversations."
        ),
    ] = "paper",
    style: Annotated[
        Style | None,
        typer.Option(
            help="How calls are written; default: bracket, in conversations native; rules: native."
        ),
    ] = None,
    prompts: Annotated[
        Wording | None,
        typer.Option(help="Whose prompts; default: published where data and style allow it."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="An API-Bank folder; default: CALLSHEET_API_BANK."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="At most so many dialogues of a level, spread evenly."),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Score a file of published predictions (JSON lines) instead of asking."),
    ] = None,
    responses: Annotated[
        bool, typer.Option("--responses", help="Score answers in words too (ROUGE-L).")
    ] = False,
    concurrency: Annotated[int, typer.Option(min=1, help="Questions at a time.")] = 8,
    out: Annotated[Path, typer.Option(help="Where answers and reports are kept.")] = Path(
        "out/api-bank"
    ),
) -> int:
    """Evaluate models on API-Bank, with the score of its own annotated calls beside them."""
    from ..evaluation.api_bank.comparing import Comparison, compare_models
    from ..watch import StageView

    # What the tools answer from has to be what the dialogues are read from.
    benchmark = use_api_bank(data)
    comparison = Comparison.model_validate(
        {
            "models": model or [],
            "levels": level or [1, 2, 3],
            "protocol": protocol,
            "style": style,
            "prompts": prompts,
            "limit": limit,
            "predictions": predictions,
            "responses": responses,
            "concurrency": concurrency,
        }
    )
    view = StageView()

    def say(name: str, stage: str, done: int, total: int, line: str) -> None:
        view(f"{name} {stage}", done, total, line)

    folders = model_folders()
    lines = compare_models(comparison, benchmark, out, folders=folders, say=say)
    for line in lines:
        typer.echo(line)
    typer.echo(f"answers and reports: {out / protocol}")
    return 0
