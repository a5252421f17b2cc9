"""`callsheet tools`: pools of tools out of documents, and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .tools_recording import recording
from .tools_try import try_

if TYPE_CHECKING:
    from ..tools import ToolSpec
    from ..tools.importers.draft import Note, Problem
    from ..tools.importing import Imported

Pool = Annotated[Path, typer.Argument(help="A pool of tools (.json or .jsonl).")]
_SHOWN = 10


def tools() -> typer.Typer:
    """The verbs of `callsheet tools`."""
    app = typer.Typer(
        name="tools",
        help="Tool pools: import them from API documents, look into them, check them.",
        no_args_is_help=True,
        add_completion=False,
    )
    app.command(name="import")(import_)
    app.command(name="list")(list_)
    app.command(name="show")(show)
    app.command(name="lint")(lint)
    app.command(name="try")(try_)
    app.command(name="recording")(recording)
    return app


def import_(
    paths: Annotated[
        list[str],
        typer.Argument(help="Files, folders, python:package.module, mcp:command or mcp:URL."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The pool (.jsonl or .json).")],
    format: Annotated[
        str, typer.Option("--from", help="The documents' format; default: found out.")
    ] = "auto",
    findings: Annotated[
        Path | None, typer.Option(help="Write every problem and note here, one JSON a line.")
    ] = None,
    complete: Annotated[
        str | None, typer.Option(help="A model that writes the descriptions that are missing.")
    ] = None,
) -> int:
    """Make a pool from documents. Exits with 1 where a document or a tool of it was lost."""
    from ..tools.importing import import_many
    from ..tools.pool import save_pool

    result = import_many(paths, format)
    _tell(result)
    if findings is not None:
        _write_findings(result, findings)
    save_pool(out, result.specs)
    if complete:
        # Only then: a model that cannot be reached must not cost the pool.
        save_pool(out, _completed(result.specs, complete))
    typer.echo(f"{len(result.specs)} tools in {out}")
    return 1 if any(problem.lost != "nothing" for problem in result.problems) else 0


def list_(
    pool: Pool,
    tag: Annotated[str | None, typer.Option(help="Only tools with this tag.")] = None,
    containing: Annotated[
        str | None, typer.Option(help="Only tools with this in name or description.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
) -> int:
    """List a pool's tools, one a line."""
    from ..tools.pool import load_pool
    from ..watch.text import harmless

    wanted = (containing or "").casefold()
    found = [
        spec
        for spec in load_pool(pool)
        if (tag is None or tag in spec.tags)
        and wanted in f"{spec.name} {spec.description}".casefold()
    ]
    for spec in found[:limit]:
        first = " ".join(spec.description.split())[:100]
        typer.echo(harmless(f"{spec.name}  {first}"))
    typer.echo(f"{len(found)} tools, {len({tag for spec in found for tag in spec.tags})} tags")
    return 0


def show(
    pool: Pool,
    name: Annotated[str, typer.Argument(help="The tool's name.")],
) -> int:
    """Show one tool whole, as JSON."""
    import difflib

    import orjson

    from ..tools.pool import PoolError, load_pool
    from ..watch.text import harmless

    specs = {spec.name: spec for spec in load_pool(pool)}
    if name not in specs:
        near = difflib.get_close_matches(name, specs, n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise PoolError(f"{pool} has no tool {name}{hint}")
    record = specs[name].model_dump(mode="json", exclude_defaults=True)
    typer.echo(harmless(orjson.dumps(record, option=orjson.OPT_INDENT_2).decode()))
    return 0


def lint(
    pool: Pool,
    against: Annotated[
        list[str] | None,
        typer.Option(help="Tools kept for evaluation: a pool, or any document to import."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 for warnings as well.")
    ] = False,
) -> int:
    """Check a pool, and whether it overlaps tools that are kept for evaluation."""
    from collections import Counter

    from ..tools.importing import import_many
    from ..tools.lint import lint_pool
    from ..tools.pool import load_pool
    from ..watch.text import harmless

    kept: list[ToolSpec] = []
    if against:
        evaluation = import_many(against)
        kept = evaluation.specs
        if not kept:
            _tell(evaluation)
            return 1
    specs = load_pool(pool)
    findings = lint_pool(specs, kept, ", ".join(against or ()))
    for finding in findings:
        typer.echo(harmless(str(finding)))
    counts = Counter(f"{finding.severity} {finding.rule}" for finding in findings)
    typer.echo(f"{len(specs)} tools, {len(findings)} findings"
               + "".join(f"; {count} {rule}" for rule, count in counts.most_common()))  # fmt: skip
    bad = strict or any(finding.severity == "error" for finding in findings)
    return 1 if findings and bad else 0


def _tell(result: Imported) -> None:
    """What was recognised, what came of it, and the first of each kind of problem."""
    from ..watch.text import harmless

    for document, format, why in result.recognised[:_SHOWN]:
        typer.echo(harmless(f"{document}: {format}: {why}"))
    if len(result.recognised) > _SHOWN:
        typer.echo(f"... and {len(result.recognised) - _SHOWN} documents more")
    counts = result.counts()
    typer.echo(
        f"{counts['documents']} documents, {counts['unreadable']} of them unreadable; "
        f"{counts['records']} operations or records: {counts['tools']} tools, "
        f"{counts['repeated']} repetitions, {counts['lost']} lost"
    )
    for what, group in (("problem", result.problems), ("note", result.notes)):
        for kind, count in counts[f"{what}s"].items():
            first = next(one for one in group if one.kind == kind)
            typer.echo(harmless(f"{what}: {count} × {kind}; first: {first}"))


def _write_findings(result: Imported, path: Path) -> None:
    from dataclasses import asdict

    import orjson

    found: list[Problem | Note] = [*result.problems, *result.notes]
    with path.open("wb") as file:
        for finding in found:
            record = {"finding": type(finding).__name__.lower(), **asdict(finding)}
            file.write(orjson.dumps(record) + b"\n")


def _completed(specs: list[ToolSpec], model: str) -> list[ToolSpec]:
    import asyncio

    from ..models.registry import ModelPool
    from ..planners.descriptions import complete_descriptions
    from .options import model_folders

    async def run() -> list[ToolSpec]:
        models = ModelPool(model_folders())
        try:
            done = await complete_descriptions(specs, models.get(model))
        finally:
            await models.close()
        typer.echo(f"{done.completed} of {done.asked} tools described by {model}")
        for line in done.problems[:_SHOWN]:
            typer.echo(f"problem: {line}")
        return done.specs

    return asyncio.run(run())
