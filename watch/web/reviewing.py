"""Routes for reviewing: what a reviewer is given, what they may see of it, and what they say.

Until a reviewer has rated a trajectory, and asked, nothing that is sent of it names its run, its
episode, model, score, verdicts, ratings or other people's reviews: its conversation is sent, its
tools, and how many have reviewed it. A reviewer is a name without an account: blindness is kept
for people who want to be blind, not against those who look elsewhere.
"""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from ...evaluation.reviews import (
    Entry,
    Item,
    Review,
    Standing,
    accepted,
    queue,
    review_report,
    reviewed,
    reviews_of,
)
from ...evaluation.text_difference import text_difference
from ...trajectories.editing import EditRefused, Revision, changed_messages
from ...trajectories.filters import ReviewConditions
from ...trajectories.to_events import events_of
from ...trajectories.trajectory import Trajectory
from .answers import answer
from .place import Place
from .refused import Refused
from .review_desk import ReviewDesk, named, readable

_SOURCES = Field(min_length=1, max_length=100)
Sources = Annotated[list[str], Query(alias="source", min_length=1, max_length=100)]


class Draft(BaseModel):
    """An edit that is being written."""

    model_config = ConfigDict(extra="forbid")

    source: list[str] = _SOURCES
    item: str
    revision: Revision


class Given(BaseModel):
    """What a reviewer says or does."""

    model_config = ConfigDict(extra="forbid")

    source: list[str] = _SOURCES
    item: str
    reviewer: str
    kind: Literal["review", "skip", "withdraw", "reveal"]
    review: Review | None = None


class Export(ReviewConditions):
    """The conditions on which people's word is followed, of which sources."""

    source: list[str] = _SOURCES


def router(place: Place) -> APIRouter:
    """The routes of one server."""
    routes = APIRouter()
    desk = ReviewDesk(place)

    @routes.get("/api/review/sources")
    def sources() -> dict[str, Any]:
        return {"sources": desk.sources()}

    @routes.get("/api/review/queue")
    def queued(
        source: Sources,
        reviewer: str,
        target: Annotated[int, Query(ge=1, le=100)] = 2,
        seed: int = 0,
    ) -> Response:
        """The reviewer's queue in order; `full`: trajectories with as many reviewers as wanted."""
        name, items, standings = named(reviewer), desk.items(source), desk.standings()
        counts = [len(reviews_of(standings.get(item.digest, {}))) for item in items]
        places = [
            {"item": one.item.digest, "reviewers": one.reviewers, "state": one.state,
             "outdated": one.outdated}
            for one in queue(items, standings, name, target=target, seed=seed)
        ]  # fmt: skip
        full = sum(count >= target for count in counts)
        return answer({"reviewer": name, "items": places, "total": len(items), "full": full})

    @routes.get("/api/review/item")
    def item(source: Sources, item: str, reviewer: str) -> Response:
        return answer(_shown(desk, desk.item(source, item), named(reviewer)))

    @routes.post("/api/review/check")
    def check(draft: Draft) -> Response:
        """What an edit would change, or why it cannot be made."""
        trajectory = _read(desk.item(draft.source, draft.item))
        try:
            return answer({"problem": None, "changes": _changes(trajectory, draft.revision)})
        except EditRefused as refused:
            return answer({"problem": str(refused), "changes": []})

    @routes.post("/api/review/entry")
    def entry(given: Given) -> Response:
        """Keep it; the answer is sent when it is on the disk, and shows the item as it is then."""
        name, found = named(given.reviewer), desk.item(given.source, given.item)
        _refuse(given, _read(found), desk.standings().get(found.digest, {}).get(name))
        desk.keep(
            Entry(
                kind=given.kind,
                reviewer=name,
                source=found.source,
                episode=found.episode,
                digest=found.digest,
                review=given.review,
                at=time.time(),
            )
        )
        return answer(_shown(desk, found, name))

    @routes.get("/api/review/results")
    def results(source: Sources, reviewer: str | None = None) -> Response:
        """What people say together; with a reviewer, single items only where they rated them."""
        seen_by = named(reviewer) if reviewer else None
        with readable():
            report = review_report(desk.items(source), desk.standings(), seen_by=seen_by)
        return answer(report.model_dump(mode="json"))

    @routes.get("/api/review/export")
    def export(conditions: Annotated[Export, Query()]) -> Response:
        """What people accept, in the form in which they do, a trajectory a line."""
        decide = reviewed(desk.entries(), conditions)
        with readable():
            read = (one.trajectory() for one in desk.items(conditions.source))
            kept = [one.model_dump_json(exclude_none=True) for one in accepted(read, decide)]
        named_so = {"content-disposition": 'attachment; filename="reviewed.jsonl"'}
        text = "".join(f"{line}\n" for line in kept)
        return Response(text, media_type="application/jsonl", headers=named_so)

    return routes


def _refuse(given: Given, trajectory: Trajectory, mine: Standing | None) -> None:
    """Raise `Refused` for what cannot be kept."""
    rated = mine is not None and mine.review is not None
    if (given.kind == "review") != (given.review is not None):
        raise Refused(422, "a review goes with the kind review, and with no other")
    if given.kind in ("withdraw", "reveal") and not rated:
        raise Refused(409, "you have not rated this conversation: rate it first")
    if given.review is not None and given.review.revision is not None:
        try:
            changed_messages(trajectory, given.review.revision)
        except EditRefused as refused:
            raise Refused(422, str(refused)) from None


def _read(item: Item) -> Trajectory:
    with readable():
        return item.trajectory()


def _shown(desk: ReviewDesk, item: Item, name: str) -> dict[str, Any]:
    """An item as this reviewer may see it."""
    trajectory, of = _read(item), desk.standings().get(item.digest, {})
    mine = of.get(name)
    review = mine.review if mine else None
    revision = review.revision if review else None
    shown = {
        "item": item.digest,
        "reviewers": len(reviews_of(of)),
        "tools": [tool.model_dump(mode="json", include={"name", "description", "parameters"})
                  for tool in trajectory.tools],
        "system": [message.content for message in trajectory.path() if message.role == "system"],
        "events": [event.model_dump(mode="json", exclude={"episode"})
                   for event in events_of(trajectory)],
        "mine": review.model_dump(mode="json") if review else None,
        "changes": _changes(trajectory, revision) if revision else [],
        "others": None,
    }  # fmt: skip
    if mine is not None and mine.revealed and mine.review is not None:
        shown["others"] = _others(item, trajectory, of, name)
    return shown


def _others(
    item: Item, trajectory: Trajectory, of: dict[str, Standing], name: str
) -> dict[str, Any]:
    """What a reviewer sees who has rated, and asked."""
    fields = {"model_name", "score", "verdicts", "outcome", "rater_score", "rate_model",
              "rater_explanation"}  # fmt: skip
    return {
        "source": item.source,
        "episode": item.episode,
        **trajectory.model_dump(mode="json", include=fields),
        "reviews": [
            {"reviewer": other, **one.review.model_dump(mode="json", exclude={"revision"}),
             "changes": _changes(trajectory, one.review.revision) if one.review.revision else []}
            for other, one in reviews_of(of).items()
            if other != name and one.review is not None
        ],
    }  # fmt: skip


def _changes(trajectory: Trajectory, revision: Revision) -> list[dict[str, Any]]:
    """What an edit changes, message by message. Raises `EditRefused`."""
    found = []
    for before, after in changed_messages(trajectory, revision):
        pairs = [("words", before.content or "", after.content or "")]
        for was, now in zip(before.tool_calls or (), after.tool_calls or (), strict=True):
            pairs.append((was.function.name, was.function.arguments, now.function.arguments))
        found += [
            {"message": before.id, "role": before.role, "what": what,
             "runs": text_difference(one, other)}
            for what, one, other in pairs
            if one != other
        ]  # fmt: skip
    return found
