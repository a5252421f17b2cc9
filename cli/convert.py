"""`callsheet convert`: other people's records into trajectories, and trajectories into theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import model_folders

if TYPE_CHECKING:
    from ..trajectories.formats import Format
    from ..trajectories.formats.conversion import Conversion


def convert(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="A file of records, a folder of them, or a run.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file (of a folder: the folder).")],
    format: Annotated[
        str,
        typer.Option(
            "--from",
            help="The records' format; default: found out for each. model:NAME: one that nobody "
            "knows, read with the help of that model and checked.",
        ),
    ] = "auto",
    to: Annotated[
        str, typer.Option("--to", help="The format to write; default: trajectories.")
    ] = "callsheet",
) -> int:
    """Convert records of any known format. Exits with 1 where some were refused; these are in
    OUT.refused.jsonl, with place and reason, and all counts in OUT.report.json."""
    from ..trajectories.formats.convert import convert_file, convert_folder

    if (source / "run.json").is_file():
        source = source / "trajectories.jsonl"
    with _said(format) as said:
        if source.is_dir():
            done = list(_told(convert_folder(source, out, source=said, target=to), source))
        else:
            done = list(_told([convert_file(source, out, source=said, target=to)], source.parent))
    if not done:
        raise ValueError(f"{source}: there is no file of records here")
    if len(done) > 1:
        totals = [sum(column) for column in zip(*map(_counts, done), strict=True)]
        typer.echo(_row(*totals, file="in all"))
    return 1 if any(one.refused for one in done) else 0


@contextmanager
def _said(format: str) -> Iterator[str | Format]:
    """The format of that name; for `model:NAME` one that is read with a model's help."""
    if not format.startswith("model:"):
        yield format
        return
    from asyncio import Runner

    from ..agents.standardizer import Standardizer
    from ..models.registry import load
    from ..trajectories.formats import Format

    with Runner() as runner:
        client = load(format.removeprefix("model:"), model_folders())
        standardizer = Standardizer(client)
        try:
            yield Format(
                name=format,
                about="read with a model's help",
                recognize=lambda record: None,
                read=lambda record, losses: runner.run(standardizer.read(record, losses)),
            )
        finally:
            runner.run(client.close())


def _told(conversions: Iterable[Conversion], folder: Path) -> Iterable[Conversion]:
    """Each of them, told as soon as it is done."""
    from ..watch.text import harmless

    typer.echo(_row("read", "converted", "refused", "trajectories", file="file"))
    for one in conversions:
        name = Path(one.file)
        shown = name.relative_to(folder) if name.is_relative_to(folder) else name
        typer.echo(harmless(_row(*_counts(one), file=str(shown))))
        for format, count in one.formats.items():
            what = f"{one.tools} tools, a pool" if one.tools is not None else f"{count} records"
            typer.echo(harmless(f"    {format} ({what}): {one.why[format]}"))
        for title, counts in (("refused", one.refused), ("lost", one.lost)):
            for kind, count in counts.items():
                typer.echo(harmless(f"    {title} {count} × {kind}"))
        yield one


def _counts(one: Conversion) -> tuple[int, int, int, int]:
    return one.read, one.converted, one.refusals, one.trajectories


def _row(*counts: object, file: str) -> str:
    read, converted, refused, made = counts
    return f"{read!s:>8} {converted!s:>10} {refused!s:>8} {made!s:>13}  {file}"
