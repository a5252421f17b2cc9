"""Tools and domains: what is used, how evenly, how much of a pool."""

from __future__ import annotations

from collections.abc import Sequence

from ..coverage import LISTED, Coverage, Use
from ..wording import count, decimal, percent
from .charts import Point, bar, lines
from .elements import Markup, el, joined, table
from .layout import card, facts, figure, grid, section

_SHOWN = 12


def use_section(coverage: Coverage) -> Markup:
    """How tools are used."""
    return section(
        "Tools and domains",
        "A domain is a tag of a tool. Tools that were on offer and never called count as used "
        "nought times.",
        grid(card(_facts(coverage), title="Coverage"), _lorenz(coverage), wide=True),
        grid(
            card(_uses(coverage.domains, "domain"), title="Domains by calls"),
            card(_uses(coverage.tools, "tool"), title="Tools by calls"),
            wide=True,
        ),
    )


def _facts(coverage: Coverage) -> Markup:
    pairs = [
        ("Tools on offer", count(coverage.tools_offered)),
        ("Tools called", _of(coverage.tools_called, coverage.tools_offered)),
        ("Domains called", _of(coverage.domains_called, coverage.domains_offered)),
        ("Calls of tools not on offer", count(coverage.unknown_calls)),
        ("Gini of calls over tools", f"{decimal(coverage.gini)} (0: even, 1: one tool has all)"),
        ("Entropy of calls", f"{decimal(coverage.entropy)} bits, {percent(coverage.evenness, 0)} "
         "of what an even use would have"),
    ]  # fmt: skip
    if coverage.pool_size is not None:
        pairs += [
            ("Pool", f"{count(coverage.pool_size)} tools"),
            ("Of the pool on offer", percent(coverage.pool_offered_share)),
            ("Of the pool called", percent(coverage.pool_called_share)),
            ("On offer, not in the pool", count(coverage.outside_pool)),
        ]
    return facts(pairs)


def _of(part: int, whole: int) -> str:
    return f"{count(part)} of {count(whole)} ({percent(part / whole if whole else None, 0)})"


def _lorenz(coverage: Coverage) -> Markup | None:
    if not coverage.lorenz:
        return None
    series = [
        ("calls", [Point(x, y) for x, y in coverage.lorenz]),
        ("even use", [Point(0.0, 0.0), Point(1.0, 1.0)]),
    ]
    drawing = lines(
        series, "share of calls by share of tools", x_ticks=(0.0, 0.25, 0.5, 0.75, 1.0),
        y_range=(0.0, 1.0), percent_axes=True, x_name="of the tools, the least used first",
        dots=False, colours=(0, 7),
    )  # fmt: skip
    return figure("How evenly tools are used", drawing,
                  "The share of all calls that goes to the least used share of tools; the "
                  "straight line is even use.")  # fmt: skip


def _uses(uses: Sequence[Use], what: str) -> Markup:
    most = float(max((use.calls for use in uses), default=0))
    rows = [
        (use.name, bar([("calls", float(use.calls), 0)], most, f"calls of {use.name}"),
         count(use.calls), count(use.offered))
        for use in uses
    ]  # fmt: skip
    headings = (what, "", "calls", "dialogues with it on offer")
    if not rows:
        return el("p", "None.", class_="soft")
    shown = table(headings, rows[:_SHOWN], left=2)
    if len(rows) <= _SHOWN:
        return shown
    further = f"{len(rows) - _SHOWN} more" + (" (of those listed)" if len(rows) == LISTED else "")
    return joined(
        shown,
        el("details", el("summary", further), table(headings, rows[_SHOWN:], left=2)),
    )
