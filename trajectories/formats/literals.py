"""Text that is JSON, or a literal of Python where somebody published `str()` of a value."""

from __future__ import annotations

import ast
from typing import Any

import orjson

_LONGEST = 100_000
"""Characters of a Python literal that are still read."""


def literal(text: str) -> Any:
    """The value of `text`; None where it is neither JSON nor a literal that JSON can hold."""
    return literal_or(text, None)


def literal_or(text: str, default: Any) -> Any:
    """The same with `default` for what is neither; so a null can be told from it. Nothing is
    run: a literal has constants, lists and dicts alone."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    if len(text) > _LONGEST:
        return default
    try:
        value = ast.literal_eval(text.strip())
        orjson.dumps(value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return default
    return value
