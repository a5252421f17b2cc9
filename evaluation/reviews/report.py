"""What the reviews of a set of trajectories say: how far people agree with each other, and how far
the environment's score, the tester's judge and the rater agree with people.

Only blind reviews count: of one that was changed after its reviewer saw the others', the form
before. People stand against a machine's score with the mean of their overall ratings. Intervals
are percentile bootstraps over trajectories, as in `evaluation.agreement`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean

from pydantic import BaseModel, ConfigDict

from ...trajectories.trajectory import Trajectory
from ..agreement import Measure, Pair, kappa, measure, pearson
from .entry import SCALES, Decision, Review
from .queue import Item
from .reliability import Unit, alpha_of, equal_share, pairs_of, patterns, spearman
from .standing import Standings, reviews_of

_DECISIONS: dict[Decision, float] = {"reject": 0.0, "edit": 1.0, "accept": 2.0}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Both(_Part):
    """Two reviewers."""

    reviewers: tuple[str, str]
    items: int
    """That both have said something of."""
    kappa: float | None
    """Cohen's; of ratings, weighted by squared distance."""


class Scale(_Part):
    """How far people agree in one respect."""

    name: str
    items: int
    """Rated by at least two."""
    ratings: int
    """Of these items."""
    equal: float | None
    """Share of pairs of ratings that are equal."""
    alpha: Measure
    pairs: list[Both]


class Machine(_Part):
    """How far a score that no person gave agrees with people."""

    name: str
    items: int
    """With that score and an overall rating."""
    pearson: Measure
    spearman: Measure


class Said(_Part):
    """One person on one item."""

    reviewer: str
    decision: Decision
    overall: int | None
    comment: str


class Disputed(_Part):
    """An item on which people differ."""

    source: str
    episode: str
    scenario: str
    decisions: int
    """Different ones."""
    spread: int
    """Between the highest and the lowest overall rating."""
    said: list[Said]


class ReviewReport(_Part):
    """The whole account."""

    schema_version: int = 1
    items: int
    reviewed: int
    """By at least one person, blind."""
    reviews: dict[str, dict[Decision, int]]
    """Blind decisions by reviewer."""
    not_blind: int
    """Reviews that were first given after their reviewer saw the others'; in no figure."""
    scales: list[Scale]
    machines: list[Machine]
    disputed: list[Disputed]
    """Those with the most different decisions first, then by spread."""


def review_report(
    items: Sequence[Item], standings: Standings, *, seen_by: str | None = None, seed: int = 0
) -> ReviewReport:
    """The account of these trajectories; only what somebody has reviewed is read.

    `seen_by`: what is disputed is told of those alone that this person has reviewed, who goes on
    rating the others blind. Raises `TrajectoriesUnreadable`.
    """
    counts: dict[str, dict[Decision, int]] = {}
    blind: list[dict[str, Review]] = []
    scored: dict[str, list[Pair]] = {name: [] for name in _MACHINES}
    disputed: list[Disputed] = []
    not_blind = 0
    for item in items:
        of = standings.get(item.digest, {})
        not_blind += sum(one.blind is None and one.review is not None for one in of.values())
        said = {name: one.blind for name, one in sorted(of.items()) if one.blind is not None}
        if not said:
            continue
        blind.append(said)
        for name, review in said.items():
            by = counts.setdefault(name, dict.fromkeys(_DECISIONS, 0))
            by[review.decision] += 1
        trajectory = item.trajectory()
        _score(scored, trajectory, said)
        if seen_by is None or seen_by in reviews_of(of):
            disputed += _dispute(item, trajectory, said)
    disputed.sort(key=lambda one: (-one.decisions, -one.spread, one.source, one.episode))
    return ReviewReport(
        items=len(items),
        reviewed=len(blind),
        reviews=dict(sorted(counts.items())),
        not_blind=not_blind,
        scales=[_scale(name, _units(blind, name), seed) for name in ("decision", *SCALES)],
        machines=[_machine(name, pairs, seed) for name, pairs in scored.items() if pairs],
        disputed=disputed,
    )


def report_lines(report: ReviewReport) -> list[str]:
    """The account for people who read a terminal."""
    lines = [f"{report.reviewed} of {report.items} reviewed"]
    for name, by in report.reviews.items():
        told = ", ".join(f"{decision} {count}" for decision, count in by.items())
        lines.append(f"  {name}: {told}")
    if report.not_blind:
        lines.append(f"  not blind, and in no figure: {report.not_blind}")
    for scale in report.scales:
        if scale.equal is not None:
            lines.append(
                f"  {scale.name:12} {scale.items:>4} items  equal {scale.equal:.0%}  "
                f"alpha {scale.alpha.text()}"
            )
            for both in scale.pairs:
                told = "undefined" if both.kappa is None else f"{both.kappa:.2f}"
                names = " and ".join(both.reviewers)
                lines.append(f"  {'':12} {both.items:>4} items  kappa {told}  {names}")
    for one in report.machines:
        lines.append(
            f"  {one.name} against people: {one.items} items  "
            f"Pearson {one.pearson.text()}  Spearman {one.spearman.text()}"
        )
    return lines


def _judge(trajectory: Trajectory) -> float | None:
    """Share of the checks that the tester's judge found passed."""
    judged = [float(verdict.passed) for verdict in trajectory.verdicts if verdict.by == "judge"]
    return fmean(judged) if judged else None


_MACHINES: dict[str, Callable[[Trajectory], float | None]] = {
    "score": lambda trajectory: trajectory.score,
    "judge": _judge,
    "rater": lambda trajectory: trajectory.rater_score,
}


def _score(scored: dict[str, list[Pair]], trajectory: Trajectory, said: dict[str, Review]) -> None:
    given = [one.ratings.overall for one in said.values() if one.ratings.overall is not None]
    for name, of in _MACHINES.items():
        value = of(trajectory)
        if given and value is not None:
            scored[name].append((value, fmean(given)))


def _units(blind: Sequence[dict[str, Review]], name: str) -> list[Unit]:
    """Each item's ratings on one scale, where at least two people gave one."""
    units: list[Unit] = []
    for said in blind:
        values: dict[str, float | None] = {
            reviewer: _DECISIONS[one.decision] if name == "decision" else getattr(one.ratings, name)
            for reviewer, one in said.items()
        }
        unit = {reviewer: float(value) for reviewer, value in values.items() if value is not None}
        if len(unit) > 1:
            units.append(unit)
    return units


def _scale(name: str, units: Sequence[Unit], seed: int) -> Scale:
    nominal = name == "decision"
    return Scale(
        name=name,
        items=len(units),
        ratings=sum(map(len, units)),
        equal=equal_share(units),
        alpha=measure(patterns(units), lambda drawn: alpha_of(drawn, nominal=nominal), seed),
        pairs=[
            Both(reviewers=names, items=len(pairs), kappa=kappa(pairs, nominal=nominal))
            for names, pairs in pairs_of(units).items()
        ],
    )


def _machine(name: str, pairs: Sequence[Pair], seed: int) -> Machine:
    return Machine(
        name=name,
        items=len(pairs),
        pearson=measure(pairs, pearson, seed),
        spearman=measure(pairs, spearman, seed),
    )


def _dispute(item: Item, trajectory: Trajectory, said: dict[str, Review]) -> list[Disputed]:
    overall = [one.ratings.overall for one in said.values() if one.ratings.overall is not None]
    decisions = len({one.decision for one in said.values()})
    spread = max(overall) - min(overall) if overall else 0
    if decisions < 2 and not spread:
        return []
    return [
        Disputed(
            source=item.source,
            episode=item.episode,
            scenario=trajectory.scenario,
            decisions=decisions,
            spread=spread,
            said=[
                Said(reviewer=name, decision=one.decision, overall=one.ratings.overall,
                     comment=one.comment)
                for name, one in said.items()
            ],
        )
    ]  # fmt: skip
