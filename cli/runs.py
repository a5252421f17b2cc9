"""`callsheet runs`: which runs there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def runs(
    folder: Annotated[Path, typer.Argument(help="The folder that holds the runs.")] = Path("runs"),
) -> int:
    """List runs with their size, progress and models. Exits with 1 where one cannot be read."""
    from ..simulation import RunDirectory, run_progress
    from ..trajectories.log import LogDamaged
    from ..watch import harmless

    paths = sorted(path.parent for path in folder.glob("*/run.json"))
    if not paths:
        typer.echo(f"no runs in {folder}")
        return 0
    width = max(len(str(path)) for path in paths)
    unreadable = 0
    for path in paths:
        try:
            manifest = RunDirectory(path).manifest()
            progress = run_progress(path)
        except (ValueError, OSError, LogDamaged) as error:
            typer.echo(f"{path!s:{width}}  cannot be read: {harmless(str(error))}")
            unreadable += 1
            continue
        models = ", ".join(f"{r}={n}" for r, n in manifest.config.models.items()) or "rules"
        typer.echo(
            f"{path!s:{width}}  {progress.done}/{progress.total} episodes, "
            f"{progress.accepted} accepted, {models}"
        )
    return 1 if unreadable else 0
