"""`callsheet merge`: an adapter and its base as one checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def merge(
    adapter: Annotated[Path, typer.Argument(help="An adapter's folder, or that of its training.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the checkpoint to write.")],
    base: Annotated[
        str | None, typer.Option(help="smollm2 or a checkpoint's folder; default: as trained.")
    ] = None,
) -> int:
    """Write base and adapter as one safetensors checkpoint, with the chat template it was trained
    with, for vLLM, transformers and other converters."""
    from ..train.merging import merged

    folder = merged(adapter, out, base=base)
    typer.echo(f"checkpoint: {folder}")
    return 0
