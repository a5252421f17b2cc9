"""Accounts and budgets."""

from __future__ import annotations

import pytest
from autogen_core.models import RequestUsage
from hypothesis import given
from hypothesis import strategies as st

from callsheet.models.accounting import Ledger, Prices
from callsheet.models.errors import BudgetExceeded

PRICES = Prices(prompt=2.0, completion=8.0)


def usage(prompt: int, completion: int) -> RequestUsage:
    return RequestUsage(prompt_tokens=prompt, completion_tokens=completion)


def test_costs_by_model() -> None:
    ledger = Ledger()
    assert ledger.charge("b", usage(1_000_000, 500_000), PRICES) == 6.0
    ledger.charge("b", usage(10, 0), PRICES, retries=2)
    ledger.charge("a", usage(1, 2), Prices())
    assert list(ledger.totals()) == ["a", "b"]
    assert ledger.totals()["b"] == {
        "calls": 2,
        "prompt_tokens": 1_000_010,
        "completion_tokens": 500_000,
        "cost": pytest.approx(6.00002),
        "cache_hits": 0,
        "retries": 2,
    }
    assert ledger.tokens == 1_500_013


def test_the_budget_of_tokens_ends_the_run_before_a_call() -> None:
    ledger = Ledger(token_budget=100)
    with ledger.call("m", PRICES, 40):
        pass
    ledger.charge("m", usage(40, 30), PRICES)
    refused = pytest.raises(BudgetExceeded, match=r"100 tokens is used up: 70 are .* m .* 31")
    with refused, ledger.call("m", PRICES, 31):
        raise AssertionError("the call is not made")
    with ledger.call("m", PRICES, 30):
        pass


def test_calls_under_way_count() -> None:
    ledger = Ledger(token_budget=100)
    under_way, refused = ledger.call("m", PRICES, 60), pytest.raises(BudgetExceeded)
    with under_way, refused, ledger.call("m", PRICES, 60):
        raise AssertionError("the call is not made")
    with ledger.call("m", PRICES, 60):
        pass


def test_the_budget_of_money() -> None:
    ledger = Ledger(money_budget=1.0)
    ledger.charge("m", usage(0, 120_000), PRICES)
    refused = pytest.raises(BudgetExceeded, match=r"budget of 1 is used up: 0\.9600 is spent")
    with refused, ledger.call("m", PRICES, 30_000):
        raise AssertionError("the call is not made")
    with ledger.call("m", Prices(), 30_000):
        pass


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=40))
def test_spending_exceeds_a_budget_by_one_answer_at_most(calls: list[tuple[int, int]]) -> None:
    ledger = Ledger(token_budget=200)
    for prompt, completion in calls:
        try:
            with ledger.call("m", PRICES, prompt):
                ledger.charge("m", usage(prompt, completion), PRICES)
        except BudgetExceeded:
            continue
    assert ledger.tokens <= 200 + 50
    assert ledger._promised_tokens == 0
