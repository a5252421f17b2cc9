"""What a conversation loses that is too long: whole turns or whole steps, oldest first.

A call is never cut, nor parted from its results. System messages stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

Messages = Sequence[Mapping[str, Any]]
Made = TypeVar("Made")


def shortened(messages: Messages, what: Literal["turns", "steps"]) -> list[Messages]:
    """The messages, then the same less their oldest turn or step, less their two oldest, and so on
    until nothing is left to be dropped."""
    without_oldest = without_oldest_turn if what == "turns" else without_oldest_step
    ways = [messages]
    while (fewer := without_oldest(ways[-1])) is not None:
        ways.append(fewer)
    return ways


def longest(
    ways: Sequence[Messages], made: Callable[[Messages], Made | None]
) -> tuple[Made | None, int]:
    """What `made` makes of the first of the `shortened` messages that is short enough for it (else
    it makes None), and that one's place; None and their number where none is.

    Halves what is left with each attempt: a long conversation has hundreds of turns, and to write
    one as tokens takes time for each of them.
    """
    found: Made | None = None
    start, end = 0, len(ways)
    at = 0  # Most conversations fit as they are.
    while start < end:
        one = made(ways[at])
        if one is None:
            start = at + 1
        else:
            found, end = one, at
        at = (start + end) // 2
    return found, end


def without_oldest_turn(messages: Messages) -> tuple[Mapping[str, Any], ...] | None:
    """The messages less the first user turn: a user's message and all up to the next one. None if
    it is the only one."""
    users = _users(messages)
    if len(users) < 2:
        return None
    system = tuple(m for m in messages[: users[1]] if m["role"] == "system")
    return system + tuple(messages[users[1] :])


def without_oldest_step(messages: Messages) -> tuple[Mapping[str, Any], ...] | None:
    """The messages less the oldest of what follows the first user's message, which is the task.

    Up to the user's next message where there is one; else a step of the assistant's: its words and
    calls with their results. None if there is but one step.
    """
    places = [at for at, message in enumerate(messages) if message["role"] != "system"]
    step = _oldest_step([messages[at] for at in places])
    if step is None:
        return None
    gone = {places[at] for at in step}
    return tuple(message for at, message in enumerate(messages) if at not in gone)


def _oldest_step(said: Messages) -> range | None:
    """Which of the messages, without those of the system, go first."""
    users = _users(said)
    if not users:
        return None
    kept = users[0] + 1
    if len(users) > 1 and users[1] == kept:
        # What the task was followed by is gone already: the next turn goes as a whole.
        end = users[2] if len(users) > 2 else _next_step(said, kept := kept + 1)
    else:
        end = users[1] if len(users) > 1 else _next_step(said, kept)
    return None if end is None else range(kept, end)


def _next_step(messages: Messages, start: int) -> int | None:
    """Where the second step from `start` on begins: at an assistant's message after results."""
    for at in range(start + 1, len(messages)):
        if messages[at]["role"] == "assistant" and messages[at - 1]["role"] == "tool":
            return at
    return None


def _users(messages: Messages) -> list[int]:
    return [at for at, message in enumerate(messages) if message["role"] == "user"]
