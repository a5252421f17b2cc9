"""A calculator for text from a model: bounded in length, depth and size, and nothing is evaluated
that is not arithmetic."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

_LONGEST = 500
_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class ArithmeticProblem(ValueError):
    """The formula cannot be worked out; the message says why, for a model to read."""


def calculate(formula: str) -> float:
    """The value of a formula with numbers, + - * / // % ** and parentheses.

    Raises `ArithmeticProblem`.
    """
    if len(formula) > _LONGEST:
        raise ArithmeticProblem(f"The formula is longer than {_LONGEST} characters.")
    try:
        # Numbers beyond a float's range are refused below; text is parsed, never run.
        value = _value(ast.parse(formula.strip(), mode="eval").body)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        if isinstance(error, ArithmeticProblem):
            raise
        raise ArithmeticProblem(f"{formula!r} is not a formula.") from None
    except ZeroDivisionError:
        raise ArithmeticProblem("Division by zero.") from None
    except OverflowError:
        raise ArithmeticProblem("The result is too large.") from None
    if not math.isfinite(value):
        raise ArithmeticProblem("The result is too large.")
    return int(value) if value == int(value) and abs(value) < 2**53 else round(value, 10)


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
        value = _value(node.operand)
        return value if isinstance(node.op, ast.UAdd) else -value
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow):
            power = left**right
            if isinstance(power, complex):
                raise ArithmeticProblem("The result is not a real number.")
            return float(power)
        if type(node.op) in _BINARY:
            return _BINARY[type(node.op)](left, right)
    raise ArithmeticProblem("Only numbers, + - * / % ** and parentheses can be worked out.")
