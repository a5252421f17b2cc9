"""The queue: which trajectories a reviewer is given, and in which order.

Everybody has all of them in an order of their own, drawn by seed and name, so that what comes early
for one comes late for another and effects of the order average out; but what others have begun
comes first, so that people who do a part each have something to agree about. What has enough
reviewers is not given to more; what was skipped comes last. Trajectories are read where they stand
when they are shown; kept are their places, some hundred bytes each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal, get_args

from pydantic import ValidationError

from ...trajectories.reading import TrajectoriesUnreadable
from ...trajectories.trajectory import Trajectory
from .entry import content_digest
from .standing import Standing, Standings, reviews_of

State = Literal["open", "skipped", "done"]
_STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Item:
    """One trajectory to review."""

    source: str
    episode: str
    digest: str
    """Of the content; tells a reviewer neither run nor model."""
    path: Path
    offset: int
    """Of its line in the file, in bytes."""
    length: int

    def trajectory(self) -> Trajectory:
        """Read it. Raises `TrajectoriesUnreadable` where the file was changed meanwhile."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            line = file.read(self.length)
        try:
            found = Trajectory.model_validate_json(line)
        except ValidationError:
            found = None
        if found is None or content_digest(found) != self.digest:
            raise TrajectoriesUnreadable(f"{self.path}: was changed while it was read; try again")
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """An item in somebody's queue."""

    item: Item
    reviewers: int
    """Who have reviewed it as it stands."""
    state: State
    """done: by this reviewer."""
    outdated: int
    """Reviews of the same episode in another form: it was changed since."""


def items_of(path: Path, source: str) -> list[Item]:
    """Every trajectory of a file, in order; one that stands there twice is one.

    Raises `TrajectoriesUnreadable`, which names the line, and `OSError`.
    """
    if not path.is_file():
        raise TrajectoriesUnreadable(f"{path}: there is no file of trajectories here")
    found: dict[str, Item] = {}
    offset = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.isspace():
                try:
                    read = Trajectory.model_validate_json(line)
                except ValidationError as error:
                    why = error.errors()[0]["msg"]
                    raise TrajectoriesUnreadable(f"{path}:{number}: {why}") from None
                item = Item(source, read.id, content_digest(read), path, offset, len(line))
                found.setdefault(item.digest, item)
            offset += len(line)
    return list(found.values())


def queue(
    items: Sequence[Item], standings: Standings, reviewer: str, *, target: int, seed: int = 0
) -> list[Place]:
    """The reviewer's queue, in order: what is open, what was skipped, what is done.

    `target`: reviewers that each item should have.
    """
    by_place = Counter(one.place for of in standings.values() for one in reviews_of(of).values())
    order = sorted({item.digest: item for item in items}.values(), key=lambda item: item.digest)
    Random(f"reviews {seed} {reviewer}").shuffle(order)  # noqa: S311 - a seeded draw, no secret
    places = []
    for item in order:
        of = reviews_of(standings.get(item.digest, {}))
        state = _state(standings.get(item.digest, {}).get(reviewer))
        if state == "done" or len(of) < target:
            place = item.source, item.episode
            here = sum(one.place == place for one in of.values())
            places.append(Place(item, len(of), state, by_place[place] - here))
    places.sort(key=lambda place: (_STATES.index(place.state), -place.reviewers))
    return places


def _state(mine: Standing | None) -> State:
    if mine is None:
        return "open"
    if mine.review is not None:
        return "done"
    return "skipped" if mine.skipped else "open"
