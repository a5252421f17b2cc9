"""What one person says of one trajectory, and the words in which it is stored.

A review is of a trajectory as it stood: `content_digest` covers what a reviewer reads and nothing
else, so that scores and ratings may come later, and a changed conversation is another one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ...trajectories.canonical import digest
from ...trajectories.editing import Revision
from ...trajectories.trajectory import Trajectory
from ..quality.grades import Grade

_NAME = re.compile(r"[^\W_](?:[\w .-]{0,38}\w)?")
Decision = Literal["accept", "reject", "edit"]


def reviewer_name(name: str) -> str:
    """The name in small letters, as it is stored; it names a file too.

    Raises `ValueError` for one that is empty, too long, or holds anything but letters, digits,
    spaces, dots and dashes.
    """
    plain = unicodedata.normalize("NFC", name.strip()).casefold()
    if not _NAME.fullmatch(plain):
        raise ValueError(
            "a reviewer's name is 1 to 40 letters, digits, spaces, dots or dashes, "
            "and begins and ends with a letter or digit"
        )
    return plain


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Ratings(_Part):
    """How good somebody finds a conversation; None: not said.

    The four qualities are those of ToolFlow's human evaluation (Wang et al. 2024), as in
    `evaluation.quality`; `overall` is the rater's scale.
    """

    naturalness: Grade | None = None
    coherence: Grade | None = None
    helpfulness: Grade | None = None
    accuracy: Grade | None = None
    overall: Literal[0, 1, 2, 3, 4, 5] | None = None


SCALES = tuple(Ratings.model_fields)


class Review(_Part):
    """A decision with ratings."""

    decision: Decision
    ratings: Ratings = Ratings()
    comment: str = Field(default="", max_length=10_000)
    revision: Revision | None = None
    """What is edited, where that is the decision."""

    @model_validator(mode="after")
    def _edited_if_edit(self) -> Review:
        if (self.decision == "edit") != (self.revision is not None):
            raise ValueError("a revision goes with the decision edit, and with no other")
        return self


class Entry(_Part):
    """One line of a reviewer's file. Later lines stand over earlier ones."""

    schema_version: Literal[1] = 1
    kind: Literal["review", "skip", "withdraw", "reveal"]
    """reveal: the reviewer was shown what others and models say; later reviews are not blind."""
    reviewer: Annotated[str, AfterValidator(reviewer_name)]
    source: str
    """The run, or the file, in which it was reviewed: its name below the folder of runs."""
    episode: str
    digest: str
    """Of the content. A copy with the same content, such as a rated one, is the same trajectory."""
    review: Review | None = None
    at: float
    """Unix time in seconds."""

    @model_validator(mode="after")
    def _reviews_hold_one(self) -> Entry:
        if (self.kind == "review") != (self.review is not None):
            raise ValueError("a review stands in a line of kind review, and in no other")
        return self


def content_digest(trajectory: Trajectory) -> str:
    """Digest of what a reviewer reads: id, tools, messages and which branch is the main one."""
    read: dict[str, Any] = trajectory.model_dump(
        mode="json", include={"id", "tools", "messages", "main"}, exclude_none=True
    )
    return digest(read)
