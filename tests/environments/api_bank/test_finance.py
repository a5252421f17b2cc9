"""Bank accounts, balances and stock prices."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.environments.api_bank import Session, api_bank_data, level_1
from callsheet.environments.api_bank.data import SEED

AMARA, INGRID = "k4v7q2m9x1c8z5b3n6", "t6y3u9i2o7p1a4s8d5"


@pytest.fixture(params=["reference", "strict-upstream"])
def session(request: pytest.FixtureRequest) -> Session:
    return Session(level_1(), data=api_bank_data(SEED), behaviour=request.param)


def answer(session: Session, tool: str, /, **arguments: Any) -> tuple[Any, Any]:
    envelope = session.call(tool, arguments)
    assert envelope["input"] == arguments
    return envelope["output"], envelope["exception"]


def test_an_account_is_opened_once(session: Session) -> None:
    def opened(account: Any, password: str) -> tuple[Any, Any]:
        return answer(session, "OpenBankAccount", account=account, password=password, name="A")

    assert opened("test", "p") == ("failed", None)  # upstream's own first account
    assert opened("", "") == ("success", None)
    assert opened("savings", "p") == ("success", None)
    before = session.world.digest()
    assert opened(["savings"], "q") == (None, "unhashable type: 'list'")
    assert opened("savings", "q") == ("failed", None)
    assert session.world.digest() == before
    assert session.world.query("select password from bank_accounts where account='savings'") == [
        ["p"]
    ]


def test_balances_are_those_of_the_login(session: Session) -> None:
    assert answer(session, "QueryBalance", token=AMARA) == (1520.4, None)
    assert answer(session, "QueryBalance", token="bad") == (None, "The token is incorrect.")
    missing = (None, "The user does not have an account.")
    assert answer(session, "QueryBalance", token=INGRID) == missing
    answer(session, "OpenBankAccount", account="ingrid", password="p", name="Ingrid")
    assert answer(session, "QueryBalance", token=INGRID) == missing


@pytest.mark.parametrize(
    ("code", "date", "expected"),
    [
        (" brkn ", " 2023-3-29 ", (119.6, None)),
        ("ALDR", "2023-03-30", (42, None)),
        (" ", "x", (None, "The stock code cannot be empty.")),
        ("none", "x", (None, "time data 'x' does not match format '%Y-%m-%d'")),
        ("none", "2023-03-29", (None, "The stock code does not exist.")),
        ("BRKN", "23-03-29", (None, "The stock price of this date is not maintained.")),
    ],
)
def test_prices(session: Session, code: str, date: str, expected: tuple[Any, Any]) -> None:
    assert answer(session, "QueryStock", stock_code=code, date=date) == expected
