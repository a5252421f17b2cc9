"""What a tool's function gets: the episode's tables, the shared look-ups, and how times are read.

The wording of every refusal here is the benchmark's, because its checkers compare texts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

import orjson

from ..world import World, storable
from .coercion import Behaviour
from .data import ApiBankData
from .declaration import Refusal

DATE = "%Y-%m-%d"
MOMENT = "%Y-%m-%d %H:%M:%S"


@dataclass
class Desk:
    """The means of one episode's tools; nothing else may be used by them."""

    world: World
    data: ApiBankData
    random: Random
    behaviour: Behaviour
    search: Callable[[str], Any]
    """The ToolSearcher of this level: keywords to its output."""

    @property
    def strict(self) -> bool:
        """Whether upstream's quirks are wanted where they part from the recorded dialogues."""
        return self.behaviour == "strict-upstream"

    def row(self, sql: str, *values: Any) -> dict[str, Any] | None:
        """The first row, or None."""
        found = self.world.db.execute(sql, [storable(v) for v in values]).fetchone()
        return None if found is None else dict(found)

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        found = self.world.db.execute(sql, [storable(v) for v in values])
        return [dict(row) for row in found]

    def change(self, sql: str, *values: Any) -> int:
        """Run a statement that writes; returns how many rows it changed."""
        return self.world.db.execute(sql, [storable(v) for v in values]).rowcount

    def user(self, token: Any, message: str = "The token is invalid.") -> str:
        """The user whose token it is; the first one where several share it."""
        sql = "select username from accounts where token = ? order by rowid"
        found = self.row(sql, token)
        if found is None:
            raise Refusal(message)
        return str(found["username"])


def keyed(value: Any) -> Any:
    """`value`, which upstream looks up in a dictionary.

    Raises `TypeError` in the interpreter's own words for a list or an object.
    """
    hash(value)
    return value


def parsed(text: Any) -> Any:
    """A table's JSON text as the value it was."""
    return orjson.loads(text)


def strict_time(text: Any, form: str = MOMENT) -> datetime:
    """The time; raises `ValueError` in the interpreter's own words, as upstream lets through."""
    return datetime.strptime(text, form)


def loose_time(text: Any, form: str = DATE) -> str:
    """`text` normalised: stripped, its year padded to four digits, its parts to two.

    Raises `ValueError` in the interpreter's own words.
    """
    text = text.strip()
    parts = text.split("-")
    if len(parts) == 3 and len(parts[0]) != 4:
        text = "-".join([parts[0].zfill(4), *parts[1:]])
    moment = datetime.strptime(text, form)
    # Where the C library does not pad, %Y writes the year 23 with two digits.
    return moment.strftime(form.replace("%Y", f"{moment.year:04}"))
