"""`callsheet retry`: play episodes again that ended badly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, get_args

import typer

from .options import Concurrency, MaxCost, MaxTokens, Run, Workers, play, summarize

if TYPE_CHECKING:
    from ..simulation import EpisodeEnd


def retry(
    run: Run,
    failed: Annotated[
        bool, typer.Option("--failed", help="Those that failed (default: all not accepted).")
    ] = False,
    blame: Annotated[
        str | None,
        typer.Option(help="Only where this party was at fault, such as endpoint."),
    ] = None,
    workers: Workers = 1,
    concurrency: Concurrency = 16,
    max_tokens: MaxTokens = None,
    max_cost: MaxCost = None,
) -> int:
    """Play again, from the start, episodes that ended badly."""
    from ..simulation import resume
    from ..trajectories.trajectory import Blame

    if blame is not None and blame not in get_args(Blame):
        raise typer.BadParameter(f"--blame {blame}: say one of {', '.join(get_args(Blame))}")

    def again(end: EpisodeEnd) -> bool:
        chosen = end.status == "failed" if failed else not end.accepted
        return chosen and (blame is None or end.blame == blame)

    progress = play(
        lambda execution, watchers: resume(
            run, execution=execution, watchers=watchers, again=again
        ),
        workers=workers,
        concurrency=concurrency,
        max_tokens=max_tokens,
        max_cost=max_cost,
    )
    return summarize(run, progress)
