"""`callsheet init`: a project folder to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer


def init(folder: Annotated[Path, typer.Argument(help="The folder to make.")]) -> int:
    """Make a project folder: an example scenario with editor completion, and a model file."""
    from ..scenarios.project import make_project

    for path in make_project(folder):
        typer.echo(f"wrote {path}")
    typer.echo(f"next: cd {shlex.quote(str(folder))} && callsheet run scenarios --live")
    return 0
