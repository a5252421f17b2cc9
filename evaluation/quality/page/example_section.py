"""A few dialogues to read."""

from __future__ import annotations

from collections.abc import Sequence

from ..report import Example, Turn
from ..wording import count
from .elements import Markup, el, joined
from .layout import section


def example_section(examples: Sequence[Example]) -> Markup | None:
    """None where there is no dialogue."""
    if not examples:
        return None
    return section(
        "Examples",
        "Drawn by seed, not chosen; long texts are shortened.",
        [_example(example, opened=at == 0) for at, example in enumerate(examples)],
    )


def _example(example: Example, opened: bool) -> Markup:
    title = f"{example.id} · {example.scenario}" if example.scenario else example.id
    rest = (
        el("p", f"{count(example.left_out)} further messages", class_="soft")
        if example.left_out
        else None
    )
    return el(
        "details",
        el("summary", title),
        el("ul", [_turn(turn) for turn in example.turns], class_="talk"),
        rest,
        class_="card",
        open="open" if opened else None,
    )


def _turn(turn: Turn) -> Markup:
    calls = [el("pre", f"{name}({arguments})") for name, arguments in turn.calls]
    said = el("pre" if turn.role == "tool" else "p", turn.text) if turn.text else None
    kind = turn.role if turn.role in ("user", "assistant", "tool") else None
    return el("li", el("small", turn.role), joined(said, calls), class_=kind)
