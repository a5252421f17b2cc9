"""`callsheet tools recording`: keep what tools answered in a run, to answer with it again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Run


def recording(
    run: Run,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write, JSON lines.")],
) -> int:
    """Keep what external tools answered in a run: `environment: replay:FILE` answers with it."""
    from ..environments.external.recording import recorded_lines
    from ..simulation import RunDirectory
    from ..trajectories.whole_file import write_whole

    RunDirectory(run).manifest()
    lines = list(recorded_lines(run))
    write_whole(out, lines)
    typer.echo(f"{len(lines) - 1} answers: {out}")
    return 0
