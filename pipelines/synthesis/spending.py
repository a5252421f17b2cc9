"""Keeps account of what models spend on the plans of a batch; what playing them spends is in the
run's log."""

from __future__ import annotations

from pathlib import Path

from ...models.accounting import Ledger
from ...planners.planning_spent import FILE, PlanningSpent, planning_spent
from .folder import write_text


class PlanningAccount:
    """Enters in the folder `place` what a ledger is charged from now on."""

    def __init__(self, place: Path, ledger: Ledger) -> None:
        self._path = place / FILE
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


def _charged(ledger: Ledger) -> PlanningSpent:
    accounts = ledger.accounts.values()
    return PlanningSpent(
        prompt_tokens=sum(account.prompt_tokens for account in accounts),
        completion_tokens=sum(account.completion_tokens for account in accounts),
        cost=ledger.cost,
    )
