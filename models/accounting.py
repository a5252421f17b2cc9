"""What the calls of a run cost, and where it ends.

Every answer is charged once, however many callers shared it. Budgets are checked before a call:
what is spent and what the calls under way will at least use (their prompts) must stay below them,
so that a run ends at most by those calls' answers above its budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from autogen_core.models import RequestUsage

from .errors import BudgetExceeded


@dataclass(frozen=True, slots=True)
class Prices:
    """Money per million tokens, in whatever currency the user keeps books in."""

    prompt: float = 0.0
    completion: float = 0.0

    def cost(self, usage: RequestUsage) -> float:
        return (
            usage.prompt_tokens * self.prompt + usage.completion_tokens * self.completion
        ) / 1_000_000


@dataclass(slots=True)
class Spent:
    """One model's account."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    cache_hits: int = 0
    """Answers that were charged before: from the store, or shared with another caller."""
    retries: int = 0


@dataclass(slots=True)
class Ledger:
    """The accounts of one run in one process."""

    token_budget: int | None = None
    """Prompt and completion tokens of all models together."""
    money_budget: float | None = None
    accounts: dict[str, Spent] = field(default_factory=dict)
    _promised_tokens: int = 0
    _promised_cost: float = 0.0

    def account(self, model: str) -> Spent:
        return self.accounts.setdefault(model, Spent())

    @property
    def tokens(self) -> int:
        return sum(s.prompt_tokens + s.completion_tokens for s in self.accounts.values())

    @property
    def cost(self) -> float:
        return sum(spent.cost for spent in self.accounts.values())

    @contextmanager
    def call(self, model: str, prices: Prices, prompt_tokens: int) -> Iterator[None]:
        """Hold the price of a prompt of `prompt_tokens` tokens for the length of a call.

        Raises `BudgetExceeded` before the call where there is not enough left for it.
        """
        cost = prices.cost(RequestUsage(prompt_tokens=prompt_tokens, completion_tokens=0))
        self._check(model, prompt_tokens, cost)
        self._promised_tokens += prompt_tokens
        self._promised_cost += cost
        try:
            yield
        finally:
            self._promised_tokens -= prompt_tokens
            self._promised_cost -= cost

    def charge(self, model: str, usage: RequestUsage, prices: Prices, *, retries: int = 0) -> float:
        """Enter one answer; returns what it cost."""
        cost = prices.cost(usage)
        self.enter(model, usage, cost)
        self.account(model).retries += retries
        return cost

    def enter(self, model: str, usage: RequestUsage, cost: float) -> None:
        """Enter one answer that cost so much."""
        spent = self.account(model)
        spent.calls += 1
        spent.prompt_tokens += usage.prompt_tokens
        spent.completion_tokens += usage.completion_tokens
        spent.cost += cost

    def totals(self) -> dict[str, dict[str, Any]]:
        """Every model's account as JSON values, ordered by model."""
        return {model: asdict(self.accounts[model]) for model in sorted(self.accounts)}

    def _check(self, model: str, tokens: int, cost: float) -> None:
        wanted = self.tokens + self._promised_tokens + tokens
        if self.token_budget is not None and wanted > self.token_budget:
            raise BudgetExceeded(
                f"the budget of {self.token_budget:,} tokens is used up: {self.tokens:,} are spent "
                f"and the next call of {model} needs at least {tokens:,}"
            )
        # A hair of tolerance: adding and taking back floats leaves dust.
        if self.money_budget is not None and (
            self.cost + self._promised_cost + cost > self.money_budget + 1e-9
        ):
            raise BudgetExceeded(
                f"the budget of {self.money_budget:g} is used up: {self.cost:.4f} is spent "
                f"and the next call of {model} costs at least {cost:.4f}"
            )
