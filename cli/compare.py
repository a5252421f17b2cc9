"""`callsheet compare`: runs side by side, in the tables of the papers."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from .report import (
    Encoder,
    JudgeModel,
    JudgeSample,
    Nli,
    Pairs,
    Seed,
    Tokenizer,
    prepared,
    saying,
)


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN...", help="Runs' folders or files of dialogues, two or more."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the tables are put.")] = Path(
        "out/compare"
    ),
    encoder: Encoder = "wordllama",
    tokenizer: Tokenizer = "words",
    nli: Nli = None,
    pairs: Pairs = None,
    judge: JudgeModel = None,
    judge_sample: JudgeSample = 200,
    seed: Seed = 0,
) -> int:
    """Compare runs: one row each, and how they differ from the first."""
    from ..evaluation.quality import Settings, default_folder, write_comparison
    from ..evaluation.quality import compare as compared
    from ..evaluation.quality.comparison_text import comparison_markdown

    if len(runs) < 2:
        raise typer.BadParameter("a comparison needs at least two runs")
    settings = Settings(
        encoder=encoder, tokenizer=tokenizer, nli=nli, pairs=pairs, judge=judge,
        judge_sample=judge_sample, seed=seed,
    )  # fmt: skip
    folders = [default_folder(run) for run in runs]
    with closing(prepared(settings)) as using:
        comparison = compared(runs, using, folders, say=saying())
    typer.echo(comparison_markdown(comparison))
    for path in write_comparison(comparison, out):
        typer.echo(f"written: {path}")
    return 0
