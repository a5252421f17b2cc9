"""`callsheet serve`: an OpenAI-compatible endpoint over a model."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import model_folders


def serve(
    model: Annotated[
        str,
        typer.Argument(help="A model by name, a checkpoint's ./folder, or BASE+ADAPTER."),
    ],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    api_key_env: Annotated[
        str | None,
        typer.Option(help="Environment variable with the key that callers must send."),
    ] = None,
    queue: Annotated[
        int, typer.Option(min=1, help="Requests under way or waiting; more are refused (429).")
    ] = 64,
) -> int:
    """Serve a model as an OpenAI-compatible endpoint, with tool calls and streaming."""
    from pydantic import ValidationError

    from ..models import secrets
    from ..models.registry import load
    from ..train.serving import serve as serve_until_interrupted
    from ..train.serving.listening import CannotListen
    from ..train.serving.settings import ServeSettings

    key = secrets.from_environment(api_key_env, needed_by="--api-key-env") if api_key_env else None
    try:
        settings = ServeSettings(host=host, port=port, key=key, queue=queue)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise typer.BadParameter(f"{reason} (--api-key-env)") from None

    def ready(address: str) -> None:
        typer.echo(f"{model} is served at {address} (Ctrl-C ends it)")

    try:
        serve_until_interrupted(load(model, model_folders()).inner, model, settings, ready)
    except CannotListen as error:
        raise typer.BadParameter(str(error)) from None
    return 0
