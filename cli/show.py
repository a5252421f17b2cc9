"""`callsheet show`: print a recorded conversation."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Run


def show(
    run: Run,
    episode: Annotated[
        str | None, typer.Argument(help="An episode, or the beginning of its name.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The events, one JSON line each.")] = False,
    identity: Annotated[
        bool, typer.Option("--identity", help="Only the run's digest, for comparing runs.")
    ] = False,
) -> int:
    """Print a recorded conversation; without an episode, the list of them, or all their events."""
    from ..simulation import RunDirectory
    from ..trajectories.identity import run_identity
    from ..trajectories.log import read_episodes
    from ..watch import LiveView, episode_line

    RunDirectory(run).manifest()
    if identity:
        typer.echo(run_identity(run)[0])
        return 0
    view = LiveView()
    found = 0
    for name, events in read_episodes(run):
        if episode is not None and not name.startswith(episode):
            continue
        if json:
            for event in events:
                typer.echo(event.line().decode(), nl=False)
        elif episode is None:
            typer.echo(episode_line(name, events))
        else:
            for event in events:
                view.show(event)
        found += 1
    if not found:
        typer.echo(f"callsheet: {run}: there is no episode {episode or 'yet'}", err=True)
        return 3
    return 0
