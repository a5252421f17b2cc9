"""`callsheet replay`: play recorded episodes again without asking anybody."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Live, Run


def replay(
    run: Run,
    episode: Annotated[
        str | None, typer.Argument(help="An episode, or the beginning of its name; default: all.")
    ] = None,
    live: Live = False,
) -> int:
    """Play recorded episodes again from the log, and check that they come out the same."""
    from ..simulation import RunDirectory
    from ..simulation import replay as play_again
    from ..watch import LiveView

    view = LiveView() if live else None
    replayed = play_again(RunDirectory(run), episode, None if view is None else view.show)
    if not replayed:
        typer.echo(f"callsheet: {run}: nothing to replay", err=True)
        return 3
    unfinished = sum(not item.finished for item in replayed)
    events = sum(item.events for item in replayed)
    typer.echo(
        f"{len(replayed)} episodes, {events} events: the same as recorded"
        + (f" ({unfinished} unfinished)" if unfinished else "")
    )
    return 0
