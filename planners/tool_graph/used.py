"""The graph of the tools that a run really called: what one gave and another then took.

Two tools are joined where a call of one was followed by a call of the other in the same episode;
the edge *feeds* where a value in the first one's result stands in the second one's arguments and
the user had not said it. Counted, not compared: needs no embeddings and no extra.

A value of fewer than three characters is taken for the same only between fields of one name:
"3" is found everywhere.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...trajectories.event import Event
from ...trajectories.turns import Piece, turns_of
from .exploring import Joint
from .graph import ALIKE, FED, FEEDS

_SHORT = 3
_DEPTH = 12
_VALUES = 500
"""Values of one result that are looked at."""

_Key = tuple[str, str, str, str]
"""Source, target, output and parameter."""


class UsedTools:
    """Made of episodes one at a time; memory grows with the tools and edges, not the episodes.

    `first`: names that keep their places, as they have them in an earlier graph of the same run;
    tools that were not called then come after them.
    """

    def __init__(self, episodes: Iterable[Sequence[Event]], first: Sequence[str] = ()) -> None:
        self._fed: Counter[_Key] = Counter()
        self._followed: Counter[tuple[str, str]] = Counter()
        self._calls: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._described: dict[str, str] = {}
        self._episodes = 0
        for events in episodes:
            self._episodes += 1
            self._describe(events)
            self._add(events)
        self.names = (*first, *sorted(self._calls.keys() - set(first)))
        self._places = {name: place for place, name in enumerate(self.names)}
        self._kinds = self._edges()
        self._neighbours = [array("q") for _ in self.names]
        for one, other in sorted(self._kinds):
            self._neighbours[one].append(other)

    def __len__(self) -> int:
        return len(self.names)

    def of(self, tool: int) -> Any:
        return self._neighbours[tool]

    def among(self, tools: Sequence[int]) -> list[tuple[int, int, int]]:
        inside = set(tools)
        return [
            (one, other, self._kinds[one, other])
            for one in sorted(inside)
            for other in self._neighbours[one]
            if one < other and other in inside
        ]

    def description(self, tool: int) -> str:
        return self._described.get(self.names[tool], "")

    def joints(self, one: int, other: int) -> list[Joint]:
        pair = {self.names[one], self.names[other]}
        fed = [
            Joint(*key, feeds=True, strength=count)
            for key, count in self._fed.items()
            if {key[0], key[1]} == pair
        ]
        followed = [
            Joint(first, then, "", "", feeds=False, strength=count)
            for (first, then), count in self._followed.items()
            if {first, then} == pair
        ]
        return sorted(fed + followed, key=lambda joint: (not joint.feeds, -joint.strength))

    def figures(self) -> dict[str, float]:
        return {
            "episodes": self._episodes,
            "tools": len(self._calls),
            "tools_on_offer": len(self._described),
            "calls": self._calls.total(),
            "failed_calls": self._failed.total(),
            "edges": len(self._kinds) // 2,
            "feeding": sum(kind & FEEDS > 0 for kind in self._kinds.values()),
        }

    def _describe(self, events: Sequence[Event]) -> None:
        for event in events:
            named = {"status": "tools", "tool_result": "offers"}.get(event.kind, "")
            for tool in event.data.get(named, ()):
                self._described.setdefault(tool["name"], str(tool.get("description", ""))[:2000])

    def _add(self, events: Sequence[Event]) -> None:
        said: list[str] = []
        seen: list[tuple[str, list[tuple[str, str]]]] = []
        before: str | None = None
        for turn in turns_of(events):
            for piece in turn.pieces:
                if piece.kind != "call":
                    if piece.source == "user":
                        said.append(piece.text.casefold())
                    continue
                self._calls[piece.name] += 1
                self._failed[piece.name] += piece.ok is False
                if before is not None and before != piece.name:
                    self._followed[before, piece.name] += 1
                before = piece.name
                self._feed(piece, seen, " ".join(said))
                if piece.ok:
                    seen.append((piece.name, list(_leaves(piece.result))))

    def _feed(
        self, call: Piece, seen: Sequence[tuple[str, list[tuple[str, str]]]], said: str
    ) -> None:
        """Count where the arguments of `call` come from: the latest result that has the value."""
        for parameter, value in _leaves(call.arguments):
            if value.casefold() in said:
                continue
            for source, values in reversed(seen):
                output = _giving(values, parameter, value)
                if output is not None:
                    if source != call.name:
                        self._fed[source, call.name, output, parameter] += 1
                    break

    def _edges(self) -> dict[tuple[int, int], int]:
        """Bits of every edge, from both of its ends."""
        kinds: dict[tuple[int, int], int] = {}

        def note(first: str, then: str, forth: int, back: int) -> None:
            one, other = self._places[first], self._places[then]
            kinds[one, other] = kinds.get((one, other), 0) | forth
            kinds[other, one] = kinds.get((other, one), 0) | back

        for first, then in self._followed:
            note(first, then, ALIKE, ALIKE)
        for first, then, _, _ in self._fed:
            note(first, then, FEEDS, FED)
        return kinds


def _giving(values: Sequence[tuple[str, str]], parameter: str, value: str) -> str | None:
    """The output that gave `value`, if any did."""
    for output, given in values:
        if given == value and (len(value) >= _SHORT or output == parameter):
            return output
    return None


def _leaves(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Strings and numbers within `value`, each with the name of the nearest field."""
    left = _VALUES
    for found in _walk(value, name, depth):
        yield found
        left -= 1
        if not left:
            return


def _walk(value: Any, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        inner: Iterable[tuple[str, Any]] = value.items()
    elif isinstance(value, list):
        inner = ((name, item) for item in value)
    else:
        if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != "":
            yield name, str(value)
        return
    if depth < _DEPTH:
        for key, item in inner:
            yield from _walk(item, key, depth + 1)
