"""An experiment: datasets times base models times seeds, each trained, evaluated and compared.

What the papers rest on is the student that was trained on each arm (ToolFlow, section 4), so the
arms differ in their dataset alone: one training config, the same held-out questions, the same
number of dialogues where `equal` is left on. Everything lies in one folder, and an experiment that
was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from autogen_core.models import ChatCompletionClient
from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..evaluation.bootstrap import Gain
from ..evaluation.calls import Constraint
from ..evaluation.gold import CallItem
from ..evaluation.kept_names import weights_kept_as
from ..evaluation.report import EvaluationReport
from ..scenarios.config_file import read_config
from ..train.card import TrainResult
from ..train.config import TrainConfig, load_train_config
from ..trajectories.whole_file import write_whole
from .journey import (
    JourneyConfig,
    Progress,
    base_checkpoint,
    evaluated,
    gain_between,
    items_of,
    local_model,
    tools_in,
    trained,
    whole,
)

BASE = "base"
_DATA = "data"
"""The folder of the datasets, beside those of the bases."""
_SPREAD = 2
"""Students of one arm from which a spread over the seeds can be told."""


class ExperimentInvalid(ValueError):
    """An experiment's config cannot be used; the message names the file and the key."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ExperimentConfig(_Part):
    """The arms, and what is the same for all of them."""

    name: str = Field(default="experiment", pattern=r"^[a-z0-9][a-z0-9_\-]*$")
    datasets: dict[str, Path] = Field(min_length=1)
    """By name of the arm: a folder of `callsheet synthesize` or a run, or a file of trajectories.
    The first is what the others are compared with. Relative to the config's file."""
    bases: tuple[str, ...] = Field(default=("smollm2",), min_length=1)
    """Base models: `smollm2`, or folders with a checkpoint; no two of the same name."""
    seeds: tuple[int, ...] = Field(default=(0,), min_length=1)
    """Of the training: order and augmentation of the samples, and the adapter's first weights."""
    train: str = "student"
    """A training config: a packaged one's name, or a file. Its base and seed are the arm's."""
    equal: bool = True
    """Take as many dialogues of every dataset as the smallest has."""
    heldout: tuple[str, ...] = Field(default_factory=lambda: tuple(JourneyConfig().heldout))
    """Scenarios that are evaluated; no dataset may have a tool of theirs."""
    calls: int | None = Field(default=None, ge=1)
    """At most this many evaluated calls, spread over the scenarios; None: all."""
    constraint: Constraint = "required"
    concurrency: int = Field(default=8, ge=1)

    @field_validator("bases")
    @classmethod
    def _with_names_of_their_own(cls, bases: tuple[str, ...]) -> tuple[str, ...]:
        # Each has a folder of its name, beside that of the datasets.
        labels = [_label(base) for base in bases]
        for label in labels:
            if label in ("", "..", _DATA):
                raise ValueError(f"no base can be called {label!r}")
            if labels.count(label) > 1:
                raise ValueError(f"several are called {label!r}; each needs a name of its own")
        return bases

    @field_validator("seeds")
    @classmethod
    def _once(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        for seed in seeds:
            if seeds.count(seed) > 1:
                raise ValueError(f"{seed} is given twice")
        return seeds


def _label(base: str) -> str:
    """What a base is called in the report, and its folder."""
    return Path(base).name


class ArmResult(_Part):
    """One student."""

    base: str
    dataset: str
    seed: int
    report: EvaluationReport
    over_base: Gain
    """Its gain over the base model."""
    over_first: Gain | None
    """Its gain over the first dataset's student of the same base and seed."""
    training: TrainResult


class ExperimentReport(_Part):
    """What the experiment found; `report.json` in its folder."""

    schema_version: int = 1
    name: str
    dialogues: dict[str, int]
    """Of each dataset, as many as were taken."""
    bases: dict[str, EvaluationReport]
    students: list[ArmResult]

    def markdown(self) -> str:
        """The table: a row for each base and arm, means over the seeds."""
        lines = [
            "| base | dataset | dialogues | seeds | calls right | gain over the base "
            "| gain over the first arm |",
            "|---|---|---:|---:|---:|---|---|",
        ]
        for base, report in self.bases.items():
            lines.append(f"| {base} | – | – | – | {report.call_accuracy:.1%} | | |")
            for dataset, count in self.dialogues.items():
                rows = [r for r in self.students if (r.base, r.dataset) == (base, dataset)]
                if rows:
                    lines.append(_row(base, dataset, count, rows))
        return "\n".join(lines) + "\n"


def _row(base: str, dataset: str, count: int, rows: list[ArmResult]) -> str:
    shares = [row.report.call_accuracy for row in rows]
    mean = sum(shares) / len(shares)
    spread = f" ({min(shares):.1%} to {max(shares):.1%})" if len(shares) >= _SPREAD else ""
    firsts = [row.over_first for row in rows if row.over_first is not None]
    return (
        f"| {base} | {dataset} | {count} | {len(rows)} | {mean:.1%}{spread} "
        f"| {_gains([row.over_base for row in rows])} | {_gains(firsts)} |"
    )


def _gains(gains: list[Gain]) -> str:
    """One gain with its interval; of several, their mean."""
    if not gains:
        return ""
    if len(gains) == 1:
        return gains[0].points()
    return f"{100 * sum(gain.mean for gain in gains) / len(gains):+.1f} points on average"


def load_experiment_config(path: Path) -> ExperimentConfig:
    """The config in `path`; its datasets are then absolute.

    Raises `ExperimentInvalid` where the file is missing, is no YAML or has a wrong key or value.
    """
    config = read_config(path, ExperimentConfig, ExperimentInvalid)
    here = path.resolve().parent
    found = {name: here / one for name, one in config.datasets.items()}
    train = config.train
    if train.endswith((".yaml", ".yml")):
        train = str(here / train)
    return config.model_copy(update={"datasets": found, "train": train})


def experiment(
    config: ExperimentConfig, out: Path, *, on_progress: Progress | None = None
) -> ExperimentReport:
    """Carry the experiment out in `out`, or go on with it.

    Writes `data/<arm>.jsonl`, a folder for each base with `base/` where it is exported,
    `evaluate/` and a training for each arm and seed, `report.json` and `report.md`. Raises
    `ExperimentInvalid`, and what training and evaluating raise.
    """
    say = on_progress or _silent
    sources = {name: trajectories_of(path) for name, path in config.datasets.items()}
    counts = _dialogues(sources, config.equal)
    data = {name: _taken(sources[name], counts[name], out / _DATA, name) for name in sources}
    journey = JourneyConfig(
        heldout=list(config.heldout),
        calls=config.calls,
        constraint=config.constraint,
        concurrency=config.concurrency,
    )
    items = items_of(journey, {name for path in data.values() for name in tools_in(path)})
    bases: dict[str, EvaluationReport] = {}
    students: list[ArmResult] = []
    for name in config.bases:
        arms = _Base(name, config, journey, items, out, say)
        bases[arms.label] = arms.evaluated_base()
        students += arms.students(data)
    report = ExperimentReport(name=config.name, dialogues=counts, bases=bases, students=students)
    whole(out / "report.md", report.markdown())
    whole(out / "report.json", report.model_dump_json(indent=2))
    return report


class _Base:
    """One base model: its own figures, and its students."""

    def __init__(
        self,
        name: str,
        config: ExperimentConfig,
        journey: JourneyConfig,
        items: list[CallItem],
        out: Path,
        say: Progress,
    ) -> None:
        self.label = _label(name)
        self._config = config
        self._journey = journey
        self._items = items
        self._folder = out / self.label
        self._say = say
        self._training = load_train_config(config.train).model_copy(update={"base": name})
        self._base = base_checkpoint(self._training, self._folder / "base", say)
        self._kept: dict[str, str] = {}
        """The names under which answers are kept, by the models'."""

    def evaluated_base(self) -> EvaluationReport:
        return self._evaluated(BASE, None, self._training)

    def students(self, data: dict[str, Path]) -> Iterator[ArmResult]:
        first = next(iter(data))
        for seed in self._config.seeds:
            for arm, trajectories in data.items():
                name = f"{arm}-{seed}"
                training = self._training.model_copy(update={"seed": seed})
                folder = self._folder / name
                result = trained(training, trajectories, folder, self._base, self._say)
                report = self._evaluated(name, folder / result.adapter, training)
                yield ArmResult(
                    base=self.label,
                    dataset=arm,
                    seed=seed,
                    report=report,
                    over_base=self._gain(BASE, name),
                    over_first=None if arm == first else self._gain(f"{first}-{seed}", name),
                    training=result,
                )

    def _evaluated(
        self, name: str, adapter: Path | None, training: TrainConfig
    ) -> EvaluationReport:
        make: Callable[[], ChatCompletionClient] = partial(
            local_model, self._base, adapter, training, self._config.concurrency
        )
        kept = self._kept[name] = weights_kept_as(name, self._base, adapter)
        return evaluated(
            name, kept, make, self._items, self._folder / "evaluate", self._journey, self._say
        )

    def _gain(self, before: str, after: str) -> Gain:
        kept = self._kept[before], self._kept[after]
        return gain_between(self._folder / "evaluate", *kept, self._journey.seed)


def trajectories_of(path: Path) -> Path:
    """The file of trajectories that `path` is or has: a synthesis's accepted ones, or a run's.

    Raises `ExperimentInvalid`.
    """
    if path.is_file():
        return path
    for name in ("accepted.jsonl", "trajectories.jsonl"):
        if (path / name).is_file():
            return path / name
    raise ExperimentInvalid(f"{path}: no trajectories here; is the synthesis or the run finished?")


def _dialogues(sources: dict[str, Path], equal: bool) -> dict[str, int]:
    counts = {name: _lines_in(path) for name, path in sources.items()}
    empty = [name for name, count in counts.items() if not count]
    if empty:
        raise ExperimentInvalid(f"{sources[empty[0]]}: the dataset {empty[0]} has no trajectory")
    least = min(counts.values())
    return dict.fromkeys(counts, least) if equal else counts


def _lines_in(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _taken(source: Path, count: int, folder: Path, name: str) -> Path:
    """The first `count` trajectories, in a file of the experiment's own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jsonl"
    with source.open("rb") as file:
        write_whole(path, islice(file, count))
    return path


def _silent(stage: str, done: int, total: int, line: str) -> None:
    """Nobody listens."""
