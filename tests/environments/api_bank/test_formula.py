"""The Calculator's arithmetic in both behaviours."""

from __future__ import annotations

import operator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from callsheet.environments.api_bank.formula import (
    LONGEST,
    Endless,
    FormulaError,
    evaluated,
    evaluated_upstream,
)

ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
SHAPELESS = "0123456789+-*/() .a"


def said(formula: str) -> str | float:
    """Upstream's answer or refusal, or "endless"."""
    try:
        return evaluated_upstream(formula)
    except FormulaError as error:
        return str(error)
    except Endless:
        return "endless"


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2", 3.0), ("(1+2)*3", 9.0), ("10-2-3", 5.0), ("8/4/2", 1.0), ("8/4*2", 4.0),
        ("2*3+4*5-6", 20.0), ("(1+2)*(3+4)", 21.0), ("(23+7)*3-42/6", 83.0), ("100/3", 100 / 3),
        ("(5)+1", 6.0), ("007+1", 8.0),
    ],
)  # fmt: skip
def test_well_formed_in_both(formula: str, value: float) -> None:
    assert evaluated(formula) == evaluated_upstream(formula) == value


@pytest.mark.parametrize("formula", ["", " ", "5", "(5)", "2.5*2", "5*", "*5", "1+(2", "1\t+2",
                                     "x", "1+٣", "1^2"])  # fmt: skip
def test_no_formula_in_either(formula: str) -> None:
    assert said(formula) == "invalid formula"
    with pytest.raises(FormulaError, match="invalid formula"):
        evaluated(formula)


@pytest.mark.parametrize("formula", ["1+", "1+2+", "()+1", "2(3+4)", "(1+2)3", ")1+2(", "1+2)(",
                                     "2**3", "1//2", "(+)1", "((1+2)", "3*/2"])  # fmt: skip
def test_no_arithmetic(formula: str) -> None:
    with pytest.raises(FormulaError, match="invalid formula"):
        evaluated(formula)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("((1+2)*3)", 9.0), ("((1+2))+1", 4.0), ("3*-2", -6.0), ("2--1", 3.0), ("-5+3", -2.0),
        ("-(2+3)*2", -10.0), ("+5", 5.0), ("--5", 5.0), ("2-+-3", 5.0), ("(((((7)))))-1", 6.0),
    ],
)  # fmt: skip
def test_signs_and_nesting_are_arithmetic_to_us(formula: str, value: float) -> None:
    assert evaluated(formula) == value


FLOAT_BY = "can't multiply sequence by non-int of type 'float'"


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("((1+2)*3)", "')' is not in list"),
        ("1/0+((1))", "')' is not in list"),  # parentheses come first
        ("(1/0)+((1))", "float division by zero"),
        ("()+1", "list index out of range"),
        ("1+2+", "list index out of range"),
        (")1+2(", "list index out of range"),
        ("3*-2", FLOAT_BY),
        ("2**3", FLOAT_BY),
        ("1+*2", FLOAT_BY),
        ("2--1", "unsupported operand type(s) for -: 'float' and 'str'"),
        ("2++1", "unsupported operand type(s) for +: 'float' and 'str'"),
        ("1+/0", "unsupported operand type(s) for /: 'str' and 'float'"),
        ("2//1", "unsupported operand type(s) for /: 'float' and 'str'"),
        ("-15+", "unsupported operand type(s) for -: 'str' and 'float'"),
        ("1/0", "float division by zero"),
        ("1/(2-2)", "float division by zero"),
        ("-5+3", "endless"),
        ("-15", "endless"),
        ("2*(-5+3)", "endless"),
        ("-5+2*-3", FLOAT_BY),  # products come before the sign that never ends
        ("-5+1/0", "float division by zero"),
        ("2(3+4)", 2.0),
        ("--5", "invalid formula"),
        ("-5", "invalid formula"),
    ],
)
def test_upstreams_defects(formula: str, answer: str | float) -> None:
    assert said(formula) == answer


def rendered(tree: object) -> tuple[str, float]:
    """A formula with all its parentheses, and its value."""
    if isinstance(tree, int):
        return str(tree), float(tree)
    sign, left, right = tree  # type: ignore[misc]
    (a, x), (b, y) = rendered(left), rendered(right)
    assume(not (sign == "/" and y == 0))
    return f"({a}{sign}{b})", ARITHMETIC[sign](x, y)


TREES = st.recursive(
    st.integers(0, 10**6),
    lambda inner: st.tuples(st.sampled_from("+-*/"), inner, inner),
    max_leaves=12,
)


@given(TREES.filter(lambda tree: not isinstance(tree, int)), st.integers(0, 3))
def test_nested_formulas_agree_with_the_interpreter(tree: object, spaces: int) -> None:
    text, value = rendered(tree)
    assume(abs(value) < float("inf"))
    assert evaluated((" " * spaces).join(text)) == value


@given(st.integers(0, 999), st.lists(st.tuples(st.sampled_from("+-*/"), st.integers(1, 999)),
                                     min_size=1, max_size=12))  # fmt: skip
def test_flat_formulas_agree_with_the_interpreter(first: int, rest: list[tuple[str, int]]) -> None:
    terms = [float(first)]
    signs = []
    for sign, number in rest:
        if sign in "*/":
            terms[-1] = ARITHMETIC[sign](terms[-1], float(number))
        else:
            signs.append(sign)
            terms.append(float(number))
    value = terms[0]
    for sign, term in zip(signs, terms[1:], strict=True):
        value = ARITHMETIC[sign](value, term)
    text = str(first) + "".join(f"{sign}{number}" for sign, number in rest)
    assert evaluated(text) == evaluated_upstream(text) == value


@given(st.text(SHAPELESS, max_size=40) | st.text(max_size=20))
def test_any_text_ends_in_a_number_or_a_refusal(text: str) -> None:
    assert said(text) is not None
    try:
        assert abs(evaluated(text)) < float("inf")
    except FormulaError as error:
        assert str(error)


@pytest.mark.parametrize(
    "formula",
    ["(" * 1900 + "1+1" + ")" * 1900, "1+" * 1990 + "1", "-" * 3990 + "1", "(1)+" * 900 + "1",
     ")(" * 1990 + "+", "9" * 3000 + "*9", "1" + "*9999999999" * 360],
)  # fmt: skip
def test_long_formulas(formula: str) -> None:
    assert len(formula) <= LONGEST
    assert said(formula) is not None
    try:
        assert abs(evaluated(formula)) < float("inf")
    except FormulaError as error:
        assert str(error) in ("invalid formula", "the result is too large")


def test_longer_ones_are_refused_unread() -> None:
    huge = "1+" * LONGEST + "1"
    assert said(huge) == "invalid formula"
    with pytest.raises(FormulaError, match="invalid formula"):
        evaluated(huge)
