"""Canonical JSON and what is done to text that JSON cannot hold."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.trajectories.canonical import NotEncodable, canonical, digest, encodable

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_whatever_python_holds_becomes_encodable_and_stays_so(value: object) -> None:
    mended, _ = encodable(value)
    canonical(mended)
    again, altered = encodable(mended)
    assert again == mended and not altered


def test_what_was_altered_is_named() -> None:
    mended, altered = encodable({"a": ["\ud800"], "b": 2**70, "c": "fine"})
    assert mended == {"a": ["\\ud800"], "b": str(2**70), "c": "fine"}
    assert altered == ["/a/0", "/b"]


@pytest.mark.parametrize("beside", ["null", "so"])
def test_times_and_decimals_are_text_always(beside: str) -> None:
    value = {"at": datetime(2024, 5, 1, 12, tzinfo=UTC), "day": date(2024, 5, 1),
             "hour": time(9, 30), "price": Decimal("1.50"), "words": beside}  # fmt: skip
    mended, altered = encodable(value)
    assert mended == {"at": "2024-05-01T12:00:00+00:00", "day": "2024-05-01", "hour": "09:30:00",
                      "price": "1.50", "words": beside}  # fmt: skip
    assert altered == ["/at", "/day", "/hour", "/price"]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_non_finite_numbers_are_refused_with_their_place(bad: float) -> None:
    with pytest.raises(NotEncodable, match="/x/1"):
        encodable({"x": [0, bad]})


def test_an_integer_too_long_to_print_does_not_raise() -> None:
    mended, altered = encodable(10**5000)
    assert mended.startswith("0x") and altered == ["/"]


def test_digest_does_not_depend_on_key_order() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
