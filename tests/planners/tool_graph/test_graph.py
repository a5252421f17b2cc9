"""Tools are joined where their fields are alike, and it is known by which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="needs the graph extra")
pytest.importorskip("scipy", reason="needs the graph extra")

from callsheet.planners.tool_graph import (  # noqa: E402
    ALIKE,
    FED,
    FEEDS,
    Fields,
    GraphConfig,
    GraphUnreadable,
    Pairs,
    ToolGraph,
    joined,
    load_graph,
    save_graph,
    statistics,
    tool_graph,
)
from callsheet.planners.tool_graph.drawing import around, drawing, some  # noqa: E402
from callsheet.tools import ToolSpec  # noqa: E402


def tool(name: str, takes: Mapping[str, str], gives: Mapping[str, str]) -> ToolSpec:
    def schema(fields: Mapping[str, str]) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {k: {"type": "string", "description": d} for k, d in fields.items()},
        }

    return ToolSpec(name=name, parameters=schema(takes), returns=schema(gives))


def pairs(*found: tuple[int, int, float]) -> Pairs:
    first, second, cosine = zip(*found, strict=True) if found else ((), (), ())
    return Pairs(
        np.array(first, np.int32), np.array(second, np.int32), np.array(cosine, np.float32)
    )


TOOLS = [
    tool("find_flight", {"city": "Where to"}, {"flight_id": "Id of the flight"}),
    tool("book_flight", {"flight": "The flight's id"}, {"booking": "Number of the booking"}),
    tool("find_hotel", {"city": "Where to"}, {"hotel": "Name"}),
    tool("tell_joke", {"topic": "What about"}, {"joke": "Text"}),
]


@pytest.fixture
def small() -> ToolGraph:
    fields = Fields.of(TOOLS)
    at = {string: number for number, string in enumerate(fields.strings)}
    one, other = sorted((at["flight_id: Id of the flight"], at["flight: The flight's id"]))
    return joined([t.name for t in TOOLS], fields, pairs((one, other, 0.9)), GraphConfig())


def test_edges_and_what_they_are(small: ToolGraph) -> None:
    assert small.edges == 2
    assert small.kind(0, 1) == FEEDS
    assert small.kind(1, 0) == FED
    assert small.kind(0, 2) == ALIKE
    assert small.kind(0, 3) == small.kind(1, 2) == 0
    (link,) = small.links(1, 0)
    assert (link.source, link.target, link.output) == (0, 1, True)
    assert link.cosine == pytest.approx(0.9)
    (same,) = small.links(0, 2)
    assert (same.output, same.cosine) == (False, 1.0)


def test_statistics_count(small: ToolGraph) -> None:
    found = statistics(small)
    assert (found.tools, found.edges, found.isolated, found.components) == (4, 2, 1, 2)
    assert (found.feeding, found.alike_only, found.largest_component) == (1, 1, 3)


def test_common_strings_join_nothing() -> None:
    tools = [tool(f"t{n}", {"page": "The page", f"own{n}": "x"}, {}) for n in range(30)]
    fields = Fields.of(tools)
    names = [t.name for t in tools]
    every = joined(names, fields, pairs(), GraphConfig(max_share=None))
    assert every.edges == 30 * 29 // 2
    cut = joined(names, fields, pairs(), GraphConfig(max_share=0.5, least=1))
    assert (cut.edges, cut.hubs) == (0, 1)
    assert cut.links(0, 1) == []


def test_fields_are_strings_of_name_and_description() -> None:
    listed = ToolSpec(
        name="x",
        parameters={
            "type": "object",
            "properties": {"a": {"description": " two\n words "}, "b": True},
        },
        returns={"type": "array", "items": {"type": "object", "properties": {"c": {}}}},
    )
    fields = Fields.of([listed])
    assert fields.strings == ("a: two words", "b:", "c:")
    assert fields.parameters == ((0, 1),)
    assert fields.returns == ((2,),)


def test_it_is_kept_on_disk(small: ToolGraph, tmp_path: Path) -> None:
    path = tmp_path / "graph.npz"
    save_graph(small, path)
    again = load_graph(path, TOOLS)
    assert again.names == small.names
    assert again.links(0, 1) == small.links(0, 1)
    assert statistics(again) == statistics(small)
    with pytest.raises(GraphUnreadable, match="another pool"):
        load_graph(path, TOOLS[:2])
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(GraphUnreadable, match="not a tool graph"):
        load_graph(path)
    with pytest.raises(GraphUnreadable, match="cannot be read"):
        load_graph(tmp_path / "none")


def test_a_drawing_is_text_without_scripts(small: ToolGraph) -> None:
    pytest.importorskip("networkx")
    hostile = ToolGraph(**{**vars(small), "names": ("a<script>", "b&", '"c"', "d")})
    svg = drawing(hostile, [0, 1, 2, 3])
    assert "<script" not in svg
    assert svg.count("<circle") == 4
    assert svg.count("<line") == 2
    assert around(small, 0, 2) == [0, 1]
    assert len(some(small, 3, seed=1)) == 3


class ByLetters:
    """Texts with the same first letter are alike."""

    name, digest, sparse = "letters", "0" * 32, False

    def encode(self, texts: Sequence[str]) -> Any:
        return np.array([[float(t[0] == letter) for letter in "abc"] for t in texts], np.float32)


def test_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tools = [
        tool("one", {"a1": ""}, {"b1": ""}),
        tool("two", {"b2": ""}, {}),
        tool("three", {}, {}),
    ]
    stages: list[str] = []
    graph = tool_graph(tools, ByLetters(), on_progress=lambda stage, *_: stages.append(stage))
    assert graph.kind(0, 1) == FEEDS
    assert graph.edges == 1
    assert list(dict.fromkeys(stages)) == ["embed", "compare", "join"]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_edges_are_those_of_the_definition(seed: int) -> None:
    chance = Random(seed)
    letters = "abcdef"
    tools = [
        tool(
            f"t{n}",
            dict.fromkeys(chance.sample(letters, chance.randrange(4)), ""),
            dict.fromkeys(chance.sample(letters, chance.randrange(3)), ""),
        )
        for n in range(8)
    ]
    fields = Fields.of(tools)
    size = len(fields.strings)
    like = {(a, b) for a in range(size) for b in range(a + 1, size) if chance.random() < 0.15}
    graph = joined(
        [t.name for t in tools],
        fields,
        pairs(*((a, b, 0.9) for a, b in sorted(like))),
        GraphConfig(max_share=None),
    )

    def alike(ones: Sequence[int], others: Sequence[int]) -> bool:
        return any(a == b or (min(a, b), max(a, b)) in like for a in ones for b in others)

    takes, gives = fields.parameters, fields.returns
    for i in range(8):
        for j in range(8):
            want = 0
            if i != j:
                want |= ALIKE * alike(takes[i], takes[j])
                want |= FEEDS * alike(gives[i], takes[j])
                want |= FED * alike(takes[i], gives[j])
            assert graph.kind(i, j) == want
            assert bool(graph.links(i, j)) == bool(want) or i == j
