"""Schemas of every dialect as JSON Schema 2020-12: never narrower than what the document says."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.tools.importers.references import Unresolved, follow, local
from callsheet.tools.importers.schemas import PARAMETERS, Converted, Limits, convert
from callsheet.tools.validation import problems


def converted(schema: Any, limits: Limits = PARAMETERS, **definitions: Any) -> Converted:
    return convert(schema, local({"$defs": definitions}), limits)


@pytest.mark.parametrize(("schema", "expected"), [
    ({"type": "string", "nullable": True, "enum": ["a"]},
     {"type": ["string", "null"], "enum": ["a", None]}),
    ({"type": "number", "minimum": 1, "exclusiveMinimum": True},
     {"type": "number", "exclusiveMinimum": 1}),
    ({"type": "file"}, {"type": "string", "format": "binary"}),
    ({"type": "DATE (YYYY-MM-DD)"}, {"type": "string"}),
    ({"type": "int", "enum": ["1", "2"]}, {"type": "integer", "enum": [1, 2]}),
    ({"type": "string", "enum": [True, 5]}, {"type": "string", "enum": ["true", "5"]}),
    ({"type": "integer", "enum": [[1], [2]]}, {"type": "integer", "enum": [1, 2]}),
    ({"type": "integer", "enum": ["few", "many"]}, {"type": "integer"}),
    ({"type": "boolean", "default": "true"}, {"type": "boolean", "default": True}),
    ({"type": "string", "pattern": "("}, {"type": "string"}),
    ({"type": "mystery", "description": " d "}, {"description": "d"}),
    ({"type": "array", "items": [{"type": "string"}]},
     {"type": "array", "prefixItems": [{"type": "string"}]}),
    ({"oneOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
     {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}),
    ({"type": "object", "properties": {"a": {"type": "string", "required": True}}},
     {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}),
    ({"maxLength": 5.0, "minLength": -1, "maximum": "9"}, {"maxLength": 5}),
    (True, {}), (None, {}), (3, {}), ([], {}),
])  # fmt: skip
def test_dialects(schema: Any, expected: dict[str, Any]) -> None:
    assert converted(schema).schema == expected


def test_all_of_is_merged_and_what_refers_comes_first() -> None:
    result = converted(
        {"description": "mine", "allOf": [{"$ref": "#/$defs/A"}, {"properties": {"b": {}}}]},
        A={"description": "its", "type": "object", "required": ["a"],
           "properties": {"a": {"type": "string"}}},
    )  # fmt: skip
    assert result.schema == {
        "type": "object", "description": "mine", "required": ["a"],
        "properties": {"b": {}, "a": {"type": "string"}},
    }  # fmt: skip


def test_further_groups_of_alternatives_are_counted() -> None:
    groups = [{"anyOf": [{"type": "string"}]}, {"oneOf": [{"maxLength": 3}]}, {"anyOf": []}]
    result = converted({"allOf": groups})
    assert result.schema == {"anyOf": [{"type": "string"}]}
    assert result.left_out["group of alternatives beside another"] == 2
    assert not any(converted({"allOf": groups[:1]}).left_out.values())


def test_multiples_are_whole_or_counted() -> None:
    assert converted({"multipleOf": 5.0}) == Converted({"multipleOf": 5})
    for odd in (0.01, 0, -2, True, "3"):
        result = converted({"multipleOf": odd})
        assert result.schema == {} and sum(result.left_out.values()) == 1
    assert not converted({"multipleOf": None}).left_out


def test_a_kind_in_the_list_of_its_own_base_keeps_its_properties() -> None:
    base = {"type": "object", "properties": {"kind": {"type": "string"}},
            "oneOf": [{"$ref": "#/$defs/Cat"}]}  # fmt: skip
    cat = {"allOf": [{"$ref": "#/$defs/Pet"}, {"properties": {"claws": {"type": "integer"}}}]}
    schema = converted({"$ref": "#/$defs/Pet"}, Pet=base, Cat=cat).schema
    assert set(schema["anyOf"][0]["properties"]) == {"kind", "claws"}


def test_what_is_cut_accepts_anything_of_its_type() -> None:
    node = {"type": "object", "additionalProperties": False, "required": ["next"],
            "properties": {"next": {"$ref": "#/$defs/N"}}}  # fmt: skip
    result = converted({"$ref": "#/$defs/N"}, N=node)
    assert problems(result.schema, {"next": {"any": 1}}) == []
    assert problems(result.schema, {"next": 1}) and problems(result.schema, {})
    assert result.left_out["part that holds itself"] == 1
    small = Limits(depth=9, nodes=3, text=100)
    wide = {"type": "object", "additionalProperties": False,
            "properties": {name: {"type": "string"} for name in "abcdef"},
            "required": ["a", "f"]}  # fmt: skip
    cut = converted(wide, small)
    assert cut.schema["required"] == ["a"] and len(cut.schema["properties"]) == 2
    assert problems(cut.schema, {"a": "x", "f": "y"}) == []
    assert cut.left_out["part beyond the size that is kept"] == 4
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(2000):
        deep = {"type": "array", "items": deep}
    assert converted(deep).left_out["part that lies too deep"] == 1


def test_long_descriptions_are_cut_at_the_end() -> None:
    result = converted({"description": "x" * 5000})
    assert len(result.schema["description"]) == PARAMETERS.description
    assert result.left_out["end of a long description"] == 1


def test_references() -> None:
    assert converted({"$ref": "http://x.test/#/a"}).unresolved[0][0] == "remote-reference"
    assert converted({"$ref": "other.yaml#/a"}).unresolved[0][0] == "remote-reference"
    assert converted({"$ref": "#/$defs/gone"}).unresolved[0][0] == "dangling-reference"
    assert converted({"$ref": "#anchor"}).unresolved[0][0] == "dangling-reference"
    document = {"a/b": {"c~d": [{"x": 1}]}, "loop": {"$ref": "#/loop"}}
    assert follow({"$ref": "#/a~1b/c~0d/0"}, local(document)) == {"x": 1}
    assert follow({"$ref": "#/a%2Fb/c~0d/0/x"}, local({"a/b": {"c~d": [{"x": 2}]}})) == 2
    with pytest.raises(Unresolved, match="circle"):
        follow({"$ref": "#/loop"}, local(document))
