"""Schemas for decoding: everything bounded, nothing that a grammar cannot take."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.models.bounded_schema import MAX_ITEMS, MAX_STRING, bounded
from callsheet.tools.validation import check_schema

KEPT = {
    "type", "enum", "const", "properties", "required", "items", "anyOf", "additionalProperties",
    "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum",
}  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "cut"),
    [
        ({"type": "string", "pattern": "^a", "format": "date", "title": "T", "default": "a"},
         {"type": "string", "maxLength": MAX_STRING}),
        ({"type": "string", "minLength": 1, "maxLength": 5},
         {"type": "string", "minLength": 1, "maxLength": 5}),
        ({"type": "string", "minLength": 999},
         {"type": "string", "minLength": 999, "maxLength": 999}),
        ({"type": "string", "enum": ["a", "b"], "description": "d"}, {"enum": ["a", "b"]}),
        ({"type": "integer", "minimum": 1, "multipleOf": 2}, {"type": "integer", "minimum": 1}),
        ({"type": "array"}, {"type": "array", "items": {}, "maxItems": MAX_ITEMS}),
        ({"type": "array", "minItems": 20, "uniqueItems": True, "items": {"type": "boolean"}},
         {"type": "array", "items": {"type": "boolean"}, "minItems": 20, "maxItems": 20}),
        ({"type": ["integer", "null"]}, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ({"oneOf": [{"const": 1}, {"not": {}}]}, {"anyOf": [{"const": 1}, {}]}),
        ({"properties": {"a": {"type": "null"}}, "required": ["a", "b"]},
         {"type": "object", "properties": {"a": {"type": "null"}, "b": {}},
          "required": ["a", "b"], "additionalProperties": False}),
        ({"type": "object"}, {"type": "object", "properties": {}}),
        ({"type": "object", "additionalProperties": {"type": "number"}},
         {"type": "object", "properties": {}, "additionalProperties": {"type": "number"}}),
        ({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "boolean"}}}, {"type": "boolean"}),
        ({"$ref": "https://example.com/schema"}, {}),
        ({"$ref": "#/nowhere"}, {}),
        ({"allOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]},
                    {"properties": {"b": {"const": 2}}, "required": ["b"]}], "type": "object"},
         {"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}},
          "required": ["a", "b"], "additionalProperties": False}),
        (True, {}),
        ("text", {}),
    ],
)  # fmt: skip
def test_cut_down(schema: Any, cut: Any) -> None:
    before = json.dumps(schema)
    assert bounded(schema) == cut
    assert json.dumps(schema) == before


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}}
    inner = {
        "type": "object",
        "properties": {"left": {}, "right": {}},
        "additionalProperties": False,
    }
    assert bounded(tree)["properties"] == {"left": inner, "right": inner}


def test_a_schema_that_grows_when_written_out_stays_small() -> None:
    levels: dict[str, Any] = {"l0": {"type": "string"}}
    for level in range(1, 20):
        below = {"$ref": f"#/$defs/l{level - 1}"}
        levels[f"l{level}"] = {"type": "object", "properties": {"a": below, "b": below}}
    assert len(json.dumps(bounded({"$ref": "#/$defs/l19", "$defs": levels}))) < 400_000


def test_arguments_are_an_object_whatever_the_schema_says() -> None:
    nothing = {"type": "object", "properties": {}, "additionalProperties": False}
    assert bounded({}, arguments=True) == nothing
    assert bounded({"type": "string"}, arguments=True) == nothing


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["type", "properties", "items", "anyOf", "required", "$ref", "allOf", "enum", "const",
             "maxLength", "minimum", "additionalProperties", "pattern", "x"]
        ),
        inner | st.sampled_from(["object", "array", "string", "integer", "#", "#/properties/x"]),
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_whatever_stands_there_the_result_is_a_schema(schema: Any) -> None:
    cut = bounded(schema)
    check_schema(cut)
    _only_kept(cut)


def _only_kept(schema: dict[str, Any]) -> None:
    assert set(schema) <= KEPT
    for inner in schema.get("properties", {}).values():
        _only_kept(inner)
    for inner in schema.get("anyOf", ()):
        _only_kept(inner)
    if "items" in schema:
        _only_kept(schema["items"])
