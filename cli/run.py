"""`callsheet run`: play scenarios and record them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import (
    Concurrency,
    Live,
    MaxCost,
    MaxTokens,
    Seed,
    Workers,
    changed,
    model_folders,
    models_by_role,
    play,
    run_folder,
    summarize,
)


def run(
    scenarios: Annotated[
        list[str], typer.Argument(help="Files, folders, globs, or names from the library.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="The run's folder; default: a new one in runs/.")
    ] = None,
    live: Live = False,
    repeat: Annotated[int, typer.Option(min=1, help="Episodes per scenario.")] = 1,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many episodes.")] = None,
    seed: Seed = 0,
    model: Annotated[
        list[str] | None,
        typer.Option(help="role=name (user, assistant, tool, tester), or one name for all."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="key=value, set in every scenario, such as limits.turns=4."),
    ] = None,
    workers: Workers = 1,
    concurrency: Concurrency = 16,
    max_tokens: MaxTokens = None,
    max_cost: MaxCost = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be played.")
    ] = False,
) -> int:
    """Play scenarios and record them."""
    from ..scenarios import load_scenarios, variations
    from ..simulation import RunConfig, simulate
    from ..simulation.episodes import episode_count

    models = models_by_role(model or ())
    loaded = changed(load_scenarios(scenarios), set_ or ())
    config = RunConfig(
        seed=seed,
        repeat=repeat,
        limit=limit,
        models=models,
        model_folders=[str(folder) for folder in model_folders()],
    )
    if dry_run:
        for scenario in loaded:
            typer.echo(f"{scenario.name}: {scenario.environment}, {len(scenario.plan)} steps, "
                       f"{variations(scenario)} variations")  # fmt: skip
        typer.echo(f"{episode_count(config, len(loaded))} episodes would be played")
        return 0
    with run_folder(out) as folder:
        progress = play(
            lambda execution, watchers: simulate(
                loaded, config, folder, execution=execution, watchers=watchers
            ),
            live=live,
            workers=workers,
            concurrency=concurrency,
            max_tokens=max_tokens,
            max_cost=max_cost,
        )
    return summarize(folder, progress)
