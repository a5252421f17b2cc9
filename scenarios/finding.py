"""What a rule of the linter found, before it is placed in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Where = tuple[str | int, ...]
"""A path of keys and positions into a scenario."""


@dataclass(frozen=True, slots=True)
class Found:
    """`where`: the part that it is about; `at_key`: its key rather than its value."""

    rule: str
    where: Where
    what: str
    hint: str = ""
    severity: Literal["error", "warning"] = "error"
    at_key: bool = False
