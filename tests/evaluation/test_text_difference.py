"""Differences of words and of JSON: whole, in order, and bounded for long texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callsheet.evaluation.text_difference import Change, json_difference, text_difference


@given(st.text(), st.text())
def test_both_texts_can_be_read_from_their_difference(before: str, after: str):
    runs = text_difference(before, after)
    assert "".join(text for kind, text in runs if kind != "after") == before
    assert "".join(text for kind, text in runs if kind != "before") == after


def test_words_that_differ_are_marked_as_words():
    assert text_difference("move it to Friday please", "move it to Saturday please") == [
        ("same", "move it to "),
        ("before", "Friday "),
        ("after", "Saturday "),
        ("same", "please"),
    ]


def test_long_texts_are_compared_by_lines_and_endless_ones_as_a_whole():
    lines = [f"line {i}\n" for i in range(1_000)]
    changed = ["another line\n", *lines[1:]]
    assert text_difference("".join(lines), "".join(changed)) == [
        ("before", lines[0]),
        ("after", changed[0]),
        ("same", "".join(lines[1:])),
    ]
    endless = "a b\n" * 9_000
    assert text_difference(endless, "b") == [("before", endless), ("after", "b")]


def test_texts_that_repeat_themselves_cost_no_more_than_others():
    often, seldom = "a " * 1_500, "a b " * 750
    assert text_difference(often, seldom) == [("before", often), ("after", seldom)]
    assert len(text_difference("a " * 100, "a b " * 50)) > 50


def test_json_differs_by_place():
    before = {"a": 1, "b": {"c": [1, 2]}, "gone": None}
    after = {"a": True, "b": {"c": [1, 3, 4]}, "new": 0}
    assert json_difference(before, after) == [
        Change("a", 1, True),
        Change("b.c[1]", 2, 3),
        Change("b.c[2]", None, 4, only="after"),
        Change("gone", None, None, only="before"),
        Change("new", None, 0, only="after"),
    ]
    assert json_difference(before, before) == []
    assert json_difference([1], {"0": 1}) == [Change("", [1], {"0": 1})]
    assert len(json_difference(list(range(999)), [])) == 200


def test_deep_values_are_compared_as_a_whole():
    deep: object = 1
    other: object = 2
    for _ in range(200):
        deep, other = [deep], [other]
    (change,) = json_difference(deep, other)
    assert change.path == "[0]" * 24
