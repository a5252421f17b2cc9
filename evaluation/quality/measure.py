"""One pass over dialogues: every meter takes each dialogue, and then says what it found.

Memory is constant but for the vocabulary and the 3-grams (`diversity`), the names of tools, two
numbers a dialogue and metric for intervals, and the sample that is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...models.embedding import NAMES, encoder
from ...models.errors import ModelUnavailable
from ...tools import ToolSpec
from .coherence import CoherenceMeter
from .coverage import CoverageMeter
from .diversity import DiversityMeter
from .endings import EndingsMeter
from .entailment import Entailment
from .examples import EXAMPLES, example_of
from .intervals import Clusters
from .judge import Candidate, Judge, Judgement
from .rejected import rejected_files, rejections
from .report import Figures, QualityReport, Settings
from .rounds import Dialogue
from .sampling import Sample
from .size import SizeMeter
from .sources import content_digest, read_dialogues
from .spending import SpendingMeter
from .tokens import token_counter
from .transcript import transcript

Say = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and of how much (0: nobody knows)."""
_SAID_EVERY = 100
GRADES_FILE = "judge.jsonl"


@dataclass(slots=True)
class Measured:
    """Figures, with the values by dialogue that comparisons need."""

    figures: Figures
    similarities: Clusters
    entailments: Clusters
    grades: dict[str, Clusters] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instruments:
    """The models that settings name, made once and used for every data set."""

    settings: Settings
    nli: Entailment | None
    judge: Judge | None = None

    def close(self) -> None:
        """Close the judge's connections, where there is a judge."""
        if self.judge is not None:
            self.judge.close()


def instruments(settings: Settings, judge: Judge | None = None) -> Instruments:
    """Raises `ModelUnavailable` and `ValueError` for an encoder, a tokenizer or an NLI model that
    is not there, before anything is read."""
    try:
        encoder(settings.encoder)
    except ModelUnavailable as error:
        raise ModelUnavailable(
            f"{error}; or choose another by --encoder ({', '.join(NAMES)}; lexical needs nothing)"
        ) from None
    token_counter(settings.tokenizer)
    nli = Entailment(settings.nli) if settings.nli is not None else None
    if nli is not None:
        _ = nli.label  # loads it: a model without the label is refused now, not after an hour
    return Instruments(settings, nli, judge)


def quality_report(
    sources: Sequence[Path],
    using: Instruments,
    folder: Path,
    *,
    human: Path | None = None,
    pool: Sequence[ToolSpec] | None = None,
    say: Say | None = None,
) -> QualityReport:
    """Every figure over the dialogues of `sources`; the judge's answers are kept in `folder`.

    Raises `TrajectoriesUnreadable`, `LogDamaged`, and a `ModelError` of encoder, NLI or judge.
    """
    coverage, endings, spending = CoverageMeter(), EndingsMeter(), SpendingMeter()

    def also(dialogue: Dialogue) -> None:
        coverage.add(dialogue)
        endings.add(dialogue.trajectory)
        spending.add(dialogue.trajectory)

    figures = measure(sources, using, folder, also=also, say=say).figures
    return QualityReport(
        settings=using.settings,
        figures=figures,
        coverage=coverage.result(pool),
        endings=endings.result(),
        spending=spending.result(sources),
        rejections=rejections(rejected_files(sources)),
        human=(
            measure([human], using, folder, name="human", say=say).figures
            if human is not None
            else None
        ),
    )


def measure(
    sources: Sequence[Path],
    using: Instruments,
    folder: Path,
    *,
    name: str = "",
    also: Callable[[Dialogue], None] | None = None,
    say: Say | None = None,
) -> Measured:
    """The figures of any set of dialogues; `also` is given each. Raises as `quality_report`."""
    settings = using.settings
    size = SizeMeter(token_counter(settings.tokenizer))
    diversity = DiversityMeter()
    coherence = CoherenceMeter(encoder(settings.encoder), using.nli, settings.pairs, settings.seed)
    judged: Sample[Dialogue] = Sample(settings.judge_sample if using.judge else 0, settings.seed)
    shown: Sample[Dialogue] = Sample(EXAMPLES, settings.seed)
    label = name or ", ".join(_label(source) for source in sources)
    for dialogue in _said(read_dialogues(sources), f"reading {label}", say):
        size.add(dialogue)
        diversity.add(dialogue.speech())
        coherence.add(dialogue.pairs(), dialogue.trajectory.scenario)
        judged.add(dialogue)
        shown.add(dialogue)
        if also is not None:
            also(dialogue)
    judgement, grades = _judged(using, judged.items(), folder, label, say)
    figures = Figures(
        name=label,
        sources=[str(source) for source in sources],
        digest=content_digest(sources),
        size=size.result(),
        coherence=coherence.result(),
        diversity=diversity.result(settings.seed),
        judgement=judgement,
        examples=[example_of(dialogue) for dialogue in shown.items()],
    )
    return Measured(figures, coherence.similarities, coherence.entailments, grades)


def _judged(
    using: Instruments, dialogues: Sequence[Dialogue], folder: Path, label: str, say: Say | None
) -> tuple[Judgement | None, dict[str, Clusters]]:
    if using.judge is None or not dialogues:
        return None, {}

    def told(done: int, total: int) -> None:
        if say is not None:
            say(f"judging {label}", done, total)

    return using.judge.grade(
        [Candidate(d.trajectory.id, d.trajectory.scenario, transcript(d)) for d in dialogues],
        folder / GRADES_FILE,
        seed=using.settings.seed,
        on_progress=told,
    )


def _said(dialogues: Iterable[Dialogue], stage: str, say: Say | None) -> Iterable[Dialogue]:
    for number, dialogue in enumerate(dialogues, start=1):
        yield dialogue
        if say is not None and number % _SAID_EVERY == 0:
            say(stage, number, 0)


def _label(source: Path) -> str:
    """A short name: the folder of a run, else the file."""
    resolved = source.resolve()
    return resolved.name if resolved.is_dir() else resolved.stem
