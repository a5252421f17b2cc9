"""Escapes in quoted text, as Python and JSON both write them.

What is no escape stays as it was written, backslash included, as in Python.
"""

from __future__ import annotations

_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f",
           "\\": "\\", "'": "'", '"': '"', "/": "/"}  # fmt: skip
_DIGITS = {"x": 2, "u": 4, "U": 8}
_HEX = frozenset("0123456789abcdefABCDEF")
_LAST = 0x10FFFF


def unescaped(text: str, at: int) -> tuple[str, int]:
    """The text of the escape whose backslash is at `at`, and where it ends.

    Two `\\u` escapes that are a surrogate pair are one character; a half is returned as it is.
    """
    mark = text[at + 1 : at + 2]
    if mark in _SIMPLE:
        return _SIMPLE[mark], at + 2
    code, end = _code(text, at)
    if code is None:
        return text[at:end], end
    if 0xD800 <= code < 0xDC00 and mark == "u":
        low, low_end = _code(text, end) if text[end : end + 2] == "\\u" else (None, end)
        if low is not None and 0xDC00 <= low < 0xE000:
            return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), low_end
    return chr(code), end


def _code(text: str, at: int) -> tuple[int | None, int]:
    """The code point written in hexadecimal at `at`, or None with the backslash alone."""
    length = _DIGITS.get(text[at + 1 : at + 2], 0)
    digits = text[at + 2 : at + 2 + length]
    if not length or len(digits) < length or not _HEX.issuperset(digits):
        return None, at + 1
    code = int(digits, 16)
    return (code, at + 2 + length) if code <= _LAST else (None, at + 1)
