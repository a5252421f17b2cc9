"""`callsheet chat`: talk to a model that has tools at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Seed, model_folders, run_folder


def chat(
    tools: Annotated[
        str,
        typer.Option(
            metavar="POOL",
            help="A pool's file (its tools are simulated), a sandbox such as workspace, or "
            "openapi:…, mcp:…, python:… for tools that really run.",
        ),
    ],
    model: Annotated[
        str, typer.Option(help="The assistant's model by name, ./folder or BASE+ADAPTER.")
    ],
    tool_model: Annotated[str, typer.Option(help="Who simulates the tools of a pool.")] = "rules",
    out: Annotated[
        Path | None, typer.Option(help="The run's folder; default: a new one in runs/.")
    ] = None,
    seed: Seed = 0,
) -> int:
    """Talk to a model in the terminal, with tools; /help lists what else can be typed."""
    import sys
    from datetime import UTC, datetime

    from ..pipelines.chat import Chat, ChatConfig
    from ..watch.chat import ChatView, converse

    typed = sys.stdin.isatty()
    if typed:
        import readline  # noqa: F401 - gives the prompt a line editor and a memory

    config = ChatConfig(
        model=model,
        tools=tools,
        tool_model=tool_model,
        model_folders=[str(folder) for folder in model_folders()],
        now=datetime.now(UTC).replace(microsecond=0),
        seed=seed,
    )
    view = ChatView(echo=not typed)
    with run_folder(out) as folder, Chat(config, folder, view.show) as talk:
        converse(talk, lambda: input("You: " if typed else ""), typer.echo)
        said = bool(talk.turns)
    typer.echo(f"run: {folder}" if said else "nothing was said, and nothing is kept")
    return 0
