"""Numbers as people read them."""

from __future__ import annotations

from .diversity import DistinctAtSize
from .intervals import Interval

NONE = "–"
NOT_MEASURED = "not measured"


def count(value: int | None) -> str:
    """Thousands apart by narrow spaces that do not break."""
    return NONE if value is None else f"{value:,}".replace(",", "\u202f")


def decimal(value: float | None, places: int = 2) -> str:
    if value is None:
        return NONE
    # A tiny negative number must not read "-0.00".
    rounded = round(value, places) + 0.0
    return f"{rounded:,.{places}f}".replace(",", "\u202f").replace("-", "\u2212")


def signed(value: float, places: int = 2) -> str:
    shown = decimal(value, places)
    return shown if value < 0 or not shown.strip("0.\u202f") else f"+{shown}"


def percent(share: float | None, places: int = 1) -> str:
    return NONE if share is None else f"{decimal(100 * share, places)}\u00a0%"


def interval(value: Interval | None, places: int = 2, scale: float = 1.0) -> str:
    """Mean with its interval, such as "27.91 [25.36, 30.23]"."""
    if value is None:
        return NONE
    low, high = decimal(scale * value.low, places), decimal(scale * value.high, places)
    return f"{decimal(scale * value.mean, places)} [{low}, {high}]"


def share_interval(share: Interval | None) -> str:
    """The same for a share, in percent."""
    if share is None:
        return NONE
    value, _, rest = interval(share, 1, 100).partition(" ")
    return f"{value}\u00a0% {rest}"


def draws(value: DistinctAtSize | None) -> str:
    """D-3 at a size with the lowest and the highest draw."""
    if value is None:
        return NONE
    return f"{decimal(value.mean, 3)} [{decimal(value.low, 3)}, {decimal(value.high, 3)}]"


def span(low: int, high: int) -> str:
    return count(low) if low == high else f"{count(low)}–{count(high)}"


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
