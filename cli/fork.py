"""`callsheet fork`: let a recorded episode go another way from a turn on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Live, Run, play, run_folder, summarize


def fork(
    run: Run,
    episode: Annotated[str, typer.Argument(help="An episode, or the beginning of its name.")],
    turn: Annotated[
        int | None, typer.Option(min=1, help="The user's turn at which the fork begins.")
    ] = None,
    event: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Instead: the message at which it begins, the user's or the assistant's, by its "
            "`seq` in `show --json`.",
        ),
    ] = None,
    message: Annotated[
        str | None, typer.Option(help="What is said there instead; default: asked again.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The new run's folder.")] = None,
    live: Live = False,
) -> int:
    """Make a run that shares an episode's beginning, and play it on."""
    from ..simulation import RunDirectory, fork_at, resume
    from ..simulation import fork as fork_off

    with run_folder(out) as folder:
        if event is not None and turn is None:
            fork_at(RunDirectory(run), episode, event, folder, message=message)
        elif turn is not None and event is None:
            fork_off(RunDirectory(run), episode, turn, folder, message=message)
        else:
            raise typer.BadParameter("say where: --turn, or --event")
        progress = play(
            lambda execution, watchers: resume(folder, execution=execution, watchers=watchers),
            live=live,
        )
    return summarize(folder, progress)
