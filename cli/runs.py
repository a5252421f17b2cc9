"""`callsheet runs`: which runs there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def runs(
    folder: Annotated[Path, typer.Argument(help="The folder that holds the runs.")] = Path("runs"),
) -> int:
    """List runs with their size, progress and models."""
    from ..simulation import RunDirectory, run_progress

    paths = sorted(path.parent for path in folder.glob("*/run.json"))
    if not paths:
        typer.echo(f"no runs in {folder}")
        return 0
    width = max(len(str(path)) for path in paths)
    for path in paths:
        manifest = RunDirectory(path).manifest()
        progress = run_progress(path)
        models = ", ".join(f"{r}={n}" for r, n in manifest.config.models.items()) or "rules"
        typer.echo(
            f"{path!s:{width}}  {progress.done}/{progress.total} episodes, "
            f"{progress.accepted} accepted, {models}"
        )
    return 0
