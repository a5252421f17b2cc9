"""`callsheet pairs`: preference pairs from the scores of several models' answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def pairs(
    trajectories: Annotated[
        list[Path], typer.Argument(help="Files of trajectories, or folders of runs.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File of trajectories to write.")],
    field: Annotated[
        str, typer.Option(help="What is compared: score (0-1), rater_score or review_score (0-5).")
    ] = "rater_score",
    margin: Annotated[float, typer.Option(help="Least difference, on the field's scale.")] = 1.0,
    per_query: Annotated[int, typer.Option(help="Pairs of one query at most.")] = 4,
    same_model: Annotated[
        bool, typer.Option("--same-model", help="Compare answers of one model too.")
    ] = False,
) -> int:
    """Pair trajectories of one query whose scores differ by a margin, for `train --method dpo`."""
    from itertools import chain

    from pydantic import ValidationError

    from ..simulation.run_directory import RunDirectory
    from ..train.pairs import PairConfig, PairReport, score_pairs
    from ..trajectories.reading import read_trajectories
    from ..trajectories.whole_file import write_whole

    try:
        config = PairConfig.model_validate(
            {"field": field, "margin": margin, "per_query": per_query, "same_model": same_model}
        )
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise typer.BadParameter(f"{reason} (--field, --margin, --per-query)") from None
    files = [RunDirectory(one).trajectories if one.is_dir() else one for one in trajectories]
    report = PairReport()
    found = score_pairs(chain.from_iterable(map(read_trajectories, files)), config, report)
    write_whole(out, (one.model_dump_json().encode() + b"\n" for one in found))
    typer.echo(report.line())
    typer.echo(f"pairs: {out}")
    return 0 if report.pairs else 1
