"""A quality report: every figure over a data set of dialogues, as `report.json` stores it.

The same input and settings give the same bytes: no times, no paths but those that were given.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .coherence import Coherence
from .coverage import Coverage
from .diversity import Diversity
from .endings import Endings
from .judge import SAMPLE, Judgement
from .rejected import Rejections
from .size import Size
from .spending import Spending
from .tokens import WORDS
from .words import RULE


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Settings(_Record):
    """How to measure; with the dialogues, all that decides the figures."""

    encoder: str = "wordllama"
    """For SS: a name of `models.embedding`, or the folder of a sentence-transformers model."""
    tokenizer: str = WORDS
    """For token counts: `words`, `wordllama`, or the path of a tokenizer.json."""
    nli: str | None = None
    """For EnR: folder or Hub id of an NLI cross-encoder; None: EnR is not measured."""
    pairs: int | None = Field(default=None, ge=1)
    """SS and EnR over at most so many pairs, drawn by seed; None: over all."""
    judge: str | None = None
    """Name of the model that grades, or None."""
    judge_sample: int = Field(default=SAMPLE, ge=1)
    seed: int = 0
    words: str = RULE
    """What H and D-3 count as a word."""


class Turn(_Record):
    """A message of an example, shortened."""

    role: str
    text: str
    calls: list[tuple[str, str]] = Field(default_factory=list)
    """Name and arguments."""


class Example(_Record):
    """One dialogue, drawn by seed."""

    id: str
    scenario: str
    turns: list[Turn]
    left_out: int
    """Further messages of the dialogue."""


class Figures(_Record):
    """What is measured on any set of dialogues, people's too."""

    name: str
    sources: list[str]
    digest: str
    """Hex BLAKE2b-128 over the files' content."""
    size: Size
    coherence: Coherence
    diversity: Diversity
    judgement: Judgement | None = None
    examples: list[Example] = Field(default_factory=list)


class QualityReport(_Record):
    """The content of report.json."""

    schema_version: Literal[1] = 1
    settings: Settings
    figures: Figures
    coverage: Coverage
    endings: Endings
    spending: Spending
    rejections: Rejections | None = None
    """None where no file of rejected dialogues lies beside the sources."""
    human: Figures | None = None
    """A set of people's dialogues, through the same metrics and the same rubric."""
