"""Agreement of several people: published worked examples, and what must always hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.evaluation.agreement import kappa, pearson
from callsheet.evaluation.reviews.reliability import Unit, alpha, equal_share, pairs_of, spearman


def units(*observers: str) -> list[Unit]:
    """Items from one string of ratings per observer, with dots for missing ones."""
    return [
        {str(who): float(ord(said)) for who, said in enumerate(column) if said != "."}
        for column in zip(*(row.replace(" ", "") for row in observers), strict=True)
    ]


FOUR = units("1233214 12 . . .", "1233224 12 5 . 3", ". 333234 22 5 1 .", "1233244 12 5 1 .")


def test_alpha_as_krippendorff_computes_it() -> None:
    """Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", sections A, B and C (two
    observers with binary and with nominal data; four with data missing)."""
    binary = units("0100000010", "1110010000")
    assert alpha(binary, nominal=True) == pytest.approx(0.095, abs=5e-4)
    assert alpha(binary) == pytest.approx(0.095, abs=5e-4)
    nominal = units("aabbdcccedda", "babbbcccedd d")
    assert alpha(nominal, nominal=True) == pytest.approx(0.692, abs=5e-4)
    assert alpha(FOUR, nominal=True) == pytest.approx(0.743, abs=5e-4)
    assert alpha(FOUR) == pytest.approx(0.849, abs=5e-4)


def test_kappa_of_three_classes_as_fleiss_computes_it() -> None:
    """Fleiss, "Statistical Methods for Rates and Proportions" (1981), table 13.1: 0.68."""
    table = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    pairs = [(float(a), float(b)) for a in range(3) for b in range(3) for _ in range(table[a][b])]
    assert kappa(pairs, nominal=True) == pytest.approx((0.89 - 0.66) / (1 - 0.66))


def test_spearman_as_in_the_textbook() -> None:
    """The hours of television and the intelligence of ten people (Wikipedia, "Spearman's rank
    correlation coefficient"): -29/165."""
    hours = [7, 0, 27, 50, 28, 29, 20, 12, 6, 17]
    quotient = [106, 86, 100, 101, 99, 103, 97, 113, 112, 110]
    pairs = [(float(a), float(b)) for a, b in zip(quotient, hours, strict=True)]
    assert spearman(pairs) == pytest.approx(-29 / 165)


def test_who_rated_alone_says_nothing_of_agreement() -> None:
    assert alpha([{"a": 1.0}, {"b": 2.0}]) is None and equal_share([{"a": 1.0}]) is None
    assert alpha([{"a": 3.0, "b": 3.0}] * 4) is None
    assert alpha([*FOUR, {"0": 99.0}]) == alpha(FOUR)
    assert list(pairs_of([{"b": 1.0, "a": 2.0}, {"c": 1.0}])) == [("a", "b")]


RATINGS = st.integers(0, 5).map(float)
UNITS = st.lists(st.dictionaries(st.sampled_from("abcd"), RATINGS, max_size=4), max_size=15)


@settings(deadline=None)
@given(UNITS, st.booleans())
def test_alpha_does_not_care_who_said_it_or_when(found: list[Unit], nominal: bool) -> None:
    value = alpha(found, nominal=nominal)
    turned = [dict(zip("wxyz", reversed(unit.values()), strict=False)) for unit in found[::-1]]
    other = alpha(turned, nominal=nominal)
    assert other == pytest.approx(value) if value is not None else other is None
    assert value is None or value <= 1
    if value is not None and all(len(set(unit.values())) < 2 for unit in found):
        assert value == 1


@settings(deadline=None)
@given(UNITS, st.floats(0.5, 3), st.integers(-4, 4))
def test_alpha_of_an_interval_scale_has_no_unit(
    found: list[Unit], scale: float, shift: int
) -> None:
    value = alpha(found)
    moved = alpha([{who: scale * r + shift for who, r in unit.items()} for unit in found])
    assert moved == pytest.approx(value, abs=1e-6) if value is not None else moved is None


PAIRS = st.lists(st.tuples(RATINGS, RATINGS), min_size=1, max_size=30)


@settings(deadline=None)
@given(st.lists(RATINGS, min_size=2, max_size=20), st.data())
def test_weighted_kappa_is_pearsons_r_where_both_use_the_scale_alike(
    ours: list[float], data: st.DataObject
) -> None:
    """Cohen (1968), "Weighted kappa", Psychological Bulletin 70: with quadratic weights and equal
    marginal distributions."""
    pairs = list(zip(ours, data.draw(st.permutations(ours)), strict=True))
    expected = pearson(pairs)
    assert kappa(pairs) == (None if expected is None else pytest.approx(expected))


@settings(deadline=None)
@given(PAIRS)
def test_two_classes_are_weighed_alike(pairs: list[tuple[float, float]]) -> None:
    two = [(float(a > 2), float(b > 2)) for a, b in pairs]
    plain = kappa(two, nominal=True)
    assert kappa(two) == (None if plain is None else pytest.approx(plain))


@settings(deadline=None)
@given(PAIRS)
def test_ranks_know_the_order_alone(pairs: list[tuple[float, float]]) -> None:
    value = spearman(pairs)
    bent = spearman([(a**3 + 7, 2.0**b) for a, b in pairs])
    assert bent == (None if value is None else pytest.approx(value))
