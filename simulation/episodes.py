"""Which episodes a run has, and how they fare."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..scenarios.schema import Scenario
from ..trajectories.event import Event
from .run_directory import RunConfig


@dataclass(frozen=True, slots=True)
class EpisodeKey:
    """One episode of a run, before it is built."""

    index: int
    id: str
    scenario: int
    """Position among the run's scenarios."""
    seed: int


def episode_keys(config: RunConfig, scenarios: Sequence[Scenario]) -> Iterator[EpisodeKey]:
    """The run's episodes in order: every scenario once, then every scenario again."""
    for index in range(episode_count(config, len(scenarios))):
        yield episode_key(config, scenarios, index)


def episode_key(config: RunConfig, scenarios: Sequence[Scenario], index: int) -> EpisodeKey:
    """The episode at one place of that order."""
    repetition, place = divmod(index, len(scenarios))
    name = scenarios[place].name
    identity = f"{index:06d}-{name}"
    if config.episode_seed is not None:
        return EpisodeKey(index, identity, place, config.episode_seed)
    drawn = hashlib.blake2b(
        f"{config.seed}/{place}/{name}/{repetition}".encode(), digest_size=8
    ).digest()
    # 53 bits: every JSON reader keeps them exactly.
    return EpisodeKey(index, identity, place, int.from_bytes(drawn, "big") >> 11)


def episode_count(config: RunConfig, scenarios: int) -> int:
    """How many episodes the run has."""
    total = scenarios * config.repeat
    return total if config.limit is None else min(total, config.limit)


@dataclass(frozen=True, slots=True)
class EpisodeEnd:
    """How one episode ended."""

    index: int
    status: str
    blame: str | None
    reason: str
    score: float | None
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    """In the currency of the models' configured prices; None where there are none."""

    @property
    def accepted(self) -> bool:
        """Whether it ran to its end and every check passed."""
        return self.status == "completed" and self.score == 1.0


@dataclass
class Progress:
    """Counts over a run while it goes on; times are the viewer's business."""

    total: int
    done: int = 0
    before: int = 0
    """Of `done`, those that were finished before this process began."""
    accepted: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    blames: Counter[str] = field(default_factory=Counter)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    paused: bool = False
    cancelled: bool = False
    """Somebody has cancelled the run: what has not begun is not played until it is resumed."""

    def add(self, end: EpisodeEnd, *, before: bool = False) -> None:
        self.done += 1
        self.before += before
        self.accepted += end.accepted
        self.statuses[end.status] += 1
        if end.blame is not None:
            self.blames[end.blame] += 1
        self.prompt_tokens += end.prompt_tokens
        self.completion_tokens += end.completion_tokens
        if end.cost is not None:
            self.cost = (self.cost or 0.0) + end.cost


def end_of(index: int, ended: dict[str, Any], cost: float | None = None) -> EpisodeEnd:
    """The end as the data of the episode's last event tells it."""
    usage = ended.get("usage", {})
    return EpisodeEnd(
        index=index,
        status=ended["status"],
        blame=ended.get("blame"),
        reason=ended.get("reason", ""),
        score=ended.get("score"),
        prompt_tokens=usage.get("prompt_tokens", 0),
        completion_tokens=usage.get("completion_tokens", 0),
        cost=cost,
    )


def cost_of(events: Iterable[Event]) -> float | None:
    """What the answers among `events` cost; None where none of their models has a price."""
    costs = [event.ambient["cost"] for event in events if "cost" in event.ambient]
    return sum(costs) if costs else None
