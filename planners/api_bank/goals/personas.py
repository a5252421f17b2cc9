"""Who speaks: a few words that a live model colours its lines by; verbatim users ignore them."""

from __future__ import annotations

from typing import Literal

PERSONAS = (
    "a retired teacher who likes order", "a busy surgeon between two operations",
    "a student on a budget", "a father of three with little time",
    "a violinist who travels a lot", "a clerk who is new to the job",
    "a gardener with muddy hands", "a night-shift nurse", "a start-up founder", "a librarian",
    "a taxi driver on a break", "a grandmother with a new phone",
    "a journalist close to a deadline", "an architect on a building site",
    "a cook who shouts over the noise", "a patient translator",
)  # fmt: skip
STYLES: tuple[Literal["casual", "polite", "terse", "chatty", "formal"], ...] = (
    "casual",
    "polite",
    "terse",
    "chatty",
    "formal",
)
