"""`callsheet demo`: the whole way in a few minutes, for looking at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[Path, typer.Option(help="Where everything is written.")] = Path("out/demo"),
) -> int:
    """Simulate, evaluate, train and evaluate again, in miniature (needs local and train extras)."""
    from ..pipelines.demo import demo as show_all
    from ..watch import StageView

    report = show_all(out, on_progress=StageView())
    typer.echo(report.markdown())
    for what, path in report.paths.items():
        typer.echo(f"{what + ':':14}{path}")
    return 0
