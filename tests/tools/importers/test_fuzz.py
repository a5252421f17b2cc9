"""Whatever a document holds: no crash, and nothing lost without a word."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest
from api_documents import FERRY_2, LIBRARY_3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callsheet.tools.importing import FORMATS, Imported, import_bytes
from callsheet.tools.validation import check_schema

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(),
    st.text(max_size=12),
    st.sampled_from(["object", "array", "string", "NUMBER", "#/a", "#/components/schemas/Book",
                     "https://x.test", "path", "query", "body", "[", "(a+)+$"]),
)  # fmt: skip
WORDS = st.sampled_from([
    "name", "type", "properties", "items", "required", "allOf", "oneOf", "anyOf", "$ref", "enum",
    "parameters", "in", "schema", "content", "application/json", "description", "function", "tools",
    "inputSchema", "outputSchema", "api_list", "required_parameters", "optional_parameters",
    "api_name", "response", "responses", "200", "get", "post", "paths", "openapi", "nullable",
    "additionalProperties", "default", "minimum", "maxLength", "pattern", "title", "server",
    "template_response", "requestBody", "security", "servers", "url", "tags", "source", "format",
])  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(WORDS, st.text(max_size=5)), inner, max_size=6),
    ),
    max_leaves=25,
)
RUNS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

SEEDS: dict[str, Any] = {
    "openapi": [LIBRARY_3, FERRY_2],
    "pool": [[{"name": "a", "tags": ["x"], "source": {"method": "GET"}}]],
    "mcp-list": [{"server": "s", "tools": [{"name": "a", "inputSchema": {"type": "object",
                  "properties": {"p": {"type": "string"}}}, "outputSchema": {"type": "array"}}]}],
    "rapidapi": [[{"query": "q", "api_list": [{
        "category_name": "c", "tool_name": "t", "api_name": "n", "method": "GET",
        "required_parameters": [{"name": "a", "type": "STRING", "default": "x"}],
        "optional_parameters": [], "template_response": {"k": ["str"]}}]}]],
    "seal-tools": [[{"api_name": "a", "field": "F/G", "parameters": {"p": {"type": "str"}},
                     "required": ["p"], "responses": {"r": {"type": "int"}}}]],
    "records": [[{"name": "a", "api": "x", "method": "GET", "path": "/a/{p}",
                  "parameters": [{"name": "p", "type": "string", "required": True}],
                  "response": [{"name": "r.s", "type": "object"}]}]],
    "functions": [[{"type": "function", "function": {"name": "a", "parameters": {
                    "type": "object", "properties": {"p": {"$ref": "#/$defs/P"}},
                    "$defs": {"P": {"enum": [1, "1"]}}}}}]],
    "json-schemas": [[{"title": "A", "type": "object", "properties": {"p": {"type": ["string"]}}}]],
}  # fmt: skip


def encoded(value: Any) -> bytes:
    """As JSON; what JSON cannot hold becomes something it can."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
    except (TypeError, ValueError):
        return repr(value).encode("utf-8", "replace")


def adds_up(result: Imported) -> None:
    assert result.records == len(result.specs) + result.lost + result.repeated
    names = [spec.name for spec in result.specs]
    assert len(set(names)) == len(names)
    for spec in result.specs:
        assert spec.parameters["type"] == "object"
        check_schema(spec.parameters)
        if spec.returns is not None:
            check_schema(spec.returns)
        assert set(spec.source.places if spec.source else ()) <= set(spec.properties)


@pytest.mark.parametrize("format", sorted(SEEDS))
@RUNS
@given(value=VALUES)
def test_anything_said_to_be_of_a_format(format: str, value: Any) -> None:
    adds_up(import_bytes(encoded(value), "x.json", format))


@RUNS
@given(value=VALUES)
def test_anything_at_all(value: Any) -> None:
    adds_up(import_bytes(encoded(value), "x.json"))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    inner = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ())  # fmt: skip
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


@pytest.mark.parametrize("format", sorted(SEEDS))
@RUNS
@given(data=st.data())
def test_a_good_document_with_something_broken_in_it(format: str, data: st.DataObject) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from(SEEDS[format])))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places(document)[1:]))
        owner = document
        try:
            for key in place[:-1]:
                owner = owner[key]
            owner[place[-1]] = data.draw(VALUES)
        except (KeyError, IndexError, TypeError):
            continue
    adds_up(import_bytes(encoded(document), "x.json", format))


@pytest.mark.parametrize("format", sorted(SEEDS))
def test_every_record_of_a_good_document_arrives(format: str) -> None:
    assert set(SEEDS) | {"python", "mcp"} == set(FORMATS)
    for document in SEEDS[format]:
        result = import_bytes(encoded(document), "x.json")
        assert result.recognised[0][1] == format
        assert result.specs and not result.problems


@RUNS
@given(text=st.one_of(st.text(), st.binary().map(lambda b: b.decode("latin-1"))))
def test_any_text_as_yaml(text: str) -> None:
    adds_up(import_bytes(text.encode("utf-8", "replace"), "x.yaml"))


@RUNS
@given(payload=st.binary(max_size=200), suffix=st.sampled_from(["", ".json", ".jsonl", ".yaml"]))
def test_any_bytes(payload: bytes, suffix: str) -> None:
    adds_up(import_bytes(payload, f"x{suffix}"))
