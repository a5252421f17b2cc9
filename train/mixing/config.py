"""What a mixture is told: its sources, how they are filtered, split, shuffled and drawn from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..filters import ScoreFilter


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class SourceConfig(_Part):
    """One set of trajectories in a mixture."""

    name: str = Field(min_length=1)
    path: Path
    """A file of trajectories, a run's folder or a folder of such files, which `callsheet convert`
    makes of other formats. In a config file, relative to that file's folder."""
    accept: ScoreFilter | None = None
    """What is good enough, by a named field on its scale. None takes all: for sources that have
    neither score."""
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """How often this source is drawn from, relative to the other sources' weights."""


class MixtureConfig(_Part):
    """Sources and how they are mixed (AgentOhana, section 2.4.2)."""

    sources: list[SourceConfig] = Field(min_length=1)
    """Their names differ."""
    buffer: int = Field(default=1000, ge=1)
    """Trajectories of a source among which the next one is drawn."""
    evaluation: float = Field(default=0.05, ge=0, lt=1)
    """Share of all user queries that is held out for evaluation, before anything is mixed."""
    stop: Literal["first", "all"] = "all"
    """first: when the first source is used up, so that nothing repeats. all: when every source was
    seen whole; the others go round again, shuffled anew (oversampling)."""
    draws: int | None = Field(default=None, ge=1)
    """Stop after as many trajectories, over all devices, instead of by `stop`."""

    @field_validator("sources")
    @classmethod
    def _names_differ(cls, sources: list[SourceConfig]) -> list[SourceConfig]:
        names = [source.name for source in sources]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sources are named {name!r}; each needs a name of its own")
        return sources

    def under(self, folder: Path) -> MixtureConfig:
        """The same with relative paths taken from `folder`, the one of the config file."""
        sources = [s.model_copy(update={"path": folder / s.path}) for s in self.sources]
        return self.model_copy(update={"sources": sources})
