"""What the pool linter finds, and that evaluation tools are recognised under other names."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.tools import ToolSource, ToolSpec
from callsheet.tools.lint import lint_pool


def tool(name: str, description: str = "", parameters: dict[str, Any] | None = None,
         **more: Any) -> ToolSpec:  # fmt: skip
    properties = parameters or {}
    return ToolSpec(name=name, description=description, **more,
                    parameters={"type": "object", "properties": properties})  # fmt: skip


GOOD = tool("count_geese", "Count the grey geese on a shallow pond.",
            {"pond": {"type": "string", "description": "Which pond."}})  # fmt: skip


def rules(*specs: ToolSpec, against: tuple[ToolSpec, ...] = ()) -> list[tuple[str, str]]:
    return [(f.rule, f.severity) for f in lint_pool(specs, against)]


def test_a_good_tool_has_no_findings() -> None:
    assert rules(GOOD) == []


def test_each_rule() -> None:
    assert rules(tool("a.b", "d")) == [("name", "warning")]
    assert rules(tool("a")) == [("no-description", "warning")]
    assert rules(tool("a", "d", {"x": {}})) == [("bare-parameters", "warning")]
    key = {"api_key": {"type": "string", "description": "k"}}
    assert rules(tool("a", "d", key)) == [("credential", "warning")]
    odd = ToolSpec(name="a", description="d", parameters={"type": "array", "required": ["x"]})
    assert rules(odd) == [("not-an-object", "error"), ("unknown-required", "error")]
    answer = tool("a", "d", {"x": {}}, returns={"type": "nothing"})
    assert rules(answer) == [("unusable-schema", "error"), ("bare-parameters", "warning")]
    many = {f"p{i}": {"description": "d"} for i in range(61)}
    assert rules(tool("a", "d", many)) == [("many-parameters", "warning")]
    assert ("twin", "warning") in rules(GOOD, GOOD.model_copy(update={"name": "other"}))


@pytest.mark.parametrize("damage", [
    {"required": None}, {"required": "x"}, {"required": 3}, {"required": [None]},
    {"properties": None}, {"properties": 3}, {"properties": [{"a": 1}, {"b": 2}]},
    {"pattern": "["},
])  # fmt: skip
def test_a_schema_that_cannot_be_used_is_judged_no_further(damage: dict[str, Any]) -> None:
    broken = ToolSpec(name="a", description="Count the grey geese on a shallow pond.",
                      parameters={"type": "object", **damage})  # fmt: skip
    assert rules(broken) == [("unusable-schema", "error")]
    assert rules(broken, against=(GOOD, broken))[0] == ("unusable-schema", "error")


def test_tools_kept_for_evaluation_are_recognised() -> None:
    source = ToolSource(document="Pond API", path="/ponds/{id}/geese", method="GET",
                        operation_id="countGeese", server="https://pond.test")  # fmt: skip
    kept = (GOOD.model_copy(update={"source": source}),)
    error = ("overlap", "error")
    renamed = tool("x", "count the grey GEESE, on a shallow pond")
    assert error in rules(renamed, against=kept)
    same_path = tool(
        "x",
        "d",
        source=ToolSource(
            document="Other",
            path="/ponds/{pondId}/geese/",
            method="GET",
            server="https://pond.test",
        ),
    )
    assert error in rules(same_path, against=kept)
    same_name = tool("Count_Geese", "d", tags=("pond-api",))
    assert error in rules(same_name, against=kept)
    alike = tool("count-geese", "d", {"Pond": {"description": "d"}})
    assert ("overlap", "warning") in rules(alike, against=kept)
    assert rules(tool("count_ducks", "Count the ducks there are."), against=kept) == []
