"""Bank accounts, balances and stock prices.

Opening an account touches a table of its own, so that a new account has no balance: balances are
those of the login's users. Prices are a constant table.
"""

from __future__ import annotations

from ..declaration import LEVEL_1, TOKEN, Param, Refusal
from ..desk import DATE, Desk, keyed, loose_time
from .answers import NUMBER


@LEVEL_1.api(
    "Open a bank account.",
    {
        "account": Param("str", "Number or name of the new account."),
        "password": Param("str", "Its password."),
        "name": Param("str", "Who holds it."),
    },
    {"status": Param("str", "success or failed")},
    returns={"enum": ["success", "failed"]},
)
def OpenBankAccount(desk: Desk, account: str, password: str, name: str) -> str:
    sql = "insert into bank_accounts values (?, ?, ?) on conflict do nothing"
    added = desk.change(sql, keyed(account), password, name)
    return "success" if added else "failed"


@LEVEL_1.api(
    "Get the balance of the user's account.",
    {"token": TOKEN},
    {"balance": Param("float", "The balance.")},
    returns=NUMBER,
)
def QueryBalance(desk: Desk, token: str) -> float:
    user = desk.user(token, "The token is incorrect.")
    found = desk.row("select balance from balances where username = ?", user)
    if found is None:
        raise Refusal("The user does not have an account.")
    balance: float = found["balance"]
    return balance


@LEVEL_1.api(
    "Look up the price of a stock on a day.",
    {
        "stock_code": Param("str", "Code of the stock, in capitals or not."),
        "date": Param("str", f"Day of the price. Format: {DATE}"),
    },
    {"stock_price": Param("float", "The price.")},
    returns=NUMBER,
)
def QueryStock(desk: Desk, stock_code: str, date: str) -> float:
    code = stock_code.upper().strip()
    if not code:
        raise Refusal("The stock code cannot be empty.")
    day = loose_time(date)
    prices = desk.data.file("Stock").get(code)
    if prices is None:
        raise Refusal("The stock code does not exist.")
    if day not in prices:
        raise Refusal("The stock price of this date is not maintained.")
    price: float = prices[day]
    return price
