"""What an evaluation found: one line for each item, and the figures over them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from ..trajectories.whole_file import write_whole
from .kept_lines import kept_lines


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class CallResult(_Record):
    """One item's outcome."""

    id: str
    scenario: str
    prompt_digest: str
    """Over the messages and tools; equal for every model that was asked this."""
    expected: dict[str, Any]
    """name and arguments of the next expected call."""
    got: dict[str, Any] | None
    """name and arguments of the model's first call; None where it made none."""
    said: str | None = None
    """What the model said instead of calling."""
    constraint: str | None = None
    """How the answer was constrained; None in files from before this was kept."""
    correct: bool
    """A right call by its executed result and the state after it."""
    name_correct: bool
    arguments_correct: bool
    """Right name, and the arguments mean the same as the expected ones."""
    reason: str
    """Why it is not correct; "correct" where it is."""
    seconds: float = 0.0


class EvaluationReport(_Record):
    """One model over all items. Shares run from 0 to 1."""

    schema_version: int = 1
    model: str
    calls: int
    scenarios: int
    call_accuracy: float
    name_accuracy: float
    argument_accuracy: float
    reasons: dict[str, int] = Field(default_factory=dict)
    """How often each kind of failure occurred."""
    constraint: str
    """How the answer was constrained, equal for all models of a comparison."""
    items_digest: str
    """Over the prompts of all items."""
    seconds: float
    """Sum over the items."""
    other: dict[str, Any] = Field(default_factory=dict)


def report_of(
    model: str, results: Sequence[CallResult], constraint: str, items_digest: str
) -> EvaluationReport:
    """The figures. Raises `ValueError` without a result."""
    if not results:
        raise ValueError("there is no result to report")
    reasons: dict[str, int] = {}
    for result in results:
        if not result.correct:
            kind = result.reason.partition(":")[0]
            reasons[kind] = reasons.get(kind, 0) + 1
    count = len(results)
    return EvaluationReport(
        model=model,
        calls=count,
        scenarios=len({result.scenario for result in results}),
        call_accuracy=sum(result.correct for result in results) / count,
        name_accuracy=sum(result.name_correct for result in results) / count,
        argument_accuracy=sum(result.arguments_correct for result in results) / count,
        reasons=dict(sorted(reasons.items())),
        constraint=constraint,
        items_digest=items_digest,
        seconds=round(sum(result.seconds for result in results), 3),
    )


def read_results(path: Path) -> list[CallResult]:
    """The results of a JSONL file, without a torn last line; none where there is no file.

    Raises `ValueError` for a line that is none, and names it.
    """
    return kept_lines(path, CallResult, "result")


def write_results(path: Path, results: Sequence[CallResult]) -> None:
    """Write the file anew, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, map(_line, results))


def append_result(path: Path, result: CallResult) -> None:
    with path.open("ab") as file:
        file.write(_line(result))


def _line(result: CallResult) -> bytes:
    return orjson.dumps(result.model_dump(mode="json")) + b"\n"
