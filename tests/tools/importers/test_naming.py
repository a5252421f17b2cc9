"""Names: valid for every provider, unique, and the same whatever the order."""

from __future__ import annotations

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from callsheet.tools.importers.naming import parameter_name, unique_keys, unique_names, valid_name

VALID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


@given(st.text())
def test_any_text_makes_a_valid_name(text: str) -> None:
    assert VALID.fullmatch(valid_name(text))
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", parameter_name(text))


def test_names_that_are_valid_stay_and_others_are_told_apart() -> None:
    assert valid_name("get__v1") == "get__v1"
    assert valid_name("Café crème / list") == "Cafe_creme_list"
    assert valid_name("2nd") == "_2nd"
    assert valid_name("a" * 80) != valid_name("a" * 81)


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "a_x"]), st.sampled_from(["", "x", "y"])),
             max_size=12),
    st.integers(),
)  # fmt: skip
def test_names_are_unique_and_do_not_depend_on_the_order(
    tools: list[tuple[str, str]], seed: int
) -> None:
    rows = [(name, group, f"{number:032x}") for number, (name, group) in enumerate(tools)]
    mixed = random.Random(seed).sample(rows, len(rows))
    by_digest = []
    for order in (rows, mixed):
        columns = [list(column) for column in zip(*order, strict=True)] or [[], [], []]
        names = unique_names(*columns)
        assert len(set(names)) == len(names) and all(VALID.fullmatch(name) for name in names)
        by_digest.append({row[2]: name for row, name in zip(order, names, strict=True)})
    assert by_digest[0] == by_digest[1]


def test_the_group_tells_namesakes_apart_and_else_the_content() -> None:
    assert unique_names(["a", "a", "b"], ["X y", "Z", "X"], ["0" * 32, "1" * 32, "2" * 32]) == [
        "a_X_y", "a_Z", "b"]  # fmt: skip
    names = unique_names(["a", "a"], ["x", "x"], ["0" * 32, "1" * 32])
    assert names == ["a_00000000", "a_11111111"]


@given(st.lists(st.sampled_from(["a", "a_2", "b", "a_3"]), max_size=8))
def test_keys_are_unique(keys: list[str]) -> None:
    made = unique_keys(keys)
    assert len(set(made)) == len(made)
    if len(set(keys)) == len(keys):
        assert made == keys
