"""The tool graph from the page: which there are, bounded parts of them, nothing outside."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("scipy")

from fastapi.testclient import TestClient

from callsheet.models.embedding import encoder
from callsheet.models.errors import ModelUnavailable
from callsheet.planners.tool_graph import save_graph
from callsheet.scenarios import library
from callsheet.tools import load_pool
from callsheet.watch.web.graphs import router
from callsheet.watch.web.known_graphs import ENCODER

from ...planners.tool_graph.test_exploring import TOOLS, graph_of, tool
from ..asked import asking, refusal
from ..compared_runs import compared_runs, hostile_episodes
from ..recorded_runs import LiveRun

SAVED = "saved:project/out/graph.npz"
EVERYDAY = "pool:library/everyday.json"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    compared_runs(folder / "runs")
    (folder / "out").mkdir()
    save_graph(graph_of(TOOLS), folder / "out" / "graph.npz")
    (folder / "outside.npz").write_bytes((folder / "out" / "graph.npz").read_bytes())
    return folder


@pytest.fixture
def page(project: Path) -> TestClient:
    return asking(project, router)


def asked(page: TestClient, what: str, **params: Any) -> Any:
    answer = page.get(f"/api/graph{what}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def has_encoder() -> bool:
    try:
        encoder(ENCODER)
    except ModelUnavailable:
        return False
    return True


def test_all_graphs_are_listed_once(page: TestClient):
    graphs = [one["graph"] for one in asked(page, "s")["graphs"]]
    assert {SAVED, EVERYDAY, "run:exp/first", "run:fork"} <= set(graphs)
    assert len(set(graphs)) == len(graphs)


def test_a_saved_graph_is_explored(page: TestClient, project: Path):
    about = asked(page, "", graph=SAVED)
    assert about["figures"]["tools"] == 4
    assert about["samples"]
    part = asked(page, "/part", graph=SAVED, tool=1, size=2)
    assert part["added"] == [1, 0]
    grown = asked(page, "/part", graph=SAVED, tool=2, size=3, keep="1,0")
    assert grown["added"] == [2]
    assert asked(page, "/part", graph=SAVED, size=0, keep="3,0")["added"] == []
    assert len(grown["edges"]) == 3
    hub = graph_of([TOOLS[0], *(tool(f"use_{i}", "", ["token"], []) for i in range(30))])
    save_graph(hub, project / "out" / "hub.npz")
    named = {"graph": "saved:project/out/hub.npz", "tool": 0, "size": 5}
    assert asked(page, "/part", **named)["added"] == [0, 1, 2, 3, 4]
    assert asked(page, "/part", **named, keep="0,1,2,9")["added"] == [3, 4, 5, 6, 7]
    joint = asked(page, "/joints", graph=SAVED, one=0, other=1)["joints"][0]
    assert (joint["source"], joint["target"], joint["feeds"]) == ("log_in", "add", True)
    drawn = asked(page, "/sample", graph=SAVED, size=3, seed=5)
    assert drawn == asked(page, "/sample", graph=SAVED, size=3, seed=5)
    assert len(set(drawn["drawn"])) == 3


@pytest.mark.skipif(not has_encoder(), reason=f"{ENCODER} is not installed")
def test_a_pool_becomes_a_graph_when_it_is_asked_for(page: TestClient):
    assert asked(page, "", graph=EVERYDAY)["figures"]["tools"] == 100
    found = asked(page, "/tools", graph=EVERYDAY, query="playlist")["nodes"]
    assert found[0]["name"] == "create_playlist"
    assert found[0]["description"]


def test_a_saved_graph_gets_its_words_from_the_pool_it_was_made_of(page, project: Path):
    tools = load_pool(next(iter(library().values())).parents[1] / "pools" / "everyday.json")
    save_graph(graph_of(tools), project / "out" / "everyday.npz")
    about = asked(page, "", graph="saved:project/out/everyday.npz")
    assert about["described"]
    assert not asked(page, "", graph=SAVED)["described"]


def test_what_a_run_used(page: TestClient):
    assert not asked(page, "", graph="run:exp/first")["samples"]
    whole = asked(page, "/part", graph="run:exp/first")
    names = {node["name"]: node["id"] for node in whole["nodes"]}
    assert "GetUserToken" in names
    pair = {"one": names["GetUserToken"], "other": names["AddReminder"]}
    joint = asked(page, "/joints", graph="run:exp/first", **pair)["joints"][0]
    assert (joint["source_field"], joint["target_field"]) == ("token", "token")
    told = asked(page, "/scenarios", graph="run:exp/first", run="exp/second")["scenarios"]
    assert names["GetUserToken"] in told[0]["tools"]
    assert told[0]["missing"] == ["SearchContacts"]
    assert "pool" in refusal(page.get("/api/graph/sample", params={"graph": "run:exp/first"}))


def test_a_run_that_goes_on_is_read_anew(page: TestClient, project: Path):
    run = hostile_episodes(project / "runs" / "more")
    assert asked(page, "", graph="run:more")["figures"]["episodes"] == 2
    shutil.rmtree(run)
    refused = page.get("/api/graph", params={"graph": "run:more"})
    assert "no run" in refusal(refused)


def test_tools_keep_their_numbers_while_a_run_is_played(page: TestClient, project: Path):
    def names() -> list[str]:
        nodes = asked(page, "/part", graph="run:live")["nodes"]
        return [node["name"] for node in sorted(nodes, key=lambda node: node["id"])]

    path = project / "runs" / "live"
    with LiveRun(path) as live:
        live.begin()
        live.turn(1, tool="SearchContacts")
        assert names() == ["SearchContacts"]
        live.turn(2, tool="GetWeather")
        live.turn(3, tool="AddReminder")
        assert names() == ["SearchContacts", "AddReminder", "GetWeather"]
        live.turn(4, tool="BookTable")
        assert names() == ["SearchContacts", "AddReminder", "GetWeather", "BookTable"]
    shutil.rmtree(path)
    with LiveRun(path) as another:
        another.begin()
        for number, tool in enumerate(("SearchContacts", "BookTable") * 3, start=1):
            another.turn(number, tool=tool)
        assert names() == ["BookTable", "SearchContacts"]
    shutil.rmtree(path)


@pytest.mark.parametrize(
    "graph",
    ["", "saved:", "saved:project/../outside.npz/..", "saved:/etc/passwd",
     "saved:project//etc/passwd", "saved:runs/../outside.npz", "pool:project/../../etc/passwd",
     "run:../runs/fork", "other:x", "saved:project/out", "pool:project/out/graph.npz",
     "saved:project/" + "x" * 9000, "saved:project/\0.npz", "saved:project/link.npz"],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_no_graphs(page: TestClient, project: Path, graph: str):
    link = project / "link.npz"
    if not link.is_symlink():
        link.symlink_to("/etc/passwd")
    answer = page.get("/api/graph", params={"graph": graph})
    assert answer.status_code == 404
    assert len(refusal(answer)) < 400


def test_wrong_questions_are_refused(page: TestClient, project: Path):
    def refused(what: str, **params: Any) -> str:
        return refusal(page.get(f"/api/graph/{what}", params={"graph": SAVED, **params}))

    assert "4 tools" in refused("part", tool=4)
    assert "4 tools" in refused("joints", one=-1, other=0)
    assert "drawn" in refused("sample", size=5)
    for bad in ({"size": -1}, {"size": 201}, {"keep": "1,-2"}, {"keep": "1," * 4000 + "1"}):
        answer = page.get("/api/graph/part", params={"graph": SAVED, **bad})
        assert answer.status_code == 422
    (project / "out" / "broken.npz").write_bytes(b"PK no graph")
    answer = page.get("/api/graph", params={"graph": "saved:project/out/broken.npz"})
    assert "broken.npz" in refusal(answer)


def test_without_numpy_one_line_says_what_to_install(project: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    line = refusal(asking(project, router).get("/api/graph", params={"graph": SAVED}))
    assert "callsheet[graph]" in line
    assert asked(asking(project, router), "", graph="run:fork")["figures"]["tools"]
