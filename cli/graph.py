"""`callsheet graph`: the tool graph of a pool: made, counted, drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Graph = Annotated[Path, typer.Argument(help="A graph made by `callsheet graph build`.")]


def graph() -> typer.Typer:
    """The verbs of `callsheet graph`."""
    app = typer.Typer(
        name="graph",
        help="The tool graph of a pool: which tools have to do with each other.",
        no_args_is_help=True,
        add_completion=False,
    )
    app.command(name="build")(build)
    app.command(name="stats")(stats)
    app.command(name="plot")(plot)
    return app


def build(
    pool: Annotated[Path, typer.Argument(help="A pool of tools (.json or .jsonl).")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the graph is written.")],
    threshold: Annotated[
        float, typer.Option(min=0.01, max=0.999, help="Cosine that two fields must exceed.")
    ] = 0.82,
    encoder: Annotated[
        str, typer.Option(help="all-minilm-l6, wordllama (fast), or a model's folder.")
    ] = "all-minilm-l6",
    max_share: Annotated[
        float | None,
        typer.Option(help="Share of the tools a field may be in before it joins none."),
    ] = 0.01,
    keep_hubs: Annotated[
        bool, typer.Option("--keep-hubs", help="Let every field join, however common.")
    ] = False,
) -> int:
    """Join the tools of a pool whose parameters and outputs are alike."""
    from ..models.embedding import encoder as encoder_named
    from ..planners.tool_graph import GraphConfig, save_graph, statistics, tool_graph
    from ..tools.pool import load_pool
    from ..watch.stages import StageView

    config = GraphConfig(threshold=threshold, max_share=None if keep_hubs else max_share)
    tools = load_pool(pool)
    view = StageView()

    def told(stage: str, done: int, total: int) -> None:
        view(stage, done, total, "")

    made = tool_graph(tools, encoder_named(encoder), config, told)
    save_graph(made, out)
    _tell(statistics(made).model_dump())
    typer.echo(f"graph in {out}")
    return 0


def stats(graph: Graph) -> int:
    """Print density, degrees, components, isolated tools and hubs."""
    from ..planners.tool_graph import load_graph, statistics

    _tell(statistics(load_graph(graph)).model_dump())
    return 0


def plot(
    graph: Graph,
    out: Annotated[Path, typer.Option("--out", "-o", help="The SVG file.")],
    tools: Annotated[int, typer.Option(min=2, max=400, help="Tools at most.")] = 60,
    around: Annotated[str | None, typer.Option(help="Name of the tool in the middle.")] = None,
    seed: Annotated[int, typer.Option(help="Which part, and how it lies.")] = 0,
) -> int:
    """Draw a part of a graph as SVG."""
    from ..planners.tool_graph import load_graph
    from ..planners.tool_graph.drawing import around as part_around
    from ..planners.tool_graph.drawing import drawing, some

    found = load_graph(graph)
    if around is None:
        part = some(found, tools, seed)
    elif around in found.names:
        part = part_around(found, found.names.index(around), tools)
    else:
        raise ValueError(f"{graph}: there is no tool {around!r} in it")
    out.write_text(drawing(found, part, seed), encoding="utf-8")
    typer.echo(f"{len(part)} tools drawn in {out}")
    return 0


def _tell(figures: dict[str, float]) -> None:
    for name, value in figures.items():
        shown = f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
        typer.echo(f"{name.replace('_', ' '):20} {shown:>14}")
