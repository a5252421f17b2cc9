"""The texts of one record, and which of them went into a trajectory.

Whoever converts a record by somebody else's word (a model's) proves with this that nothing was
made up and little was left out: what is taken is marked, by its JSON pointer or by where it stands
verbatim, nothing is taken twice by pointer, and the share of the record's characters that was taken
is known. Keys and numbers are no texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .format import Refused

MOST_TEXTS, DEEPEST = 20_000, 64
"""Texts of one record, and levels of nesting."""
MISSING = object()
"""What `at` gives where there is nothing."""

Pointer = tuple[str, ...]


def pointer(text: str) -> Pointer:
    """A JSON pointer (RFC 6901) as its parts. Raises `Refused`."""
    if text and not text.startswith("/"):
        raise Refused(f"{text!r:.80} is no JSON pointer: it begins with /")
    return tuple(p.replace("~1", "/").replace("~0", "~") for p in text.split("/")[1:])


def at(value: Any, place: Pointer) -> Any:
    """What stands at `place` in `value`; `MISSING` where there is nothing."""
    for part in place:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
    return value


class SourceText:
    """All texts of a record in order, with marks on what was taken."""

    def __init__(self, record: Any) -> None:
        """Raises `Refused` for a record of too many texts or levels."""
        self._spans: dict[Pointer, tuple[int, int]] = {}
        parts: list[str] = []
        length = 0
        for place, text in _texts(record, ()):
            if len(parts) >= MOST_TEXTS:
                raise Refused(f"it holds more than {MOST_TEXTS:,} texts")
            self._spans[place] = (length, length + len(text))
            parts.append(text)
            length += len(text) + 1
        self._text = "\n".join(parts)
        self._taken: set[tuple[int, int]] = set()

    def take(self, place: Pointer) -> None:
        """Mark every text at or below `place`. Raises `Refused` where one was taken before."""
        spans = self._below(place)
        if not self._taken.isdisjoint(spans):
            raise Refused(f"/{'/'.join(place)} is used twice")
        self._taken.update(spans)

    def mark(self, place: Pointer) -> None:
        """Count the texts at or below `place` as taken, however often."""
        self._taken.update(self._below(place))

    def find(self, text: str, after: int = 0) -> int:
        """Mark `text` where it next stands verbatim from `after` on; gives the place behind it, or
        -1 where it stands nowhere there."""
        start = self._text.find(text, after)
        if start < 0:
            return -1
        self._taken.add((start, start + len(text)))
        return start + len(text)

    def taken(self, place: Pointer) -> bool:
        """Whether a text at or below `place` was taken as a whole."""
        return not self._taken.isdisjoint(self._below(place))

    def left_out(self, place: Pointer = ()) -> int:
        """How many texts at or below `place` were not taken as a whole."""
        return sum(start < end and (start, end) not in self._taken
                   for start, end in self._below(place))  # fmt: skip

    def covered(self, place: Pointer = ()) -> float:
        """The share of the characters at or below `place` that was taken; 1 where there are none.
        Space does not count."""
        spans = self._below(place)
        whole = sum(self._solid(start, end) for start, end in spans)
        if not whole:
            return 1.0
        reached, taken = 0, 0
        for start, end in sorted(self._taken):
            start = max(start, reached)
            for first, last in spans:
                if first < end and start < last:
                    taken += self._solid(max(start, first), min(end, last))
            reached = max(reached, end)
        return taken / whole

    def _solid(self, start: int, end: int) -> int:
        """Characters between two places that are no space."""
        return len("".join(self._text[start:end].split()))

    def _below(self, place: Pointer) -> list[tuple[int, int]]:
        if place in self._spans:
            return [self._spans[place]]
        depth = len(place)
        return [span for other, span in self._spans.items() if other[:depth] == place]


def _texts(value: Any, place: Pointer) -> Iterator[tuple[Pointer, str]]:
    if len(place) > DEEPEST:
        raise Refused(f"it is nested deeper than {DEEPEST} levels")
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*place, str(key)))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*place, str(number)))
