"""Markup whose text is always escaped: the only way in which strings get onto a page.

A child is either `Markup`, which only this module makes, or any other string, which is text from
who knows where: escaped, and without characters that could reorder or hide what stands around it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from typing import Any

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufff0-\uffff]"
)
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*")
_VOID = ("meta", "link", "br", "hr")
_BANNED = ("script", "style", "iframe", "object", "embed", "base", "form")


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | Iterable[str] | None


def el(tag: str, *children: Child, **attributes: Any) -> Markup:
    """An element. In attribute names `_` stands for `-`, and one at the end is dropped; an
    attribute that is None is left out. Raises `ValueError` for an element that pages never have
    and for attributes that could run or fetch something."""
    if not _NAME.fullmatch(tag) or tag in _BANNED:
        raise ValueError(f"pages have no element {tag!r}")
    written = "".join(
        f' {_attribute(name)}="{text(_number(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{joined(*children)}</{tag}>")


def joined(*children: Child) -> Markup:
    """Children one after another; None is nothing."""
    parts: list[str] = []
    for child in children:
        if isinstance(child, str):
            parts.append(child if isinstance(child, Markup) else text(child))
        elif child is not None:
            parts.extend(one if isinstance(one, Markup) else text(one) for one in child)
    return Markup("".join(parts))


def text(value: str) -> Markup:
    """`value` for reading, whatever it holds."""
    return Markup(escape(_CONTROL.sub("\ufffd", value), quote=True))


def document(title: str, *body: Child) -> str:
    """A whole page."""
    css = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    if "</" in css:
        raise ValueError("the style sheet would end early")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = joined(
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        Markup(f"<style>{css}</style>"),
    )
    page = el("html", el("head", head), el("body", *body), lang="en")
    return f"<!doctype html>\n{page}\n"


def table(
    headings: Iterable[str],
    rows: Iterable[Iterable[str]],
    *,
    left: int = 1,
    caption: str | None = None,
) -> Markup:
    """A table whose first `left` columns are words and the others numbers, where an interval in
    brackets goes on a line of its own."""
    head = el("tr", [el("th", cell, scope="col", class_=_column(at, left))
                     for at, cell in enumerate(headings)])  # fmt: skip
    body = [
        el("tr", [
            el("th" if at == 0 else "td", cell if at < left else _two_lines(cell),
               class_=_column(at, left), scope="row" if at == 0 else None)
            for at, cell in enumerate(row)
        ])
        for row in rows
    ]  # fmt: skip
    inner = joined(
        el("caption", caption) if caption else None, el("thead", head), el("tbody", body)
    )
    # Wide tables scroll by themselves; the page does not. The tab stop lets keys scroll them.
    return el("div", el("table", inner), class_="scroll", tabindex="0")


def _two_lines(cell: str) -> Markup:
    if isinstance(cell, Markup):
        return cell
    value, mark, rest = cell.partition(" [")
    return joined(value, el("small", f"[{rest}") if mark else None)


def _column(at: int, left: int) -> str | None:
    return None if at < left else "n"


def _attribute(name: str) -> str:
    plain = name.removesuffix("_").replace("_", "-")
    harmful = plain.lower().startswith("on") or plain.lower() in ("href", "src", "style", "srcdoc")
    if harmful or not _NAME.fullmatch(plain):
        raise ValueError(f"pages have no attribute {plain!r}")
    return plain


def _number(value: Any) -> str:
    """Numbers as short as can be, so that a page's bytes do not depend on rounding noise."""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
