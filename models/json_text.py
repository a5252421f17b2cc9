"""JSON out of what a model wrote.

Small models wrap JSON in code fences or put a sentence before it. This file finds the JSON
value in such text without guessing: it decodes, it never repairs syntax, and it evaluates nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

_STARTS_TRIED = 16
"""A text full of opening braces must not cost quadratic time."""


class NotJson(ValueError):
    """The text holds no JSON object or array; says what is wrong with it."""


def json_in(text: str) -> Any:
    """The JSON value that `text` is or contains.

    Tried in this order: the whole text, the first fenced block, the first object or array that
    decodes. Raises `NotJson`; non-finite numbers are refused.
    """
    stripped = text.strip()
    if not stripped:
        raise NotJson("the answer is empty")
    try:
        return _DECODER.decode(stripped)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    for start in _starts(stripped):
        try:
            return _DECODER.raw_decode(stripped, start)[0]
        except (ValueError, RecursionError):
            continue
    raise NotJson(f"the answer is not JSON: {reason}")


def _starts(text: str) -> Iterator[int]:
    """Where a value may begin: after the first fence, then at each of the first brackets."""
    fence = text.find("```")
    line_end = text.find("\n", fence)
    if 0 <= fence < line_end:
        yield len(text) - len(text[line_end:].lstrip())
    at = 0
    for _ in range(_STARTS_TRIED):
        brackets = [i for i in (text.find("{", at), text.find("[", at)) if i >= 0]
        if not brackets:
            return
        yield min(brackets)
        at = min(brackets) + 1


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
