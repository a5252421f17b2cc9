"""The API-Bank student: trained on generated goals alone, asked for the benchmark's own calls.

Three adapters are trained: one on goals over all tools, and one without each fold of the tools
(`planners/api_bank/folds.py`). The first is asked for everything; of the other two each is asked
only for calls of tools that it was never trained on, and their answers together are the figures
for unseen tools. A search belongs to the fold of the tool that it was annotated to find.

The base model gets the same prompts under the same constraint: `native` calls in this project's
wording, which are no published prompts. Everything lies in one folder, and a journey that was
stopped goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from ..environments.api_bank import ApiBankData
from ..evaluation.api_bank.annotations import GoldCall, Key
from ..evaluation.api_bank.answers import Answer
from ..evaluation.api_bank.asking import Question, ask_all, questions, unanswered
from ..evaluation.api_bank.benchmark import Benchmark, read_benchmark
from ..evaluation.api_bank.evaluate import prediction_of
from ..evaluation.api_bank.examination import Examination
from ..evaluation.api_bank.reading import Protocol
from ..evaluation.api_bank.report import ApiBankReport
from ..evaluation.kept_names import weights_kept_as
from ..planners.api_bank.folds import FOLDS, fold_of, fold_tools
from ..train.card import TrainResult
from ..train.config import TrainConfig, load_train_config
from .api_bank_scenarios import Level
from .api_bank_training import played_goals, training_data
from .journey import Progress, base_checkpoint, local_model, model_file, trained, whole

BASE, SEEN, UNSEEN = "base", "student", "student, unseen tools"
PROTOCOLS: tuple[Protocol, ...] = ("paper", "corrected")
SEARCH = "ToolSearcher"


class ApiBankStudentConfig(BaseModel):
    """What the journey is told."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    goals: int = Field(default=3000, ge=10)
    """Generated goals of each training."""
    seed: int = 5
    levels: tuple[Level, ...] = (1, 2, 3)
    limit: int | None = Field(default=None, ge=1)
    """At most so many dialogues or records of each level; None: all."""
    unseen: bool = True
    """Whether the two students for unseen tools are trained too."""
    concurrency: int = Field(default=8, ge=1)
    """Questions that are answered together."""


class ApiBankStudentReport(BaseModel):
    """What the journey found; `report.json` in its folder."""

    schema_version: int = 1
    reports: list[ApiBankReport]
    """Base, student and, where asked, the student for unseen tools, by level and protocol."""
    training: dict[str, TrainResult]
    """By name of the adapter."""

    def markdown(self) -> str:
        """The table, as the README shows it."""
        lines = [
            "| level | protocol | model | calls | whole dialogues or records |",
            "|---:|---|---|---:|---:|",
        ]
        shown: set[tuple[Level, Protocol]] = set()
        for one in self.reports:
            rows = [(one.model, one.calls.calls, one.calls.whole)]
            if (one.level, one.protocol) not in shown:
                shown.add((one.level, one.protocol))
                rows.insert(0, ("gold", one.gold.calls, one.gold.whole))
            lines += [
                f"| {one.level} | {one.protocol} | {model} | {calls} | {sources} |"
                for model, calls, sources in rows
            ]
        lines.append("")
        for name, result in self.training.items():
            lines.append(
                f"{name}: {result.samples.trained} samples of {result.samples.accepted} accepted "
                f"trajectories, {result.steps} steps, {result.seconds / 60:.0f} minutes, "
                f"{result.device}."
            )
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Model:
    """Weights, and the fold that they were trained without."""

    name: str
    adapter: Path | None = None
    fold: int | None = None

    def asked(self, call: GoldCall) -> bool:
        return self.fold is None or fold_of_call(call) == self.fold


def api_bank_student(
    out: Path,
    data: ApiBankData,
    *,
    config: ApiBankStudentConfig | None = None,
    training: TrainConfig | None = None,
    unseen_training: TrainConfig | None = None,
    on_progress: Progress | None = None,
) -> ApiBankStudentReport:
    """Make the journey in `out`, or go on with it; `data` has the benchmark's dialogues.

    `training`: of the student of all tools; None: the packaged config `api-bank`.
    `unseen_training`: of the two for unseen tools; None: `training` where that is given, else
    the packaged `api-bank-unseen`, which learns to read tools rather than to know them.

    Writes `data/`, `base/`, a folder for each training, `models/`, `evaluate/`, `report.json` and
    `report.md`. Raises `ApiBankDataError` for data without dialogues, and what training and models
    raise.
    """
    say = on_progress or _silent
    config = config or ApiBankStudentConfig()
    unseen_training = unseen_training or training or load_train_config("api-bank-unseen")
    training = training or load_train_config("api-bank")
    benchmarks = [read_benchmark(data, level, config.limit) for level in config.levels]
    base = base_checkpoint(training, out / "base", say)
    models, results = [_Model(BASE)], {}
    taught = training_data(out / "data", data)
    for name, fold in _arms(config):
        trajectories = played_goals(
            taught,
            data.folder,
            out / name / "simulate",
            count=config.goals,
            seed=config.seed,
            exclude_tools=() if fold is None else fold_tools(fold),
            say=say,
            name=name,
        )
        how = training if fold is None else unseen_training
        results[name] = trained(how, trajectories, out / name / "train", base, say)
        adapter = out / name / "train" / results[name].adapter
        models.append(_Model(SEEN if fold is None else name, adapter, fold))
        model_file(f"api-bank-{name}", base, adapter, how, config.concurrency, out / "models")
    reports = [
        report
        for benchmark in benchmarks
        for report in _examined(benchmark, models, base, out / "evaluate", training, config, say)
    ]
    report = ApiBankStudentReport(reports=reports, training=results)
    whole(out / "report.md", report.markdown())
    whole(out / "report.json", report.model_dump_json(indent=2))
    return report


def _arms(config: ApiBankStudentConfig) -> list[tuple[str, int | None]]:
    folds = range(len(FOLDS)) if config.unseen else ()
    return [("seen", None), *((f"fold-{fold}", fold) for fold in folds)]


def _examined(
    benchmark: Benchmark,
    models: Sequence[_Model],
    base: Path,
    folder: Path,
    training: TrainConfig,
    config: ApiBankStudentConfig,
    say: Progress,
) -> list[ApiBankReport]:
    """One level's reports: under each protocol, every model."""
    calls = {call.key: call for call in benchmark.calls("paper")}
    answers: dict[str, dict[Key, Answer]] = {}
    for model in models:
        samples = [s for s in benchmark.call_samples("paper") if model.asked(calls[s.key])]
        asked = questions(benchmark, samples, "native", "project")
        kept = folder / weights_kept_as(model.name, base, model.adapter)
        path = kept / f"level-{benchmark.level}.calls.jsonl"
        answers[model.name] = _answers(model, asked, path, base, training, config, say)
    reports = []
    for protocol in PROTOCOLS:
        examination = Examination(benchmark, protocol)
        for name, parts in _together(models).items():
            predictions = {
                key: prediction_of(answer, "native", protocol)
                for part in parts
                for key, answer in answers[part].items()
            }
            report, _ = examination.report(name, predictions, style="native", prompts="project")
            reports.append(report)
    return reports


def _together(models: Sequence[_Model]) -> Mapping[str, list[str]]:
    """The models by what they are told as: those of the folds are one."""
    told: dict[str, list[str]] = {}
    for model in models:
        told.setdefault(UNSEEN if model.fold is not None else model.name, []).append(model.name)
    return told


def _answers(
    model: _Model,
    asked: Sequence[Question],
    path: Path,
    base: Path,
    training: TrainConfig,
    config: ApiBankStudentConfig,
    say: Progress,
) -> dict[Key, Answer]:
    """A model's answers to the questions; it is loaded only where one is missing."""
    stage = f"evaluate {model.name}, {path.name.partition('.')[0]}"

    def on_progress(done: int, total: int, line: str) -> None:
        say(stage, done, total, f"{done} of {total} calls")

    async def ask() -> dict[Key, Answer]:
        client = None
        if unanswered(asked, path):
            say(stage, 0, len(asked), f"loading {model.name}")
            client = local_model(base, model.adapter, training, config.concurrency)
        try:
            return await ask_all(
                client, asked, path, concurrency=config.concurrency, on_progress=on_progress
            )
        finally:
            if client is not None:
                await client.close()

    return asyncio.run(ask())


def fold_of_call(call: GoldCall) -> int | None:
    """The fold of an annotated call's tool; of a search, that of the tool it found."""
    if call.name != SEARCH:
        return fold_of(call.name)
    output = call.envelope.get("output")
    found = output[-1] if isinstance(output, list) and output else output
    return fold_of(str(found.get("name"))) if isinstance(found, Mapping) else None


def _silent(stage: str, done: int, total: int, line: str) -> None:
    """Nobody listens."""
