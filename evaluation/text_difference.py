"""Where two texts, or two JSON values, differ.

Words are compared by the longest matching runs (Python's difflib, Ratcliff and Obershelp), long
texts line by line, and texts that repeat the same lines over and over as a whole: that comparison
takes cubic time in what repeats. JSON is compared by place: the same key, the same position in a
list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

import orjson

_PIECES = 4_000
"""Words or lines of both texts together up to which they are compared."""
_EQUAL_PAIRS = 50_000
"""Pairs of equal ones up to which they are; the worst that they can be takes a second then."""
_DEPTH = 24
_ABSENT = object()
_WORD = re.compile(r"\S+\s*|\s+")

Run = tuple[Literal["same", "before", "after"], str]
"""A stretch of text: in both, only in the first, or only in the second."""


@dataclass(frozen=True, slots=True)
class Change:
    """One place at which two JSON values differ."""

    path: str
    """Such as `items[2].price`; empty where the values themselves differ."""
    before: Any
    after: Any
    only: Literal["before", "after"] | None = None
    """Where the place is in one of the two alone; the other value is then None."""


def text_difference(before: str, after: str) -> list[Run]:
    """The two texts as one list of runs, whose `same` and `before` make the first, and whose
    `same` and `after` make the second."""
    if before == after:
        return [("same", before)] if before else []
    first, second = _WORD.findall(before), _WORD.findall(after)
    if not comparable(first, second):
        first, second = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if not comparable(first, second):
        first, second = [before], [after]
    return list(_runs(first, second))


def comparable(first: Sequence[Hashable], second: Sequence[Hashable]) -> bool:
    """Whether difflib compares the two in a time that a person waits."""
    counts, others = Counter(first), Counter(second)
    pairs = sum(count * others[item] for item, count in counts.items())
    return len(first) + len(second) <= _PIECES and pairs <= _EQUAL_PAIRS


def _runs(first: Sequence[str], second: Sequence[str]) -> Iterator[Run]:
    for tag, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(first[a:b])
            continue
        if a < b:
            yield "before", "".join(first[a:b])
        if c < d:
            yield "after", "".join(second[c:d])


def json_difference(before: Any, after: Any, most: int = 200) -> list[Change]:
    """At most `most` places where two JSON values differ, in the order of the first."""
    found: list[Change] = []
    for change in _changes(before, after, "", 0):
        if len(found) == most:
            break
        found.append(change)
    return found


def _changes(before: Any, after: Any, path: str, depth: int) -> Iterator[Change]:
    if depth < _DEPTH and isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            inner = f"{path}.{key}" if path else str(key)
            yield from _entry(before.get(key, _ABSENT), after.get(key, _ABSENT), inner, depth)
    elif depth < _DEPTH and isinstance(before, list) and isinstance(after, list):
        for at in range(max(len(before), len(after))):
            one = before[at] if at < len(before) else _ABSENT
            other = after[at] if at < len(after) else _ABSENT
            yield from _entry(one, other, f"{path}[{at}]", depth)
    elif not _equal(before, after):
        yield Change(path, before, after)


def _entry(before: Any, after: Any, path: str, depth: int) -> Iterator[Change]:
    if before is _ABSENT:
        yield Change(path, None, after, only="after")
    elif after is _ABSENT:
        yield Change(path, before, None, only="before")
    else:
        yield from _changes(before, after, path, depth + 1)


def _equal(one: Any, other: Any) -> bool:
    """As JSON: true is not 1, and 1 is not 1.0."""
    return one is other or orjson.dumps(one) == orjson.dumps(other)
