"""What models spend on the plans of a batch; what playing them spends is in the run's log."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ...models.accounting import Ledger
from .folder import write_text


class PlanningSpent(BaseModel):
    """Of all sittings together; `planning.json` in the batch's folder."""

    model_config = ConfigDict(frozen=True)

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


class PlanningAccount:
    """Enters in the folder `place` what a ledger is charged from now on."""

    def __init__(self, place: Path, ledger: Ledger) -> None:
        self._path = place / "planning.json"
        self._ledger = ledger
        self._earlier = planning_spent(place)
        self._before = _charged(ledger)

    def note(self) -> None:
        """Write down what was spent until now."""
        earlier, before, now = self._earlier, self._before, _charged(self._ledger)
        prompt = earlier.prompt_tokens + now.prompt_tokens - before.prompt_tokens
        completion = earlier.completion_tokens + now.completion_tokens - before.completion_tokens
        # Adding and taking back floats leaves dust.
        cost = round(earlier.cost + now.cost - before.cost, 9)
        spent = PlanningSpent(prompt_tokens=prompt, completion_tokens=completion, cost=cost)
        write_text(self._path, spent.model_dump_json())


def planning_spent(place: Path) -> PlanningSpent:
    """What the batch's plans cost; nothing where no model planned."""
    path = place / "planning.json"
    if not path.exists():
        return PlanningSpent()
    return PlanningSpent.model_validate_json(path.read_bytes())


def _charged(ledger: Ledger) -> PlanningSpent:
    accounts = ledger.accounts.values()
    return PlanningSpent(
        prompt_tokens=sum(account.prompt_tokens for account in accounts),
        completion_tokens=sum(account.completion_tokens for account in accounts),
        cost=ledger.cost,
    )
