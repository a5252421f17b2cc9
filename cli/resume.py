"""`callsheet resume`: go on with a run that was interrupted."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Concurrency, Live, Run, Workers, play, summarize


def resume(
    run: Run,
    live: Live = False,
    workers: Workers = 1,
    concurrency: Concurrency = 16,
    new_attempt: Annotated[
        bool,
        typer.Option(
            "--new-attempt",
            help="Begin unfinished episodes anew, and accept what changed since the run was made.",
        ),
    ] = False,
) -> int:
    """Go on with a run that was interrupted."""
    from ..simulation import resume as go_on

    progress = play(
        run,
        live,
        lambda execution, watchers: go_on(
            run, execution=execution, watchers=watchers, new_attempt=new_attempt
        ),
        workers,
        concurrency,
    )
    return summarize(run, progress)
