"""The benchmark's checkers: whether a call did what the annotated one did, tool by tool.

Upstream each tool has a checker of its own, which compares the envelope of the predicted call with
the recorded one. Here they are rules in one table: what of the input, the output and the exception
is compared, and how. `published` keeps upstream's defects, because the published figures have
them; `corrected` is without those that make the annotated call itself wrong:

- DeleteMeeting looks for a `time` that meetings do not have, and is never right on success: here
  the start time is compared.
- The timed switches' records have the retired argument `device_id`: it is read as `name`, in
  predictions too, since the history shows it.
- QueryScene's records are older than the small letters of its output: capitals do not count.
- ToolSearcher's records have descriptions that were edited later: the tool that is found counts.
- SearchEngine, HotelAvailability and TaxCalculator fail on an output that is null, and any checker
  on a value that cannot be normalised: here it is simply another value.

What makes wrong calls right is kept in both, such as that neither the measurements of
RecordHealthData nor the token of agendas and reminders are compared.
Source: Li et al. 2023, section 4, and the upstream repository's tools.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ...environments.api_bank.declaration import LEVEL_3, Catalog
from .matching import Envelope, Match, same
from .rules import CORRECTED_1, CORRECTED_3, PUBLISHED_1, PUBLISHED_3

Mode = Literal["published", "corrected"]
Part = Literal["api_name", "input", "output", "exception"]
_PARTS: tuple[Part, ...] = ("api_name", "exception", "output", "input")
"""In the order in which a difference is told."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a checker says of a predicted call."""

    differs: tuple[Part, ...]
    """Parts of the envelope in which the call is not the recorded one."""
    crashed: str | None = None
    """The Python error with which the published checker ends; the call then counts as wrong."""

    @property
    def equal(self) -> bool:
        return not self.differs and self.crashed is None


def compare(
    catalog: Catalog, tool: str, predicted: Envelope, recorded: Envelope, mode: Mode
) -> Comparison:
    """The verdict of the checker of `tool` (the annotated call's) on two envelopes.

    Raises `KeyError` for a tool that is not in the catalog's table.
    """
    level_3 = catalog.name == LEVEL_3.name
    rule = (PUBLISHED_3 if level_3 else PUBLISHED_1)[tool]
    if mode == "corrected":
        rule = (CORRECTED_3 if level_3 else CORRECTED_1).get(tool, rule)
        predicted, recorded = _renewed(tool, predicted), _renewed(tool, recorded)
    differs: list[Part] = []
    crashed = None
    for part in _PARTS:
        match: Match = getattr(rule, part)
        try:
            equal = match(predicted, recorded)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            crashed = crashed or type(error).__name__
            equal = mode == "corrected" and same(part)(predicted, recorded)
        if not equal:
            differs.append(part)
    return Comparison(tuple(differs), crashed if mode == "published" else None)


def _renewed(tool: str, envelope: Envelope) -> Envelope:
    """The envelope with the names that its arguments have now."""
    given = envelope.get("input")
    if tool not in ("TimedSwitch", "CancelTimedSwitch") or not isinstance(given, Mapping):
        return envelope
    names = {"device_id": "name"}
    return {**envelope, "input": {names.get(k, k): v for k, v in given.items()}}
