"""Two runs episode by episode: pairs, by how much the second differs, and how sure that is.

Episodes are paired by scenario and seed; those left over, by scenario and place among its
episodes, so that runs with other seeds can be compared too. Differences are of pairs, so that a
scenario's difficulty cancels out, and their intervals draw whole scenarios (see
`evaluation.bootstrap` for the reasons, `quality.intervals` for the arithmetic).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..simulation.episodes import cost_of, end_of
from ..trajectories.canonical import digest
from ..trajectories.event import Event
from ..trajectories.log import read_episodes
from ..trajectories.turns import ending, seconds, turns_of
from .quality.intervals import Clusters, Interval, mean_interval

FIGURES = ("accepted", "score", "turns", "calls", "failed_calls", "prompt_tokens",
           "completion_tokens", "cost", "seconds")  # fmt: skip
"""What pairs are compared by; accepted is 0 or 1."""


@dataclass(frozen=True, slots=True)
class Played:
    """One episode, as far as runs are compared by it."""

    episode: str
    index: int
    scenario: str
    seed: int
    status: str | None
    """None: it has not ended."""
    blame: str | None
    content: str
    """Digest of what was said and called and came of it."""
    values: Mapping[str, float | None]
    """`FIGURES` by name; None where it is not known, as before the end."""

    def same(self, other: Played) -> bool:
        """Whether the two said and did the same, and were judged alike."""
        score = self.values["score"] == other.values["score"]
        endings = (self.status, self.blame) == (other.status, other.blame)
        return self.content == other.content and endings and score


@dataclass(frozen=True, slots=True)
class Pairing:
    """The pairs, and who was left over."""

    pairs: list[tuple[Played, Played]]
    before_alone: list[Played]
    after_alone: list[Played]
    equal_seeds: int
    """Pairs of the same scenario under the same seed."""


@dataclass(frozen=True, slots=True)
class PairedFigure:
    """One figure over the pairs in which both episodes have it."""

    name: str
    pairs: int
    before: float
    """Mean."""
    after: float
    difference: Interval
    """After less before."""


def played(run: Path) -> list[Played]:
    """The episodes of a run that have begun, by index. Raises `LogDamaged`."""
    found = (_played(episode, events) for episode, events in read_episodes(run))
    return sorted(found, key=lambda one: one.index)


def _played(episode: str, events: Sequence[Event]) -> Played:
    turns, ended, started = turns_of(events), ending(events), events[0].data
    index = int(episode.partition("-")[0])
    pieces = [piece for turn in turns for piece in turn.pieces]
    content = [
        [p.kind, p.source, p.text, p.name, p.arguments, p.result, p.ok] for p in pieces
    ]  # fmt: skip
    values: dict[str, float | None] = dict.fromkeys(FIGURES)
    if ended is not None:
        end = end_of(index, ended)
        values |= {
            "accepted": float(end.accepted),
            "score": end.score,
            "turns": sum(turn.number > 0 for turn in turns),
            "calls": sum(piece.kind == "call" for piece in pieces),
            "failed_calls": sum(piece.ok is False for piece in pieces),
            "prompt_tokens": end.prompt_tokens,
            "completion_tokens": end.completion_tokens,
            "cost": cost_of(events),
            "seconds": seconds(events),
        }
    return Played(
        episode=episode,
        index=index,
        scenario=started["scenario"],
        seed=started["seed"],
        status=ended["status"] if ended else None,
        blame=ended.get("blame") if ended else None,
        content=digest(content),
        values=values,
    )


def paired(before: Sequence[Played], after: Sequence[Played]) -> Pairing:
    """Pair the episodes of two runs; each is in one pair at most."""
    same, first, second = _joined(before, after, lambda one: (one.scenario, one.seed))
    placed, first, second = _joined(first, second, lambda one: one.scenario)
    pairs = sorted(same + placed, key=lambda pair: pair[0].index)
    return Pairing(pairs, first, second, equal_seeds=len(same))


def paired_figure(
    pairs: Sequence[tuple[Played, Played]], name: str, seed: int = 0
) -> PairedFigure | None:
    """How the pairs differ in one figure; None where no pair has it."""
    known = [
        (one, other, x, y)
        for one, other in pairs
        if (x := one.values.get(name)) is not None and (y := other.values.get(name)) is not None
    ]
    clusters = Clusters()
    for one, _, x, y in known:
        clusters.add([y - x], one.scenario)
    interval = mean_interval(clusters, seed)
    if interval is None:
        return None
    return PairedFigure(
        name=name,
        pairs=len(known),
        before=sum(x for _, _, x, _ in known) / len(known),
        after=sum(y for _, _, _, y in known) / len(known),
        difference=interval,
    )


def _joined(
    before: Iterable[Played], after: Iterable[Played], key: Callable[[Played], Hashable]
) -> tuple[list[tuple[Played, Played]], list[Played], list[Played]]:
    """Pairs of equal key in the order of their indices, and the others of both."""
    waiting: dict[Hashable, list[Played]] = {}
    for one in sorted(after, key=lambda one: -one.index):
        waiting.setdefault(key(one), []).append(one)
    pairs, alone = [], []
    for one in sorted(before, key=lambda one: one.index):
        others = waiting.get(key(one))
        if others:
            pairs.append((one, others.pop()))
        else:
            alone.append(one)
    left = sorted((one for others in waiting.values() for one in others), key=lambda one: one.index)
    return pairs, alone, left
