"""The Calculator's arithmetic: whole numbers, + - * /, parentheses; answers are floats.

`evaluated` is arithmetic as everybody knows it. `evaluated_upstream` answers as upstream does,
which reads parentheses and signs wrongly: it pairs the first "(" with the first ")", and takes a
sign for an operator that lacks an operand. Where upstream never ends, it raises `Endless` instead.
Both take time in proportion to the text, whose length is bounded, and neither recurses.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator

LONGEST = 4000
"""Characters of a formula; longer ones are refused unread."""
_PLAIN = re.compile(r"[0-9+\-*/()]+")
_TOKEN = re.compile(r"[0-9]+|[^0-9]")
_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "negate": 3, "(": 0}
_OPERATORS = frozenset("+-*/")


class FormulaError(ValueError):
    """A formula without an answer; the text is the tool's refusal."""


class Endless(Exception):
    """Upstream would never answer."""


def evaluated(text: str) -> float:
    """The value of `text`, with signs and nested parentheses. Raises `FormulaError`."""
    values: list[float] = []
    waiting: list[str] = []
    operand_next = True
    for part in _tokens(text):
        if operand_next and part[0].isdigit():
            values.append(float(part))
            operand_next = False
        elif operand_next and part in "(-+":
            # A plus before an operand says nothing.
            waiting += {"(": ["("], "-": ["negate"], "+": []}[part]
        elif not operand_next and part == ")":
            _apply(values, waiting, 1)
            if not waiting:
                raise FormulaError("invalid formula")
            waiting.pop()
        elif not operand_next and part in _OPERATORS:
            _apply(values, waiting, _BINDING[part])
            waiting.append(part)
            operand_next = True
        else:
            raise FormulaError("invalid formula")
    if operand_next:
        raise FormulaError("invalid formula")
    _apply(values, waiting, 1)
    if waiting:
        raise FormulaError("invalid formula")
    return _finite(values.pop())


def _apply(values: list[float], waiting: list[str], least: int) -> None:
    """Carry out what waits and binds at least so tightly."""
    while waiting and _BINDING[waiting[-1]] >= least:
        sign = waiting.pop()
        right = values.pop()
        values.append(-right if sign == "negate" else _of(sign, values.pop(), right))


def evaluated_upstream(text: str) -> float:
    """The value of `text` as upstream finds it.

    Raises `FormulaError` with upstream's text, and `Endless`.
    """
    text = text.replace(" ", "")
    if _signs(text) + 1 == len(text):
        raise FormulaError("invalid formula")
    try:
        return _finite(_flat(_unwrapped(text)))
    except (TypeError, IndexError) as error:
        # Upstream says what the interpreter says.
        raise FormulaError(str(error)) from None


def _unwrapped(text: str) -> list[float | str]:
    """The numbers and operators of `text`, with the value of each parenthesis in its place."""
    outside: list[float | str] = []
    inside: list[float | str] | None = None
    for part in _tokens(text):
        if part == "(":
            if inside is not None:
                # Paired with the first ")" of all, the outer "(" leaves none for the inner.
                raise FormulaError("')' is not in list")
            inside = []
        elif part == ")":
            # Before its "(" it encloses nothing, like "()".
            outside.append(_flat(inside or []))
            inside = None
        else:
            items = outside if inside is None else inside
            items.append(float(part) if part[0].isdigit() else part)
    return outside


def _flat(items: list[float | str]) -> float:
    """The value of items without parentheses: * and / first, then + and -, from left to right."""
    for kind in ("*/", "+-"):
        items = list(_reduced(items, kind))
    return items[0]  # type: ignore[return-value]  # operators are all gone or have raised


def _reduced(items: list[float | str], kind: str) -> Iterator[float | str]:
    left: float | str | None = None
    rest = iter(range(len(items)))
    for index in rest:
        item = items[index]
        if not isinstance(item, str) or item not in kind:
            if left is not None:
                yield left
            left = item
            continue
        # Without an operand on its left, upstream takes the last item and makes no progress.
        value = _of(item, items[-1] if left is None else left, items[index + 1])
        if left is None:
            raise Endless
        left = value
        next(rest)
    if left is not None:
        yield left


def _tokens(text: str) -> list[str]:
    """Numbers, operators and parentheses. Raises `FormulaError` for what no formula can be."""
    text = text.replace(" ", "")
    if (
        len(text) > LONGEST
        or _PLAIN.fullmatch(text) is None
        or text.count("(") != text.count(")")
        or not _signs(text)
    ):
        raise FormulaError("invalid formula")
    return _TOKEN.findall(text)


def _signs(text: str) -> int:
    return sum(map(text.count, _OPERATORS))


def _of(sign: str, left: float | str, right: float | str) -> float:
    try:
        value: float = _ARITHMETIC[sign](left, right)
    except ZeroDivisionError:
        raise FormulaError("float division by zero") from None
    return value


_ARITHMETIC: dict[str, Callable[..., float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise FormulaError("the result is too large")
    return value
