"""Making a prompt fit the model's context by leaving out its oldest turns.

A turn is a user message and everything up to the next one. Turns go whole, oldest first. What
stays: every system message, the turn that is going on, every turn with a tool call that has no
result yet, and a call's result wherever its call is: the two stay or go together even when they
stand in different turns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)

from .errors import ContextOverflow


@dataclass(frozen=True, slots=True)
class Fitted:
    """A prompt that fits, and how many turns it lacks."""

    messages: Sequence[LLMMessage]
    dropped_turns: int
    tokens: int
    """Its size, by the count it was fitted with."""


def fit(
    messages: Sequence[LLMMessage],
    *,
    room: int,
    count: Callable[[Sequence[LLMMessage]], int],
    at_least: int = 0,
) -> Fitted:
    """`messages` without as few of the oldest turns as let the rest count `room` tokens or less.

    `at_least` that many turns go in any case, for an endpoint that counts differently. Raises
    `ContextOverflow` where what must stay is too large, or there are not so many turns to drop.
    """
    tokens = count(messages)
    if tokens <= room and not at_least:
        return Fitted(messages, 0, tokens)
    droppable = _droppable_turns(messages)
    if at_least > len(droppable):
        raise _overflow(tokens, room, at_least - 1)
    low, high = at_least, len(droppable)  # fewer turns never count more: a binary search
    best: Fitted | None = None
    while low <= high:
        dropped = (low + high) // 2
        gone = {index for turn in droppable[:dropped] for index in turn}
        kept = [message for index, message in enumerate(messages) if index not in gone]
        tokens = count(kept)
        if tokens <= room:
            best = Fitted(kept, dropped, tokens)
            high = dropped - 1
        else:
            low = dropped + 1
    if best is None:
        raise _overflow(tokens, room, len(droppable))
    return best


def _overflow(tokens: int, room: int, dropped: int) -> ContextOverflow:
    return ContextOverflow(
        f"the prompt has {tokens:,} tokens even without its {dropped} oldest turns, and the "
        f"model's context has room for {max(room, 0):,} beside the answer"
    )


def _droppable_turns(messages: Sequence[LLMMessage]) -> list[list[int]]:
    """The indices of each turn that may go, oldest first; system messages are in none."""
    turn_of, turns = _turns(messages)
    whole = list(range(turns))  # turn -> the first turn it is bound to
    open_calls: dict[str, list[int]] = {}
    for index, message in enumerate(messages):
        if isinstance(message, AssistantMessage) and not isinstance(message.content, str):
            for call in message.content:
                open_calls.setdefault(call.id, []).append(turn_of[index])
        elif isinstance(message, FunctionExecutionResultMessage):
            for result in message.content:
                if called := open_calls.get(result.call_id):
                    first = whole[called.pop()]
                    # All turns between go together too, else the order would have holes.
                    for turn in range(first, turn_of[index] + 1):
                        whole[turn] = min(whole[turn], first)
    staying = {whole[turn] for calls in open_calls.values() for turn in calls}
    if turns:
        staying.add(whole[turns - 1])
    groups: dict[int, list[int]] = {}
    for index, message in enumerate(messages):
        if not isinstance(message, SystemMessage):
            groups.setdefault(whole[turn_of[index]], []).append(index)
    return [groups[first] for first in sorted(groups) if first not in staying]


def _turns(messages: Sequence[LLMMessage]) -> tuple[list[int], int]:
    """The turn of each message, and how many turns there are."""
    turn_of: list[int] = []
    turn, begun = 0, False
    for message in messages:
        if isinstance(message, UserMessage) and begun:
            turn += 1
        begun = begun or not isinstance(message, SystemMessage)
        turn_of.append(turn)
    return turn_of, turn + 1 if begun else 0
