"""From people's reviews to what is trained on: accepted, accepted as edited, or not, and why.

Where somebody edited a dialogue that people accept, the edited form is what is accepted, the last
one of several; the original stays in it as the branch beside. The others keep their form and get
`review_score`, the mean of their overall ratings. Who said what is noted under `reviews` in
`other_information`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

from ...trajectories.editing import edited
from ...trajectories.filters import Defect, ReviewConditions, defect
from ...trajectories.filters.sorting import Reviewed
from ...trajectories.trajectory import Trajectory
from .entry import Entry, Review, content_digest
from .standing import Standing, reviews_of, standings

KEY = "reviews"
"""Where `other_information` says how people decided."""


def reviewed(entries: Iterable[Entry], conditions: ReviewConditions) -> Reviewed:
    """What decides about a trajectory, for `sort_trajectories`.

    A review is found by the dialogue's content, wherever the file lies: rated or filtered copies
    of a run are reviewed as the run is. Raises `ReviewsUnreadable`.
    """
    standing = {digest: reviews_of(of) for digest, of in standings(entries).items()}
    by_episode = Counter(one.place[1] for of in standing.values() for one in of.values())

    def decide(trajectory: Trajectory) -> tuple[Trajectory, Sequence[Defect]]:
        of = standing.get(content_digest(trajectory), {})
        return decided(trajectory, of, conditions, by_episode[trajectory.id] - len(of))

    return decide


def accepted(trajectories: Iterable[Trajectory], decide: Reviewed) -> Iterator[Trajectory]:
    """The accepted ones, in the form in which they are."""
    for trajectory in trajectories:
        form, wrong = decide(trajectory)
        if not wrong:
            yield form


def decided(
    trajectory: Trajectory,
    by_reviewer: dict[str, Standing],
    conditions: ReviewConditions,
    others: int = 0,
) -> tuple[Trajectory, list[Defect]]:
    """The form in which people accept it, and why they do not: empty where they do.

    `others`: reviews of a dialogue of that name with another content.
    """
    of = {name: one.review for name, one in by_reviewer.items() if one.review is not None}
    mean = _mean(of.values())
    wrong = list(_against(of, mean, conditions, others))
    form = trajectory
    if not wrong and (editor := _last_editor(by_reviewer)) is not None:
        revision = of[editor].revision
        assert revision is not None
        form = edited(trajectory, revision, by=f"review: {editor}")
    noted = {name: review.decision for name, review in sorted(of.items())}
    return form.model_copy(
        update={
            "review_score": mean if form is trajectory else None,
            "other_information": {**form.other_information, KEY: noted},
        }
    ), wrong


def _against(
    of: dict[str, Review], mean: float | None, conditions: ReviewConditions, others: int
) -> Iterator[Defect]:
    accepting = sum(review.decision != "reject" for review in of.values())
    changed = any(review.decision == "edit" for review in of.values())
    if len(of) < conditions.reviewers:
        aside = f"; {others} reviews are of another form of it" if others else ""
        yield defect("review_missing", f"{len(of)} of {conditions.reviewers} reviewers{aside}")
        return
    enough = (
        2 * accepting > len(of) if conditions.accepted_by == "majority" else accepting == len(of)
    )
    if not enough or accepting < conditions.accepts:
        yield defect("review_rejected", f"{accepting} of {len(of)} accept it")
    elif conditions.mean is not None and not changed and (mean is None or mean < conditions.mean):
        said = "no overall rating" if mean is None else f"{mean:.2f}"
        yield defect("review_rated_low", f"{said}; the bound is {conditions.mean:g}")


def _mean(reviews: Iterable[Review]) -> float | None:
    given = [one.ratings.overall for one in reviews if one.ratings.overall is not None]
    return fmean(given) if given else None


def _last_editor(by_reviewer: dict[str, Standing]) -> str | None:
    editors = [
        (one.at, name)
        for name, one in by_reviewer.items()
        if one.review is not None and one.review.decision == "edit"
    ]
    return max(editors)[1] if editors else None
