"""`callsheet resume`: go on with a run that was interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Concurrency, Live, MaxCost, MaxTokens, Run, Workers, play, summarize


def resume(
    run: Run,
    live: Live = False,
    workers: Workers = 1,
    concurrency: Concurrency = 16,
    max_tokens: MaxTokens = None,
    max_cost: MaxCost = None,
    new_attempt: Annotated[
        bool,
        typer.Option(
            "--new-attempt",
            help="Begin unfinished episodes anew, and accept what changed since the run was made.",
        ),
    ] = False,
    repeat_started: Annotated[
        bool,
        typer.Option(
            "--repeat-started",
            help="Make external calls again that were started when the run stopped, even if they "
            "may have taken effect.",
        ),
    ] = False,
    fork: Annotated[
        Path | None,
        typer.Option(help="The same, in a copy of the run with this folder; the run stays."),
    ] = None,
) -> int:
    """Go on with a run that was interrupted."""
    from ..simulation import RunDirectory, fork_run
    from ..simulation import resume as go_on

    if fork is not None:
        fork_run(RunDirectory(run), fork)
        run, new_attempt = fork, True
    progress = play(
        lambda execution, watchers: go_on(
            run,
            execution=execution.model_copy(update={"repeat_started": repeat_started}),
            watchers=watchers,
            new_attempt=new_attempt,
        ),
        live=live,
        workers=workers,
        concurrency=concurrency,
        max_tokens=max_tokens,
        max_cost=max_cost,
    )
    return summarize(run, progress)
