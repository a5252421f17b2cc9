"""What several verbs ask for, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..environments.api_bank import ApiBankData
    from ..scenarios import Scenario
    from ..simulation import Execution, Progress, Watchers

Run = Annotated[Path, typer.Argument(help="A run's folder.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes.")]
Concurrency = Annotated[int, typer.Option(min=1, help="Episodes at a time in each process.")]
MaxTokens = Annotated[
    int | None,
    typer.Option(min=1, help="Stop once configured models have used so many tokens."),
]


def _more_than_nothing(cost: float | None) -> float | None:
    if cost is not None and not cost > 0:
        raise typer.BadParameter(f"{cost:g} is not more than 0")
    return cost


MaxCost = Annotated[
    float | None,
    typer.Option(
        help="Stop once so much is spent, by the models' prices.", callback=_more_than_nothing
    ),
]
_LEAST_SEED, _LAST_SEED = -(2**63), 2**63 - 1
"""Seeds that a record can hold."""
Seed = Annotated[int, typer.Option(min=_LEAST_SEED, max=_LAST_SEED, help="Decides every draw.")]
SeedInstead = Annotated[
    int | None, typer.Option(min=_LEAST_SEED, max=_LAST_SEED, help="Instead of the config's.")
]
Live = Annotated[
    bool,
    typer.Option(
        "--live", help="Show the conversations as they happen, one at a time, from one process."
    ),
]


def model_folders() -> list[Path]:
    """The folders in which model files are looked for, before the package's own."""
    from ..models.model_file import project_folders

    return project_folders(Path.cwd())


@contextmanager
def run_folder(out: Path | None) -> Iterator[Path]:
    """`out`, else a new folder in runs/; both go again where nothing comes to lie in them."""
    from ..simulation.run_directory import reserved_run

    if out is not None:
        yield out
        return
    folder = reserved_run(Path("runs"))
    try:
        yield folder
    finally:
        for one in (folder, folder.parent):
            with suppress(OSError):
                one.rmdir()  # refused where something lies in it


def models_by_role(given: Sequence[str]) -> dict[str, str]:
    """`user=a assistant=b`, or one name for all roles. Raises a usage error."""
    from ..simulation.cast import ROLES

    models: dict[str, str] = {}
    for item in given:
        role, mark, name = item.partition("=")
        if role and not mark:
            models.update(dict.fromkeys(ROLES, role))
        elif role in ROLES and name:
            models[role] = name
        else:
            raise typer.BadParameter(
                f"{item!r}: say role=name, with role one of {', '.join(ROLES)}"
            )
    return models


def changed(scenarios: Sequence[Scenario], settings: Sequence[str]) -> list[Scenario]:
    """The scenarios with `key.path=value` set in each; values are read as YAML.

    Raises a usage error for a setting that no scenario can have.
    """
    from pydantic import ValidationError

    from ..scenarios import Scenario
    from ..scenarios.document import DocumentProblem, read_document

    if not settings:
        return list(scenarios)
    records = [scenario.model_dump(mode="json", exclude_unset=True) for scenario in scenarios]
    for setting in settings:
        path, mark, text = setting.partition("=")
        if not mark:
            raise typer.BadParameter(f"{setting!r}: say key=value, such as limits.turns=4")
        try:
            value = read_document(text.encode()).value
        except DocumentProblem as problem:
            raise typer.BadParameter(f"{setting!r}: {problem}") from None
        for record in records:
            _set(record, path.split("."), value, setting)
    try:
        return [Scenario.model_validate(record) for record in records]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        what = "no such key" if first["type"] == "extra_forbidden" else first["msg"]
        raise typer.BadParameter(f"--set {where}: {what}") from None


def _set(record: Any, path: Sequence[str], value: Any, setting: str) -> None:
    """Set one value in nested mappings and, where a part is a number, lists."""
    for place, part in enumerate(path):
        key: Any = part
        if isinstance(record, list) and part.isdecimal() and int(part) < len(record):
            key = int(part)
        elif not isinstance(record, dict):
            raise typer.BadParameter(
                f"{setting!r}: {'.'.join(path[:place])} has no part {part!r} in this scenario"
            )
        if place == len(path) - 1:
            record[key] = value
        else:
            record = record[key] if isinstance(key, int) else record.setdefault(key, {})


def play(
    action: Callable[[Execution, Watchers], Progress],
    *,
    live: bool = False,
    workers: int = 1,
    concurrency: int = 16,
    max_tokens: int | None = None,
    max_cost: float | None = None,
) -> Progress:
    """Play with the right view: the conversation itself, or a line of progress.

    `action(execution, watchers)` makes or resumes the run.
    """
    from ..simulation import Execution, Watchers
    from ..watch import LiveView, ProgressView

    execution = Execution(
        workers=workers,
        concurrency=1 if live else concurrency,
        token_budget=max_tokens,
        money_budget=max_cost,
    )
    if live:
        if workers > 1:
            raise typer.BadParameter(
                "--live shows one conversation at a time, from one process: leave --workers out, "
                "or see the run on a page with `callsheet watch`"
            )
        view = LiveView()
        watchers = Watchers(
            on_event=view.show,
            on_frame=view.grow if view.can_grow else None,
            on_progress=view.tell,
            on_people=_waits,
        )
        with closing(view):
            return action(execution, watchers)
    with ProgressView() as bar:
        return action(execution, Watchers(on_progress=bar.show, on_people=_waits))


def _waits(roles: Sequence[str]) -> None:
    typer.echo(f"a person is the {' and the '.join(roles)}: type on the page, `callsheet watch`",
               err=True)  # fmt: skip


def use_api_bank(folder: Path | None) -> ApiBankData:
    """Let API-Bank's tools, in this process and its workers, answer from `folder`.

    Raises `ApiBankDataError` for a folder that is none of API-Bank's.
    """
    import os

    from ..environments.api_bank import VARIABLE, api_bank_data

    if folder is not None:
        os.environ[VARIABLE] = str(folder)
    return api_bank_data(folder)


def summarize(run: Path, progress: Progress) -> int:
    """Say how a run went; returns the exit code."""
    from ..watch import summary

    for line in summary(progress):
        typer.echo(line)
    typer.echo(f"run:          {run}")
    typer.echo(f"trajectories: {run / 'trajectories.jsonl'}")
    return 0 if progress.accepted == progress.total else 1
