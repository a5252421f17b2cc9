"""Table 1 and the distributions behind it."""

from __future__ import annotations

from ..report import Figures
from ..size import DISTRIBUTIONS, Size
from ..wording import count, decimal, percent, ratio
from .charts import bar, columns, legend
from .elements import Markup, el, table
from .layout import card, figure, grid, section

_PARTS = {"user": "user", "assistant": "assistant", "calls": "calls", "tools": "tool results"}
_UNITS = {
    "turn_calls": "turns",
    "arguments": "calls",
    "request_words": "requests",
    "response_words": "responses",
}


def size_section(figures: Figures, tokenizer: str, human: Figures | None) -> Markup:
    """Size of the set, and how it is spread over dialogues."""
    size = figures.size
    return section(
        "Size and shape",
        "A turn is a request with all that follows it until the next; a call turn is one in which "
        "a tool was called.",
        grid(card(_table(figures, human), title="Totals and means"),
             card(_tokens(size), title=f"Tokens by who wrote them (counted by {tokenizer})"),
             wide=True),
        grid(*[
            figure(title, columns(size.distributions[name], title, _UNITS.get(name, "dialogues")),
                   _caption(size, name))
            for name, title in DISTRIBUTIONS.items() if size.distributions[name].count
        ]),
    )  # fmt: skip


def _table(figures: Figures, human: Figures | None) -> Markup:
    sets = [figures, *([human] if human else [])]
    headings = [""]
    for one in sets:
        headings += [f"{one.name}: in all" if human else "in all", "per dialogue"]
    rows = []
    for name, figure_ in (("dialogues", "dialogues"), ("turns", "turns"), ("tokens", "tokens"),
                          ("calls", "calls"), ("call turns", "call_turns"),
                          ("with parallel calls", "parallel_turns"),
                          ("with successive calls", "multiple_turns"),
                          ("turns without call", "turns_without_call")):  # fmt: skip
        row = [name]
        for one in sets:
            mean = one.size.per_dialogue(figure_) if figure_ != "dialogues" else None
            row += [count(getattr(one.size, figure_)), decimal(mean) if mean is not None else ""]
        rows.append(row)
    chitchat = ["chitchat share of plan steps"]
    for one in sets:
        chitchat += [percent(one.size.chitchat_share), ""]
    return table(headings, [*rows, chitchat])


def _tokens(size: Size) -> Markup:
    parts = [(_PARTS[part], n, at) for at, (part, n) in enumerate(size.tokens_by_part.items())]
    rows = [
        (name, count(n), percent(ratio(n, size.tokens)),
         decimal(ratio(n, size.dialogues), 1)) for name, n, _ in parts
    ]  # fmt: skip
    return el(
        "div",
        legend([(name, at) for name, _, at in parts]),
        bar([(name, float(n), at) for name, n, at in parts], float(size.tokens), "tokens by part"),
        table(["", "tokens", "share", "per dialogue"], rows),
        el("p", "System messages and tool descriptions are not counted.", class_="soft"),
    )


def _caption(size: Size, name: str) -> str:
    values = size.distributions[name]
    return (
        f"mean {decimal(values.mean)}, median {count(values.median)}, nine in ten up to "
        f"{count(values.p90)}, {count(values.minimum)} to {count(values.maximum)}"
    )
