"""The demo's journey after its first live scenario: a small loop from simulation to comparison.

Small enough to be watched: at most 25 evaluated calls on each side and 40 training steps. Its
figures show that the loop is closed; what they say about the student is illustrative only, and
the table says so. `callsheet student` is the same loop at a size that means something.
"""

from __future__ import annotations

from pathlib import Path

from autogen_core.models import ChatCompletionClient
from pydantic import BaseModel

from ..evaluation.kept_names import weights_kept_as
from ..evaluation.report import EvaluationReport
from ..evaluation.table import comparison_lines
from ..train.card import TrainResult
from ..train.config import TrainConfig, load_train_config
from .journey import (
    JourneyConfig,
    Progress,
    base_checkpoint,
    evaluated,
    items_of,
    local_model,
    simulated,
    tools_in,
    trained,
    whole,
)

CALLS = 25
REPEAT = 4
NOTE = f"Illustrative: at most {CALLS} calls and 40 training steps prove nothing."


class DemoReport(BaseModel):
    """What the demo found; `report.json` in its folder."""

    schema_version: int = 1
    before: EvaluationReport
    after: EvaluationReport
    training: TrainResult
    paths: dict[str, str]
    """What was written, by what it is."""

    def markdown(self) -> str:
        return "\n".join([*comparison_lines([self.before, self.after]), "", NOTE]) + "\n"


def demo(
    out: Path,
    *,
    journey: JourneyConfig | None = None,
    training: TrainConfig | None = None,
    on_progress: Progress | None = None,
) -> DemoReport:
    """Make the demo's journey in `out`, or go on with it. Raises what `student` raises."""
    say = on_progress or _silent
    journey = journey or JourneyConfig(repeat=REPEAT, calls=CALLS, ceiling=False, episodes=0)
    training = training or load_train_config("demo")
    trajectories = simulated(journey, out / "simulate", say)
    items = items_of(journey, tools_in(trajectories))
    base = base_checkpoint(training, out / "base", say)
    folder = out / "evaluate"

    def of(name: str, adapter: Path | None) -> EvaluationReport:
        kept = weights_kept_as(name, base, adapter)

        def model() -> ChatCompletionClient:
            return local_model(base, adapter, training, journey.concurrency)

        return evaluated(name, kept, model, items, folder, journey, say)

    before = of("base", None)
    result = trained(training, trajectories, out / "train", base, say)
    adapter = out / "train" / result.adapter
    after = of("student", adapter)
    report = DemoReport(
        before=before,
        after=after,
        training=result,
        paths={
            "run": str(out / "simulate"),
            "trajectories": str(trajectories),
            "adapter": str(adapter),
            "metrics": str(out / "train" / "metrics.jsonl"),
            "loss": str(out / "train" / "loss.png"),
            "answers": str(folder),
            "report": str(out / "report.md"),
        },
    )
    whole(out / "report.md", report.markdown())
    whole(out / "report.json", report.model_dump_json(indent=2))
    return report


def _silent(stage: str, done: int, total: int, line: str) -> None:
    """Nobody listens."""
