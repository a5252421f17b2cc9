"""Looking around in graphs: parts, searches, what a run used, and where graphs are found."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from callsheet.planners.tool_graph import (
    FEEDS,
    Fields,
    GraphConfig,
    Pairs,
    ToolGraph,
    joined,
    save_graph,
)
from callsheet.planners.tool_graph.drawing import around
from callsheet.planners.tool_graph.exploring import PoolGraph, found, part_of
from callsheet.planners.tool_graph.finding import graph_files, pool_files, pool_of
from callsheet.planners.tool_graph.used import UsedTools
from callsheet.scenarios import library, load_scenario
from callsheet.simulation import RunConfig, simulate
from callsheet.tools import ToolSpec, save_pool
from callsheet.trajectories.event import Event
from callsheet.trajectories.log import read_episodes

np = pytest.importorskip("numpy")
pytest.importorskip("scipy")


def tool(name: str, description: str, takes: list[str], gives: list[str]) -> ToolSpec:
    def schema(fields: list[str]) -> dict[str, Any]:
        return {"type": "object", "properties": {field: {"type": "string"} for field in fields}}

    return ToolSpec(
        name=name, description=description, parameters=schema(takes), returns=schema(gives)
    )


TOOLS = [
    tool("log_in", "Get a token", ["user"], ["token"]),
    tool("add", "Add a reminder", ["token", "text"], ["id"]),
    tool("drop", "Take a reminder away", ["token", "id"], []),
    tool("alone", "Nothing", [], []),
]


def graph_of(tools: list[ToolSpec]) -> ToolGraph:
    none = np.empty(0, np.int32)
    pairs = Pairs(none, none, np.empty(0, np.float32))
    return joined([t.name for t in tools], Fields.of(tools), pairs, GraphConfig(max_share=None))


def test_a_part_has_its_own_edges_and_says_why():
    graph = PoolGraph(graph_of(TOOLS), TOOLS)
    part = part_of(graph, [0, 1])
    assert [node["name"] for node in part["nodes"]] == ["log_in", "add"]
    assert [node["degree"] for node in part["nodes"]] == [2, 2]
    assert part["edges"] == [{"one": 0, "other": 1, "feeds": True, "fed": False}]
    joint = graph.joints(0, 1)[0]
    assert (joint.source, joint.source_field, joint.target_field) == ("log_in", "token", "token")
    assert joint.feeds
    assert joint.strength == 1.0
    nameless = PoolGraph(graph.graph).joints(0, 1)[0]
    assert (nameless.source_field, nameless.target_field) == ("output 1", "parameter 1")


def test_edges_among_tools_are_those_of_the_whole_graph():
    chance = np.random.default_rng(1)
    linked = np.triu(chance.random((60, 60)) < 0.2, 1)
    linked |= linked.T
    neighbours = [np.flatnonzero(row).astype(np.int32) for row in linked]
    starts = np.concatenate([[0], np.cumsum([len(n) for n in neighbours])])
    empty = tuple(() for _ in range(60))
    graph = ToolGraph(
        tuple(f"t{i}" for i in range(60)), starts, np.concatenate(neighbours),
        np.full(starts[-1], FEEDS, np.uint8), empty, empty, (), 0.8, 0,
    )  # fmt: skip
    part = [7, 3, 40, 22, 59, 0]
    expected = {(a, b) for a in part for b in part if a < b and linked[a, b]}
    assert {(one, other) for one, other, _ in graph.among(part)} == expected
    assert graph.among([]) == []


def test_tools_are_found_by_name_first_then_by_what_they_do():
    graph = PoolGraph(graph_of(TOOLS), TOOLS)
    assert [TOOLS[i].name for i in found(graph, "a", 9)] == ["add", "alone", "log_in", "drop"]
    assert [TOOLS[i].name for i in found(graph, "REMINDER", 9)] == ["add", "drop"]
    assert found(graph, "no such words", 9) == []
    assert len(found(graph, "", 2)) == 2


def test_a_run_tells_which_outputs_were_used_as_arguments(tmp_path: Path):
    names = ("chained-calls", "reschedule-offsite", "react-contact")
    simulate([load_scenario(library()[name]) for name in names], RunConfig(), tmp_path / "run")
    used = UsedTools(events for _, events in read_episodes(tmp_path / "run"))
    log_in, add = used.names.index("GetUserToken"), used.names.index("AddReminder")
    joint = used.joints(add, log_in)[0]
    assert (joint.source, joint.source_field, joint.target, joint.target_field) == (
        "GetUserToken", "token", "AddReminder", "token",
    )  # fmt: skip
    assert joint.feeds
    assert "token" in used.description(log_in)
    assert set(around(used, log_in, 3)) >= {log_in, add}
    assert part_of(used, [log_in, add])["edges"][0]["feeds" if log_in < add else "fed"]
    figures = used.figures()
    assert "" not in used.names  # thoughts are no calls
    assert figures["episodes"] == 3
    assert figures["feeding"] >= 1


def test_what_the_user_said_and_short_values_are_no_output():
    def events(said: str, argument: Any, field: str = "x") -> list[Event]:
        data: list[tuple[Any, dict[str, Any]]] = [
            ("message", {"message": {"content": said}, "turn": 1, "step": 0}),
            ("tool_call", {"ordinal": 0, "name": "a", "arguments": {}}),
            ("tool_result", {"ordinal": 0, "content": {"id": argument}, "ok": True}),
            ("tool_call", {"ordinal": 1, "name": "b", "arguments": {field: argument}}),
        ]
        return [
            Event(episode="e", seq=i, kind=kind, source="user", data=d)
            for i, (kind, d) in enumerate(data)
        ]

    def feeding(episode: list[Event]) -> float:
        return UsedTools([episode]).figures()["feeding"]

    assert feeding(events("go", "booking-17")) == 1
    assert feeding(events("take BOOKING-17", "booking-17")) == 0
    assert feeding(events("go", 3)) == 0
    assert feeding(events("go", 3, "id")) == 1
    assert feeding(events("go", True, "id")) == 0


def test_graphs_and_their_pools_are_found(tmp_path: Path):
    made = graph_of(TOOLS)
    synthesis = tmp_path / "out" / "synthesis"
    synthesis.mkdir(parents=True)
    save_graph(made, synthesis / "graph.npz")
    save_pool(synthesis / "pool.jsonl", TOOLS)
    (tmp_path / "pools").mkdir()
    save_pool(tmp_path / "pools" / "other.json", TOOLS[:2])
    np.savez(tmp_path / "weights.npz", w=np.zeros(3))
    (tmp_path / "broken.npz").write_text("no zip")
    (tmp_path / ".hidden").mkdir()
    save_graph(made, tmp_path / ".hidden" / "graph.npz")
    (tmp_path / "link").symlink_to(tmp_path / "out")
    assert graph_files(tmp_path) == [synthesis / "graph.npz"]
    pools = pool_files(tmp_path)
    assert pools == [tmp_path / "pools" / "other.json", synthesis / "pool.jsonl"]
    assert [t.name for t in pool_of(made, pools)] == [t.name for t in TOOLS]
    assert pool_of(made, pools[:1]) == []


def test_a_part_of_a_large_graph_costs_little(tmp_path: Path):
    tools, joined_with = 4_000, 500
    chance = np.random.default_rng(0)
    rows = np.sort(chance.integers(0, tools, (tools, joined_with)).astype(np.int32), axis=1)
    starts = np.arange(0, tools * joined_with + 1, joined_with)
    empty = tuple(() for _ in range(tools))
    graph = ToolGraph(
        tuple(f"tool_{i}" for i in range(tools)), starts, rows.ravel(),
        np.ones(rows.size, np.uint8), empty, empty, (), 0.8, 0,
    )  # fmt: skip
    tracemalloc.start()
    part = part_of(PoolGraph(graph), around(graph, 5, 200))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(part["nodes"]) == 200
    assert peak < 20_000_000
