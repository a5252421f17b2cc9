"""`callsheet tools try`: one real call of one tool, for authors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def try_(
    source: Annotated[
        str,
        typer.Argument(
            metavar="POOL_OR_DOCUMENT",
            help="A pool or OpenAPI document, or a name such as openapi:pets, mcp:x or python:x.",
        ),
    ],
    name: Annotated[str, typer.Argument(help="The tool's name.")],
    arguments: Annotated[str, typer.Option(help="A JSON object.")] = "{}",
    server: Annotated[
        str | None, typer.Option(help="URL to call, instead of the document's own.")
    ] = None,
) -> int:
    """Call one tool for real and show its outcome."""
    import orjson

    from ..environments.external import is_external
    from ..environments.external.trial import try_once
    from ..trajectories.canonical import text_of
    from ..watch.text import harmless

    try:
        given: Any = orjson.loads(arguments)
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"--arguments: not JSON ({error})") from None
    if not isinstance(given, dict):
        raise typer.BadParameter("--arguments: a JSON object is wanted")
    label = source if is_external(source) else f"openapi:{Path(source).absolute()}"
    outcome = try_once(label, name, given, server=server)
    typer.echo(harmless(text_of(outcome.content())))
    if outcome.error_type is not None:
        typer.echo(f"{name}: {outcome.error_type}", err=True)
    return 0 if outcome.ok else 1
