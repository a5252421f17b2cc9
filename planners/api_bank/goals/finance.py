"""Finance: balances, bank accounts, stock prices."""

from __future__ import annotations

from .draw import Draw
from .task import Caller, Facts, task


@task(
    "balance", "finance", "QueryBalance",
    does=(
        "check my balance", "check the balance of my account {username}",
        "look up how much money I have", "tell me the balance of {username}, password {password}",
        "query my bank balance", "find out what is left in my account",
    ),
    says=(
        "How much is in my account?", "What's my balance? I am {username}, password {password}.",
        "Can I still afford a holiday? Look at my balance.",
        "I want to know my balance. User {username}.", "Do I have any money left?",
        "My account {username}: what's on it?",
    ),
)  # fmt: skip
def balance(draw: Draw) -> Facts:
    known = draw.data.file("Bank")
    if draw.account.username not in known:
        amount = draw.chance.randint(1_000, 900_000) / 100
        draw.row(
            "balances",
            username=draw.account.username,
            balance=amount,
            age=draw.chance.randint(18, 80),
            city="Basel",
        )

    def solve(call: Caller) -> None:
        call("QueryBalance")

    return Facts(solve=solve)


@task(
    "open-account", "finance", "OpenBankAccount",
    does=(
        "open a bank account {account} for {name} with the password {password}",
        "open an account at the bank, holder {name}, account {account}, password {password}",
        "create the bank account {account}; the holder is {name}", "open a bank account for me",
        "start a new bank account for {name}",
        "set up the bank account {account} with the password {password}",
    ),
    says=(
        "I want to become a customer of the bank. Name {name}, account {account}, password "
        "{password}.",
        "{name} needs a bank account called {account}, protected by {password}.",
        "I'd like a bank account. My name is {name}.", "A new bank account, please.",
        "My daughter {name} gets her first bank account: {account}, password {password}.",
        "Bank account for {name}: identifier {account}, password {password}. Thanks!",
    ),
)  # fmt: skip
def open_account(draw: Draw) -> Facts:
    name = draw.full_name()
    account = draw.pick((draw.digits(8), draw.digits(10), draw.username(), draw.email(name)))
    values = {"account": account, "password": draw.password(), "name": name}
    return Facts(values, account=account, password=values["password"], name=name)


@task(
    "stock", "finance", "QueryStock",
    does=(
        "look up the stock price of {stock_code} {on:date}",
        "tell me what {stock_code} cost {on:date}",
        "check the price of {stock_code} shares {on:date}",
        "find the quote of {stock_code} for {date}", "look up a stock price",
        "get the {stock_code} stock price", "query {stock_code} for {date}",
    ),
    says=(
        "What was the price of {stock_code} {on:date}?", "How did {stock_code} stand {on:date}?",
        "I bought {stock_code} {on:date}. At what price?",
        "{stock_code}, {date}: what was the stock price?",
        "For my tax return I need the price of {stock_code} {on:date}.",
        "How much was one share of {stock_code}?",
        "I'm curious how the stock {stock_code} did {on:date}.",
    ),
)  # fmt: skip
def stock(draw: Draw) -> Facts:
    prices = draw.data.file("Stock")
    code = draw.pick(list(prices))
    day = draw.say_day(draw.pick(list(prices[code])))
    return Facts({"stock_code": code, "date": day}, stock_code=code, date=day.exact)


@task(
    "stock-shares", "finance", "QueryStock", "Calculator", weight=0.6,
    does=("calculate what {count} shares of {stock_code} were worth {on:date}",
          "look up {stock_code} {on:date} and work out the value of {count} shares"),
    says=("I sold {count} shares of {stock_code} {on:date}. How much did I get for them?",
          "What would {count} pieces of {stock_code} have cost {on:date}?",
          "{count} shares of {stock_code}, {date}: what is that in total?"),
)  # fmt: skip
def stock_shares(draw: Draw) -> Facts:
    prices = draw.data.file("Stock")
    # The calculator takes whole numbers only.
    whole = [(c, d) for c, days in prices.items() for d, p in days.items() if float(p).is_integer()]
    code, found = draw.pick(whole)
    day, count = draw.say_day(found), draw.chance.randint(2, 40)

    def solve(call: Caller) -> None:
        price = call("QueryStock", stock_code=code, date=day.exact)
        call("Calculator", formula=f"{int(price)}*{count}")

    return Facts({"stock_code": code, "date": day, "count": str(count)}, solve)
