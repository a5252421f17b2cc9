"""`callsheet doctor`: what is here, what is missing, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    folder: Annotated[Path, typer.Option(help="Where runs would be written.")] = Path("runs"),
) -> int:
    """Check this machine: Python, extras, models, processors, disk."""
    from ..pipelines.diagnosis import diagnose

    bad = 0
    for check in diagnose(folder):
        typer.echo(f"{'ok     ' if check.ok else 'missing'} {check.what}"
                   + (f" - {check.advice}" if check.advice else ""))  # fmt: skip
        bad += check.needed and not check.ok
    return 1 if bad else 0
