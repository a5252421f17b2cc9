"""Environments behind a search, and the sources that environments are opened from."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.environments import (
    Environment,
    ToolCall,
    ToolOutcome,
    environment_for,
    sandbox,
    sandbox_names,
    tools_of,
)
from callsheet.environments.api_bank import VARIABLE as DATA
from callsheet.environments.retrieval import search_tool
from callsheet.environments.sandboxes import BUILT_IN
from callsheet.environments.source import specs_of
from callsheet.models.embedding import VARIABLE
from callsheet.models.errors import ModelUnavailable
from callsheet.scenarios.schema import Faults, Retrieve
from callsheet.tools import ToolSpec, check_output
from callsheet.trajectories.canonical import encodable

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv(VARIABLE, "lexical")
    monkeypatch.delenv(DATA, raising=False)


class World:
    """An environment and the calls that were made in it."""

    def __init__(self, name: str = "workspace", retrieve: Any = None, **options: Any) -> None:
        self.environment: Environment = environment_for(
            name, now=NOW, seed=1, retrieve=retrieve or Retrieve(), **options
        )
        self.made = 0

    def call(self, name: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        self.made += 1
        call = ToolCall(f"c{self.made}", self.made - 1, name, arguments)
        return asyncio.run(self.environment.call(call))

    def search(self, keywords: Any, tool: str = "ToolSearcher") -> ToolOutcome:
        return self.call(tool, {"keywords": keywords})

    @property
    def names(self) -> list[str]:
        return [tool.name for tool in self.environment.tools]


LOGIN = {"username": "foo", "password": "bar"}


def test_only_the_search_is_on_offer_and_what_it_finds_joins_it() -> None:
    world = World()
    assert world.names == ["ToolSearcher"]
    refused = world.call("GetUserToken", LOGIN)
    assert refused.error_type == "unknown_tool" and "search for it" in str(refused.error)
    found = world.search("get user token")
    (token,) = (t for t in tools_of("workspace") if t.name == "GetUserToken")
    assert found.output == [
        {"name": token.name, "description": token.description, "parameters": token.parameters}
    ]
    assert world.names == ["ToolSearcher", "GetUserToken"]
    assert world.call("GetUserToken", LOGIN).ok


def test_a_guess_tells_nothing_of_which_tools_exist() -> None:
    world = World()
    texts = [str(world.call(name, {}).error) for name in ("GetUserToken", "GetUserTaken")]
    assert texts[0].replace("GetUserToken", "X") == texts[1].replace("GetUserTaken", "X")


def test_a_tool_joins_once_and_the_offer_only_changes_when_it_grows() -> None:
    world = World()
    world.search("set a reminder")
    offer = world.environment.tools
    world.search("set a reminder")
    world.call("Nothing", {})
    assert world.environment.tools is offer


def test_top_threshold_and_name_are_the_scenarios() -> None:
    world = World(retrieve=Retrieve(top=3, tool="find_tool"))
    assert world.names == ["find_tool"]
    assert len(world.search("reminder", "find_tool").output) == 3
    assert world.names[1:] == [
        tool["name"] for tool in world.search("reminder", "find_tool").output
    ]
    assert world.search("reminder").error_type == "unknown_tool"
    strict = World(retrieve=Retrieve(threshold=0.99))
    assert strict.search("reminder").output == []
    assert strict.names == ["ToolSearcher"]


def test_only_tools_of_the_scenario_can_be_found() -> None:
    world = World(tools=["Calculator", "GetUserToken"], retrieve=Retrieve(top=50, threshold=-1))
    world.search("set a reminder")
    assert sorted(world.names[1:]) == ["Calculator", "GetUserToken"]


def test_the_world_behind_is_the_same_as_without_a_search() -> None:
    world, plain = World(), environment_for("workspace", now=NOW, seed=1)
    assert world.environment.digest() == plain.digest()
    world.search("get user token")
    world.search("set a reminder")
    assert world.environment.digest() == plain.digest()
    assert not world.environment.diff()
    token = world.call("GetUserToken", LOGIN).output["token"]
    reminder = {"token": token, "content": "x", "time": "2026-03-05 10:00:00"}
    assert world.call("AddReminder", reminder).ok
    assert world.environment.digest() != plain.digest()
    assert list(world.environment.diff().added) == ["reminders"]
    assert world.environment.query("select count(*) from reminders") == [[3]]
    asyncio.run(world.environment.close())


def test_equal_calls_lead_to_equal_offers() -> None:
    offers = []
    for _ in range(2):
        world = World(retrieve=Retrieve(top=2))
        for keywords in ("meeting", "weather today", "reminder", "meeting"):
            world.search(keywords)
        offers.append(world.names)
    assert offers[0] == offers[1] and len(offers[0]) > 4


def test_a_search_can_fail_like_any_tool() -> None:
    world = World(faults=Faults(at=[0]))
    assert world.search("reminder").error_type == "unavailable"
    assert world.names == ["ToolSearcher"]
    assert world.search("reminder").ok
    assert len(world.names) == 2


@pytest.mark.parametrize("name", ["workspace", "api_bank", "api_bank_level_3:strict-upstream"])
@pytest.mark.parametrize(
    "keywords", [None, 5, True, ["a"], {"a": 1}, float("nan"), 10**400, "", "\ud800", "x" * 10**6]
)
def test_whatever_is_searched_for_there_is_an_answer(name: str, keywords: Any) -> None:
    outcome = World(name).search(keywords)
    assert (outcome.error is None) == outcome.ok
    assert isinstance(keywords, str) or not outcome.ok
    assert len(str(encodable(outcome.content())[0])) < 10_000


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(["keywords", "top", ""]), st.text() | st.integers()))
def test_a_search_takes_keywords_alone(arguments: dict[str, Any]) -> None:
    outcome = World().call("ToolSearcher", arguments)
    right = list(arguments) == ["keywords"] and isinstance(arguments["keywords"], str)
    assert outcome.ok == right
    if right:
        assert not check_output(search_tool("ToolSearcher"), outcome.output)


def test_an_encoder_that_breaks_is_an_unavailable_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ModelUnavailable("the encoder x cannot be loaded")

    monkeypatch.setattr("callsheet.environments.tool_index.text_index", broken)
    outcome = World().search("reminder")
    assert outcome.error_type == "unavailable" and "cannot be loaded" in str(outcome.error)


class Simulator:
    async def simulate(self, spec: ToolSpec, call: ToolCall, world: Any) -> ToolOutcome:
        return ToolOutcome({"simulated": spec.name})


PLANNED = [ToolSpec(name="add_pet", description="Add a pet."),
           ToolSpec(name="feed_pet", description="Feed a pet.")]  # fmt: skip


def test_simulated_tools_are_found_too() -> None:
    world = World("planned", tools=PLANNED, simulator=Simulator())
    assert world.environment.execution == "simulated"
    assert world.call("feed_pet", {}).error_type == "unknown_tool"
    world.search("feed")
    assert world.names == ["ToolSearcher", "feed_pet"]
    assert world.call("feed_pet", {}).output == {"simulated": "feed_pet"}


def test_a_simulated_tool_with_the_searchs_name_is_refused() -> None:
    with pytest.raises(ValueError, match="called add_pet already"):
        World("planned", Retrieve(tool="add_pet"), tools=PLANNED, simulator=Simulator())


def test_an_unknown_encoder_is_said_before_anything_is_played() -> None:
    plan = SimpleNamespace(top=1, threshold=0.0, encoder="lexicl", tool="ToolSearcher")
    with pytest.raises(ValueError, match="did you mean lexical"):
        World(retrieve=plan)


class TestApiBank:
    def test_its_own_search_searches_and_offers_what_it_names(self) -> None:
        world = World("api_bank")
        assert world.names == ["ToolSearcher"]
        assert world.environment.tools[0] == sandbox("api_bank").tools["ToolSearcher"]
        output = world.search("set an alarm for a user").output
        assert [entry["name"] for entry in output] == ["GetUserToken", "AddAlarm"]
        assert "input_parameters" in output[1]
        assert world.names == ["ToolSearcher", "GetUserToken", "AddAlarm"]

    def test_what_it_names_must_be_a_tool_of_the_scenario(self) -> None:
        world = World("api_bank", tools=["AddAlarm"])
        assert world.search("set an alarm for a user").ok
        assert world.names == ["ToolSearcher", "AddAlarm"]

    def test_level_3_finds_one_tool(self) -> None:
        world = World("api_bank_level_3")
        assert world.search("tax calculator").output["name"] == "TaxCalculator"
        assert world.names == ["ToolSearcher", "TaxCalculator"]

    def test_another_search_over_its_tools_has_the_general_form(self) -> None:
        world = World("api_bank", Retrieve(tool="find", top=2))
        assert [set(t) for t in world.search("alarm", "find").output] == [
            {"name", "description", "parameters"}
        ] * 2


class TestSources:
    def test_every_environment_has_a_source_of_its_name(self) -> None:
        names = sandbox_names()
        assert {*BUILT_IN, "api_bank", "api_bank:strict-upstream", "api_bank_level_3",
                "api_bank_level_3:strict-upstream"} <= set(names)  # fmt: skip
        for name in names:
            source = sandbox(name)
            assert source.name == name
            specs = specs_of(source)
            assert [tool.name for tool in tools_of(name)] == list(specs)
            environment = source.open(list(specs)[:2], now=NOW, seed=0)
            assert environment.tools == tuple(specs.values())[:2]

    def test_data_behind_tools_have_a_digest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert sandbox("workspace").digest is None
        before = sandbox("api_bank").digest
        assert before and before == sandbox("api_bank_level_3").digest
        monkeypatch.setenv(VARIABLE, "auto")
        from callsheet.models.embedding import encoder

        changed = encoder().name != "lexical"
        assert (sandbox("api_bank").digest != before) is changed

    def test_an_installed_source_need_not_be_a_sandbox(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Mine:
            name, digest, tools = "mine", None, {"add_pet": PLANNED[0]}

            def open(self, tools: Any, **_: Any) -> Any:
                return SimpleNamespace(tools=tuple(self.tools.values()))

        points = [SimpleNamespace(name="mine", load=Mine),
                  SimpleNamespace(name="broken", load=lambda: 5)]  # fmt: skip
        monkeypatch.setattr("callsheet.environments.registry.entry_points", lambda group: points)
        sandbox.cache_clear()
        try:
            assert tools_of("mine") == (PLANNED[0],)
            assert "mine" in sandbox_names()
            assert environment_for("mine", now=NOW, seed=0).tools == (PLANNED[0],)
            with pytest.raises(ValueError, match="unknown environment 'broken'"):
                sandbox("broken")
        finally:
            sandbox.cache_clear()
