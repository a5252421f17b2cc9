"""The benchmark's notation for a call, `[Name(key='value', ...)]`: written and read.

Two readers, because they answer different questions. `parse_published` does what the published
evaluator's parser does, mistakes included, and is what published figures depend on; `parse` is
what the notation means, with typed values. Model text is untrusted: both take time in proportion
to the text's length, at most `MAX_LENGTH`, and evaluate nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from .bracket_reader import (
    CALL_NAME,
    KEY,
    MAX_DEPTH,
    MAX_DIGITS,
    NAME,
    BracketCall,
    BracketError,
    BracketReader,
)

__all__ = [
    "MAX_DEPTH",
    "MAX_DIGITS",
    "MAX_LENGTH",
    "BracketCall",
    "BracketError",
    "parse",
    "parse_published",
    "render",
    "render_published",
]

MAX_LENGTH = 1_000_000
"""Characters of a text that is read."""
_OPENING = re.compile(rf"\[\s*+{NAME}\s*+\(")
_PUBLISHED_NAME = re.compile(r"\[(\w++)\(")
_PUBLISHED_KEY = re.compile(r"(?<!\w)(\w++)\s*+=\s*+")
_QUOTE = re.compile(r"""['"]""")


def parse_published(text: str) -> BracketCall | None:
    """The call that the published evaluator reads, or None where it finds none.

    A call lies on one line and reaches to the line's last `)]`. A value is quoted text (either
    quote opens, either closes, one character at least), or a bracket up to the last `]`, or word
    characters; whatever lies between is skipped, and of a repeated name the last value counts.
    Raises `BracketError` for a text over `MAX_LENGTH`.
    """
    _check_length(text)
    for line in text.split("\n"):
        end = line.rfind(")]")
        opening = _PUBLISHED_NAME.search(line) if end >= 0 else None
        # The line's first opening is the only one to try: later ones would end at the same place.
        if opening is not None and opening.end() <= end:
            return BracketCall(opening[1], _published_arguments(line[opening.end() : end]))
    return None


def _published_arguments(text: str) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    last_bracket = text.rfind("]")
    last_quote = max(text.rfind("'"), text.rfind('"'))
    at = 0
    while (key := _PUBLISHED_KEY.search(text, at)) is not None:
        start = key.end()
        # Where no value follows, the search goes on behind the name alone.
        at = key.end(1)
        following = text[start : start + 1]
        if following in ("'", '"') and last_quote > start + 1:
            # The first character belongs to the value even where it is a quote.
            closing = _QUOTE.search(text, start + 2)
            assert closing is not None
            arguments[key[1]] = text[start + 1 : closing.start()]
            at = closing.end()
        elif following == "[" and last_bracket > start:
            arguments[key[1]] = text[start : last_bracket + 1]
            at = last_bracket + 1
        elif (word := KEY.match(text, start)) is not None:
            arguments[key[1]] = word[0]
            at = word.end()
    return arguments


def parse(text: str) -> list[BracketCall]:
    """The calls of the first bracket that holds calls, `[A(x=1), B(y='z')]`; empty without one.

    Words around the bracket do not matter, and line breaks within it neither. Values are Python
    or JSON literals: text in either quote with escapes, integers, decimals, booleans, None, lists,
    objects. A single bare word, such as 2023-04-12, is text. A quote within text need not be
    escaped where it cannot be taken for the closing one.
    Raises `BracketError` where a bracket begins a call that cannot be read and no later one can.
    """
    _check_length(text)
    problem: BracketError | None = None
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        reader = BracketReader(text, opening.start() + 1)
        try:
            return reader.calls()
        except BracketError as error:
            problem = problem or error
        # What was read as part of a broken call is not searched again for another one.
        at = reader.at
    if problem is not None:
        raise problem
    return []


def render(name: str, arguments: Mapping[str, Any]) -> str:
    """The call in the notation; `parse` reads it back as it was.

    Raises `ValueError` for what has no form in it: names that are none, numbers that are not
    finite, half surrogate pairs, nesting over `MAX_DEPTH`, values of types that JSON lacks.
    """
    if CALL_NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is no name of a tool")
    parts = []
    for key, value in arguments.items():
        if KEY.fullmatch(key) is None:
            raise ValueError(f"{key!r} is no name of an argument")
        parts.append(f"{key}={_literal(value, 0)}")
    return f"[{name}({', '.join(parts)})]"


def render_published(name: str, arguments: Mapping[str, Any]) -> str:
    """The call as the published prompts write it: every value in single quotes, none escaped."""
    parts = (f"{key}='{value}'" for key, value in arguments.items())
    return f"[{name}({', '.join(parts)})]"


def _literal(value: Any, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("half a surrogate pair cannot be written")
        return repr(value)
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, int):
        return _whole_number(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(_literal(item, depth + 1) for item in value)}]"
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        members = (f"{_literal(k, depth)}: {_literal(v, depth + 1)}" for k, v in value.items())
        return f"{{{', '.join(members)}}}"
    raise ValueError(f"a {type(value).__name__} such as this has no form in the notation")


def _whole_number(value: int) -> str:
    if abs(value) >= 10 ** (MAX_DIGITS - 1):
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return repr(value)


def _check_length(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise BracketError(f"a text of {len(text)} characters, {MAX_LENGTH} at most", MAX_LENGTH)
