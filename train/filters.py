"""Which trajectories are good enough to train on.

A filter names its field and that field's scale, because a trajectory has three scores: `score`
(0 to 1, the environment's own), `rater_score` (0 to 5, a model's) and `review_score` (0 to 5,
people's mean, written by `callsheet filter --reviewed`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from ..trajectories.trajectory import Trajectory

SCALES: dict[str, tuple[float, float]] = {
    "score": (0.0, 1.0),
    "rater_score": (0.0, 5.0),
    "review_score": (0.0, 5.0),
}


class ScoreFilter(BaseModel):
    """Accepts trajectories that ended as completed with `field` of at least `at_least`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    field: Literal["score", "rater_score", "review_score"] = "score"
    at_least: float = 1.0
    """On the field's own scale: 0 to 1 for `score`, 0 to 5 for the others."""

    @model_validator(mode="after")
    def _on_its_scale(self) -> ScoreFilter:
        low, high = SCALES[self.field]
        if not low <= self.at_least <= high:
            raise ValueError(f"{self.field} runs from {low:g} to {high:g}, not to {self.at_least}")
        return self

    def refusal(self, trajectory: Trajectory) -> str | None:
        """Why the trajectory is not accepted, or None where it is."""
        return self.reason(trajectory.outcome.status, getattr(trajectory, self.field))

    def reason(self, status: str, value: float | None) -> str | None:
        """Why one that ended as `status`, with `value` in the field, is not accepted, or None."""
        if status != "completed":
            return f"ended as {status}"
        if value is None:
            return f"no {self.field}"
        if value < self.at_least:
            return f"{self.field} below {self.at_least:g} (of {SCALES[self.field][1]:g})"
        return None


def accepted(
    trajectories: Iterable[Trajectory], keep: ScoreFilter | None
) -> tuple[list[Trajectory], dict[str, int]]:
    """The accepted trajectories, and how many were refused for each reason. None accepts all."""
    good: list[Trajectory] = []
    refused: dict[str, int] = {}
    for trajectory in trajectories:
        reason = keep.refusal(trajectory) if keep else None
        if reason is None:
            good.append(trajectory)
        else:
            refused[reason] = refused.get(reason, 0) + 1
    return good, refused
