"""Who the user is and where and when: drawn by seed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

Style = Literal["casual", "polite", "terse", "chatty", "formal"]
STYLES: tuple[Style, ...] = ("casual", "polite", "terse", "chatty", "formal")

_WHO = (
    "office manager", "data analyst", "freelance designer", "shop owner", "student",
    "systems engineer", "project lead", "journalist", "support agent", "product manager",
    "retired teacher", "accountant", "field technician", "event planner", "researcher",
    "team assistant", "startup founder", "librarian", "operations lead", "consultant",
)  # fmt: skip
_HOW = (
    "a busy", "a patient", "a careful", "a curious", "an impatient", "a cheerful", "a forgetful",
    "a meticulous", "a tired", "an easy-going", "a newly hired", "an experienced",
)  # fmt: skip
_WHERE = (
    "Zurich, Switzerland", "Lisbon, Portugal", "Toronto, Canada", "Nairobi, Kenya",
    "Osaka, Japan", "Bergen, Norway", "Austin, United States", "Melbourne, Australia",
    "Krakow, Poland", "Montevideo, Uruguay", "Cork, Ireland", "Valencia, Spain",
)  # fmt: skip


def persona(chance: Random) -> str:
    """A few words on who speaks."""
    return f"{chance.choice(_HOW)} {chance.choice(_WHO)}"


def style(chance: Random) -> Style:
    return chance.choice(STYLES)


def place(chance: Random) -> str:
    """City and country."""
    return chance.choice(_WHERE)


def moment(chance: Random) -> datetime:
    """A working hour within two years."""
    day = datetime(2025, 1, 6, tzinfo=UTC) + timedelta(days=chance.randrange(720))
    return day.replace(hour=chance.randint(7, 20), minute=chance.choice(range(0, 60, 5)))
