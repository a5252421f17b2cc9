"""Each other format: recognised by itself, and what becomes of its fields."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from api_documents import FERRY_2

from callsheet.tools import ToolSpec, check_arguments, check_output, save_pool
from callsheet.tools.importers.python_functions import described_parameters
from callsheet.tools.importing import Imported, import_bytes, import_many, import_tools


def imported(value: Any, expected: str) -> Imported:
    result = import_bytes(orjson.dumps(value), "x.json")
    assert [found for _, found, _ in result.recognised] == [expected]
    return result


def one(value: Any, expected: str) -> ToolSpec:
    return imported(value, expected).specs[0]


def test_endpoint_records() -> None:
    spec = one([{
        "name": "moorings.list", "description": "Free moorings.", "api": "harbour.test",
        "method": "get", "path": "/quays/{quay}", "parameters": [
            {"name": "quay", "type": "string", "description": "Which quay.", "required": True},
            {"name": "size", "type": "integer", "enum": ["1", 2], "required": False}],
        "response": [{"name": "free.count", "type": "integer", "description": "How many."}],
    }], "records")  # fmt: skip
    assert spec.name == "moorings_list" and spec.tags == ("harbour.test",)
    assert spec.required == ("quay",) and spec.properties["size"]["enum"] == [1, 2]
    assert spec.source and spec.source.places == {"quay": "path"} and spec.source.method == "GET"
    assert check_output(spec, {"free": {"count": "many"}})
    assert check_arguments(spec, {"quay": "a", "berth": 1})


def test_functions_in_and_out_of_their_wrapping() -> None:
    bare = {"name": "add note!", "description": "d", "parameters": {
        "type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}, "required": ["n"],
        "$defs": {"N": {"type": "integer", "description": "A number."}}}}  # fmt: skip
    spec = one([{"type": "function", "function": bare}], "functions")
    assert spec.name == "add_note" and spec.properties["n"]["description"] == "A number."
    assert one({"tools": [{"type": "function", "function": bare}]}, "functions") == spec
    assert one(bare, "functions") == spec
    lost = imported([bare, {"name": "x", "parameters": {"type": "array"}}, 3], "functions")
    assert len(lost.specs) == 1 and lost.lost == 2


CITY = {"type": "string", "description": "c"}
OBJECT = {"type": "object", "properties": {"city": CITY}, "required": ["city"]}


def test_functions_with_fields_by_name_keep_them() -> None:
    days = {"type": "int, optional", "description": "d", "default": "3"}
    fields = {"city": CITY, "days": days, "units": {**CITY, "required": False}}
    result = imported([{"name": "w", "description": "x", "parameters": fields}], "functions")
    assert result.specs[0].parameters == {
        "type": "object", "required": ["city"],
        "properties": {"city": CITY, "days": {"type": "integer", "description": "d", "default": 3},
                       "units": CITY}}  # fmt: skip
    assert [note.kind for note in result.notes] == ["fields-by-name"]
    beside = {"name": "w", "parameters": {"a": CITY, "b": CITY}, "required": ["b"]}
    assert one([beside], "functions").required == ("b",)


def test_what_is_required_may_stand_beside_the_parameters() -> None:
    parameters = {"type": "dict", "properties": {"city": CITY}}
    spec = one([{"name": "w", "parameters": parameters, "required": ["city"]}], "functions")
    assert spec.required == ("city",)


@pytest.mark.parametrize("word", [
    "$defs", "additionalProperties", "patternProperties", "anyOf", "not", "propertyNames",
])  # fmt: skip
def test_a_schema_without_properties_has_no_fields_by_name(word: str) -> None:
    result = imported([{"name": "w", "parameters": {word: {"type": "string"}}}], "functions")
    assert result.specs[0].properties == {}
    assert "fields-by-name" not in [note.kind for note in result.notes]


def test_words_of_lists_are_names_of_parameters() -> None:
    spec = one([{"name": "w", "parameters": {"items": CITY, "contains": CITY}}], "functions")
    assert spec.required == ("items", "contains")


@pytest.mark.parametrize("word", ["inputSchema", "input_schema"])
def test_mcp_tools_among_functions_keep_their_schemas(word: str) -> None:
    first = {"name": "w", "description": "x", "parameters": {"type": "object"}}
    result = imported([first, {"name": "m", word: OBJECT, "outputSchema": OBJECT}], "functions")
    assert result.specs[1].parameters == OBJECT and result.specs[1].returns == OBJECT
    empty = {"name": "n", "parameters": None, word: OBJECT}
    assert imported([first, empty], "functions").specs[1].parameters == OBJECT


@pytest.mark.parametrize("listed", ["bare", "server", "servers"])
def test_functions_among_mcp_tools_keep_their_parameters(listed: str) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tools: list[Any] = [
        {"name": "mcp", "description": "d", "inputSchema": schema},
        {"type": "function", "function": {"name": "wrapped", "parameters": schema}},
        {"name": "bare", "description": "d", "parameters": schema},
        {"name": "none", "description": "d"},
        {"type": "function", "function": "no function"},
    ]
    server = {"server": "town", "tools": tools}
    value: Any = {"bare": tools, "server": server, "servers": [server]}[listed]
    result = imported(value, "mcp-list")
    assert [spec.name for spec in result.specs] == ["mcp", "wrapped", "bare", "none"]
    assert [spec.required for spec in result.specs] == [("city",)] * 3 + [()]
    assert {spec.tags for spec in result.specs} == {() if listed == "bare" else ("town",)}
    assert [problem.kind for problem in result.problems] == ["not-a-function"]
    assert result.records == 5


def test_questions_with_endpoints_give_each_endpoint_once() -> None:
    endpoint = {"category_name": "Sea", "tool_name": "Tides", "api_name": "next tide",
                "api_description": "When.", "method": "GET", "optional_parameters": [],
                "required_parameters": [{"name": "port", "type": "STRING", "description": "p",
                                         "default": "Hull"}]}  # fmt: skip
    full = {**endpoint, "template_response": {"at": "str", "rows": [{"h": "float"}],
                                              "days": "list of int with length 3"}}  # fmt: skip
    result = imported([{"query": "?", "api_list": [endpoint]},
                       {"query": "!", "api_list": [full, {**endpoint, "api_name": ""}]}],
                      "rapidapi")  # fmt: skip
    assert (result.records, result.repeated, result.lost) == (3, 1, 1)
    spec = result.specs[0]
    assert spec.name == "next_tide" and spec.tags == ("Tides", "Sea")
    assert spec.properties["port"]["examples"] == ["Hull"]
    assert check_output(spec, {"at": "x", "rows": [{"h": 1.5}], "days": [1]}) == []


def test_mcp_listings_and_servers() -> None:
    tool = {"name": "play", "title": "Play", "inputSchema": {"type": "object", "properties": {
        "song": {"type": "string"}}}, "outputSchema": {"type": "object"}}  # fmt: skip
    spec = one({"jsonrpc": "2.0", "id": 1, "result": {"tools": [tool]}}, "mcp-list")
    assert spec.description == "Play" and spec.returns == {"type": "object"}
    servers = [{"server": "Jukebox", "label": "Music", "tools": [tool]},
               {"server": "Organ", "label": "Music", "tools": [tool]}]  # fmt: skip
    result = imported(servers, "mcp-list")
    assert [s.name for s in result.specs] == ["play_Jukebox", "play_Organ"]
    assert result.specs[0].tags == ("Jukebox", "Music")


def test_seal_tools() -> None:
    spec = one({"api_name": "weigh", "api_description": "d", "field": "Trade/Scales",
                "parameters": {"load": {"type": "float", "description": "kg"}},
                "required": ["load"],
                "responses": {"ok": {"type": "bool"}}}, "seal-tools")  # fmt: skip
    assert spec.properties["load"] == {"type": "number", "description": "kg"}
    assert spec.tags == ("Trade", "Scales") and spec.required == ("load",)


def test_json_schemas_by_title_and_by_name() -> None:
    schema = {"type": "object", "properties": {"p": {"type": "string"}}}
    assert one([{"title": "Add Note", **schema}], "json-schemas").name == "Add_Note"
    assert one({"add": schema, "drop": schema}, "json-schemas").name == "add"


def test_own_pools_come_through_unchanged(tmp_path: Path) -> None:
    specs = [ToolSpec(name="a", description="x" * 9, tags=("t",)), ToolSpec(name="b.c")]
    save_pool(tmp_path / "p.jsonl", specs)
    result = import_tools(tmp_path / "p.jsonl")
    assert result.specs[0] == specs[0] and result.specs[1].name == "b_c"


@pytest.mark.parametrize("more", [
    {"returns": "the weather as text"},
    {"returns": OBJECT, "parameters": {**OBJECT, "type": "dict"}},
    {"tags": ["sky"], "parameters": {"properties": {"city": CITY}, "required": ["city"]}},
    {"tags": ["sky"], "name": "the weather"},
])  # fmt: skip
def test_functions_with_returns_or_tags_are_no_pool(more: dict[str, Any]) -> None:
    function = {"name": "weather", "description": "x", "parameters": OBJECT, **more}
    result = imported([function], "functions")
    spec = result.specs[0]
    assert spec.parameters == OBJECT and not result.problems
    assert spec.tags == tuple(more.get("tags", ()))
    returns = more.get("returns")
    assert spec.returns == (returns if isinstance(returns, dict) else None)
    told = "returns-left-out" in [note.kind for note in result.notes]
    assert told == isinstance(returns, str)


def test_pools_of_ours_are_known_whichever_tool_comes_first(tmp_path: Path) -> None:
    plain = ToolSpec(name="plain", description="Has no source.")
    specs = [*import_bytes(orjson.dumps(FERRY_2), "ferry.json").specs]
    assert len(specs) > 1 and all(spec.source and spec.returns for spec in specs[:1])
    save_pool(tmp_path / "p.json", specs)
    result = import_tools(tmp_path / "p.json")
    assert result.recognised[0][1] == "pool" and result.specs == specs
    assert {note.kind for note in result.notes} == {"no-description"}
    save_pool(tmp_path / "mixed.jsonl", [plain, *specs])
    mixed = import_tools(tmp_path / "mixed.jsonl").specs
    assert [spec.source for spec in mixed] == [None, *(spec.source for spec in specs)]


@pytest.mark.parametrize(("damage", "told"), [
    ({"source": {"methd": "GET"}}, "source.methd: Extra inputs are not permitted"),
    ({"returns": "text"}, "returns: Input should be a valid dictionary"),
    ({"parameters": {"type": "object", "required": None}}, "null"),
    ({"parameters": {"properties": {}}}, 'the type of the parameters is not "object"'),
    ({"name": "a b"}, "name: String should match pattern"),
])  # fmt: skip
def test_a_damaged_pool_of_ours_is_told(damage: dict[str, Any], told: str) -> None:
    tool = {"name": "a", "description": "x", "source": {"method": "GET"}, "tags": ["t"]}
    result = imported([{**tool, **damage}, {**tool, "name": "b"}], "pool")
    assert [spec.name for spec in result.specs] == ["b"] and result.lost == 1
    assert told in result.problems[0].reason


def test_python_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shed_tools.py").write_text(
        "from pathlib import Path\n"
        "def sharpen(blade: str, times: int = 1) -> bool:\n"
        '    """Sharpen a blade.\n\n    Args:\n        blade: Which one,\n'
        '            by name.\n        times (int): How often.\n    """\n    return True\n'
        "def _own() -> None: ...\n"
        "def untyped(a): ...\n"
    )
    result = import_tools("python:shed_tools")
    monkeypatch.delitem(sys.modules, "shed_tools", raising=False)
    assert (result.records, result.lost) == (2, 1) and "needs a type" in result.problems[0].reason
    spec = result.specs[0]
    assert spec.properties["blade"]["description"] == "Which one, by name."
    assert spec.properties["times"] == {
        "type": "integer",
        "default": 1,
        "description": "How often.",
    }
    assert spec.returns == {"type": "boolean"} and spec.required == ("blade",)
    gone = import_tools("python:no_such_module_at_all")
    assert "cannot be imported" in gone.problems[0].reason


@pytest.mark.parametrize(("name", "code", "told"), [
    ("shed_foo", "def b(x: math.Foo) -> int: ...\nimport math\n", "has no attribute 'Foo'"),
    ("shed_exit", "import sys\nsys.exit(3)\n", "cannot be imported: SystemExit: 3"),
    ("shed_none", "class Saw:\n    pass\n", "has no public functions of its own"),
    ("shed_any", "def b(**kw: int) -> int: ...\n", "**kw takes whatever is given"),
    ("shed_many", "def b(*args: int) -> int: ...\n", "*args takes whatever is given"),
])  # fmt: skip
def test_modules_that_are_no_tools_are_told(
    name: str, code: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole = "def a(x: int) -> int: ...\n" if "def b" in code else ""
    (tmp_path / f"{name}.py").write_text(f"from __future__ import annotations\n{code}{whole}")
    result = import_tools(f"python:{name}")
    monkeypatch.delitem(sys.modules, name, raising=False)
    assert len(result.problems) == 1 and told in result.problems[0].reason
    assert [spec.name for spec in result.specs] == ["a"] * bool(whole)


def test_docstrings_of_all_styles() -> None:
    assert described_parameters("Do.\n\n:param str a: One.\n:param b: Two\n    more.") == {
        "a": "One.", "b": "Two more."}  # fmt: skip
    numpy = (
        "Do.\n\nParameters\n----------\na : int\n    One.\nb : str\n    Two.\n\nReturns\n-------\nx"
    )
    assert described_parameters(numpy) == {"a": "One.", "b": "Two."}


def test_unknown_forms_say_what_was_found() -> None:
    result = import_bytes(b'{"colour": "red"}', "x.json")
    assert "the keys colour" in result.problems[0].reason
    assert import_bytes(b"", "x.yaml").problems[0].reason == "an empty document"
    with pytest.raises(ValueError, match="formats are openapi"):
        import_many([], "opnapi")
