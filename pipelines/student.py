"""The student's journey: simulate, train with QLoRA, evaluate base, student and `rules`, compare.

The training episodes are played by the rule-based policy alone; the held-out scenarios are
written by hand over tools that no training scenario has. Everything lies in one folder, and a
journey that was stopped goes on where it was.
"""

from __future__ import annotations

from pathlib import Path

from autogen_core.models import ChatCompletionClient
from pydantic import BaseModel

from ..agents.rules import RulesClient
from ..evaluation.bootstrap import Gain
from ..evaluation.report import EvaluationReport
from ..evaluation.table import comparison_lines
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
    simulated,
    tools_in,
    trained,
    whole,
)

BASE, STUDENT, CEILING = "base", "student", "rules"


class StudentReport(BaseModel):
    """What the journey found; `report.json` in its folder."""

    schema_version: int = 1
    reports: list[EvaluationReport]
    """base, student and, where asked, the rule-based ceiling."""
    gain: Gain
    """The student's over its base, in call accuracy."""
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
    folder = out / "evaluate"
    reports: list[EvaluationReport] = []
    if journey.ceiling:
        ceiling = evaluated(CEILING, _rules, items, folder, journey, say)
    result = trained(training, trajectories, out / "train", base, say)
    for name, adapter in ((BASE, None), (STUDENT, out / "train" / result.adapter)):

        def make(adapter: Path | None = adapter) -> ChatCompletionClient:
            return local_model(base, adapter, training, journey.concurrency)

        reports.append(evaluated(name, make, items, folder, journey, say))
    if journey.ceiling:
        reports.append(ceiling)
    report = StudentReport(
        reports=reports,
        gain=gain_between(folder, BASE, STUDENT, journey.seed),
        training=result,
        trained_tools=trained_tools,
        heldout_tools=sorted({tool.name for item in items for tool in item.tools}),
        paths={
            "trajectories": "simulate/trajectories.jsonl",
            "adapter": f"train/{result.adapter}",
            "metrics": "train/metrics.jsonl",
            "loss": "train/loss.png",
            "answers": "evaluate",
            "report": "report.json",
            "table": "report.md",
        },
    )
    whole(out / "report.md", report.markdown())
    whole(out / "report.json", report.model_dump_json(indent=2))
    return report


def _silent(stage: str, done: int, total: int, line: str) -> None:
    """Nobody listens."""


def _rules() -> RulesClient:
    return RulesClient("assistant")
