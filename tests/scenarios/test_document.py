"""YAML 1.2's core schema, and what is refused with line and column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from callsheet.scenarios.config_file import read_config
from callsheet.scenarios.document import DocumentProblem, Place, read_document


class Anything(BaseModel):
    """A configuration without keys."""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0123", 123), ("'0123'", "0123"), ("0o17", 15), ("0x1F", 31), ("+5", 5), ("-0", 0),
        ("0b11", "0b11"), ("1_000", "1_000"), ("12:30", "12:30"), ("1.50", 1.5), (".5", 0.5),
        ("1e3", 1000.0), ("1.", 1.0), ("on", "on"), ("no", "no"), ("Yes", "Yes"), ("y", "y"),
        ("true", True), ("TRUE", True), ("False", False), ("~", None), ("null", None), ("", None),
        ("2026-03-02", "2026-03-02"), ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"),
        ("=", "="), ("1.2.3", "1.2.3"), ("!!str 12", "12"), ("'null'", "null"),
        ("18446744073709551615", 2**64 - 1),
    ],
)  # fmt: skip
def test_plain_scalars_are_what_yaml_1_2_says(text: str, value: object) -> None:
    found = read_document(f"a: {text}\n".encode()).value["a"]
    assert found == value and type(found) is type(value)


def test_a_yaml_1_1_line_changes_nothing() -> None:
    assert read_document(b"%YAML 1.1\n---\na: on\nb: 0123\n").value == {"a": "on", "b": 123}


@pytest.mark.parametrize(
    ("payload", "message", "place"),
    [
        (b"a: .inf\n", "no number that JSON can hold", Place(1, 4)),
        (b"a: .nan\n", "no number that JSON can hold", Place(1, 4)),
        (b"a: 1e999\n", "no number that JSON can hold", Place(1, 4)),
        (b"a: 18446744073709551616\n", "beyond 64 bits", Place(1, 4)),
        (b"a: " + b"9" * 5000 + b"\n", "no number that JSON can hold", Place(1, 4)),
        (b'a: "\\ud800"\n', "surrogate", Place(1, 4)),
        (b"a: 1\nb:\n  c: 1\n  c: 2\n", "'c' stands here twice", Place(4, 3)),
        (b"ok: 1\nb: \xe9\n", "not UTF-8", Place(2, 1)),
        (b"a:\n\tb: 1\n", "not YAML", Place(2, 1)),
        (b"a: !!binary aGk=\n", "is not read here", Place(1, 4)),
        (b"a: 1\n---\nb: 2\n", "another document", Place(2, 1)),
        (b"[" * 100_000, "not YAML", Place(1, 1)),
        (b"#" * (4 * 1024 * 1024 + 1), "longer than 4 MB", Place(1, 1)),
    ],
)
def test_what_is_refused_is_placed(payload: bytes, message: str, place: Place) -> None:
    with pytest.raises(DocumentProblem, match=message) as caught:
        read_document(payload)
    assert caught.value.place == place


def test_another_version_of_yaml_is_refused(tmp_path: Path) -> None:
    payload = b"%YAML 1.3\n---\na: 1\n"
    with pytest.raises(DocumentProblem, match="version minor part"):
        read_document(payload)
    path = tmp_path / "config.yaml"
    path.write_bytes(payload)
    with pytest.raises(ValueError, match="version minor part"):
        read_config(path, Anything, ValueError)


@pytest.mark.parametrize(
    ("text", "padded"),
    [
        ("0123", True), ("-007", True), ("00", True), ("00.5", True), ("0", False), ("0.5", False),
        ("0x1F", False), ("0o17", False), ("'0123'", False), ("!!str 0123", False),
        ("2026-03-02", False), ("01:30", False),
    ],
)  # fmt: skip
def test_numbers_with_zeros_in_front_are_told(text: str, padded: bool) -> None:
    document = read_document(f"a: [{text}]\n".encode())
    assert document.padded == ({("a", 0): text} if padded else {})


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(DocumentProblem, match="too large or too deep"):
        read_document("\n".join(lines).encode())


def test_every_part_has_its_place() -> None:
    document = read_document(b"a:\n  - x\n  - {k: 1, 'l': [2]}\n")
    assert document.places[("a", 0)] == Place(2, 5)
    assert document.places[("a", 1, "k")] == Place(3, 9)
    assert document.keys[("a", 1, "l")] == Place(3, 12)
    assert document.place(("a", 1, "nothing", "below")) == Place(3, 5)


# JSON, its text escaped, is YAML; but the escapes of characters beyond 16 bits are not.
words = st.text(st.characters(max_codepoint=0xD7FF, exclude_characters=("\x7f",)), max_size=10)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_json_is_read_as_json(value: object) -> None:
    assert read_document(json.dumps(value).encode()).value == value


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
def test_anything_is_a_document_or_a_placed_problem(payload: bytes) -> None:
    try:
        read_document(payload)
    except DocumentProblem as problem:
        assert problem.place.line >= 1 and problem.place.column >= 1
        assert "\n" not in str(problem)
