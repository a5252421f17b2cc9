"""One scored sample, as it is kept and told."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from .annotations import GoldCall
from .checkers import Part
from .predictions import Prediction
from .scoring import Verdict
from .taxonomy import ErrorKind


class CallScore(BaseModel):
    """What became of one predicted call."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    file: str
    """The dialogue's file, or the number of the record."""
    id: int
    tool: str
    """The annotated call's."""
    said: str
    correct: bool
    kind: ErrorKind | None = None
    differs: tuple[Part, ...] = ()
    detail: str = ""

    def __str__(self) -> str:
        parts = f" ({', '.join(self.differs)})" if self.differs else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.file} {self.id} {self.tool}: {self.kind or 'correct'}{parts}{detail}"


def scored(gold: GoldCall, prediction: Prediction, verdict: Verdict) -> CallScore:
    return CallScore(
        file=gold.source,
        id=gold.number,
        tool=gold.name,
        said=prediction.said,
        correct=verdict.correct,
        kind=verdict.kind,
        differs=verdict.differs,
        detail=verdict.detail[:500],
    )
