"""`callsheet synthesize`: from a pool of tools to accepted dialogues, at scale."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Concurrency, MaxCost, MaxTokens, SeedInstead, Workers, model_folders


def synthesize(
    config: Annotated[Path, typer.Argument(help="A synthesis config (YAML), or `everyday`.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Its folder; default: out/NAME.")
    ] = None,
    dialogues: Annotated[int | None, typer.Option(min=1, help="Accepted ones wanted.")] = None,
    no_graph: Annotated[
        bool, typer.Option("--no-graph", help="Ablation: draw tools at random.")
    ] = False,
    no_plan: Annotated[
        bool, typer.Option("--no-plan", help="Ablation: the user has no plan.")
    ] = False,
    seed: SeedInstead = None,
    workers: Workers = 1,
    concurrency: Concurrency = 16,
    max_tokens: MaxTokens = None,
    max_cost: MaxCost = None,
) -> int:
    """Draw tools, plan dialogues, play them, sort them; stopped anywhere, it goes on."""
    from ..pipelines.synthesis import load_synthesis_config
    from ..pipelines.synthesis import synthesize as carry_out
    from ..pipelines.synthesis.synthesize import Listeners
    from ..simulation import Execution
    from ..watch.synthesis import SynthesisView

    told = load_synthesis_config(
        config,
        dialogues=dialogues,
        seed=seed,
        by="random" if no_graph else None,
        plan=False if no_plan else None,
    )
    folder = out or Path("out") / told.name
    view = SynthesisView()
    result = carry_out(
        told,
        folder,
        execution=Execution(
            workers=workers,
            concurrency=concurrency,
            token_budget=max_tokens,
            money_budget=max_cost,
        ),
        model_folders=model_folders(),
        listeners=Listeners(on_stage=view.stage, on_progress=view.progress),
    )
    typer.echo(
        f"{result.accepted:,} accepted of {result.played:,} played, {result.rejected:,} rejected"
        + (f", {result.unplanned:,} without a plan" if result.unplanned else "")
    )
    for reason, count in result.reasons.items():
        typer.echo(f"  {reason:28} {count:>8,}")
    typer.echo(f"{folder}/accepted.jsonl, rejected.jsonl; callsheet report {folder}")
    return 0
