"""Several models on several levels under one protocol: asked, scored, written and told.

What it leaves lies in `<out>/<protocol>/`, in a folder for each model (see `kept_names`): for each
level the report (`level-1.json`), every score (`level-1.scores.jsonl`) and the answers, from which
an evaluation goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from autogen_core.models import ChatCompletionClient
from pydantic import BaseModel, ConfigDict, Field

from ...environments.api_bank import VARIABLE, ApiBankData
from ...simulation.cast import BASELINE, Cast
from ...trajectories.whole_file import write_whole
from ..kept_names import file_name, kept_as
from .benchmark import Benchmark, read_benchmark
from .call_styles import Style
from .chat_prompt import Wording
from .evaluate import Say, score_model
from .examination import GOLD, Examination, Scored, score_gold, score_predictions
from .interacting import Played, play_gold, play_model
from .interactive_report import InteractiveReport, interactive_lines
from .reading import Protocol
from .report import ApiBankReport
from .report_table import report_lines
from .samples import Level

FILE = "predictions"
"""What predictions of a file are called, where no model is named."""


class NotToBeEvaluated(ValueError):
    """A wish that no evaluation can meet; says why in one line."""


class Comparison(BaseModel):
    """What is evaluated."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    models: list[str] = Field(default_factory=list)
    """Names of configured models, `rules`, or `gold`; none: gold, or the file's predictions."""
    levels: tuple[Level, ...] = (1, 2, 3)
    protocol: Protocol = "paper"
    style: Style | None = None
    """None: bracket where single calls are asked for, native in conversations."""
    prompts: Wording | None = None
    """None: the published ones where the data have them and the style is bracket."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many dialogues or records of a level, spread evenly."""
    predictions: Path | None = None
    """A file of published predictions, in place of asking."""
    responses: bool = False
    """Score answers in words too."""
    concurrency: int = Field(default=8, ge=1)

    def style_of(self, model: str) -> Style:
        """The style in which a model is asked; the rules know no notation."""
        if model == BASELINE:
            return "native"
        return self.style or ("native" if self.protocol == "interactive" else "bracket")


def compare_models(
    comparison: Comparison,
    data: ApiBankData,
    out: Path,
    *,
    folders: Sequence[Path] = (),
    say: Say | None = None,
) -> list[str]:
    """Evaluate, write what was found to `out`, and return it in lines for people.

    Raises `ModelUnavailable` for a name that is not configured, `ModelError` where a model is not
    there, `NotToBeEvaluated`, `ApiBankDataError` and `PredictionsUnreadable`.
    """
    if data.is_seed:
        raise NotToBeEvaluated(
            "the built-in data have no dialogues to evaluate on; give an API-Bank folder by "
            f"--data or {VARIABLE}"
        )
    levels: list[Level] = sorted(set(comparison.levels))
    if comparison.protocol == "interactive" and comparison.predictions is not None:
        raise NotToBeEvaluated("conversations are played; there are no predictions of them")
    models = comparison.models or [GOLD if comparison.predictions is None else FILE]
    if comparison.predictions is not None and len(models) > 1:
        raise NotToBeEvaluated("a file of predictions is one model's; name at most one --model")
    if comparison.predictions is not None and models == [GOLD]:
        # The annotated calls would be scored under that name, whatever is in the file.
        raise NotToBeEvaluated("a file of predictions is no gold; name it otherwise by --model")
    # A wrong name is found before the others have worked for hours.
    places = {
        name: out / comparison.protocol / _kept_as(comparison, name, folders) for name in models
    }
    benchmarks = [read_benchmark(data, level, comparison.limit) for level in levels]
    if comparison.protocol == "interactive":
        lines = _interactive(comparison, benchmarks, places, folders, say)
        return [*lines, *_borrowed(data)]
    examinations = [Examination(one, comparison.protocol) for one in benchmarks]
    reports: list[ApiBankReport] = []
    for name, place in places.items():
        for report, scores in _scored(comparison, examinations, name, place, folders, say):
            _write(place, report.level, report, scores)
            reports.append(report)
    return [*report_lines(reports), *_borrowed(data)]


def _kept_as(comparison: Comparison, name: str, folders: Sequence[Path]) -> str:
    """What a model's folder is called; the annotated calls, and those of a file, are no model's."""
    if name == GOLD or comparison.predictions is not None:
        return file_name(name)
    return kept_as(name, folders)


def _borrowed(data: ApiBankData) -> Iterator[str]:
    for file, what in data.borrowed.items():
        yield f"note: {data.folder} has no {file}: {what} are the package's own, and scores suffer"


def _scored(
    comparison: Comparison,
    examinations: Sequence[Examination],
    name: str,
    folder: Path,
    folders: Sequence[Path],
    say: Say | None,
) -> list[Scored]:
    file = comparison.predictions
    if file is not None:
        return [
            score_predictions(one, file, model=name, responses=comparison.responses)
            for one in examinations
        ]
    if name == GOLD:
        return [score_gold(one) for one in examinations]
    style = comparison.style_of(name)
    return score_model(
        examinations,
        name,
        partial(_client, name, folders),
        folder,
        style=style,
        wording="project" if style != "bracket" and name == BASELINE else comparison.prompts,
        responses=comparison.responses,
        concurrency=comparison.concurrency,
        say=say,
    )


def _interactive(
    comparison: Comparison,
    benchmarks: Sequence[Benchmark],
    places: Mapping[str, Path],
    folders: Sequence[Path],
    say: Say | None,
) -> list[str]:
    reports: list[InteractiveReport] = []
    for name, place in places.items():
        played: list[Played]
        if name == GOLD:
            played = [play_gold(one) for one in benchmarks]
        else:
            played = play_model(
                benchmarks,
                name,
                partial(_client, name, folders),
                place,
                style=comparison.style_of(name),
                concurrency=comparison.concurrency,
                say=say,
            )
        for report, scores in played:
            _write(place, report.level, report, scores)
            reports.append(report)
    return list(interactive_lines(reports))


def _client(name: str, folders: Sequence[Path]) -> ChatCompletionClient:
    return Cast({}, folders).client("assistant", name)


def _write(folder: Path, level: Level, report: BaseModel, scores: Iterable[BaseModel]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = (score.model_dump_json().encode() + b"\n" for score in scores)
    write_whole(folder / f"level-{level}.scores.jsonl", lines)
    write_whole(folder / f"level-{level}.json", [report.model_dump_json(indent=2).encode()])
