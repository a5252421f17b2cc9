"""Which rules a filter applies, and its thresholds."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from .defect import REASONS


class ReviewConditions(BaseModel):
    """When people's reviews accept a dialogue."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    accepted_by: Literal["majority", "all"] = "majority"
    """Of those who reviewed it: more than half, or nobody rejected it. Whoever edited it accepts it
    in the edited form."""
    reviewers: int = Field(default=1, ge=1)
    """People who have reviewed it, at least."""
    accepts: int = Field(default=1, ge=1)
    """Those among them who accept it, at least."""
    mean: float | None = Field(default=None, ge=0.0, le=5.0)
    """Mean overall rating (0 to 5), at least; None: ratings do not matter. Not asked of what was
    edited, since ratings are of the original."""


class FilterConfig(BaseModel):
    """What counts as a defect. Everything does by default."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    schema_version: Literal[1] = 1
    off: tuple[str, ...] = ()
    """Reason codes, or names of families of rules, that are not looked for."""
    branches: Literal["all", "last"] = "all"
    """Of a tree: whether the path to every leaf must be good, or only that to the last."""
    near_same: float = Field(default=0.9, gt=0.0, le=1.0)
    """From this overlap of their words on (Jaccard index), two turns are the same turn."""
    same_calls: int = Field(default=2, ge=2)
    """Calls within one round that are equal in name, arguments and result, from which on they are
    a loop."""
    same_failed_calls: int = Field(default=3, ge=2)
    """The same where the result is an error: trying once more is what a good assistant does."""
    message_views: int = Field(default=200_000, ge=1)
    """Messages looked at, summed over the branches; a trajectory beyond is `too_large`."""
    review: ReviewConditions = ReviewConditions()
    """What people must say, where reviews decide (`callsheet filter --reviewed`)."""

    @field_validator("off")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        families = {reason.family for reason in REASONS.values()}
        for name in names:
            if name not in REASONS and name not in families:
                raise ValueError(
                    f"no reason or rule named {name!r}; there are {', '.join(sorted(families))}"
                )
        return names

    def looks_for(self, reason: str) -> bool:
        """Whether `reason` (a code of `REASONS`) counts."""
        return reason not in self.off and REASONS[reason].family not in self.off
