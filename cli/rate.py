"""`callsheet rate`: whole trajectories rated from 0 to 5, with an explanation and rule signals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import model_folders

if TYPE_CHECKING:
    from ..agents.rater import Rater
    from ..pipelines.rating import RatingReport


def rate(
    trajectories: Annotated[
        Path, typer.Argument(metavar="IN", help="A file of trajectories, or a run's folder.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where the rated ones are written.")
    ] = None,
    model: Annotated[
        str, typer.Option(help="The rater: a model by name, or `rules` (no model, a baseline).")
    ] = "rules",
    concurrency: Annotated[int, typer.Option(min=1, help="Ratings at a time.")] = 8,
    longest: Annotated[
        int, typer.Option(min=1000, help="Characters that the rater reads of a trajectory.")
    ] = 32_000,
    samples: Annotated[
        Path | None,
        typer.Option(help="Instead: write what `callsheet train` learns to rate from."),
    ] = None,
) -> int:
    """Rate whole trajectories; goes on where it stopped, and asks nothing twice."""
    path = trajectories / "trajectories.jsonl" if trajectories.is_dir() else trajectories
    if (out is None) == (samples is None):
        raise typer.BadParameter("say either -o OUT, to rate, or --samples OUT, to train a rater")
    if samples is not None:
        return _write_samples(path, samples, longest)
    assert out is not None
    return _rate(path, out, model, concurrency, longest)


def _rate(path: Path, out: Path, model: str, concurrency: int, longest: int) -> int:
    from ..pipelines.rating import rate_file
    from ..watch import StageView

    view = StageView()
    with _rater(model, out, longest) as rater:
        report = rate_file(
            path,
            out,
            rater,
            concurrency=concurrency,
            on_progress=lambda done: view("rate", done, 0, "rated"),
        )
    _tell(report)
    typer.echo(f"rated: {out}")
    return 1 if report.problems else 0


def _write_samples(path: Path, samples: Path, longest: int) -> int:
    from ..pipelines.rating import rater_samples
    from ..trajectories.reading import read_trajectories
    from ..trajectories.whole_file import write_whole

    written = 0

    def lines() -> Iterator[bytes]:
        nonlocal written
        for sample in rater_samples(read_trajectories(path), longest):
            written += 1
            yield sample.model_dump_json(exclude_none=True).encode() + b"\n"

    samples.parent.mkdir(parents=True, exist_ok=True)
    write_whole(samples, lines())
    typer.echo(f"{written} rated trajectories with an explanation: {samples}")
    return 0 if written else 1


def _tell(report: RatingReport) -> None:
    given = ", ".join(f"{rating}: {count}" for rating, count in report.ratings.items())
    typer.echo(f"{report.rated} of {report.total} rated by {report.rater}  ({given})")
    for kind, count in report.problems.items():
        typer.echo(f"  {count:>7}  not rated: {kind}")
    for name, count in report.signals.items():
        typer.echo(f"  {count:>7}  {name.replace('_', ' ')}")
    if report.full_score:
        flawed = f"{report.full_score_flawed} of {report.full_score}"
        typer.echo(f"with a score of 1.0 and yet not flawless: {flawed}")


@contextmanager
def _rater(name: str, out: Path, longest: int) -> Iterator[Rater]:
    """The rater of that name; a model's answers are kept beside `out`."""
    from ..agents.rater import RaterAgent
    from ..agents.rules import RulesRater

    if name == "rules":
        yield RulesRater()
        return
    from ..models.cache import AnswerCache
    from ..models.registry import load
    from ..pipelines.rating import answers_path

    client = load(name, model_folders(), cache=AnswerCache(answers_path(out)))
    yield RaterAgent(client, name, longest=longest)
