"""`callsheet agree`: how far ratings agree with labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def agree(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="RATED...", help="Files that `callsheet rate` wrote."),
    ],
    label: Annotated[
        str,
        typer.Option(help="Where the labels are: a path in other_information, or a field."),
    ],
    good: Annotated[
        float, typer.Option(min=0, max=5, help="The rating that counts as yes, and above.")
    ] = 4.0,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
) -> int:
    """Compare ratings with labels: accuracy, Cohen's kappa, Pearson's r, with 95 % intervals."""
    from ..evaluation.agreement import agreement, agreement_lines
    from ..trajectories.reading import read_trajectories

    for path in files:
        found = agreement(read_trajectories(path), label, good=good, seed=seed)
        for line in agreement_lines(found):
            typer.echo(line)
    return 0
