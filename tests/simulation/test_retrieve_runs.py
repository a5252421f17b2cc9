"""Scenarios whose tools must be found first, played from end to end, cut, resumed and replayed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from autogen_core import FunctionCall
from scripted_model import Scripted

from callsheet.environments import sandbox
from callsheet.environments.api_bank import VARIABLE as DATA
from callsheet.environments.api_bank import api_bank_data
from callsheet.evaluation.calls import judge
from callsheet.evaluation.gold import call_items
from callsheet.models.embedding import VARIABLE
from callsheet.scenarios import Scenario
from callsheet.scenarios.lint import lint
from callsheet.simulation import (
    RunConfig,
    RunDirectory,
    RunError,
    Watchers,
    replay,
    resume,
    simulate,
)
from callsheet.simulation.digests import digests_of
from callsheet.trajectories.event import Event
from callsheet.trajectories.identity import run_identity
from callsheet.trajectories.log import read_episodes
from callsheet.trajectories.reading import read_trajectories

TIME = "2026-03-05 10:00:00"
LOGIN = ("GetUserToken", {"username": "foo", "password": "bar"})


@pytest.fixture(autouse=True)
def lexical(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "lexical")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(DATA, raising=False)


def scene(**changes: Any) -> Scenario:
    calls = [
        ("ToolSearcher", {"keywords": "get user token"}),
        LOGIN,
        ("ToolSearcher", {"keywords": "set a reminder"}),
    ]
    record = {
        "name": "scene",
        "retrieve": {},
        "plan": [{"tool_call": "remind me to call Ann"}],
        "expect": {"calls": [{"name": n, "arguments": a, "step": 0} for n, a in calls]},
        "tester": {"checks": ["calls_valid", "expected_calls", {"called": "AddReminder"}]},
    }
    return Scenario.model_validate({**record, **changes})


def made(name: str, **arguments: Any) -> list[FunctionCall]:
    return [FunctionCall(id="c", name=name, arguments=orjson.dumps(arguments).decode())]


def token() -> str:
    environment = sandbox("workspace").open([], now=scene().context.now, seed=0)
    return str(environment.run(*LOGIN).output["token"])  # type: ignore[attr-defined]


def assistant() -> Scripted:
    return Scripted(
        made("ToolSearcher", keywords="get user token"),
        made(LOGIN[0], **LOGIN[1]),
        made("ToolSearcher", keywords="set a reminder"),
        made("AddReminder", token=token(), content="call Ann", time=TIME),
        "Done.",
        "Bye.",
    )


CONFIG = RunConfig(models={"assistant": "scripted"})


def play(run: Path, scenario: Scenario, client: Scripted, **options: Any) -> Any:
    return simulate([scenario], CONFIG, run, clients={"scripted": client}, **options)


def only_events(run: Path) -> list[Event]:
    ((_, events),) = read_episodes(run)
    return events


def offered(client: Scripted) -> list[list[str]]:
    return [[tool["name"] for tool in tools] for tools in client.tools]


def test_each_answer_is_asked_with_what_was_found_so_far(tmp_path: Path) -> None:
    client = assistant()
    assert play(tmp_path / "run", scene(), client).accepted == 1
    assert offered(client)[:5] == [
        ["ToolSearcher"],
        ["ToolSearcher", "GetUserToken"],
        ["ToolSearcher", "GetUserToken"],
        ["ToolSearcher", "GetUserToken", "AddReminder"],
        ["ToolSearcher", "GetUserToken", "AddReminder"],
    ]


def test_the_log_and_the_trajectory_know_the_tools_that_were_found(tmp_path: Path) -> None:
    play(tmp_path / "run", scene(), assistant())
    events = only_events(tmp_path / "run")
    assert [tool["name"] for tool in events[0].data["tools"]] == ["ToolSearcher"]
    offers = [[t["name"] for t in e.data["offers"]] for e in events if "offers" in e.data]
    assert offers == [["GetUserToken"], ["AddReminder"]]
    (trajectory,) = read_trajectories(tmp_path / "run" / "trajectories.jsonl")
    assert [t.name for t in trajectory.tools] == ["ToolSearcher", "GetUserToken", "AddReminder"]
    assert trajectory.tools[2].properties


def test_a_tool_that_was_not_found_is_refused_and_counts_as_invalid(tmp_path: Path) -> None:
    client = Scripted(made("AddReminder", token="x", content="y", time=TIME), "I cannot.", "Bye.")
    assert play(tmp_path / "run", scene(), client).accepted == 0
    (result,) = [e.data for e in only_events(tmp_path / "run") if e.kind == "tool_result"]
    assert result["error_type"] == "unknown_tool" and not result["ok"]
    verdicts = {e.data["check"]: e.data for e in only_events(tmp_path / "run")
                if e.kind == "verdict"}  # fmt: skip
    assert "search for it with ToolSearcher first" in verdicts["calls_valid"]["reason"]


def test_a_replay_meets_every_event(tmp_path: Path) -> None:
    play(tmp_path / "run", scene(), assistant())
    (replayed,) = replay(RunDirectory(tmp_path / "run"))
    assert replayed.finished and replayed.events == len(only_events(tmp_path / "run"))


def test_a_replay_does_without_a_pool_that_is_gone(tmp_path: Path) -> None:
    known = {"properties": {"pet": {"type": "string"}, "amount": {"type": "integer"}}}
    pool = tmp_path / "pool.json"
    described = {"feed_pet": "Feed a pet.", "feed_cow": "Feed a cow.", "sell_car": "Sell a car."}
    tools = [{"name": name, "description": text, "parameters": {"type": "object", **known},
              "returns": {"type": "object", "properties": {"fed": {"type": "boolean"}}}}
             for name, text in described.items()]  # fmt: skip
    pool.write_bytes(orjson.dumps(tools))
    client = Scripted(
        made("ToolSearcher", keywords="feed a cow"),
        made("sell_car"),
        made("ToolSearcher", keywords="pet, feed it"),
        made("feed_pet", pet="Rex", amount=2),
        made("ToolSearcher", keywords="no such thing"),
        "Fed.",
        "Bye.",
    )
    scenario = scene(environment="planned", pool=str(pool), expect={}, tester={"checks": []})
    play(tmp_path / "run", scenario, client)
    results = [e.data["ok"] for e in only_events(tmp_path / "run") if e.kind == "tool_result"]
    assert results == [True, False, True, True, True]
    pool.unlink()
    (replayed,) = replay(RunDirectory(tmp_path / "run"))
    assert replayed.finished and replayed.events == len(only_events(tmp_path / "run"))


@pytest.mark.parametrize("cut", range(1, 22, 2))
def test_a_run_that_was_cut_goes_on_with_what_it_had_found(tmp_path: Path, cut: int) -> None:
    class Stop(BaseException):
        pass

    seen = 0

    def stop(event: Event) -> None:
        nonlocal seen
        seen += 1
        if seen == cut:
            raise Stop

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    play(whole, scene(), assistant())
    with pytest.raises(Stop):
        play(broken, scene(), assistant(), watchers=Watchers(on_event=stop))
    recorded = [e for e in only_events(broken) if e.kind == "model_call"]
    rest = assistant()
    del rest.answers[: sum(e.data["role"] == "assistant" for e in recorded)]
    assert resume(broken, clients={"scripted": rest}).accepted == 1
    assert run_identity(whole) == run_identity(broken)


def test_another_encoder_is_noticed_when_a_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(tmp_path / "run", scene(), assistant())
    monkeypatch.setattr("callsheet.models.encoders.lexical.LexicalEncoder.digest", "other")
    with pytest.raises(RunError, match="changed since the run was made: encoders"):
        resume(tmp_path / "run", clients={"scripted": assistant()})


def test_data_behind_an_environment_count_among_the_digests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = Scenario.model_validate({"name": "s", "plan": [{"chitchat": "hello"}]})
    bank = plain.model_copy(update={"environment": "api_bank"})
    found = plain.model_copy(update={"retrieve": scene().retrieve})
    assert not {"environments", "encoders"} & digests_of([plain], RunConfig()).keys()
    assert "encoders" in digests_of([found], RunConfig())
    before = digests_of([bank], RunConfig())["environments"]
    monkeypatch.setattr(api_bank_data(), "digest", "other")
    assert digests_of([bank], RunConfig())["environments"] != before
    # Its own search is behind the environment's digest already.
    searching = bank.model_copy(update={"retrieve": scene().retrieve})
    assert "encoders" not in digests_of([searching], RunConfig())


def test_api_banks_own_search_is_played_the_same_way(tmp_path: Path) -> None:
    client = Scripted(
        made("ToolSearcher", keywords="get the date of today"),
        made("GetToday"),
        "Today is the last of March.",
        "Bye.",
    )
    checks = ["calls_valid", {"called": "GetToday"}]
    scenario = scene(environment="api_bank", expect={}, tester={"checks": checks})
    assert play(tmp_path / "run", scenario, client).accepted == 1
    assert offered(client)[1] == ["ToolSearcher", "GetToday"]
    assert all(r.finished for r in replay(RunDirectory(tmp_path / "run")))


def test_a_search_and_a_call_of_what_it_finds_in_one_answer(tmp_path: Path) -> None:
    """Simulated tools run at the same time; the order of the calls decides all the same."""
    spec = {"name": "feed_pet", "description": "Feed a pet.",
            "returns": {"type": "object", "properties": {"fed": {"type": "boolean"}}}}  # fmt: skip
    both = [made("feed_pet"), made("ToolSearcher", keywords="feed a pet"), made("feed_pet")]
    client = Scripted([call for (call,) in both], "Fed.", "Bye.")
    scenario = scene(environment="planned", tools=[spec], expect={}, tester={"checks": []})
    play(tmp_path / "run", scenario, client)
    results = [e.data["ok"] for e in only_events(tmp_path / "run") if e.kind == "tool_result"]
    assert results == [False, True, True]
    assert all(r.finished for r in replay(RunDirectory(tmp_path / "run")))


def test_an_assistant_may_search_before_every_call(tmp_path: Path) -> None:
    """Sixteen rounds within one turn, twice as many as without a search."""
    rounds = [made("ToolSearcher", keywords=f"reminder {i}") for i in range(16)]
    client = Scripted(*rounds, "Enough.", "Bye.")
    play(tmp_path / "run", scene(expect={}), client)
    results = [e for e in only_events(tmp_path / "run") if e.kind == "tool_result"]
    assert len(results) == 16 and all(e.data["ok"] for e in results)


class TestGold:
    async def items(self, **changes: Any) -> Any:
        return await call_items([scene(**changes)])

    def test_each_item_has_the_tools_that_were_found_before_it(self) -> None:
        items = asyncio.run(self.items())
        assert [[tool.name for tool in item.tools] for item in items] == [
            ["ToolSearcher"],
            ["ToolSearcher", "GetUserToken"],
            ["ToolSearcher", "GetUserToken"],
        ]

        async def answered(item: Any, call: list[FunctionCall]) -> str:
            answer = await Scripted(call).create([])
            return (await judge(item, answer)).reason

        first, login, _ = items
        right = made("ToolSearcher", keywords="get user token")
        assert asyncio.run(answered(first, right)) == "correct"
        assert asyncio.run(answered(first, made(LOGIN[0], **LOGIN[1]))) == "unknown tool"
        assert asyncio.run(answered(login, made(LOGIN[0], **LOGIN[1]))) == "correct"

    def test_a_solution_that_does_not_search_has_all_tools(self) -> None:
        calls = [{"name": LOGIN[0], "arguments": LOGIN[1], "step": 0}]
        (item,) = asyncio.run(self.items(expect={"calls": calls}))
        assert len(item.tools) >= 12


def findings(scenario: Scenario) -> list[tuple[str, str]]:
    return [(f.rule, f.what) for f in lint(scenario)]


class TestLint:
    def test_a_solution_that_finds_what_it_calls_is_sound(self) -> None:
        assert findings(scene(tester={"checks": ["expected_calls"]})) == []

    def test_a_call_of_what_was_not_found_is_noticed(self) -> None:
        calls = [{"name": "ToolSearcher", "arguments": {"keywords": "set a reminder"}, "step": 0},
                 {"name": LOGIN[0], "arguments": LOGIN[1], "step": 0}]  # fmt: skip
        ((rule, what),) = findings(scene(expect={"calls": calls}, tester={"checks": []}))
        assert rule == "expected-call" and "search for it" in what

    @pytest.mark.parametrize("environment", ["workspace", "api_bank"])
    def test_a_solution_need_not_search(self, environment: str) -> None:
        calls = [{"name": "Calculator", "step": 0, "arguments": {"formula": "1+1"}}]
        scenario = scene(environment=environment, expect={"calls": calls}, tester={"checks": []})
        assert findings(scenario) == []

    def test_keys_that_an_environments_own_search_does_not_read(self) -> None:
        scenario = scene(environment="api_bank", retrieve={"top": 3}, expect={},
                         tester={"checks": []})  # fmt: skip
        assert findings(scenario) == [("idle-key", "api_bank's own ToolSearcher does not read top")]
        assert findings(scenario.model_copy(update={"retrieve": scene().retrieve})) == []

    def test_an_encoder_that_is_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(VARIABLE, "none")
        assert [rule for rule, _ in findings(scene())] == ["encoder"]

    def test_a_simulated_tool_of_the_searchs_name(self) -> None:
        tools = [{"name": "ToolSearcher"}, {"name": "other"}]
        scenario = scene(environment="planned", tools=tools, expect={}, tester={"checks": []})
        assert [rule for rule, _ in findings(scenario)] == ["same-tool"]

    @pytest.mark.parametrize(
        "retrieve",
        [{"top": 0}, {"top": 51}, {"threshold": 2}, {"encoder": "/etc"}, {"tool": "a b"}, {"k": 1}],
    )
    def test_what_the_schema_refuses(self, retrieve: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="retrieve"):
            scene(retrieve=retrieve)
