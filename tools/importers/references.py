"""References within a document (`#/components/schemas/Pet`), and what is behind them.

Only JSON pointers into the same document are followed. A reference to another document, by file or
by URL, is never fetched: it is `Unresolved`, with a reason that can be shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .draft import one_line

_HOPS = 32
"""References followed one after another."""


class Unresolved(ValueError):
    """A reference that leads nowhere; `kind` is the word that problems are counted by."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


Resolve = Callable[[str], Any]
"""The value behind a reference; raises `Unresolved`."""


def local(document: Any) -> Resolve:
    """Resolves references within `document`, by JSON pointer."""
    known: dict[str, Any] = {}

    def resolve(reference: str) -> Any:
        if reference not in known:
            known[reference] = _pointed(document, reference)
        return known[reference]

    return resolve


def follow(value: Any, resolve: Resolve) -> Any:
    """The value behind `value` where that is a reference. Raises `Unresolved`."""
    for _ in range(_HOPS):
        reference = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(reference, str):
            return value
        value = resolve(reference)
    raise Unresolved("circular-reference", "references that lead to each other in a circle")


def _pointed(document: Any, reference: str) -> Any:
    if not reference.startswith("#"):
        raise Unresolved("remote-reference", f"refers to {one_line(reference, 120)}; nothing "
                         "is fetched: bundle the document first")  # fmt: skip
    value = document
    for part in reference[1:].split("/")[1:] if reference not in ("#", "#/") else []:
        name = _unescaped(part)
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name[:9]) < len(value):
            value = value[int(name)]
        else:
            raise Unresolved("dangling-reference", f"{one_line(reference, 120)} leads nowhere")
    if reference[1:2] not in ("", "/"):
        raise Unresolved("dangling-reference", f"{one_line(reference, 120)} is no JSON pointer")
    return value


def _unescaped(part: str) -> str:
    if "%" in part:
        from urllib.parse import unquote

        part = unquote(part)
    return part.replace("~1", "/").replace("~0", "~")
