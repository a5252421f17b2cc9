"""Preference pairs from scores: of two answers to one query, the better rated one is preferred.

Trajectories with the same user query and the same tools are put together; two of them by different
models whose scores differ by a margin become one trajectory with two branches that part where they
first differ. Only what scores say is used: no model is asked.

All trajectories with a score are held in memory until the last is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..trajectories.canonical import digest
from ..trajectories.trajectory import Message, Preference, Trajectory
from .filters import SCALES


class PairConfig(BaseModel):
    """Which answers make a pair."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    field: Literal["score", "rater_score", "review_score"] = "rater_score"
    margin: float = Field(default=1.0, gt=0)
    """By how much the better one's score must be above the other's, on the field's own scale: 0 to
    1 for `score`, 0 to 5 for the others."""
    per_query: int = Field(default=4, ge=1)
    """Pairs of one query at most, those with the largest margins."""
    same_model: bool = False
    """Whether two answers of one model may make a pair too."""

    @model_validator(mode="after")
    def _on_its_scale(self) -> PairConfig:
        low, high = SCALES[self.field]
        if self.margin > high - low:
            raise ValueError(
                f"{self.field} runs from {low:g} to {high:g}: no margin is {self.margin:g}"
            )
        return self


class PairReport(BaseModel):
    """What came in, and what became of it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    trajectories: int = 0
    unscored: int = 0
    """Without the field, or without a user's query."""
    queries: int = 0
    """Different user queries, with their tools."""
    answered_twice: int = 0
    """Queries with answers that may be compared."""
    pairs: int = 0

    def line(self) -> str:
        return (
            f"{self.trajectories} trajectories ({self.unscored} without a score), {self.queries} "
            f"queries, {self.answered_twice} with answers to compare, {self.pairs} pairs"
        )


def score_pairs(
    trajectories: Iterable[Trajectory], config: PairConfig, report: PairReport
) -> Iterator[Trajectory]:
    """A trajectory with two branches for each pair, in the order in which queries first came.

    Counts into `report`.
    """
    groups: dict[str, list[Trajectory]] = {}
    for trajectory in trajectories:
        report.trajectories += 1
        asked = _asked(trajectory.path())
        if asked is None or getattr(trajectory, config.field) is None:
            report.unscored += 1
            continue
        names = sorted(tool.name for tool in trajectory.tools)
        query = " ".join((trajectory.path()[asked].content or "").split()).casefold()
        groups.setdefault(digest([query, names]), []).append(trajectory)
    report.queries = len(groups)
    for group in groups.values():
        comparable = [
            _ranked(one, other, config.field)
            for one, other in combinations(group, 2)
            if config.same_model or one.model_name != other.model_name
        ]
        report.answered_twice += bool(comparable)
        apart = [pair for pair in comparable if pair[2] >= config.margin]
        apart.sort(key=lambda pair: (-pair[2], pair[0].id, pair[1].id))
        for better, worse, margin in apart[: config.per_query]:
            report.pairs += 1
            yield _joined(better, worse, margin, config.field)


def _ranked(one: Trajectory, other: Trajectory, field: str) -> tuple[Trajectory, Trajectory, float]:
    margin = round(getattr(one, field) - getattr(other, field), 6)
    return (one, other, margin) if margin >= 0 else (other, one, -margin)


def _asked(path: list[Message]) -> int | None:
    """Where the user's first words are; None where the assistant or a tool was first."""
    for at, message in enumerate(path):
        if message.role != "system":
            return at if message.role == "user" and message.content else None
    return None


def _joined(better: Trajectory, worse: Trajectory, margin: float, field: str) -> Trajectory:
    """Both as branches. The prompt is the better one's: a pair is two answers to one prompt."""
    chosen, rejected = better.path(), worse.path()
    asked, also_asked = _asked(chosen), _asked(rejected)
    assert asked is not None and also_asked is not None
    rejected = [*chosen[: asked + 1], *rejected[also_asked + 1 :]]
    shared = asked + 1
    while shared < min(len(chosen), len(rejected)) and _alike(chosen[shared], rejected[shared]):
        shared += 1
    messages = _line(chosen, 0, None)
    parted = messages[shared - 1].id
    messages += _line(rejected[shared:], len(messages), parted)
    # Where one is the beginning of the other, its leaf is where they part.
    leaves = (len(chosen) - 1, messages[-1].id if rejected[shared:] else parted)
    return better.model_copy(
        update={
            "id": f"{better.id}>{worse.id}",
            "messages": messages,
            "main": leaves[0],
            "preferences": [
                Preference(chosen=leaves[0], rejected=leaves[1], margin=margin, by=field)
            ],
            "other_information": {
                "chosen": {"id": better.id, "model": better.model_name},
                "rejected": {"id": worse.id, "model": worse.model_name},
            },
        }
    )


def _alike(one: Message, other: Message) -> bool:
    return one.chat() == other.chat() and one.thought == other.thought


def _line(messages: list[Message], first: int, parent: int | None) -> list[Message]:
    """The messages renumbered from `first`, each after the one before it."""
    placed: list[Message] = []
    for number, message in enumerate(messages, start=first):
        placed.append(message.model_copy(update={"id": number, "parent": parent}))
        parent = number
    return placed
