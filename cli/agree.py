"""`callsheet agree`: how far ratings agree with labels, or people with each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def agree(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="RATED...", help="Files that `callsheet rate` wrote, or runs' folders."
        ),
    ],
    label: Annotated[
        str | None,
        typer.Option(help="Where the labels are: a path in other_information, or a field."),
    ] = None,
    reviews: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Instead: people's reviews (runs/reviews), with each other and with scores.",
        ),
    ] = None,
    good: Annotated[
        float, typer.Option(min=0, max=5, help="The rating that counts as yes, and above.")
    ] = 4.0,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
) -> int:
    """Compare ratings with labels: accuracy, Cohen's kappa, Pearson's r, with 95 % intervals."""
    from ..evaluation.agreement import agreement, agreement_lines
    from ..trajectories.reading import read_trajectories

    if (label is None) == (reviews is None):
        raise typer.BadParameter("say either --label, or --reviews FOLDER")
    paths = [path / "trajectories.jsonl" if path.is_dir() else path for path in files]
    if reviews is not None:
        return _people(paths, reviews, seed)
    assert label is not None
    for path in paths:
        found = agreement(read_trajectories(path), label, good=good, seed=seed)
        for line in agreement_lines(found):
            typer.echo(line)
    return 0


def _people(paths: list[Path], folder: Path, seed: int) -> int:
    from ..evaluation.reviews import (
        ReviewFolder,
        items_of,
        report_lines,
        review_report,
        standings,
    )

    items = [item for path in paths for item in items_of(path, str(path))]
    standing = standings(ReviewFolder.existing(folder).entries())
    for line in report_lines(review_report(items, standing, seed=seed)):
        typer.echo(line)
    return 0
