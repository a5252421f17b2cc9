"""Whole conversations with the evaluated model as the assistant: does the plan get done?

Unlike call accuracy, a mistake here has its consequences: the conversation goes on from it. The
user side is the scenario's own model, `rules` unless it says otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from ..scenarios.schema import Scenario
from ..simulation import Watchers, resume, simulate
from ..simulation.episodes import Progress
from ..simulation.run_directory import Execution, RunConfig, RunDirectory, RunError
from ..trajectories.reading import read_trajectories
from ..trajectories.trajectory import Trajectory


class EpisodeReport(BaseModel):
    """One model over whole conversations. Shares run from 0 to 1."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    schema_version: int = 1
    model: str
    episodes: int
    plan_completion: float
    """Steps of the plans that were met, over all steps."""
    plans_completed: float
    """Episodes in which every step was met."""
    accepted: float
    """Episodes that ended as completed and passed every check."""
    blame: dict[str, int] = Field(default_factory=dict)
    """Whose fault it was, over the episodes that ended badly."""
    statuses: dict[str, int] = Field(default_factory=dict)


def evaluate_episodes(
    model: str,
    scenarios: Sequence[Scenario],
    folder: Path,
    *,
    model_folders: Sequence[Path] = (),
    repeat: int = 1,
    seed: int = 0,
    concurrency: int = 8,
    on_progress: Callable[[Progress], None] | None = None,
) -> EpisodeReport:
    """Play every scenario `repeat` times with the model configured as `model` for an assistant.

    The run lies in `folder` and goes on where it was. Raises what `simulate` raises; `RunError`
    also where the folder holds other conversations than these.
    """
    watchers = Watchers(on_progress=on_progress)
    execution = Execution(workers=1, concurrency=concurrency)
    run = RunDirectory(folder)
    config = RunConfig(
        seed=seed,
        repeat=repeat,
        models={"assistant": model},
        model_folders=[str(path) for path in model_folders],
    )
    if (folder / "run.json").exists():
        _refuse_another(run, scenarios, config)
        resume(folder, execution=execution, watchers=watchers)
    else:
        simulate(scenarios, config, folder, execution=execution, watchers=watchers)
    return episode_report(model, read_trajectories(run.trajectories))


def _refuse_another(run: RunDirectory, scenarios: Sequence[Scenario], config: RunConfig) -> None:
    # Where the model files lie may be said in another way.
    held = run.manifest().config.model_copy(update={"model_folders": config.model_folders})
    if held != config or run.scenarios() != list(scenarios):
        raise RunError(
            f"{run.path}: holds conversations of another model, seed or number, or of other "
            "scenarios; choose another folder"
        )


def episode_report(model: str, trajectories: Iterable[Trajectory]) -> EpisodeReport:
    """The figures over played episodes. Raises `ValueError` without one."""
    played = list(trajectories)
    if not played:
        raise ValueError("there is no episode to report")
    met = [[bool(step.get("met")) for step in one.plan] for one in played]
    steps = sum(len(one) for one in met)
    return EpisodeReport(
        model=model,
        episodes=len(played),
        plan_completion=sum(sum(one) for one in met) / steps if steps else 0.0,
        plans_completed=sum(all(one) for one in met) / len(played),
        accepted=sum(t.outcome.status == "completed" and t.score == 1.0 for t in played)
        / len(played),
        blame=_counted(t.outcome.blame for t in played if t.outcome.blame is not None),
        statuses=_counted(t.outcome.status for t in played),
    )


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))
