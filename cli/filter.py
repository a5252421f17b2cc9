"""`callsheet filter`: sort finished dialogues into good ones and ones with defects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import model_folders

if TYPE_CHECKING:
    from ..trajectories.filters import FilterConfig, FilterReport
    from ..trajectories.filters.sorting import Judge, Reviewed


def filter(  # the verb's name
    files: Annotated[
        list[Path],
        typer.Argument(metavar="IN...", help="Files of trajectories (JSONL), or runs' folders."),
    ],
    accepted: Annotated[Path, typer.Option(help="Where the good ones are written.")],
    rejected: Annotated[
        Path, typer.Option(help="Where the others are written, each with its defects.")
    ],
    config: Annotated[
        Path | None, typer.Option(help="YAML: which reasons are off, thresholds.")
    ] = None,
    judge: Annotated[
        str | None, typer.Option(help="A model by name that judges what the rules accept.")
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(
            "--reviewed",
            metavar="FOLDER",
            help="Reviews (runs/reviews): people decide instead of the rules, on the "
            "conditions under `review` in the config; what they edited is kept as edited.",
        ),
    ] = None,
) -> int:
    """Sort dialogues by what is wrong with them; what is rejected is kept, with the reasons."""
    from ..trajectories.filters import sort_trajectories

    paths = [path / "trajectories.jsonl" if path.is_dir() else path for path in files]
    chosen = _config(config)
    with _judge(judge) as asked:
        report = sort_trajectories(
            paths, accepted, rejected, chosen, judge=asked, reviewed=_reviewed(people, chosen)
        )
    _tell(report)
    typer.echo(f"accepted:  {accepted}")
    typer.echo(f"rejected:  {rejected}")
    return 0


def _tell(report: FilterReport) -> None:
    from ..trajectories.filters import REASONS

    share = f" ({report.rejected / report.total:.1%})" if report.total else ""
    typer.echo(
        f"{report.total} dialogues: {report.accepted} accepted, {report.rejected} rejected{share}"
    )
    for reason, count in report.by_reason.items():
        meaning = REASONS[reason].meaning if reason in REASONS else ""
        typer.echo(f"  {count:>7}  {reason:24} {meaning}")
    if report.by_blame:
        blamed = ", ".join(f"{who} {count}" for who, count in report.by_blame.items())
        typer.echo(f"at fault:  {blamed}")


def _config(path: Path | None) -> FilterConfig | None:
    """Raises `ValueError` for a file that is no configuration of filters."""
    from pydantic import ValidationError

    from ..scenarios.document import DocumentProblem, read_document
    from ..trajectories.filters import FilterConfig

    if path is None:
        return None
    try:
        return FilterConfig.model_validate(read_document(path.read_bytes()).value or {})
    except DocumentProblem as problem:
        raise ValueError(f"{path}:{problem.place.line}: {problem}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{path}: {where}: {first['msg']}") from None


def _reviewed(folder: Path | None, config: FilterConfig | None) -> Reviewed | None:
    """Raises `ReviewsUnreadable` where there are no reviews, or damaged ones."""
    if folder is None:
        return None
    from ..evaluation.reviews import ReviewFolder, reviewed
    from ..trajectories.filters import ReviewConditions

    conditions = config.review if config else ReviewConditions()
    return reviewed(ReviewFolder.existing(folder).entries(), conditions)


@contextmanager
def _judge(name: str | None) -> Iterator[Judge | None]:
    """A judge that asks the model of that name, one dialogue after another."""
    if name is None:
        yield None
        return
    from asyncio import Runner

    from ..agents.dialogue_judge import judge_dialogue
    from ..models.registry import load

    with Runner() as runner:
        client = load(name, model_folders())
        try:
            yield lambda trajectory: runner.run(judge_dialogue(client, trajectory))
        finally:
            runner.run(client.close())
