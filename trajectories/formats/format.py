"""What a trajectory format is to this project: how its records are known, read and written.

A reader turns one record into one trajectory or several, or refuses it as a whole with a reason;
nothing is ever half-converted. What a record has and a trajectory cannot hold, or a trajectory has
and the format cannot, is told to the `Losses` of that record: what, and how often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..trajectory import Trajectory


class Refused(ValueError):
    """A record that cannot be converted; the message says what is wrong with it, and where."""


@dataclass(slots=True)
class Losses:
    """What one conversion leaves out, by kind, such as `call ids` or `images`."""

    kinds: Counter[str] = field(default_factory=Counter)

    def lose(self, kind: str, times: int = 1) -> None:
        """Count what could not be held. `kind` is a plural noun that a user understands."""
        if times:
            self.kinds[kind] += times


Read = Callable[[Any, Losses], Iterable[Trajectory]]
"""A record (JSON value) as trajectories. Raises `Refused`. An id that the record does not have is
left empty: whoever reads the file gives one that names the record's place."""

Write = Callable[[Trajectory, Losses], Any]
"""A trajectory as a record (JSON value). Raises `Refused` where not even its gist can be held."""

Recognize = Callable[[Any], str | None]
"""Why a record is of this format, in a few words for people, or None where it is not."""


@dataclass(frozen=True, slots=True)
class Format:
    """One published form of trajectories."""

    name: str
    """As in `--from` and `--to`: `sharegpt`, `openai`, `toolbench-tree`."""
    about: str
    """One line: whose form it is and what trains on it."""
    recognize: Recognize
    """Narrow rather than wide: two formats must not claim one record (the first that does in
    `FORMATS` has it)."""
    read: Read
    write: Write | None = None
    """None: nobody trains on this form, so it is only read."""
    suffix: str = ".jsonl"
    """Of files that are written: `.json` is one array, `.jsonl` a record a line."""
