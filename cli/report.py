"""`callsheet report`: how good a set of dialogues is, as figures and as a page."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import model_folders

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..evaluation.quality import Instruments, Settings

Encoder = Annotated[
    str, typer.Option(help="For SS: wordllama, all-minilm-l6, lexical, or a model's folder.")
]
Tokenizer = Annotated[
    str, typer.Option(help="For token counts: words, wordllama, or the path of a tokenizer.json.")
]
Nli = Annotated[
    str | None,
    typer.Option(help="For EnR: folder or Hub id of an NLI cross-encoder; none: not measured."),
]
Pairs = Annotated[
    int | None, typer.Option(min=1, help="SS and EnR over at most so many pairs, drawn by seed.")
]
JudgeModel = Annotated[
    str | None, typer.Option("--judge", help="A model by name that grades a sample.")
]
JudgeSample = Annotated[int, typer.Option(min=1, help="Dialogues in that sample.")]
Seed = Annotated[int, typer.Option(help="Draws samples and intervals.")]


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...", help="A run's folder or a file of dialogues; several are one set."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Default: the folder `report` in the run.")
    ] = None,
    encoder: Encoder = "wordllama",
    tokenizer: Tokenizer = "words",
    nli: Nli = None,
    pairs: Pairs = None,
    judge: JudgeModel = None,
    judge_sample: JudgeSample = 200,
    human: Annotated[
        Path | None,
        typer.Option(help="People's dialogues: trajectories, or JSON lines of {messages: [...]}."),
    ] = None,
    pool: Annotated[
        Path | None, typer.Option(help="The pool the tools were drawn from; default: the run's.")
    ] = None,
    seed: Seed = 0,
) -> int:
    """Measure dialogues: size, coherence, diversity, coverage, grades, rejections, cost."""
    from ..evaluation.quality import Settings, default_folder, quality_report, write_report
    from ..evaluation.quality.sources import pool_file
    from ..evaluation.quality.summary import summary_lines
    from ..tools import load_pool

    settings = Settings(
        encoder=encoder, tokenizer=tokenizer, nli=nli, pairs=pairs, judge=judge,
        judge_sample=judge_sample, seed=seed,
    )  # fmt: skip
    folder = out or default_folder(runs[0])
    pool = pool or pool_file(runs)
    tools = load_pool(pool) if pool is not None else None
    with closing(prepared(settings)) as using:
        made = quality_report(runs, using, folder, human=human, pool=tools, say=saying())
    record, page = write_report(made, folder)
    for line in summary_lines(made):
        typer.echo(line)
    typer.echo(f"report: {record}")
    typer.echo(f"page:   {page}")
    return 0


def prepared(settings: Settings) -> Instruments:
    """The models that the settings name. Raises `ModelUnavailable`."""
    from ..evaluation.quality.judge import configured_judge
    from ..evaluation.quality.measure import instruments

    judge = configured_judge(settings.judge, model_folders()) if settings.judge else None
    return instruments(settings, judge)


def saying() -> Callable[[str, int, int], None]:
    """Progress for people, on standard error."""
    from ..watch import StageView

    view = StageView()
    return lambda stage, done, total: view(stage, done, total, "")
