"""Sorting trajectories into those to keep and those with defects, in constant memory.

Both files are whole or as they were: they are written beside their places and moved there once
everything has been read. A rejected trajectory is kept as it is, with its defects under `defects`
in `other_information`, so that the file reads like any other file of trajectories and can be
sorted again, with another configuration; what an earlier sorting noted there is taken off first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from ..reading import read_trajectories
from ..trajectory import Trajectory
from ..whole_file import WholeFile
from .config import FilterConfig
from .defect import Defect
from .find import find_defects

KEY = "defects"
"""Where a rejected trajectory's `other_information` has its defects."""

Judge = Callable[[Trajectory], Sequence[Defect]]
Reviewed = Callable[[Trajectory], tuple[Trajectory, Sequence[Defect]]]
"""What people say of a trajectory: the form in which they accept it, and why they do not."""


class FilterReport(BaseModel):
    """What came of a sorting."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    schema_version: int = 1
    accepted: int = 0
    rejected: int = 0
    by_reason: dict[str, int] = Field(default_factory=dict)
    """Rejected dialogues that show each reason, most frequent first; one dialogue may show many."""
    by_blame: dict[str, int] = Field(default_factory=dict)
    """Rejected dialogues in which each party is at fault; there may be several."""

    @property
    def total(self) -> int:
        return self.accepted + self.rejected


def sort_trajectories(
    trajectories: Iterable[Trajectory] | Sequence[Path],
    accepted_path: Path,
    rejected_path: Path,
    config: FilterConfig | None = None,
    *,
    judge: Judge | None = None,
    reviewed: Reviewed | None = None,
) -> FilterReport:
    """Write every trajectory to one of the two files, in order; `trajectories` may be the paths of
    JSONL files. `judge` is asked about those in which no rule found a defect; `reviewed` decides
    instead of the rules, which people have seen through.

    Raises `TrajectoriesUnreadable` for a damaged line and `OSError`, then nothing is written; and
    `ValueError` where a file would be read and written at once.
    """
    paths = (
        [path for path in trajectories if isinstance(path, Path)] if _is_list(trajectories) else []
    )
    _refuse_overwriting(paths, accepted_path, rejected_path)
    counts = _Counts()
    for path in (accepted_path, rejected_path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as files:
        accepted = files.enter_context(WholeFile(accepted_path))
        rejected = files.enter_context(WholeFile(rejected_path))
        for trajectory in _all(trajectories):
            trajectory = without_defects(trajectory)
            found: Sequence[Defect]
            if reviewed is not None:
                trajectory, found = reviewed(trajectory)
            else:
                found = find_defects(trajectory, config)
            if not found and judge is not None:
                found = judge(trajectory)
            counts.add(found)
            kept = with_defects(trajectory, found) if found else trajectory
            line = kept.model_dump_json(exclude_none=True).encode() + b"\n"
            (rejected if found else accepted).write(line)
        accepted.finish()
        rejected.finish()
    return counts.report()


def with_defects(trajectory: Trajectory, found: Sequence[Defect]) -> Trajectory:
    """The trajectory with its defects noted."""
    noted = [one.model_dump(mode="json", exclude_none=True) for one in found]
    information = {**trajectory.other_information, KEY: noted}
    return trajectory.model_copy(update={"other_information": information})


def without_defects(trajectory: Trajectory) -> Trajectory:
    """The trajectory without what an earlier sorting noted."""
    if KEY not in trajectory.other_information:
        return trajectory
    information = {k: v for k, v in trajectory.other_information.items() if k != KEY}
    return trajectory.model_copy(update={"other_information": information})


def defects_of(trajectory: Trajectory) -> list[Defect]:
    """The defects noted with a rejected trajectory. Raises `ValidationError` for other notes."""
    noted = trajectory.other_information.get(KEY, [])
    return [Defect.model_validate(one) for one in noted]


class _Counts:
    def __init__(self) -> None:
        self._accepted = self._rejected = 0
        self._reasons: dict[str, int] = {}
        self._blames: dict[str, int] = {}

    def add(self, found: Sequence[Defect]) -> None:
        self._accepted += not found
        self._rejected += bool(found)
        for reason in dict.fromkeys(one.reason for one in found):
            self._reasons[reason] = self._reasons.get(reason, 0) + 1
        for blame in dict.fromkeys(str(one.blame) for one in found):
            self._blames[blame] = self._blames.get(blame, 0) + 1

    def report(self) -> FilterReport:
        return FilterReport(
            accepted=self._accepted,
            rejected=self._rejected,
            by_reason=_sorted(self._reasons),
            by_blame=_sorted(self._blames),
        )


def _all(trajectories: Iterable[Trajectory] | Sequence[Path]) -> Iterator[Trajectory]:
    for one in trajectories:
        if isinstance(one, Path):
            yield from read_trajectories(one)
        else:
            yield one


def _is_list(trajectories: object) -> bool:
    return isinstance(trajectories, list | tuple)


def _refuse_overwriting(paths: Sequence[Path], accepted: Path, rejected: Path) -> None:
    if accepted.resolve() == rejected.resolve():
        raise ValueError(f"{accepted}: the accepted and the rejected need a file each")
    for path in paths:
        if path.resolve() in (accepted.resolve(), rejected.resolve()):
            raise ValueError(f"{path}: is read, and cannot be written at the same time")


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
