"""`callsheet watch`: the page that shows conversations as they happen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import typer


def watch(
    runs: Annotated[
        Path, typer.Argument(help="The folder that holds the runs, or one of them.")
    ] = Path("runs"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8600,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(
            envvar="CALLSHEET_WATCH_TOKEN",
            help="What visitors must know; needed where others reach the port.",
        ),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> int:
    """Serve a page with the runs of a folder: live, and with all that can be done with them."""
    if runs.exists() and not runs.is_dir():
        raise typer.BadParameter(f"{runs} is not a folder")
    from pydantic import SecretStr, ValidationError

    from ..train.serving.listening import CannotListen
    from ..watch.web import serve
    from ..watch.web.settings import WatchSettings

    try:
        settings = WatchSettings(
            runs=runs,
            project=Path.cwd(),
            host=host,
            port=port,
            token=SecretStr(token) if token is not None else None,
        )
    except ValidationError as error:
        raise typer.BadParameter(error.errors()[0]["msg"].removeprefix("Value error, ")) from None

    # What the page starts has no use for it.
    os.environ.pop("CALLSHEET_WATCH_TOKEN", None)
    known = {"token": token}

    def ready(address: str) -> None:
        shown = runs if runs.is_dir() else f"{runs}, which does not exist yet,"
        typer.echo(f"{shown} is shown at {address} (Ctrl-C ends it)")
        if open_:
            joint = "&" if "?" in address else "?"
            typer.launch(address if token is None else f"{address}{joint}{urlencode(known)}")

    try:
        serve(settings, ready)
    except CannotListen as error:
        raise typer.BadParameter(f"{error}; choose another --port") from None
    return 0
