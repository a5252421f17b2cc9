"""Recursive descent over one bracket of calls, `[A(x=1), B(y='z')]`, in typed values.

Knows nothing of the words around it, and evaluates nothing. Takes time in proportion to the
length; nesting and digits are bounded.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from .bracket_strings import unescaped

MAX_DEPTH = 32
"""Lists and objects within each other."""
MAX_DIGITS = 400
"""Digits of a number."""

# Quantifiers are possessive (`*+`): nothing is ever given back, so nothing is tried twice.
NAME = r"[^\W\d][\w.-]*+"
"""Pattern of a tool's name."""
CALL_NAME = re.compile(NAME)
KEY = re.compile(r"\w++")
_SPACE = re.compile(r"\s*+")
_WORD = re.compile(r"""[^\s,()\[\]{}'"=]++""")
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*+)")
_DECIMAL = re.compile(
    r"[+-]?(?:(?:[0-9]++\.[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?|[0-9]++[eE][+-]?[0-9]++)"
)
_CONSTANTS = {
    "True": True, "true": True, "False": False, "false": False, "None": None, "null": None,
}  # fmt: skip
# What follows a quote that closes. Models, and the benchmark itself, leave quotes within quotes
# unescaped ('Don't', '['a', 'b']'); a quote that something else follows is part of the text.
_CLOSES_ARGUMENT = re.compile(
    rf"\s*+(?:,\s*+(?:\)|\w++\s*+=)|\)\s*+(?:\]|,\s*+(?:\]|{NAME}\s*+\()))"
)
_CLOSES_ITEM = re.compile(r"\s*+[,:\]}]")


class BracketError(ValueError):
    """Text that is no call in the notation; says what is wrong and where."""

    def __init__(self, problem: str, position: int) -> None:
        super().__init__(f"{problem} (at character {position})")
        self.position = position


@dataclass(frozen=True, slots=True)
class BracketCall:
    """One call. From `parse_published` every argument is text, from `parse` it has its type."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


class BracketReader:
    """Recursive descent over one bracket; `at` is how far it came."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at

    def calls(self) -> list[BracketCall]:
        calls: list[BracketCall] = []
        while not (calls and self._takes("]")):
            calls.append(self._call())
            if not self._more("]"):
                break
        return calls

    def _call(self) -> BracketCall:
        name = self._matching(CALL_NAME, "the name of a tool")
        self._expect("(")
        arguments: dict[str, Any] = {}
        while not self._takes(")"):
            start = self.at
            key = self._matching(KEY, "the name of an argument")
            self._expect("=")
            if key in arguments:
                raise BracketError(f"{key!r} is given twice", start)
            arguments[key] = self._value(_CLOSES_ARGUMENT, 0)
            if not self._more(")"):
                break
        return BracketCall(name, arguments)

    def _value(self, closes: re.Pattern[str], depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise BracketError(f"nested deeper than {MAX_DEPTH}", self.at)
        following = self._next()
        if following in ("'", '"'):
            return self._string(closes)
        if following == "[":
            return self._list(depth + 1)
        if following == "{":
            return self._object(depth + 1)
        start = self.at
        return _scalar(self._matching(_WORD, "a value"), start)

    def _list(self, depth: int) -> list[Any]:
        self._expect("[")
        items: list[Any] = []
        while not self._takes("]"):
            items.append(self._value(_CLOSES_ITEM, depth))
            if not self._more("]"):
                break
        return items

    def _object(self, depth: int) -> dict[str, Any]:
        self._expect("{")
        members: dict[str, Any] = {}
        while not self._takes("}"):
            if self._next() not in ("'", '"'):
                raise self._unlike("a name in quotes")
            key = self._string(_CLOSES_ITEM)
            self._expect(":")
            members[key] = self._value(_CLOSES_ITEM, depth)
            if not self._more("}"):
                break
        return members

    def _string(self, closes: re.Pattern[str]) -> str:
        opened, quote = self.at, self.text[self.at]
        parts: list[str] = []
        at = opened + 1
        while True:
            found = _next_special(self.text, quote, at)
            if found < 0:
                self.at = len(self.text)
                raise BracketError("the quote that opens here is never closed", opened)
            parts.append(self.text[at:found])
            if self.text[found] == "\\":
                character, at = unescaped(self.text, found)
                if "\ud800" <= character <= "\udfff":
                    self.at = at
                    raise BracketError("half a surrogate pair", found)
                parts.append(character)
            elif closes.match(self.text, found + 1):
                self.at = found + 1
                return "".join(parts)
            else:
                parts.append(quote)
                at = found + 1

    def _next(self) -> str:
        """The next character that is no space, to which `at` moves; empty at the end."""
        space = _SPACE.match(self.text, self.at)
        assert space is not None
        self.at = space.end()
        return self.text[self.at : self.at + 1]

    def _takes(self, mark: str) -> bool:
        taken = self._next() == mark
        self.at += taken
        return taken

    def _more(self, closing: str) -> bool:
        """Whether a comma follows, and not the closing mark."""
        if self._takes(","):
            return True
        if self._takes(closing):
            return False
        raise self._unlike(f"',' or '{closing}'")

    def _expect(self, mark: str) -> None:
        if not self._takes(mark):
            raise self._unlike(repr(mark))

    def _matching(self, pattern: re.Pattern[str], wanted: str) -> str:
        self._next()
        found = pattern.match(self.text, self.at)
        if found is None:
            raise self._unlike(wanted)
        self.at = found.end()
        return found[0]

    def _unlike(self, wanted: str) -> BracketError:
        got = self.text[self.at : self.at + 1]
        seen = repr(got) if got else "the end of the text"
        return BracketError(f"{wanted} should stand here, not {seen}", self.at)


_SPECIAL = {"'": re.compile(r"['\\]"), '"': re.compile(r'["\\]')}


def _next_special(text: str, quote: str, at: int) -> int:
    found = _SPECIAL[quote].search(text, at)
    return -1 if found is None else found.start()


def _scalar(word: str, start: int) -> Any:
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    integer = _INTEGER.fullmatch(word) is not None
    if not integer and _DECIMAL.fullmatch(word) is None:
        return word
    if len(word) > MAX_DIGITS:
        raise BracketError(f"a number of more than {MAX_DIGITS} digits", start)
    if integer:
        return int(word)
    number = float(word)
    if math.isinf(number):
        raise BracketError("a number too large to hold", start)
    return number
