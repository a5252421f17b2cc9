"""Whether made-up lines of a user are lines of the benchmark's dialogues, whole or in part.

A line leaks where it is a recorded one but for capitals and punctuation, or has eight words in a
row with one in common. Lines of one or two words (a name, "tomorrow") are nobody's and count only
as part of longer ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...environments.api_bank.recordings import (
    NothingRecorded,
    read_dialogues,
    read_requirements,
)
from ...scenarios.schema import Scenario
from .script import Script
from .solution import script_of

WORDS = 8
"""So many words in a row are no coincidence."""
_SHORTEST = 3
_EDGES = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class Leak:
    """A line that was recorded before."""

    line: str
    recorded: str

    def __str__(self) -> str:
        return f"{self.line!r} is like the recorded {self.recorded!r}"


class RecordedLines:
    """The lines of the benchmark's users, for comparison."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._whole: dict[tuple[str, ...], str] = {}
        self._parts: dict[tuple[str, ...], str] = {}
        for line in lines:
            words = words_of(line)
            if len(words) >= _SHORTEST:
                self._whole.setdefault(words, line)
            for part in _runs(words):
                self._parts.setdefault(part, line)

    def __len__(self) -> int:
        return len(self._whole)

    def leak(self, line: str) -> Leak | None:
        """The recorded line that this one is like, if any."""
        words = words_of(line)
        found = self._whole.get(words)
        if found is None:
            found = next((self._parts[part] for part in _runs(words) if part in self._parts), None)
        return None if found is None else Leak(line, found)

    def leaks(self, scenario: Scenario, script: Script | None = None) -> list[Leak]:
        """Those of a scenario's lines: its plan, and what a scripted user answers."""
        found = (self.leak(line) for line in user_lines(scenario, script))
        return [leak for leak in found if leak is not None]


def recorded_lines(folder: Path) -> RecordedLines:
    """The user's lines of all dialogues that a folder has, and the requests of level 3.

    Raises `ApiBankDataError` for files that cannot be read: what is in them would not be noticed.
    """
    return RecordedLines(_read(folder))


def user_lines(scenario: Scenario, script: Script | None = None) -> list[str]:
    """All that the user of a scenario says."""
    replies = (script or script_of(scenario)).replies
    answers = [reply.answer for reply in replies if reply.answer is not None]
    return [*(step.request for step in scenario.plan), *answers]


def words_of(line: str) -> tuple[str, ...]:
    """Lower-case words without the punctuation around them; a date or a time is one word."""
    words = (_EDGES.sub("", word) for word in line.casefold().split())
    return tuple(word for word in words if word)


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for start in range(len(words) - WORDS + 1):
        yield tuple(words[start : start + WORDS])


def _read(folder: Path) -> Iterator[str]:
    for level in (1, 2):
        try:
            dialogues = read_dialogues(folder, level)
        except NothingRecorded:
            continue
        yield from (t.text for dialogue in dialogues for t in dialogue.turns if t.role == "User")
    try:
        yield from (record.requirement for record in read_requirements(folder))
    except NothingRecorded:
        return
