"""`callsheet api-bank`: its dialogues replayed, scenarios over its tools, and a student of them."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .options import Seed, run_folder, summarize, use_api_bank

if TYPE_CHECKING:
    from ..pipelines.api_bank_scenarios import Level

Data = Annotated[
    Path | None,
    typer.Option(help="An API-Bank folder; default: CALLSHEET_API_BANK, else built-in data."),
]
Excluded = Annotated[
    list[str] | None, typer.Option(help="A tool that no goal may need; several times.")
]
Kind = Literal["dialogues", "goals"]
Ability = Literal["call", "retrieve", "plan"]


def api_bank() -> typer.Typer:
    """The verbs of `callsheet api-bank`."""
    app = typer.Typer(
        name="api-bank",
        help="API-Bank: replay its dialogues, write scenarios over its tools, train on them.",
        no_args_is_help=True,
        add_completion=False,
    )
    app.command(name="replay")(replay)
    app.command(name="scenarios")(scenarios)
    app.command(name="synthesize")(synthesize)
    app.command(name="student")(student)
    return app


def _levels(given: list[int] | None) -> list[Level]:
    """Those that were asked for, each once and in order; all where none was."""
    known: tuple[Level, ...] = (1, 2, 3)
    return [level for level in known if level in (given or known)]


def replay(
    data: Data = None,
    level: Annotated[
        list[int] | None, typer.Option(min=1, max=3, help="Which levels; default: all.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The runs' folder; default: a new one in runs/.")
    ] = None,
) -> int:
    """Play every recorded dialogue, and compare each call's result with the recorded one."""
    from ..models.embedding import encoder
    from ..pipelines.api_bank_replay import replay_dialogues
    from ..simulation import Watchers
    from ..watch import ProgressView

    use_api_bank(data)
    levels = _levels(level)
    with run_folder(out) as folder, ProgressView() as bar:
        reports = replay_dialogues(
            folder, data=data, levels=levels, watchers=Watchers(on_progress=bar.show)
        )
    for report in reports:
        for line in report.lines():
            typer.echo(line)
    typer.echo(f"tools were searched for with the encoder {encoder().name}")
    typer.echo(f"runs: {folder}")
    return 0 if all(report.exact == report.total for report in reports) else 1


def scenarios(
    out: Annotated[Path, typer.Argument(help="The folder that they are written to.")],
    kind: Annotated[
        Kind, typer.Option(help="Recorded dialogues, or goals made from the databases.")
    ] = "goals",
    level: Annotated[
        list[int] | None,
        typer.Option(
            min=1, max=3, help="Levels of dialogues; of goals: 1 call, 2 retrieve, 3 plan."
        ),
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many goals.")] = 100,
    seed: Seed = 0,
    exclude_tool: Excluded = None,
    data: Data = None,
) -> int:
    """Write scenarios, one YAML file each, that `callsheet validate` and `callsheet run` take."""
    from ..environments.api_bank import VARIABLE
    from ..pipelines.api_bank_scenarios import (
        dialogue_scenarios,
        goal_scenarios,
        write_scenarios,
    )

    folder = use_api_bank(data)
    levels = _levels(level)
    if kind == "dialogues":
        made = dialogue_scenarios(folder, levels)
    else:
        made = goal_scenarios(
            folder, levels, count=count, seed=seed, exclude_tools=exclude_tool or ()
        )
    write_scenarios(made, out)
    typer.echo(f"wrote {len(made)} scenarios to {out}")
    # Without the folder the tools would answer from other data than the scenarios were made for.
    before = "" if data is None else f"{VARIABLE}={quote(str(data))} "
    typer.echo(f"next: {before}callsheet validate {out}")
    return 0


def synthesize(
    out: Annotated[
        Path | None, typer.Option(help="The run's folder; default: a new one in runs/.")
    ] = None,
    level: Annotated[
        list[int] | None, typer.Option(min=1, max=3, help="1 call, 2 retrieve, 3 plan.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many goals.")] = 1000,
    seed: Seed = 0,
    exclude_tool: Excluded = None,
    data: Data = None,
) -> int:
    """Make goals and play each by its own solution: dialogues to train on, without a model.

    People, places and values are those of the built-in database; of an API-Bank folder only the
    words that describe the tools are taken, and no goal says a line of its dialogues.
    """
    from shutil import copytree
    from tempfile import TemporaryDirectory

    from ..environments.api_bank import VARIABLE
    from ..pipelines.api_bank_training import play_goals, training_data
    from ..simulation import Watchers
    from ..watch import ProgressView

    described = use_api_bank(data)
    with run_folder(out) as run, ProgressView() as bar, TemporaryDirectory() as words:
        progress = play_goals(
            training_data(Path(words), described),
            described.folder,
            run,
            count=count,
            seed=seed,
            levels=_levels(level),
            exclude_tools=exclude_tool or (),
            watchers=Watchers(on_progress=bar.show),
        )
        if not described.is_seed:
            copytree(words, run / "api_bank")
    code = summarize(run, progress)
    if not described.is_seed:
        typer.echo(f"tools:        {VARIABLE}={quote(str(run / 'api_bank'))} for replay and fork")
    typer.echo(f"next: callsheet train {run} --out out/adapter --config api-bank")
    return code


def student(
    data: Data = None,
    out: Annotated[Path, typer.Option(help="Where everything is written.")] = Path(
        "out/api-bank-student"
    ),
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many dialogues of a level are asked.")
    ] = None,
) -> int:
    """Train on generated goals, evaluate on the dialogues; goes on where it stopped."""
    from ..pipelines.api_bank_student import ApiBankStudentConfig, api_bank_student
    from ..watch import StageView

    config = ApiBankStudentConfig(limit=limit)
    report = api_bank_student(out, use_api_bank(data), config=config, on_progress=StageView())
    typer.echo(report.markdown())
    typer.echo(f"report: {out / 'report.md'}")
    return 0
