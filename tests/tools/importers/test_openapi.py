"""OpenAPI documents as tools: what a caller gives, where it goes, what comes back."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest
from api_documents import FERRY_2, LIBRARY_3

from callsheet.tools import ToolSpec, check_arguments, check_output
from callsheet.tools.importing import Imported, import_bytes


def imported(document: Any) -> Imported:
    result = import_bytes(orjson.dumps(document), "api.json")
    assert result.records == len(result.specs) + result.lost + result.repeated
    return result


def tools(document: Any) -> dict[str, ToolSpec]:
    return {spec.name: spec for spec in imported(document).specs}


def one(operation: dict[str, Any], path: str = "/things", **root: Any) -> Imported:
    return imported({"openapi": "3.1.0", "info": {"title": "T"},
                     "paths": {path: {"post": operation}}, **root})  # fmt: skip


def test_parameters_of_all_places_stand_side_by_side() -> None:
    spec = tools(LIBRARY_3)["books_read"]
    assert list(spec.properties) == ["bookId", "lang", "filter_year"]
    assert spec.properties["bookId"]["description"] == "Shelf mark."
    assert spec.required == ("bookId",)
    assert spec.description == "Read a book's entry"
    assert spec.tags == ("Village Library", "books")
    source = spec.source
    assert source and source.places == {"bookId": "path", "lang": "query", "filter_year": "query"}
    assert source.wire_names == {"filter_year": "filter[year]"}
    assert source.styles == {"lang": "csv"}
    assert source.server == "https://north.library.test/v2"
    assert (source.auth, source.auth_form) == ("card", "header X-Card")
    assert source.errors == {"404": "No such book."}


def test_credentials_and_transport_headers_are_no_parameters_and_noted() -> None:
    notes = [note.kind for note in imported(LIBRARY_3).notes]
    assert "credential" in notes and "transport-header" in notes


def test_body_properties_are_flattened_and_kept_apart_where_names_collide() -> None:
    spec = tools(LIBRARY_3)["put_books_bookId"]
    assert list(spec.properties) == [
        "bookId", "title", "pages", "sequel", "shelf", "bookId_body"]  # fmt: skip
    assert spec.source and spec.source.wire_names == {"bookId_body": "bookId"}
    assert spec.source.places["bookId_body"] == "body"
    assert spec.source.body_type == "application/json"
    assert set(spec.required) == {"bookId", "title"}
    assert spec.properties["title"]["type"] == ["string", "null"]
    assert spec.properties["pages"]["exclusiveMinimum"] == 0
    assert check_arguments(spec, {"bookId": "a", "title": None, "shelf": 3}) == []
    assert check_arguments(spec, {"bookId": "a", "title": "b", "pages": 0})
    assert check_arguments(spec, {"bookId": "a", "title": "b", "colour": "red"})


def test_a_body_that_is_no_object_is_one_parameter() -> None:
    spec = tools(LIBRARY_3)["lend"]
    assert spec.source and spec.source.places == {"body": "whole_body"}
    assert spec.source.auth is None
    assert check_arguments(spec, {"body": ["a"]}) == []


def test_the_success_response_is_what_it_returns_and_recursion_ends() -> None:
    spec = tools(LIBRARY_3)["books_read"]
    assert spec.returns is not None
    assert spec.returns["properties"]["sequel"]["type"] == "object"
    assert check_output(spec, {"id": 1, "sequel": {"anything": 1}}) == []
    assert check_output(spec, {"id": "one"})


def test_openapi_2() -> None:
    found = tools(FERRY_2)
    spec = found["findCrossings"]
    assert list(spec.properties) == ["day", "ports", "page"]
    assert spec.required == ("day",) and spec.properties["page"]["default"] == 1
    assert spec.returns and spec.returns["type"] == "array"
    assert spec.source and spec.source.server == "https://ferry.test/api"
    assert spec.source.styles == {"ports": "csv"}
    book = found["book"]
    assert book.required == ("from",) and book.properties["to"]["enum"] == ["isle", "coast", None]
    assert book.source and (book.source.auth, book.source.auth_form) == ("login", "basic")
    assert book.source.errors == {"409": "Full."}
    scan = found["post_tickets_no_scan"]
    assert scan.source and scan.source.body_type == "multipart/form-data"
    assert scan.source.places == {"no": "path", "picture": "body"}


@pytest.mark.parametrize(("kinds", "body_type"), [
    (["application/json-patch+json", "application/json", "text/json", "application/*+json"],
     "application/json"),
    (["text/json", "Application/JSON; charset=utf-8"], "Application/JSON; charset=utf-8"),
    (["application/x-www-form-urlencoded", "application/vnd.api+json"], "application/vnd.api+json"),
    (["multipart/form-data", "text/json"], "text/json"), (["*/*"], "application/json"),
])  # fmt: skip
def test_plain_json_is_the_bodys_type_where_it_may_be(kinds: list[str], body_type: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    source = (
        one({"requestBody": {"content": {k: {"schema": schema} for k in kinds}}}).specs[0].source
    )
    assert source and source.body_type == body_type


def test_remote_references_are_never_fetched_and_reported() -> None:
    away = {"$ref": "https://elsewhere.test/schema.json"}
    result = one({"operationId": "a", "parameters": [{"name": "x", "in": "query", "schema": away}]})
    assert [p.kind for p in result.problems] == ["remote-reference"] and len(result.specs) == 1
    assert check_arguments(result.specs[0], {"x": {"any": 1}}) == []
    lost = one({"operationId": "a", "parameters": [away]})
    assert not lost.specs and lost.lost == 1 and lost.problems[0].kind == "remote-reference"


def test_references_that_lead_nowhere_or_in_a_circle() -> None:
    circle = {"a": {"$ref": "#/components/schemas/b"}, "b": {"$ref": "#/components/schemas/a"}}
    result = one({"parameters": [
        {"name": "x", "in": "query", "schema": {"$ref": "#/components/schemas/a"}},
        {"name": "y", "in": "query", "schema": {"$ref": "#/nowhere"}},
    ]}, components={"schemas": circle})  # fmt: skip
    assert list(result.specs[0].properties) == ["x", "y"]
    assert [p.kind for p in result.problems] == ["dangling-reference"]
    loop = {"p": {"$ref": "#/components/parameters/p"}}
    result = one({"parameters": [{"$ref": "#/components/parameters/p"}]},
                 components={"parameters": loop})  # fmt: skip
    assert result.problems[0].kind == "circular-reference" and result.lost == 1


def test_path_parameters_are_those_of_the_template() -> None:
    result = one({"parameters": [{"name": "ID", "in": "path", "schema": {"type": "integer"}},
                                 {"name": "gone", "in": "path"}]}, "/a/{id}/b/{other}")  # fmt: skip
    spec = result.specs[0]
    assert set(spec.required) == {"id", "other"} and set(spec.properties) == {"id", "other"}
    assert spec.properties["id"]["type"] == "integer"


@pytest.mark.parametrize("broken", [
    {"get": "text"}, "text", 3, {"get": {"parameters": "no"}}, {"get": {"parameters": [None, 3]}},
    {"get": {"requestBody": 3, "responses": [1]}}, {"$ref": "#/nowhere"}, None,
    {"get": {"parameters": [{"name": 3, "in": "query"}]}}, {"parameters": 4, "get": {}},
])  # fmt: skip
def test_a_broken_path_loses_no_other(broken: Any) -> None:
    document = copy.deepcopy(LIBRARY_3)
    document["paths"]["/broken"] = broken
    result = imported(document)
    assert {"books_read", "put_books_bookId", "lend"} <= {spec.name for spec in result.specs}


def test_a_schema_that_grows_without_end_is_cut_breadth_first() -> None:
    wide = {f"S{i}": {"type": "object", "properties": {
        f"p{j}": {"$ref": f"#/components/schemas/S{(i + j + 1) % 30}"} for j in range(30)}}
        for i in range(30)}  # fmt: skip
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
    result = one({"requestBody": body, "responses": {"200": body}}, components={"schemas": wide})
    spec = result.specs[0]
    assert len(spec.properties) == 30
    assert len(orjson.dumps(spec.model_dump())) < 200_000
    assert any(note.kind.startswith("part-") for note in result.notes)


def test_documents_that_are_none() -> None:
    for document in ({"openapi": "4.0"}, {"swagger": "1.2"}, {"openapi": "3.0.0", "paths": []},
                     {"openapi": "3.0.0"}):  # fmt: skip
        result = imported({"info": {"title": "T"}, **document})
        assert [p.lost for p in result.problems] == ["document"] and not result.specs
    assert not imported({"openapi": "3.1.0", "webhooks": {"a": {}}}).problems
