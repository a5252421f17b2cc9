"""Two episodes side by side: aligned turn by turn, with every difference marked.

A turn stands beside the other's turn on the same step of the plan, and the first on that step
beside the first; where there is no plan, beside the turn of the same number. Within a turn, words
stand beside words of the same speaker and calls beside calls of the same tool. Clocks, latencies
and the ids of calls are no differences.

Works on unfinished episodes and on forks: what both share is counted from the beginning, so that
a reader can skip it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, TypeVar

from ..trajectories.event import Event
from ..trajectories.turns import Piece, Turn, ending, seconds, turns_of
from .text_difference import Change, Run, comparable, json_difference, text_difference

_Item = TypeVar("_Item", Turn, Piece)


@dataclass(slots=True)
class Row:
    """Two pieces beside each other; one of them may be missing."""

    before: Piece | None
    after: Piece | None
    same: bool
    words: list[Run] = field(default_factory=list)
    """Of words that differ."""
    arguments: list[Change] = field(default_factory=list)
    result: list[Change] = field(default_factory=list)


@dataclass(slots=True)
class TurnPair:
    """Two turns beside each other; one of them may be missing."""

    step: int | None
    before: int | None
    """Number of the first episode's turn."""
    after: int | None
    same: bool
    rows: list[Row]


@dataclass(slots=True)
class CheckPair:
    """What the tester found for one check in each; None where it did not look."""

    check: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    same: bool


@dataclass(slots=True)
class EpisodeDifference:
    """Everything in which two episodes differ; plain data."""

    set_up: list[Change]
    """Of what they began with: models, seed, context, tools, system message, plan."""
    turns: list[TurnPair]
    checks: list[CheckPair]
    before: dict[str, Any]
    """Totals of the first episode: status, reason, blame, score, usage, seconds."""
    after: dict[str, Any]
    shared_turns: int
    """Turns from the beginning in which they do not differ."""
    parted: tuple[int, int] | None
    """Turn pair and row where they first differ; None where they never do."""


def episode_difference(before: Sequence[Event], after: Sequence[Event]) -> EpisodeDifference:
    """Align two episodes of any run, and mark what differs."""
    turns = [_turn_pair(*pair) for pair in _aligned_turns(turns_of(before), turns_of(after))]
    parted = next(
        ((at, row) for at, turn in enumerate(turns) if (row := _first(turn)) is not None), None
    )
    return EpisodeDifference(
        set_up=json_difference(_set_up(before), _set_up(after)),
        turns=turns,
        checks=list(_checks(before, after)),
        before=_totals(before),
        after=_totals(after),
        shared_turns=len(turns) if parted is None else parted[0],
        parted=parted,
    )


def _first(turn: TurnPair) -> int | None:
    """The first row that differs; 0 where a whole turn is missing."""
    found = next((at for at, row in enumerate(turn.rows) if not row.same), None)
    return 0 if found is None and not turn.same else found


def _aligned_turns(
    before: Sequence[Turn], after: Sequence[Turn]
) -> Iterator[tuple[Turn | None, Turn | None]]:
    steps = [[turn.step for turn in turns] for turns in (before, after)]
    return _aligned(before, after, _numbered(steps[0]), _numbered(steps[1]))


def _numbered(keys: Sequence[Hashable]) -> list[Hashable]:
    """Each key, and which of its kind it is."""
    counted: Counter[Hashable] = Counter()
    numbered: list[Hashable] = []
    for key in keys:
        counted[key] += 1
        numbered.append((key, counted[key]))
    return numbered


def _turn_pair(before: Turn | None, after: Turn | None) -> TurnPair:
    first, second = before.pieces if before else [], after.pieces if after else []
    keys, others = [_piece_key(p) for p in first], [_piece_key(p) for p in second]
    if not comparable(keys, others):
        keys, others = _numbered(keys), _numbered(others)
    rows = [_row(*pair) for pair in _aligned(first, second, keys, others)]
    step = before.step if before else after.step if after else None
    same = before is not None and after is not None and all(row.same for row in rows)
    first_number = before.number if before else None
    second_number = after.number if after else None
    return TurnPair(step, first_number, second_number, same, rows)


def _piece_key(piece: Piece) -> Hashable:
    return (piece.kind, piece.source, piece.name)


def _aligned(
    before: Sequence[_Item],
    after: Sequence[_Item],
    first: Sequence[Hashable],
    second: Sequence[Hashable],
) -> Iterator[tuple[_Item | None, _Item | None]]:
    """Items beside those of the same key, in order; others alone."""
    for tag, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(before[a:b], after[c:d], strict=True)
        else:
            yield from ((item, None) for item in before[a:b])
            yield from ((None, item) for item in after[c:d])


def _row(before: Piece | None, after: Piece | None) -> Row:
    if before is None or after is None:
        return Row(before, after, same=False)
    row = Row(before, after, same=False)
    if before.text != after.text:
        row.words = text_difference(before.text, after.text)
    row.arguments = json_difference(before.arguments, after.arguments)
    row.result = json_difference(before.result, after.result)
    row.same = before.ok == after.ok and not (row.words or row.arguments or row.result)
    return row


def _set_up(events: Sequence[Event]) -> dict[str, Any]:
    """What the episode began with, its tools by name."""
    if not events:
        return {}
    started = {key: value for key, value in events[0].data.items() if key != "state"}
    tools = {tool["name"]: tool for tool in started.pop("tools", [])}
    plans = [e.data["steps"] for e in events if e.kind == "plan" and "steps" in e.data]
    return started | {"plan": plans[0] if plans else [], "tools": tools}


def _checks(before: Sequence[Event], after: Sequence[Event]) -> Iterator[CheckPair]:
    first, second = _verdicts(before), _verdicts(after)
    for check in [*first, *(check for check in second if check not in first)]:
        one, other = first.get(check), second.get(check)
        yield CheckPair(check, one, other, same=one == other)


def _verdicts(events: Sequence[Event]) -> dict[str, dict[str, Any]]:
    """By check; one that is asked for several times is numbered."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.kind == "verdict":
            name, number = event.data["check"], 1
            while name in found:
                number += 1
                name = f"{event.data['check']} ({number})"
            found[name] = {key: event.data.get(key) for key in ("passed", "reason", "by")}
    return found


def _totals(events: Sequence[Event]) -> dict[str, Any]:
    """How the episode ended, what it used, and how long it took in seconds."""
    ended = ending(events) or {}
    return {
        "status": ended.get("status"),
        "reason": ended.get("reason", ""),
        "blame": ended.get("blame"),
        "score": ended.get("score"),
        **ended.get("usage", {}),
        "turns": sum(event.kind == "message" and event.source == "user" for event in events),
        "seconds": seconds(events),
    }
