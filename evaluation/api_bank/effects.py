"""What calls leave behind in a world, compared: the rows that were added and those that are gone.

Two rows are the same when all of their columns are, but for those that only number rows or are
drawn by chance, and for free text, of which more than half of the words must be common, as in the
benchmark's own checkers. Tables that only remember what was asked are no effects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...environments.protocol import StateDiff

Row = Mapping[str, Any]
_FREE_TEXT = frozenset({"content", "meeting_topic"})
_NUMBERS = frozenset({"position", "id"})
_DRAWN = {"accounts": frozenset({"token"})}
_NO_EFFECTS = frozenset({"password_resets", "touched"})


def same_effects(ours: StateDiff, theirs: StateDiff) -> bool:
    """Whether two worlds that began alike were changed alike."""
    return all(
        _same_tables(_effects(one), _effects(other))
        for one, other in ((ours.added, theirs.added), (ours.removed, theirs.removed))
    )


def has_effects(found: StateDiff) -> bool:
    """Whether anything was changed that counts."""
    return bool(_effects(found.added) or _effects(found.removed))


def _effects(tables: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    return {
        table: [_comparable(table, row) for row in rows]
        for table, rows in tables.items()
        if table not in _NO_EFFECTS and rows
    }


def _comparable(table: str, row: Row) -> Row:
    left_out = _NUMBERS | _DRAWN.get(table, frozenset())
    return {name: value for name, value in row.items() if name not in left_out}


def _same_tables(ours: Mapping[str, list[Row]], theirs: Mapping[str, list[Row]]) -> bool:
    return ours.keys() == theirs.keys() and all(_same_rows(ours[t], theirs[t]) for t in ours)


def _same_rows(ours: Sequence[Row], theirs: Sequence[Row]) -> bool:
    """In any order. Rows that are alike are rare enough to take the first that fits."""
    left = list(theirs)
    for row in ours:
        at = next((i for i, other in enumerate(left) if _same_row(row, other)), None)
        if at is None:
            return False
        del left[at]
    return not left


def _same_row(one: Row, other: Row) -> bool:
    return one.keys() == other.keys() and all(
        one[name] == other[name] or (name in _FREE_TEXT and _alike(one[name], other[name]))
        for name in one
    )


def _alike(one: Any, other: Any) -> bool:
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    ours, theirs = set(one.lower().split()), set(other.lower().split())
    return len(ours & theirs) / (len(ours | theirs) or 1) > 0.5
