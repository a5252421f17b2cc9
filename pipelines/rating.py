"""Rating a file of trajectories: read one by one, rated some at a time, written in order.

Each comes out with `rater_score`, `rate_model`, `rater_explanation` and, in `other_information`,
its rule signals. None is dropped: where a rater gives no usable rating the trajectory stays
unrated, with the reason under `rating_problem`. A rating that was there before, by somebody else,
moves to `rated_before`. The output is whole or as it was.

Answers are kept beside the output (`OUT.answers.sqlite`, the models' own cache), under a digest of
model, prompt, layout and parameters, from the moment that they come: a rating that was killed is
begun anew and asks only what was never answered. An endpoint that fails altogether stops it.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from ..agents.rater import Rater, Rating, rating_sample
from ..models.errors import ContextOverflow, EndpointError, InvalidAnswer, ModelError
from ..trajectories.layout import LONGEST
from ..trajectories.reading import read_trajectories
from ..trajectories.signals import KEY as SIGNALS
from ..trajectories.signals import signals_of
from ..trajectories.trajectory import Trajectory
from ..trajectories.whole_file import write_whole

PROBLEM, BEFORE = "rating_problem", "rated_before"
"""Keys of `other_information`."""
_AHEAD = 4
"""Trajectories that are read for each that is being rated, so that a slow one holds nobody up."""
_REFUSED = {400, 413, 422}
"""Statuses with which an endpoint refuses one prompt, not all of them."""
Progress = Callable[[int], None]
"""Told how many are rated."""


class RatingReport(BaseModel):
    """What came of a rating."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    schema_version: int = 1
    rater: str
    versions: dict[str, str] = Field(default_factory=dict)
    """The digest of the rater's prompt."""
    total: int = 0
    rated: int = 0
    ratings: dict[int, int] = Field(default_factory=dict)
    """How often each rating was given."""
    problems: dict[str, int] = Field(default_factory=dict)
    """Trajectories that stayed unrated, by kind of problem."""
    signals: dict[str, int] = Field(default_factory=dict)
    """Trajectories that show each rule signal."""
    full_score: int = 0
    """Trajectories whose environment gave 1.0."""
    full_score_flawed: int = 0
    """Those among them that are not flawless by the signals."""


def answers_path(out: Path) -> Path:
    """Where the answers are kept that make up `out`."""
    return out.with_name(f"{out.name}.answers.sqlite")


def rate_file(
    source: Path,
    out: Path,
    rater: Rater,
    *,
    concurrency: int = 8,
    on_progress: Progress | None = None,
) -> RatingReport:
    """Rate the trajectories of `source` into `out`; memory does not grow with their number.

    Raises `TrajectoriesUnreadable`, a `ModelError` where the model cannot be asked at all (then
    nothing is written, and what was answered is not asked again), `ValueError` where `out` is
    `source`, and `OSError`.
    """
    if out.resolve() == source.resolve():
        raise ValueError(f"{out}: is read, and cannot be written at the same time")
    out.parent.mkdir(parents=True, exist_ok=True)
    report = RatingReport(rater=rater.name, versions=rater.versions)
    trajectories = read_trajectories(source)

    def lines(runner: asyncio.Runner) -> Iterator[bytes]:
        for rated in _rated(runner, trajectories, rater, concurrency):
            _count(report, rated)
            if on_progress is not None:
                on_progress(report.total)
            yield rated.model_dump_json(exclude_none=True).encode() + b"\n"

    with asyncio.Runner() as runner:
        try:
            write_whole(out, lines(runner))
        finally:
            runner.run(rater.close())
    report.ratings = dict(sorted(report.ratings.items()))
    report.signals = dict(Counter(report.signals).most_common())
    return report


def rater_samples(
    trajectories: Iterable[Trajectory], longest: int = LONGEST
) -> Iterator[Trajectory]:
    """Conversations from which `train.sft` trains a rater, one for each that has a rating with an
    explanation; the others are passed over."""
    for trajectory in trajectories:
        sample = rating_sample(trajectory, longest)
        if sample is not None:
            yield sample


def _rated(
    runner: asyncio.Runner, trajectories: Iterator[Trajectory], rater: Rater, concurrency: int
) -> Iterator[Trajectory]:
    """Each trajectory with its rating, in order; others are rated while the first is awaited."""
    gate = asyncio.Semaphore(concurrency)
    loop = runner.get_loop()

    async def rate(trajectory: Trajectory) -> Trajectory:
        async with gate:
            return await _with_rating(trajectory, rater)

    async def awaited(task: asyncio.Task[Trajectory]) -> Trajectory:
        return await task

    async def dropped(tasks: Iterable[asyncio.Task[Trajectory]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    open_tasks: deque[asyncio.Task[Trajectory]] = deque()
    try:
        while True:
            for trajectory in islice(trajectories, _AHEAD * concurrency - len(open_tasks)):
                open_tasks.append(loop.create_task(rate(trajectory)))
            if not open_tasks:
                return
            yield runner.run(awaited(open_tasks.popleft()))
    finally:
        runner.run(dropped(open_tasks))


async def _with_rating(trajectory: Trajectory, rater: Rater) -> Trajectory:
    information = {k: v for k, v in trajectory.other_information.items() if k != PROBLEM}
    information[SIGNALS] = signals_of(trajectory).model_dump(mode="json", exclude_none=True)
    if trajectory.rater_score is not None and trajectory.rate_model != rater.name:
        information[BEFORE] = trajectory.model_dump(
            include={"rater_score", "rate_model", "rater_explanation"}, exclude_none=True
        )
    rating: Rating | None = None
    try:
        rating = await rater.rate(trajectory)
    except ModelError as error:
        if not _of_this_one(error):
            raise
        information[PROBLEM] = {"kind": error.kind, "reason": str(error)[:500]}
    return trajectory.model_copy(
        update={
            "rater_score": None if rating is None else float(rating.rating),
            "rate_model": None if rating is None else rater.name,
            "rater_explanation": None if rating is None else rating.explanation,
            "versions": {**trajectory.versions, **rater.versions},
            "other_information": information,
        }
    )


def _of_this_one(error: ModelError) -> bool:
    """Whether the model failed on this trajectory, and may do on the next."""
    if isinstance(error, EndpointError):
        return error.status in _REFUSED
    return isinstance(error, InvalidAnswer | ContextOverflow)


def _count(report: RatingReport, rated: Trajectory) -> None:
    report.total += 1
    problem = rated.other_information.get(PROBLEM)
    if problem is not None:
        report.problems[problem["kind"]] = report.problems.get(problem["kind"], 0) + 1
    elif rated.rater_score is not None:
        report.rated += 1
        rating = round(rated.rater_score)
        report.ratings[rating] = report.ratings.get(rating, 0) + 1
    found = {name for name, count in rated.other_information[SIGNALS].items() if count}
    for name in sorted(found - {"actions", "notes"}):
        report.signals[name] = report.signals.get(name, 0) + 1
    if rated.score == 1.0:
        report.full_score += 1
        report.full_score_flawed += bool(found - {"actions", "notes"})
