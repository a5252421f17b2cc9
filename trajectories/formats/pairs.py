"""Pairs for preference training: two conversations that share their beginning, as one trajectory
with two branches, and such a trajectory as two conversations again.

So a form of pairs is its form of conversations, read and written twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..trajectory import Message, Preference, Trajectory
from .format import Losses, Read, Refused, Write

LABEL = "label"
"""Who prefers one to the other in a data set that does not say."""


def joined(name: str, chosen: Trajectory, rejected: Trajectory, margin: Any = None) -> Trajectory:
    """One trajectory of the format `name`. Raises `Refused` where neither conversation goes on
    after they part."""
    shared = _shared([_said(m) for m in chosen.messages], [_said(m) for m in rejected.messages])
    if shared in (len(chosen.messages), len(rejected.messages)):
        raise Refused("one of chosen and rejected is the other, or its beginning")
    messages = list(chosen.messages)
    for message in rejected.messages[shared:]:
        id = len(messages)
        parent = message.parent if message.id == shared else id - 1
        messages.append(message.model_copy(update={"id": id, "parent": parent}))
    better = len(chosen.messages) - 1
    preference = Preference(
        chosen=better, rejected=len(messages) - 1, by=LABEL,
        margin=margin if isinstance(margin, int | float) else None,
    )  # fmt: skip
    return chosen.model_copy(
        update={
            "messages": messages, "main": better, "preferences": [preference],
            "scenario": name, "environment": name,
        }
    )  # fmt: skip


def read_one(read: Read, record: dict[str, Any], losses: Losses, which: str) -> Trajectory:
    """The one conversation in `record`; `which` is named where it is refused."""
    try:
        return next(iter(read(record, losses)))
    except Refused as problem:
        raise Refused(f"{which}: {problem}") from None


def written_twice(
    trajectory: Trajectory, write: Write, names: tuple[str, str], losses: Losses
) -> tuple[dict[str, Any], dict[str, Any], Preference]:
    """The chosen and the rejected branch as records of the form that `write` writes, and the
    preference. `names` are the format's and that form's. Raises `Refused` without a preference."""
    if not trajectory.preferences:
        raise Refused("it prefers no branch to another")
    losses.lose("further pairs of the same trajectory", len(trajectory.preferences) - 1)
    preference = trajectory.preferences[0]
    losses.lose("who prefers one branch", preference.by not in ("", LABEL))
    apart = Losses()
    chosen = write(_branch(trajectory, preference.chosen, names), losses)
    rejected = write(_branch(trajectory, preference.rejected, names), apart)
    # What both branches lose is lost once.
    losses.kinds |= apart.kinds
    return chosen, rejected, preference


def parted(chosen: list[Any], rejected: list[Any]) -> tuple[list[Any], list[Any], list[Any]]:
    """What both begin with, and how each goes on. Raises `Refused` where one does not."""
    shared = _shared(chosen, rejected)
    if shared in (len(chosen), len(rejected)):
        raise Refused("written, one of its branches is the other, or its beginning")
    return chosen[:shared], chosen[shared:], rejected[shared:]


def _branch(trajectory: Trajectory, leaf: int, names: tuple[str, str]) -> Trajectory:
    ours, form = names
    path = [
        message.model_copy(update={"id": place, "parent": place - 1 if place else None})
        for place, message in enumerate(trajectory.path(leaf))
    ]
    named = {key: form for key in ("scenario", "environment") if getattr(trajectory, key) == ours}
    return trajectory.model_copy(
        update={"messages": path, "main": None, "preferences": [], **named}
    )


def _shared(one: Sequence[Any], other: Sequence[Any]) -> int:
    """How many items both begin with."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _said(message: Message) -> Message:
    """The message without whether it is learnt: of pairs, what differs is."""
    return message.model_copy(update={"weight": None})
