"""Drawings in SVG: columns, lines, intervals and bars, each with a name and hover titles.

Colours come from the style sheet by class (`s0` to `s7`), so that light and dark follow the
reader's system. Sizes are in the drawing's own units; the page scales it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..distributions import Distribution
from ..wording import count, decimal, percent, ratio, span
from .elements import Child, Markup, el, joined
from .scale import Scale, extent, ticks

SERIES = 8
"""Colours there are; further series begin again."""
_WIDTH = 360.0


@dataclass(frozen=True, slots=True)
class Point:
    """A measured point; `low` and `high` are its range where it has one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval, on a line of its own or beside others."""

    label: str
    series: int
    value: float
    low: float
    high: float


def colour(series: int) -> str:
    return f"s{series % SERIES}"


def columns(values: Distribution, label: str, unit: str) -> Markup:
    """A histogram; `unit` says what is counted, such as "dialogues"."""
    height, left, right, top, bottom = 150.0, 40.0, 6.0, 8.0, 22.0
    most = max((b.count for b in values.bins), default=1)
    y = Scale(0, most, height - bottom, top)
    step = (_WIDTH - left - right) / max(1, len(values.bins))
    bars = []
    for at, one in enumerate(values.bins):
        start = left + at * step
        share = percent(ratio(one.count, values.count))
        bars.append(
            _hover(
                f"{span(one.low, one.high)}: {count(one.count)} {unit} ({share})",
                el("rect", class_="hit", x=start, y=top, width=step, height=height - top - bottom),
                el("rect", class_="bar s0", x=start + step * 0.08, y=y(one.count),
                   width=step * 0.84, height=max(height - bottom - y(one.count),
                                                 0.8 if one.count else 0.0)),
            )
        )  # fmt: skip
    every = max(1, -(-len(values.bins) // 8))
    marks = [
        _text(count(one.low), left + (at + 0.5) * step, height - 7, "middle")
        for at, one in enumerate(values.bins)
        if at % every == 0
    ]
    return _drawing(label, height, _rows(y, [t for t in ticks(0, most, 3) if t == int(t)], left,
                                         right), bars, marks)  # fmt: skip


def lines(
    series: Sequence[tuple[str, Sequence[Point]]],
    label: str,
    *,
    x_log: bool = False,
    x_ticks: Sequence[float] = (),
    y_range: tuple[float, float] | None = None,
    x_name: str = "",
    percent_axes: bool = False,
    dots: bool = True,
    colours: Sequence[int] = (),
) -> Markup:
    """Lines with points and ranges."""
    height, left, right, top, bottom = 220.0, 44.0, 18.0, 10.0, 36.0
    points = [point for _, row in series for point in row]
    xs = [p.x for p in points] or [0.0, 1.0]
    low, high = y_range or extent([v for p in points for v in _values(p)])
    x = Scale(min(xs), max(xs), left + 8, _WIDTH - right - 8, log=x_log)
    y = Scale(low, high, height - bottom, top)
    write = (lambda v: percent(v, 0)) if percent_axes else _plain
    drawn: list[Markup] = []
    for place, (name, row) in enumerate(series):
        at = colours[place] if colours else place
        path = " ".join(f"{'L' if n else 'M'}{x(p.x):.2f} {y(p.y):.2f}" for n, p in enumerate(row))
        drawn.append(el("path", class_=f"line {colour(at)}", d=path or None))
        for p in row:
            drawn.append(_point(name, p, x, y, at, x_name, dots))
    marks = [_text(write(v), x(v), height - 20, "middle") for v in x_ticks]
    return _drawing(label, height, _rows(y, ticks(low, high), left, right, write), drawn, marks,
                    [_text(x_name, (left + _WIDTH - right) / 2, height - 5, "middle")])  # fmt: skip


def estimates(
    rows: Sequence[Estimate],
    label: str,
    *,
    domain: tuple[float, float] | None = None,
    zero: bool = False,
    places: int = 2,
) -> Markup:
    """Dots with intervals, one below the other; `zero` draws a line there."""
    line, top, left, right = 22.0, 6.0, 128.0, 14.0
    height = top + line * max(1, len(rows)) + 22
    low, high = domain or extent([v for r in rows for v in (r.low, r.high)] + [0.0] * zero)
    x = Scale(low, high, left, _WIDTH - right)
    grid = [
        el("path", class_="rule", d=f"M{x(t):.2f} {top}V{height - 18:.2f}")
        for t in ticks(low, high, 5)
    ]
    marks = [_text(_plain(t), x(t), height - 5, "middle") for t in ticks(low, high, 5)]
    if zero and low < 0 < high:
        grid.append(el("path", class_="zero", d=f"M{x(0):.2f} {top}V{height - 18:.2f}"))
    drawn: list[Markup] = []
    for at, row in enumerate(rows):
        y = top + line * (at + 0.5)
        shown = f"{decimal(row.value, places)} [{decimal(row.low, places)}, "
        said = f"{row.label}: {shown}{decimal(row.high, places)}]"
        drawn.append(_text(_short(row.label, 22), left - 8, y + 3.5, "end"))
        drawn.append(_hover(
            said,
            el("rect", class_="hit", x=left, y=y - line / 2, width=_WIDTH - left - right,
               height=line),
            el("path", class_=f"range {colour(row.series)}",
               d=f"M{x(row.low):.2f} {y:.2f}H{x(row.high):.2f}"),
            el("circle", class_=f"dot {colour(row.series)}", cx=x(row.value), cy=y, r=4),
        ))  # fmt: skip
    return _drawing(label, height, grid, drawn, marks)


def bar(parts: Sequence[tuple[str, float, int]], whole: float, label: str) -> Markup:
    """One horizontal bar for a table cell: (name, value, series) side by side, of `whole`."""
    at, drawn = 0.0, []
    for name, value, series in parts:
        width = 100.0 * value / whole if whole else 0.0
        if width > 0:
            shown = decimal(value, 0 if value == int(value) else 2)
            drawn.append(
                _hover(
                    f"{name}: {shown}" if name else shown,
                    el("rect", class_=f"bar {colour(series)}", x=at, y=0, width=width, height=10),
                )
            )
        at += width
    return el(
        "svg", el("title", label), drawn, class_="inline", viewBox="0 0 100 10",
        preserveAspectRatio="none", role="img", aria_label=label,
    )  # fmt: skip


def legend(names: Sequence[tuple[str, int]]) -> Markup:
    """Which colour is whose."""
    return el("p", [
        el("span", el("svg", el("rect", class_=f"bar {colour(series)}", width=10, height=10),
                      viewBox="0 0 10 10", class_="key", aria_hidden="true"), name)
        for name, series in names
    ], class_="legend")  # fmt: skip


def _point(name: str, p: Point, x: Scale, y: Scale, series: int, x_name: str, dot: bool) -> Markup:
    reach = ""
    bars: list[Markup] = []
    if p.low is not None and p.high is not None:
        reach = f" ({decimal(p.low, 3)} to {decimal(p.high, 3)})"
        bars.append(el("path", class_=f"range {colour(series)}",
                       d=f"M{x(p.x):.2f} {y(p.low):.2f}V{y(p.high):.2f}"))  # fmt: skip
    at = _plain(p.x)
    return _hover(
        f"{name}: {decimal(p.y, 3)}{reach} at {at} {x_name}".rstrip(),
        *bars,
        el("circle", class_=f"dot {colour(series)}", cx=x(p.x), cy=y(p.y), r=3) if dot else "",
        el("circle", class_="hit", cx=x(p.x), cy=y(p.y), r=10),
    )


def _values(p: Point) -> list[float]:
    return [v for v in (p.y, p.low, p.high) if v is not None]


def _rows(
    y: Scale, values: Sequence[float], left: float, right: float, write: object = None
) -> Markup:
    """Horizontal grid lines with what they stand for."""
    shown = write if callable(write) else _plain
    return joined([
        joined(
            el("path", class_="rule", d=f"M{left} {y(value):.2f}H{_WIDTH - right}"),
            _text(shown(value), left - 6, y(value) + 3.5, "end"),
        )
        for value in values
    ])  # fmt: skip


def _plain(value: float) -> str:
    if value == int(value):
        return count(int(value)).replace("-", "\u2212")
    return f"{value:.4g}".replace("-", "\u2212")


def _text(shown: str, x: float, y: float, anchor: str) -> Markup:
    return el("text", shown, x=x, y=y, text_anchor=anchor)


def _hover(said: str, *shapes: str) -> Markup:
    return el("g", el("title", said), *shapes, class_="point")


def _short(label: str, longest: int) -> str:
    return label if len(label) <= longest else label[: longest - 1] + "…"


def _drawing(label: str, height: float, *children: Child) -> Markup:
    return el(
        "svg", *children, viewBox=f"0 0 {_WIDTH:.0f} {height:.0f}", role="img",
        aria_label=label, class_="chart",
    )  # fmt: skip
