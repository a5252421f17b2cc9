"""The annotated calls as scoring needs them, numbered as predictions refer to them.

Which samples a dialogue has is `samples.py`'s; here is the call that each of them asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...environments.api_bank.recordings import Dialogue, Requirement
from .samples import CallSample, call_samples, corrected_samples

Key = tuple[str, int]
"""File and number of a sample; for level 3 the record's number, as text, and the call's."""
Source = Dialogue | Requirement


@dataclass(frozen=True, slots=True)
class GoldCall:
    """An annotated call."""

    source: str
    """The dialogue's file, or the number of the record."""
    number: int
    name: str
    arguments: Mapping[str, Any]
    """As annotated, before coercion."""
    envelope: Mapping[str, Any]
    """As it was recorded: {api_name, input, output, exception}."""

    @property
    def key(self) -> Key:
        return self.source, self.number


def gold_call(sample: CallSample) -> GoldCall:
    """The call that a sample asks for."""
    turn = sample.gold
    return GoldCall(sample.file, sample.id, turn.api_name, turn.param_dict, turn.result)


def published_calls(source: Source) -> list[GoldCall]:
    """The calls that the paper counts; one that follows a call directly counts twice."""
    return [gold_call(sample) for sample in call_samples(source)]


def every_call(source: Source) -> list[GoldCall]:
    """Every call once, in order."""
    return [gold_call(sample) for sample in corrected_samples(source)]
