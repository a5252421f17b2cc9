"""How pages are put together: sections, cards, figures with captions, tiles."""

from __future__ import annotations

from collections.abc import Sequence

from .elements import Child, Markup, el, joined


def section(title: str, lead: str, *children: Child) -> Markup:
    """A part of the page with a heading and a sentence on what it shows."""
    return el("section", el("h2", title), el("p", lead, class_="lead"), *children)


def card(*children: Child, title: str | None = None) -> Markup:
    return el("div", el("h3", title) if title else None, *children, class_="card")


def grid(*children: Child, wide: bool = False) -> Markup:
    """Cards beside each other where there is room."""
    return el("div", *children, class_="grid two" if wide else "grid")


def figure(title: str, drawing: Markup, caption: str) -> Markup:
    """A drawing in a card."""
    return el("figure", el("h3", title), drawing, el("figcaption", caption), class_="card")


def tiles(values: Sequence[tuple[str, str]]) -> Markup:
    """The few numbers that a reader looks for first: (value, what it is)."""
    return el("div", [el("div", el("b", value), el("span", name), class_="tile")
                      for value, name in values], class_="tiles")  # fmt: skip


def facts(pairs: Sequence[tuple[str, str]]) -> Markup:
    """Names and what they are."""
    return el("dl", [joined(el("dt", name), el("dd", value)) for name, value in pairs])
