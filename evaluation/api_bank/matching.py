"""How two values of a call's envelope are compared: to the letter, normalised, or by their words.

Each match is a function on two envelopes (predicted, recorded). The normalisers are those of the
tools themselves, so that what a tool takes for the same is the same here. A value that cannot be
normalised raises, as it does upstream; `checkers.py` says what becomes of that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...environments.api_bank.desk import DATE, MOMENT, loose_time

Envelope = Mapping[str, Any]
Match = Callable[[Envelope, Envelope], bool]
Normal = Callable[[Any], Any]
SUCCESS = "success"


def same(part: str) -> Match:
    """That part of the envelopes is equal."""
    return lambda predicted, recorded: bool(predicted.get(part) == recorded.get(part))


def anything(predicted: Envelope, recorded: Envelope) -> bool:
    return True


def null_as_recorded(predicted: Envelope, recorded: Envelope) -> bool:
    """The output may be anything, but must be null where the recorded one is."""
    return recorded["output"] is not None or predicted["output"] is None


def fields(**normal: Normal) -> Match:
    """These inputs are equal after normalising; others are free."""
    return lambda predicted, recorded: all(
        norm(predicted["input"][name]) == norm(recorded["input"][name])
        for name, norm in normal.items()
    )


def words(name: str, normal: Normal, **others: Normal) -> Match:
    """More than half of the words of two texts are common (split at spaces, as sets), and the
    `others` are equal."""
    rest = fields(**others)

    def match(predicted: Envelope, recorded: Envelope) -> bool:
        ours, theirs = (set(normal(e["input"][name]).split(" ")) for e in (predicted, recorded))
        return len(ours & theirs) / len(ours | theirs) > 0.5 and rest(predicted, recorded)

    return match


def without(name: str) -> Match:
    """All inputs but one are equal."""

    def match(predicted: Envelope, recorded: Envelope) -> bool:
        ours, theirs = (
            {key: value for key, value in e["input"].items() if key != name}
            for e in (predicted, recorded)
        )
        return ours == theirs

    return match


def both(one: Match, other: Match) -> Match:
    return lambda predicted, recorded: one(predicted, recorded) and other(predicted, recorded)


def on_success(match: Match) -> Match:
    """`match`, where both calls say "success"; else the inputs are free."""

    def guarded(predicted: Envelope, recorded: Envelope) -> bool:
        done = predicted["output"] == SUCCESS and recorded["output"] == SUCCESS
        return not done or match(predicted, recorded)

    return guarded


def as_is(value: Any) -> Any:
    return value


def stripped(value: str) -> str:
    return value.strip()


def lower(value: str) -> str:
    return value.lower().strip()


def small(value: str) -> str:
    """In small letters, and otherwise as it is."""
    return value.lower()


def upper(value: str) -> str:
    return value.upper().strip()


def spaceless(value: str) -> str:
    return value.replace(" ", "")


def moment(value: str) -> str:
    return loose_time(value, MOMENT)


def day(value: str) -> str:
    return loose_time(value, DATE)


def optional(normal: Normal) -> Normal:
    """The normaliser of an argument that may be null."""
    return lambda value: None if value is None else normal(value)


def anniversary(value: str) -> str:
    """Month and day of a date that is given with a year or without."""
    try:
        return loose_time(value, DATE)[5:]
    except ValueError:
        return loose_time(value, "%m-%d")


def devices(value: list[Mapping[str, str]]) -> list[tuple[str, str]]:
    """A scene's devices as the tool keeps them."""
    return sorted((lower(device["name"]), stripped(device["description"])) for device in value)
