"""The student's journey: simulate, train with QLoRA, evaluate base, student and `rules`, compare.

The training episodes are played by the rule-based policy alone; the held-out scenarios are
written by hand over tools that no training scenario has. Everything lies in one folder, and a
journey that was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from autogen_core.models import ChatCompletionClient
from pydantic import BaseModel

from ..agents.rules import RulesClient
from ..evaluation.bootstrap import Gain
from ..evaluation.episodes import EpisodeReport
from ..evaluation.kept_names import kept_as, weights_kept_as
from ..evaluation.report import EvaluationReport
from ..evaluation.table import comparison_lines, episode_lines
from ..train.card import TrainResult
from ..train.config import TrainConfig, load_train_config
from .journey import (
    JourneyConfig,
    Progress,
    base_checkpoint,
    evaluated,
    gain_between,
    items_of,
    local_model,
    model_file,
    played,
    simulated,
    tools_in,
    trained,
    whole,
)

BASE, STUDENT, CEILING = "base", "student", "rules"
PATHS = {
    "trajectories": "simulate/trajectories.jsonl",
    "metrics": "train/metrics.jsonl",
    "loss": "train/loss.png",
    "models": "models",
    "answers": "evaluate",
    "report": "report.json",
    "table": "report.md",
}


class StudentReport(BaseModel):
    """What the journey found; `report.json` in its folder."""

    schema_version: int = 1
    reports: list[EvaluationReport]
    """base, student and, where asked, the rule-based ceiling."""
    gain: Gain
    """The student's over its base, in call accuracy."""
    episodes: list[EpisodeReport] = []
    """Whole conversations of base and student, and of the ceiling."""
    training: TrainResult
    trained_tools: list[str]
    heldout_tools: list[str]
    paths: dict[str, str]
    """What was written, by what it is, relative to the folder."""

    def markdown(self) -> str:
        """The table and the gain, as the README shows them."""
        trained_on = self.training.samples
        lines = [
            *comparison_lines(self.reports, self.gain),
            "",
            *(episode_lines(self.episodes) if self.episodes else ()),
            "",
            f"Trained on {trained_on.trained} samples of {trained_on.accepted} accepted "
            f"trajectories over {len(self.trained_tools)} tools, in {self.training.steps} steps "
            f"({self.training.seconds / 60:.0f} minutes, {self.training.device}); evaluated on "
            f"{self.gain.calls} hand-written calls over {len(self.heldout_tools)} other tools.",
        ]
        return "\n".join(lines) + "\n"


def student(
    out: Path,
    *,
    journey: JourneyConfig | None = None,
    training: TrainConfig | None = None,
    on_progress: Progress | None = None,
) -> StudentReport:
    """Make the journey in `out`, or go on with it.

    Writes `simulate/` (a run), `base/` (a checkpoint), `train/`, `evaluate/`, `report.json` and
    `report.md`. Raises what the stages raise: `ScenarioError`, `ModelUnavailable`, `GoldFails`,
    `ToolsOverlap`, `TrainingMismatch`, `LabelMissing`, `NothingToTrain`.
    """
    say = on_progress or _silent
    journey = journey or JourneyConfig()
    training = training or load_train_config("student")
    trajectories = simulated(journey, out / "simulate", say)
    trained_tools = tools_in(trajectories)
    items = items_of(journey, trained_tools)
    base = base_checkpoint(training, out / "base", say)
    result = trained(training, trajectories, out / "train", base, say)
    adapters = {BASE: None, STUDENT: out / "train" / result.adapter}
    for name, adapter in adapters.items():
        model_file(name, base, adapter, training, journey.concurrency, out / "models")
    makers: dict[str, Callable[[], ChatCompletionClient]] = {
        name: partial(local_model, base, adapter, training, journey.concurrency)
        for name, adapter in adapters.items()
    }
    kept = {name: weights_kept_as(name, base, adapter) for name, adapter in adapters.items()}
    if journey.ceiling:
        makers[CEILING] = partial(RulesClient, "assistant")
        kept[CEILING] = kept_as(CEILING)
    folder = out / "evaluate"
    report = StudentReport(
        reports=[
            evaluated(name, kept[name], make, items, folder, journey, say)
            for name, make in makers.items()
        ],
        gain=gain_between(folder, kept[BASE], kept[STUDENT], journey.seed),
        episodes=[played(name, kept[name], journey, out / "models", folder, say) for name in makers]
        if journey.episodes
        else [],
        training=result,
        trained_tools=trained_tools,
        heldout_tools=sorted({tool.name for item in items for tool in item.tools}),
        paths={**PATHS, "adapter": f"train/{result.adapter}"},
    )
    whole(out / "report.md", report.markdown())
    whole(out / "report.json", report.model_dump_json(indent=2))
    return report


def _silent(stage: str, done: int, total: int, line: str) -> None:
    """Nobody listens."""
