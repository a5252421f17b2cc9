"""`callsheet export`: a run's trajectories as a data set that others train on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run, or a file of trajectories.")],
    to: Annotated[str, typer.Option("--to", help="The format, as in `callsheet convert --to`.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The data set's folder.")],
    accept: Annotated[
        list[str] | None,
        typer.Option(help="A bound such as score>=0.8 or rater_score>=4; may be repeated."),
    ] = None,
) -> int:
    """Export dialogues that ended well and have no noted defects, with a dataset card."""
    from ..trajectories.formats.export import Bound
    from ..trajectories.formats.export import export as exported
    from ..watch.text import harmless

    source = run / "trajectories.jsonl" if run.is_dir() else run
    result = exported(source, out, to, [Bound(text) for text in accept or ()])
    typer.echo(f"{result.written} trajectories in {result.data}")
    counted = (
        ("left out", result.left_out), ("refused", result.refused), ("lost", result.lost),
    )  # fmt: skip
    for title, counts in counted:
        for kind, count in counts.most_common():
            typer.echo(harmless(f"    {title} {count} × {kind}"))
    return 0
