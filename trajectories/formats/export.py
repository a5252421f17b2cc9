"""A run's trajectories as a data set that others train on: one file of records, and its card.

What is left out is counted by reason: dialogues that did not end, that a filter found defects in,
or that fall short of a bound the user sets. What the format cannot hold is kept beside, with the
reason. The folder is what `datasets.load_dataset` and the Hugging Face hub read.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from ..filters.sorting import KEY as DEFECTS
from ..reading import read_trajectories
from ..trajectory import Trajectory
from ..whole_file import WholeFile
from .conversion import beside
from .convert import writable, written
from .format import Format, Losses, Refused
from .record_file import RecordFile

_BOUND = re.compile(r"(score|rater_score|review_score)(>=|<=|==|>|<)(-?\d+(?:\.\d+)?)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, "==": operator.eq, ">": operator.gt, "<": operator.lt,
}  # fmt: skip


@dataclass(slots=True)
class Export:
    """What came of an export."""

    source: Path
    data: Path
    format: Format
    written: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """Trajectories that are not wanted, by reason."""
    refused: Counter[str] = field(default_factory=Counter)
    """Trajectories that the format cannot hold, by reason."""
    lost: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    """Messages by role."""
    calls: Counter[str] = field(default_factory=Counter)
    """Calls by tool."""
    tools: Counter[str] = field(default_factory=Counter)
    """Trajectories in which each tool is at hand."""
    scenarios: Counter[str] = field(default_factory=Counter)
    environments: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)

    def add(self, trajectory: Trajectory) -> None:
        """Count one that was written."""
        self.written += 1
        self.scenarios[trajectory.scenario] += 1
        self.environments[trajectory.environment] += 1
        self.models[trajectory.model_name or "(not said)"] += 1
        self.versions.update(f"{name} {value}" for name, value in trajectory.versions.items())
        self.tools.update(spec.name for spec in trajectory.tools)
        for message in trajectory.path():
            self.messages[message.role] += 1
            self.calls.update(call.function.name for call in message.tool_calls or ())


class Bound:
    """A bound such as `score>=0.8` (0–1) or `rater_score>=4` (0–5; `review_score`
    likewise); what has no value is out."""

    def __init__(self, text: str) -> None:
        """Raises `ValueError` where `text` is no bound."""
        found = _BOUND.fullmatch(text.replace(" ", ""))
        if found is None:
            raise ValueError(f"{text!r} is no bound; write score>=0.8, or rater_score>=4")
        self._field, self._sign, self._limit = found.group(1), found.group(2), float(found.group(3))
        self.text = found.group(0)

    def holds(self, trajectory: Trajectory) -> bool:
        """Whether the trajectory is within it."""
        value = getattr(trajectory, self._field)
        return value is not None and _COMPARE[self._sign](value, self._limit)


def export(source: Path, folder: Path, to: str, bounds: Sequence[Bound] = ()) -> Export:
    """Write the trajectories in the file `source` to `folder`, in the format `to`.

    Raises `ValueError` for a format that cannot be written, `TrajectoriesUnreadable` and `OSError`.
    """
    from .card import card

    format = writable(to)
    data = folder / f"train{format.suffix}"
    result = Export(source, data, format)
    with ExitStack() as stack:
        _write(read_trajectories(source), result, bounds, stack)
        readme = stack.enter_context(WholeFile(folder / "README.md"))
        readme.write(card(result).encode())
        readme.finish()
    return result


def _write(
    trajectories: Iterable[Trajectory], result: Export, bounds: Sequence[Bound], stack: ExitStack
) -> None:
    file = RecordFile(result.data, stack)
    refused = RecordFile(beside(result.data, "refused.jsonl"), stack)
    for trajectory in trajectories:
        reason = _unwanted(trajectory, bounds)
        if reason:
            result.left_out[reason] += 1
            continue
        losses = Losses()
        try:
            record = written(result.format, trajectory, losses)
        except Refused as problem:
            result.refused[str(problem)] += 1
            kept = {"id": trajectory.id, "reason": str(problem)}
            refused.write(orjson.dumps(kept))
            continue
        file.write(record)
        result.lost += losses.kinds
        result.add(trajectory)
    file.finish()
    refused.finish()


def _unwanted(trajectory: Trajectory, bounds: Iterable[Bound]) -> str:
    """Why it is left out; empty where it is not."""
    if trajectory.outcome.status != "completed":
        return f"ended as {trajectory.outcome.status}"
    if trajectory.other_information.get(DEFECTS):
        return "a filter found defects"
    return next((f"not {b.text}" for b in bounds if not b.holds(trajectory)), "")
