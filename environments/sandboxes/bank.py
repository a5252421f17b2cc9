"""The bank: accounts, transfers, cards and standing orders, behind a session.

A session comes from the customer's number and PIN and is wanted by everything that shows or moves
money. Amounts are in the account's own currency.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ..sandbox import Sandbox, Scene, ToolError
from .fields import Date, Done

BANK = Sandbox(
    "bank",
    """
    create table customers (number text primary key, pin text not null, session text not null);
    create table accounts (iban text primary key, customer text not null, kind text not null,
        balance real not null);
    create table transfers (id text primary key, iban text not null, payee text not null,
        amount real not null, reference text not null);
    create table standing_orders (id text primary key, customer text not null,
        payee text not null, amount real not null, frequency text not null,
        first_date text not null);
    create table cards (last_digits text primary key, customer text not null,
        blocked integer not null, daily_limit real not null);
    """,
    {
        "customers": [
            {"number": "70114", "pin": "4821", "session": "ses-aa41"},
            {"number": "70229", "pin": "9035", "session": "ses-b7f0"},
            {"number": "70388", "pin": "1177", "session": "ses-c29d"},
            {"number": "70456", "pin": "6402", "session": "ses-d813"},
        ],
        "accounts": [
            {"iban": f"CH{i}{kind[0].upper()}", "customer": number, "kind": kind,
             "balance": 900.0 + 350 * i + (4000 if kind == "savings" else 0)}
            for i, number in enumerate(("70114", "70229", "70388", "70456"), 41)
            for kind in ("current", "savings")
        ],
        "cards": [
            {"last_digits": digits, "customer": number, "blocked": 0, "daily_limit": 500.0}
            for digits, number in (("3310", "70114"), ("8842", "70229"), ("5157", "70388"),
                                   ("2096", "70456"))
        ],
    },
)  # fmt: skip

Session = Annotated[str, "The customer's session, from open_session"]
Amount = Annotated[float, Field(description="Amount of money", gt=0)]


class Opened(TypedDict):
    session: str


class Balance(TypedDict):
    iban: str
    balance: float


class Transferred(TypedDict):
    transfer_id: str
    balance: float


class Standing(TypedDict):
    standing_order_id: str


class Interest(TypedDict):
    interest: float


def _customer(scene: Scene, session: str) -> str:
    row = scene.row("select number from customers where session = ?", session)
    if row is None:
        raise ToolError("The session is invalid.")
    return str(row["number"])


def _account(scene: Scene, session: str, kind: str) -> dict[str, object]:
    row = scene.row("select iban, balance from accounts where customer = ? and kind = ?",
                    _customer(scene, session), kind)  # fmt: skip
    assert row is not None
    return row


@BANK.tool
def open_session(
    scene: Scene,
    customer_number: Annotated[str, "The customer's number"],
    pin: Annotated[str, "The customer's four-digit PIN"],
) -> Opened:
    """Open a session for a bank customer."""
    sql = "select session, pin from customers where number = ?"
    row = scene.row(sql, customer_number)
    if row is None or row["pin"] != pin:
        raise ToolError("Customer number or PIN is wrong.")
    return {"session": row["session"]}


@BANK.tool
def get_balance(
    scene: Scene,
    session: Session,
    account: Annotated[Literal["current", "savings"], "Kind of account"],
) -> Balance:
    """Get the balance of an account."""
    return _account(scene, session, account)  # type: ignore[return-value]


@BANK.tool
def transfer_money(
    scene: Scene,
    session: Session,
    payee: Annotated[str, "Who gets the money"],
    amount: Amount,
    reference: Annotated[str, "What the payment is for"] = "",
) -> Transferred:
    """Transfer money from the current account."""
    account = _account(scene, session, "current")
    if float(str(account["balance"])) < amount:
        raise ToolError("The balance is too low.")
    identity = scene.next_id("transfers")
    scene.change("update accounts set balance = round(balance - ?, 2) where iban = ?",
                 amount, account["iban"])  # fmt: skip
    scene.change("insert into transfers values (?, ?, ?, ?, ?)",
                 identity, account["iban"], payee, amount, reference)  # fmt: skip
    after = _account(scene, session, "current")
    return {"transfer_id": identity, "balance": float(str(after["balance"]))}


@BANK.tool
def create_standing_order(
    scene: Scene,
    session: Session,
    payee: Annotated[str, "Who gets the money"],
    amount: Amount,
    frequency: Annotated[Literal["weekly", "monthly", "yearly"], "How often"],
    first_date: Date,
) -> Standing:
    """Create a standing order that pays the same amount again and again."""
    identity = scene.next_id("standing_orders")
    scene.change("insert into standing_orders values (?, ?, ?, ?, ?, ?)",
                 identity, _customer(scene, session), payee, amount, frequency,
                 first_date)  # fmt: skip
    return {"standing_order_id": identity}


@BANK.tool
def block_card(
    scene: Scene,
    last_digits: Annotated[
        str, Field(description="Last four digits of the card", pattern=r"^\d{4}$")
    ],
    reason: Annotated[Literal["lost", "stolen", "damaged"], "Why the card is blocked"],
) -> Done:
    """Block a bank card."""
    if not scene.change("update cards set blocked = 1 where last_digits = ?", last_digits):
        raise ToolError(f"There is no card ending in {last_digits}.")
    return {"status": f"blocked as {reason}"}


@BANK.tool
def set_card_limit(
    scene: Scene,
    last_digits: Annotated[
        str, Field(description="Last four digits of the card", pattern=r"^\d{4}$")
    ],
    limit: Annotated[float, Field(description="Highest amount a day", ge=0, le=20000)],
) -> Done:
    """Set the daily limit of a bank card."""
    sql = "update cards set daily_limit = ? where last_digits = ?"
    if not scene.change(sql, limit, last_digits):
        raise ToolError(f"There is no card ending in {last_digits}.")
    return {"status": "set"}


@BANK.tool
def calculate_interest(
    scene: Scene,
    principal: Annotated[float, Field(description="Money at the start", gt=0)],
    annual_rate: Annotated[float, Field(description="Rate in percent a year", ge=0, le=100)],
    years: Annotated[int, Field(description="Number of years", ge=1, le=60)],
) -> Interest:
    """Calculate compound interest."""
    return {"interest": round(principal * ((1 + annual_rate / 100) ** years - 1), 2)}
