"""What models spent on the plans of a batch of a synthesis: a file in the batch's folder, as no run
and no log has it."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

FILE = "planning.json"


class PlanningSpent(BaseModel):
    """Of all sittings together."""

    model_config = ConfigDict(frozen=True)

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


def planning_spent(place: Path) -> PlanningSpent:
    """What the plans of the batch in `place` cost; nothing where no model planned. Raises
    `ValueError` for a file of another shape."""
    path = place / FILE
    if not path.is_file():
        return PlanningSpent()
    return PlanningSpent.model_validate_json(path.read_bytes())
