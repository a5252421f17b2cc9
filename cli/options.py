"""What several verbs ask for, and how it is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..scenarios import Scenario
    from ..simulation import Execution, Progress, Watchers

Run = Annotated[Path, typer.Argument(help="A run's folder.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes.")]
Concurrency = Annotated[int, typer.Option(min=1, help="Episodes at a time in each process.")]
Live = Annotated[bool, typer.Option("--live", help="Show the conversations as they happen.")]
PROJECT_MODELS = Path("configs/models")
"""Where a project keeps its model files, beside the package's own."""


def model_folders() -> list[Path]:
    """The folders in which model files are looked for, the project's first."""
    return [PROJECT_MODELS.resolve()] if PROJECT_MODELS.is_dir() else []


def models_by_role(given: Sequence[str]) -> dict[str, str]:
    """`user=a assistant=b`, or one name for all roles. Raises a usage error."""
    from ..simulation.cast import ROLES

    models: dict[str, str] = {}
    for item in given:
        role, mark, name = item.partition("=")
        if not mark:
            models.update(dict.fromkeys(ROLES, role))
        elif role in ROLES and name:
            models[role] = name
        else:
            raise typer.BadParameter(
                f"{item!r}: say role=name, with role one of {', '.join(ROLES)}"
            )
    return models


def changed(scenarios: Sequence[Scenario], settings: Sequence[str]) -> list[Scenario]:
    """The scenarios with `key.path=value` set in each; values are read as YAML."""
    from ..scenarios import Scenario
    from ..scenarios.document import read_document

    if not settings:
        return list(scenarios)
    records = [scenario.model_dump(mode="json", exclude_defaults=True) for scenario in scenarios]
    for setting in settings:
        path, mark, text = setting.partition("=")
        if not mark:
            raise typer.BadParameter(f"{setting!r}: say key=value, such as limits.turns=4")
        value = read_document(text.encode()).value
        for record in records:
            _set(record, path.split("."), value)
    return [Scenario.model_validate(record) for record in records]


def _set(record: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for part in path[:-1]:
        record = record.setdefault(part, {})
    record[path[-1]] = value


def play(run: Path, live: bool, action: Any, workers: int, concurrency: int) -> Progress:
    """Play with the right view: the conversation itself, or a line of progress.

    `action(execution, watchers)` makes or resumes the run.
    """
    from ..simulation import Execution, Watchers
    from ..watch import LiveView, ProgressView

    execution = Execution(workers=workers, concurrency=1 if live else concurrency)
    if live:
        view = LiveView()
        progress: Progress = action(execution, Watchers(on_event=view.show))
    else:
        with ProgressView() as bar:
            progress = action(execution, Watchers(on_progress=bar.show))
    return progress


def summarize(run: Path, progress: Progress) -> int:
    """Say how a run went; returns the exit code."""
    from ..watch import summary

    for line in summary(progress):
        typer.echo(line)
    typer.echo(f"run:          {run}")
    typer.echo(f"trajectories: {run / 'trajectories.jsonl'}")
    return 0 if progress.accepted == progress.total else 1


__all__ = ["Concurrency", "Live", "Run", "Workers", "changed", "model_folders",
           "models_by_role", "play", "summarize"]  # fmt: skip
if TYPE_CHECKING:
    _ = (Execution, Watchers)
