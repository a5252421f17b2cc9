"""Routes of the tool graph: which there are, a part of one, what joins two tools, samples.

A part is bounded however large the graph is; a client names the tools that it shows already
(`keep`) and is told the edges among all. Tools are named by place, the way the graph has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Annotated, Any

from fastapi import APIRouter, Query

from ...planners.tool_graph import By, sampler
from ...planners.tool_graph.drawing import around, some
from ...planners.tool_graph.exploring import Explorable, PoolGraph, found, part_of
from ...simulation.run_directory import RunDirectory, RunError
from .known_graphs import KnownGraphs
from .place import Place
from .refused import Refused

_MOST = 200
"""Tools that one answer adds."""
_MOST_KEPT = 600
"""Tools that a page can show."""
_SCENARIOS = 500

Size = Annotated[int, Query(ge=0, le=_MOST)]
Keep = Annotated[str, Query(max_length=6000, pattern=r"^(\d{1,9}(,\d{1,9})*)?$")]


def router(place: Place) -> APIRouter:
    """The routes of one server."""
    routes = APIRouter()
    graphs = KnownGraphs(place)

    @routes.get("/api/graphs")
    def listed() -> dict[str, Any]:
        return {"graphs": graphs.listed()}

    @routes.get("/api/graph")
    def opened(graph: str) -> dict[str, Any]:
        opened = graphs.named(graph)
        return {
            "graph": graph,
            "figures": opened.figures(),
            "samples": isinstance(opened, PoolGraph),
            "described": any(opened.description(tool) for tool in range(min(len(opened), 50))),
        }

    @routes.get("/api/graph/tools")
    def tools(graph: str, query: Annotated[str, Query(max_length=200)] = "", limit: Size = 50
              ) -> dict[str, Any]:  # fmt: skip
        opened = graphs.named(graph)
        return {"nodes": [_node(opened, tool) for tool in found(opened, query, limit)]}

    @routes.get("/api/graph/part")
    def part(graph: str, tool: int | None = None, size: Size = 40, keep: Keep = "", seed: int = 0
             ) -> dict[str, Any]:  # fmt: skip
        """At most `size` more tools: those nearest to a tool, or without one some drawn by seed."""
        opened = graphs.named(graph)
        kept = _kept(opened, keep)
        if tool is not None:
            near = around(opened, _checked(opened, tool), size + len(kept))
            return _grown(opened, kept, [other for other in near if other not in kept][:size])
        whole = len(opened) <= size
        return _grown(opened, kept, range(len(opened)) if whole else some(opened, size, seed))

    @routes.get("/api/graph/joints")
    def joints(graph: str, one: int, other: int) -> dict[str, Any]:
        opened = graphs.named(graph)
        reasons = opened.joints(_checked(opened, one), _checked(opened, other))
        return {"joints": reasons[:_MOST], "left_out": max(0, len(reasons) - _MOST)}

    @routes.get("/api/graph/sample")
    def sample(graph: str, size: Size = 4, by: By = "graph", seed: int = 0, keep: Keep = ""
               ) -> dict[str, Any]:  # fmt: skip
        """Tools as a synthesis draws them for a dialogue."""
        opened = graphs.named(graph)
        if not isinstance(opened, PoolGraph):
            raise Refused(422, "only from the graph of a pool are tools drawn")
        try:
            drawn = sampler(opened.graph, by)(Random(seed), size)  # noqa: S311 - no secret
        except ValueError as error:
            raise Refused(422, str(error)) from None
        return {**_grown(opened, _kept(opened, keep), drawn), "drawn": drawn}

    @routes.get("/api/graph/scenarios")
    def scenarios(graph: str, run: str) -> dict[str, Any]:
        """For each scenario of a run, its tools in the graph, and those that are not in it."""
        return {"scenarios": _scenarios(graphs.named(graph), place, run)}

    return routes


def _checked(graph: Explorable, tool: int) -> int:
    if not 0 <= tool < len(graph):
        raise Refused(404, f"the graph has {len(graph)} tools, and no tool {tool}")
    return tool


def _kept(graph: Explorable, keep: str) -> dict[int, None]:
    """The tools that the client shows, in its order."""
    return {_checked(graph, int(tool)): None for tool in keep.split(",") if tool}


def _grown(graph: Explorable, kept: Mapping[int, None], more: Iterable[int]) -> dict[str, Any]:
    """The part of `kept` and `more`, and which tools are new."""
    tools = list(dict.fromkeys([*kept, *more]))[:_MOST_KEPT]
    return {**part_of(graph, tools), "added": [tool for tool in tools if tool not in kept]}


def _node(graph: Explorable, tool: int) -> dict[str, Any]:
    return dict(part_of(graph, [tool])["nodes"][0])


def _scenarios(graph: Explorable, place: Place, run: str) -> list[dict[str, Any]]:
    try:
        listed = RunDirectory(place.run(run)).scenarios()[:_SCENARIOS]
    except RunError as error:
        raise Refused(422, str(error)) from None
    places = {name: at for at, name in enumerate(graph.names)}
    told = []
    for scenario in listed:
        names = [tool if isinstance(tool, str) else tool.name for tool in scenario.tools]
        told.append(
            {
                "scenario": scenario.name,
                "tools": [places[name] for name in names if name in places],
                "missing": [name for name in names if name not in places],
            }
        )
    return told
