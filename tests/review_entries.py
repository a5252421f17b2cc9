"""Reviews of small dialogues, as somebody might have given them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from filter_dialogues import booked

from callsheet.evaluation.reviews import Entry, content_digest
from callsheet.trajectories.trajectory import Trajectory


def dialogue_of(number: int, **more: Any) -> Trajectory:
    """One of as many different good dialogues as there are numbers."""
    told = booked(seats=number + 1)
    return told.model_copy(update={"id": f"{number:06d}-book", "model_name": "secret-model",
                                   "score": 1.0, **more})  # fmt: skip


def written(path: Path, trajectories: Iterable[Trajectory]) -> Path:
    """A file of these trajectories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(one.model_dump_json().encode() + b"\n" for one in trajectories))
    return path


def entry(trajectory: Trajectory, reviewer: str = "anna", **more: Any) -> Entry:
    """A review; `more`: of the review itself, or kind, source and at."""
    lines = {name: more.pop(name) for name in ("kind", "source", "at") if name in more}
    review = {"decision": "accept", **more}
    if lines.get("kind", "review") != "review":
        review = None
    return Entry.model_validate(
        {"kind": "review", "reviewer": reviewer, "source": "0001", "episode": trajectory.id,
         "digest": content_digest(trajectory), "review": review, "at": 1.0, **lines}
    )  # fmt: skip
