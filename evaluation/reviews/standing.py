"""What stands of everybody's entries: for each trajectory, each reviewer's last word.

Two words may stand: the current one, which training goes by, and the blind one, given before the
reviewer saw what others said, which agreement is measured on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .entry import Entry, Review


@dataclass(slots=True)
class Standing:
    """One reviewer and one trajectory."""

    place: tuple[str, str]
    """Source and episode."""
    review: Review | None = None
    blind: Review | None = None
    at: float = 0.0
    """When the current review was given, in Unix seconds."""
    skipped: bool = False
    revealed: bool = False

    def take(self, entry: Entry) -> None:
        """What the next entry changes."""
        if entry.kind == "review":
            self.review, self.at, self.skipped = entry.review, entry.at, False
            self.place = entry.source, entry.episode
            if not self.revealed:
                self.blind = entry.review
        elif entry.kind == "withdraw":
            self.review = self.blind = None
        elif entry.kind == "skip":
            self.skipped = True
        else:
            self.revealed = True


Standings = dict[str, dict[str, Standing]]
"""By the digest of a trajectory's content, and reviewer."""


def standings(entries: Iterable[Entry]) -> Standings:
    """The standing of everything that anybody has had to do with."""
    found: Standings = {}
    for entry in entries:
        of = found.setdefault(entry.digest, {})
        start = Standing((entry.source, entry.episode))
        of.setdefault(entry.reviewer, start).take(entry)
    return found


def reviews_of(by_reviewer: dict[str, Standing]) -> dict[str, Standing]:
    """Those who have reviewed it, by name."""
    return {name: one for name, one in sorted(by_reviewer.items()) if one.review is not None}
