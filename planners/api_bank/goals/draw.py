"""What a goal's values are drawn from: the databases, the vocabulary, and the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date as Day
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from ....environments.api_bank import ApiBankData, CallRaised, Session, level_1
from ....environments.api_bank.data import SEED, read_json
from .spoken import Said, say_date, say_moment
from .vocabulary import (
    DOMAINS_OF_MAIL,
    FIRST_NAMES,
    LAST_NAMES,
    PASSWORD_WORDS,
    PLACES,
)

T = TypeVar("T")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class NothingToDraw(ValueError):
    """The data hold nothing that this task could be about."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who the user of the scenario is."""

    username: str
    password: str
    token: str
    email: str


@dataclass
class Draw:
    """One scenario's chance, clock, user and additional rows."""

    chance: Random
    data: ApiBankData
    now: datetime
    account: Account
    state: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Rows that the scenario adds to the database."""

    @property
    def today(self) -> Day:
        return self.now.date()

    def pick(self, options: Sequence[T]) -> T:
        """One of them. Raises `NothingToDraw` where there is none."""
        if not options:
            raise NothingToDraw
        return self.chance.choice(options)

    def place(self) -> str:
        """Where something is, as tools take it; `spoken.said_place` is how people put it."""
        return self.pick(tuple(PLACES))

    def some(self, options: Sequence[T], least: int, most: int) -> list[T]:
        return self.chance.sample(options, self.chance.randint(least, most))

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    def row(self, table: str, **values: Any) -> None:
        """Add a row to the scenario's database."""
        self.state.setdefault(table, []).append(values)

    def fresh_id(self, table: str) -> str:
        """An id that neither the database nor the scenario has in that table."""
        return str(100 + 7 * len(self.state.get(table, ())) + self.chance.randint(0, 6))

    def owned(self, file: str) -> list[dict[str, Any]]:
        """Rows of a file that belong to the user."""
        rows = self.data.file(file).values()
        return [row for row in rows if row.get("username") == self.account.username]

    def answerable(
        self, tool: str, candidates: Sequence[dict[str, Any]]
    ) -> Sequence[dict[str, Any]]:
        """The arguments among `candidates` for which a look-up has an answer."""
        key = (str(self.data.folder), tool)
        if key not in _answerable:
            session = Session(level_1(), data=self.data)
            _answerable[key] = [c for c in candidates if _answers(session, tool, c)]
            session.world.close()
        return _answerable[key]

    def on_record(self, tool: str) -> Sequence[dict[str, Any]]:
        """Arguments for which the package has an answer of its own, for tools that were online."""
        calls = read_json(SEED / "online.json")["calls"]
        return [call["input"] for call in calls if call["api_name"] == tool]

    # Days and times.

    def day(self, first: int = 1, last: int = 90) -> Day:
        return self.today + timedelta(days=self.chance.randint(first, last))

    def near_day(self) -> Day:
        """A day ahead; half of them within a week."""
        return self.day(1, 6) if self.likely(0.5) else self.day(7, 120)

    def at(self, day: Day, first: int = 6, last: int = 22) -> datetime:
        minute = self.pick((0, 0, 0, 30, 30, 15, 45))
        return datetime(day.year, day.month, day.day, self.chance.randint(first, last), minute)

    def moment(self) -> Said:
        return self.say(self.at(self.near_day()))

    def date(self) -> Said:
        return say_date(self.near_day(), self.today, self.chance)

    def say(self, when: datetime | str) -> Said:
        """A moment, given or as a tool writes it, in words."""
        at = when if isinstance(when, datetime) else datetime.fromisoformat(when)
        return say_moment(at, self.today, self.chance)

    def say_day(self, day: Day | str) -> Said:
        found = day if isinstance(day, Day) else Day.fromisoformat(day)
        return say_date(found, self.today, self.chance)

    # People and accounts.

    def first_name(self) -> str:
        return self.pick(FIRST_NAMES)

    def full_name(self) -> str:
        return f"{self.first_name()} {self.pick(LAST_NAMES)}"

    def password(self) -> str:
        word, number = self.pick(PASSWORD_WORDS), self.chance.randint(10, 9999)
        return self.pick(
            (
                f"{word}{number}",
                f"{word.capitalize()}{number}",
                f"{word}-{number}",
                f"{number}{word}",
                f"{word}!{number}",
                f"{word}{self.pick(PASSWORD_WORDS)}",
                f"{word}pass",
            )
        )

    def username(self) -> str:
        first, last = self.first_name().lower(), self.pick(LAST_NAMES).lower()
        number = self.chance.randint(1, 99)
        return self.pick(
            (
                f"{first}{number}",
                f"{first}_{last}",
                f"{first[0]}{last}",
                f"{last}{number}",
                f"{first}{last}",
                f"{first}.{last}",
                f"{first.capitalize()}{last.capitalize()}",
                f"{first}",
                f"user{number}",
            )
        )

    def email(self, name: str) -> str:
        plain = "".join(c for c in name.lower() if c in _LETTERS)
        return f"{plain}@{self.pick(DOMAINS_OF_MAIL)}"

    def digits(self, count: int) -> str:
        return "".join(str(self.chance.randint(0, 9)) for _ in range(count))


_answerable: dict[tuple[str, str], list[dict[str, Any]]] = {}


def _answers(session: Session, tool: str, arguments: dict[str, Any]) -> bool:
    try:
        return session.call(tool, arguments)["exception"] is None
    except CallRaised:
        return False


def draw_account(chance: Random, data: ApiBankData) -> tuple[Account, list[dict[str, Any]]]:
    """A user of the database, or a new one with the row that makes it one."""
    known = data.file("Account")
    if known and chance.random() < 0.5:
        name = chance.choice(list(known))
        row = known[name]
        return Account(name, row["password"], row["token"], row["email"]), []
    drawn = Draw(chance, data, datetime(2023, 1, 1), Account("", "", "", ""))
    name = drawn.username()
    while name in known:
        name = drawn.username()
    token = "".join(chance.choice(_LETTERS) for _ in range(18))
    account = Account(name, drawn.password(), token, drawn.email(name))
    row = {"username": name, "password": account.password, "token": token, "email": account.email}
    return account, [row]
