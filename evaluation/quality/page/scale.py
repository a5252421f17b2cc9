"""Axes: from values to places on a drawing, and the round numbers to write beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values from `low` to `high` onto places from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high = self._shown(self.low), self._shown(self.high)
        if high == low:
            return (self.start + self.end) / 2
        share = (self._shown(value) - low) / (high - low)
        return self.start + share * (self.end - self.start)

    def _shown(self, value: float) -> float:
        return math.log10(value) if self.log else value


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from `low` to `high`, at most `most` or one more."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low]
    rough = (high - low) / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * f for f in (1, 2, 5, 10) if power * f >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(at * step, 10) for at in range(first, last + 1)]


def extent(values: Sequence[float], margin: float = 0.08) -> tuple[float, float]:
    """Lowest and highest with some room; a width of 1 where they are equal."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    room = (high - low) * margin or 0.5
    return low - room, high + room
