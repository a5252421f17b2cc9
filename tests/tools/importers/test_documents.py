"""Files as values: YAML 1.2, packed files, broken lines, keys that stand twice."""

from __future__ import annotations

import gzip
import lzma
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from callsheet.tools.importers import yaml_values
from callsheet.tools.importers.documents import Unreadable, read_bytes, read_file
from callsheet.tools.importing import import_tools

TRAPS = """\
no: no
on: [on, off, yes]
time: 12:30
code: 0123
day: 2024-01-02
octal: 0o17
hex: 0xff
float: 1.5e3
exponent: 1e3
dot: .5
nothing: ~
empty:
text: "5"
big: 12345678901234567890123
200: ok
inf: .inf
underscore: 1_000
"""

VALUES: dict[str, Any] = {
    "no": "no", "on": ["on", "off", "yes"], "time": "12:30", "code": "0123", "day": "2024-01-02",
    "octal": 15, "hex": 255, "float": 1500.0, "exponent": 1000.0, "dot": 0.5, "nothing": None,
    "empty": None, "text": "5", "big": 12345678901234567890123, "200": "ok", "inf": ".inf",
    "underscore": "1_000",
}  # fmt: skip


@pytest.mark.parametrize("with_libyaml", [True, False])
def test_yaml_is_read_as_yaml_1_2(with_libyaml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if with_libyaml:
        pytest.importorskip("yaml.cyaml", reason="needs the extra yaml")
    else:
        monkeypatch.setitem(sys.modules, "yaml.cyaml", None)
    assert yaml_values.read_yaml(TRAPS)[0] == VALUES
    merged, twice = yaml_values.read_yaml(
        "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: [*a, *a]\nb: 4\n"
    )
    assert merged == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": [{"x": 1, "y": 2}] * 2}
    assert twice == ["line 4: b"]


@pytest.mark.parametrize("text", [
    "a: &a [*a]", "a: [", "a: *b", "{[1]: 2}", "--- 1\n--- 2", "[" * 600, "a: !!py/x [1", "\x01",
    "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
        for before, name in zip("abcdefghij", "bcdefghijk", strict=True)),
])  # fmt: skip
def test_yaml_that_is_refused(text: str) -> None:
    with pytest.raises(yaml_values.NotYaml) as refused:
        yaml_values.read_yaml(text)
    assert "\n" not in str(refused.value)


@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-10**9, 10**9), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3),
                            st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=8))  # fmt: skip
def test_what_ruamel_writes_is_read_back(value: Any) -> None:
    from io import StringIO

    written = StringIO()
    writer = YAML(typ="safe", pure=True)
    try:
        writer.dump(value, written)
        expected = YAML(typ="safe", pure=True).load(written.getvalue())
    except Exception:
        return  # characters that ruamel cannot write
    if expected == value:
        assert yaml_values.read_yaml(written.getvalue())[0] == value


def test_packed_files_and_files_that_are_none(tmp_path: Path) -> None:
    text = b'{"name": "a", "description": "b"}\n{"name": "c", "parameters": {}}\nbroken\n'
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(text))
    (tmp_path / "b.jsonl.xz").write_bytes(lzma.compress(text.replace(b'"b"', b'"d"')))
    (tmp_path / "c.jsonl.xz").write_bytes(b"no xz at all")
    (tmp_path / "d.json").write_bytes(b"\xff\xfe{")
    (tmp_path / "notes.txt").write_text("not looked at")
    result = import_tools(tmp_path)
    assert result.documents == 4 and result.records == 6
    assert sorted(p.kind for p in result.problems) == [
        "not-json", "not-json", "unreadable", "unreadable"]  # fmt: skip
    assert result.repeated == 1 and len(result.specs) == 3
    missing = import_tools(tmp_path / "nothing.json")
    assert "No such file" in missing.problems[0].reason


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ""])
def test_json_lines_are_read_whatever_the_file_is_called(suffix: str) -> None:
    document = read_bytes(b'\n{"a": 1}\r\n\n{"a": 2}\nbroken\n', suffix)
    assert document.lines and document.value == [{"a": 1}, {"a": 2}]
    assert [refused.place for refused in document.refused] == ["line 5"]


@pytest.mark.parametrize(
    "text", [b'{"a": 1} more', b'{\n"a": 1,,\n"b": {\n}}', b"1\n2", b"[1]\n[2]"]
)
def test_broken_json_is_not_taken_for_lines(text: bytes) -> None:
    with pytest.raises(Unreadable, match="not JSON"):
        read_bytes(text, ".json")


def test_keys_that_stand_twice_are_reported() -> None:
    document = read_bytes(b'{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}', ".json")
    assert document.value == {"a": 3, "b": {"c": 2}}
    assert [r.kind for r in document.remarks] == ["key-twice", "key-twice"]


def test_too_large_a_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callsheet.tools.importers.documents.MAX_BYTES", 1000)
    bomb = tmp_path / "bomb.json.gz"
    bomb.write_bytes(gzip.compress(b"[" + b"1," * 10_000 + b"1]"))
    with pytest.raises(Unreadable, match="larger than"):
        read_file(bomb)


def test_what_only_libyaml_refuses_is_read() -> None:
    assert yaml_values.read_yaml("[:a, b]")[0] == [":a", "b"]
