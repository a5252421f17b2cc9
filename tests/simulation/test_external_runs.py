"""Runs whose tools really run outside: recorded, killed, resumed and replayed.

Real processes, and a real service on loopback that counts what it is asked.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback_api import LoopbackApi, loopback_api
from nursery_project import GARDEN, SLOW, nursery_project
from program import PROGRAM, callsheet, children, one_line, until_gone
from scripted_model import Scripted, call

from callsheet.scenarios import load_scenario
from callsheet.simulation import (
    Cast,
    RunConfig,
    RunDirectory,
    UnconfirmedCall,
    replay,
    simulate,
)
from callsheet.simulation.build import build_episode
from callsheet.simulation.control import change_control
from callsheet.simulation.driver import play
from callsheet.simulation.journal import Journal
from callsheet.trajectories.event import Event
from callsheet.trajectories.identity import run_identity
from callsheet.trajectories.log import read_episodes, segments


@pytest.fixture
def api() -> Iterator[LoopbackApi]:
    with loopback_api() as server:
        yield server


def asked(api: LoopbackApi) -> list[str]:
    return [f"{seen.method} {seen.target} {seen.body.decode()}".strip() for seen in api.seen]


ROSE = 'POST /plants {"name":"rose","colour":"red"}'
TULIP = 'POST /plants {"name":"tulip","colour":"white"}'
CALLS = ("tool_call", "tool_result")
HELD = 'POST /plants {"name":"slow","colour":"red"}'
RED = "GET /plants?colour=red"


def test_a_run_is_recorded_replayed_and_played_again_offline(
    api: LoopbackApi, tmp_path: Path
) -> None:
    nursery_project(tmp_path, api.url)
    checked = callsheet(tmp_path, "validate", "scenarios")
    assert checked.returncode == 0, checked.stdout
    assert not api.seen, "nothing is called by looking"
    played = callsheet(tmp_path, "run", "scenarios", "--out", "run")
    assert played.returncode == 0, played.stderr + played.stdout
    assert asked(api) == [ROSE, RED]
    replayed = callsheet(tmp_path, "replay", "run")
    assert replayed.returncode == 0, replayed.stderr
    kept = callsheet(tmp_path, "tools", "recording", "run", "-o", "nursery.jsonl")
    assert kept.returncode == 0 and kept.stdout == "2 answers: nursery.jsonl\n", kept.stderr
    assert len(api.seen) == 2
    api.shutdown()
    offline = GARDEN.replace("openapi:nursery", "replay:../nursery.jsonl")
    (tmp_path / "scenarios" / "garden.yaml").write_text(offline)
    assert callsheet(tmp_path, "validate", "scenarios").returncode == 0
    again = callsheet(tmp_path, "run", "scenarios", "--out", "again")
    assert again.returncode == 0, again.stderr + again.stdout
    assert calls(tmp_path / "again") == calls(tmp_path / "run")
    # The same by an option of the environment, without touching the scenario.
    (tmp_path / "scenarios" / "garden.yaml").write_text(GARDEN)
    project = tmp_path / "callsheet.toml"
    project.write_text(project.read_text() + 'replay = "nursery.jsonl"\n')
    third = callsheet(tmp_path, "run", "scenarios", "--out", "third")
    assert third.returncode == 0, third.stderr + third.stdout
    assert said(tmp_path / "third") == said(tmp_path / "run")
    assert callsheet(tmp_path, "replay", "third").returncode == 0


PYTHON = """
name: sums
environment: python:sums
plan: [{tool_call: look}]
"""


def test_a_replay_needs_nothing_of_what_ran_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Functions, project file and module are gone, and the run replays all the same."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sums.py").write_text("def double(n: int) -> int:\n    return 2 * n\n")
    project = tmp_path / "callsheet.toml"
    project.write_text("[python.sums]\nfunctions = ['sums:double']\n")
    (tmp_path / "sums.yaml").write_text(PYTHON)
    client = Scripted([call("double", '{"n": 21}')], "It is 42.")
    config = RunConfig(models={"assistant": "said"})
    progress = simulate([load_scenario(tmp_path / "sums.yaml")], config, tmp_path / "run",
                        clients={"said": client})  # fmt: skip
    assert progress.accepted == 1
    (result,) = [data for kind, data in calls(tmp_path / "run") if kind == "tool_result"]
    assert result["content"] == 42
    project.unlink()
    (tmp_path / "sums.py").unlink()
    assert [one.finished for one in replay(RunDirectory(tmp_path / "run"))] == [True]


def test_two_runs_are_the_same(api: LoopbackApi, tmp_path: Path) -> None:
    nursery_project(tmp_path, api.url)
    callsheet(tmp_path, "run", "scenarios", "--out", "one")
    api.plants.clear()
    callsheet(tmp_path, "run", "scenarios", "--out", "two", "--workers", "2")
    assert run_identity(tmp_path / "one") == run_identity(tmp_path / "two")


def killed_in_a_call(api: LoopbackApi, folder: Path, *arguments: str) -> None:
    """Play until the service holds a call back, and kill the whole process group then."""
    api.arrived.clear()
    process = subprocess.Popen([*PROGRAM, *arguments], cwd=folder, start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    assert api.arrived.wait(30)
    workers = children(process.pid)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    until_gone(workers)
    api.release.set()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_call_that_may_have_taken_effect_waits_for_a_person(
    api: LoopbackApi, tmp_path: Path, workers: str
) -> None:
    nursery_project(tmp_path, api.url, slow=SLOW)
    killed_in_a_call(api, tmp_path, "run", "scenarios", "--out", "run", "--workers", workers)
    assert asked(api) == [TULIP, HELD]
    refused = callsheet(tmp_path, "resume", "run", "--workers", workers)
    assert refused.returncode == 1
    line = one_line(refused)
    assert "000000-slow: add_plant (call 1) was started" in line and "--repeat-started" in line
    assert len(api.seen) == 2, "nothing was called"
    went_on = callsheet(tmp_path, "resume", "run", "--workers", workers, "--repeat-started")
    assert went_on.returncode == 0, went_on.stderr + went_on.stdout
    assert asked(api) == [TULIP, HELD, HELD, RED], "what is in the log is not called again"
    assert callsheet(tmp_path, "replay", "run").returncode == 0
    assert len(api.seen) == 4


def test_a_call_that_is_idempotent_is_made_again(api: LoopbackApi, tmp_path: Path) -> None:
    nursery_project(tmp_path, api.url, more='idempotent = ["add_plant"]', slow=SLOW)
    killed_in_a_call(api, tmp_path, "run", "scenarios", "--out", "run")
    went_on = callsheet(tmp_path, "resume", "run")
    assert went_on.returncode == 0, went_on.stderr + went_on.stdout
    assert asked(api) == [TULIP, HELD, HELD, RED]


def test_a_cancelled_episode_waits_for_no_call_outside(api: LoopbackApi, tmp_path: Path) -> None:
    """What was called before it is recorded; what was broken off is neither asked about nor made
    again, wherever the log is cut off."""
    nursery_project(tmp_path, api.url, slow=SLOW)
    run = tmp_path / "run"
    process = subprocess.Popen([*PROGRAM, "run", "scenarios", "--out", "run"], cwd=tmp_path,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    assert api.arrived.wait(30)
    change_control(run, episode="000000-slow", cancelled=True)
    process.wait(20)
    assert not api.release.is_set() and asked(api) == [TULIP, HELD]
    api.release.set()
    ((_, events),) = read_episodes(run)
    assert events[-1].data["status"] == "cancelled" and events[-3].kind in CALLS
    assert callsheet(tmp_path, "replay", "run").returncode == 0
    ((_, path),) = segments(run)
    lines = path.read_bytes().splitlines(keepends=True)
    for missing in (1, 2):
        path.write_bytes(b"".join(lines[:-missing]))
        change_control(run, episode="000000-slow", cancelled=True)
        assert "1 cancelled" in callsheet(tmp_path, "resume", "run").stdout
        assert callsheet(tmp_path, "replay", "run").returncode == 0
        for _, other in segments(run):
            if other != path:
                other.unlink()
    assert asked(api) == [TULIP, HELD]


def test_another_server_is_a_change_that_is_said(api: LoopbackApi, tmp_path: Path) -> None:
    nursery_project(tmp_path, api.url, slow=SLOW)
    killed_in_a_call(api, tmp_path, "run", "scenarios", "--out", "run")
    project = tmp_path / "callsheet.toml"
    project.write_text(project.read_text().replace(api.url, "http://127.0.0.1:9"))
    refused = callsheet(tmp_path, "resume", "run", "--repeat-started")
    assert refused.returncode == 3 and "changed since the run was made: env" in one_line(refused)


def events_of(folder: Path, recorded: list[Event], **more: Any) -> list[Event]:
    """One episode played in this process over what is recorded of it."""
    written: list[Event] = []
    scenario = load_scenario(folder / "scenarios" / "garden.yaml")

    async def one() -> list[Event]:
        journal = Journal("000000-garden", recorded, written.append)
        options = {"cast": Cast({}), **more}
        episode = build_episode(scenario, episode="000000-garden", seed=1, journal=journal,
                                **options)  # fmt: skip
        return [event async for event in play(episode)]

    return asyncio.run(one())


def test_resumed_anywhere_it_is_the_same_and_calls_what_is_missing(
    api: LoopbackApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut the log after every event: at most the call that was cut off is made again."""
    monkeypatch.chdir(nursery_project(tmp_path, api.url))
    whole = events_of(tmp_path, [])
    # What the service made is deleted, so that a repeated call has the same answer.
    started, confirmed = [], 0
    for length in range(len(whole)):
        recorded = whole[:length]
        done = [e.data["name"] for e in recorded if e.kind == "tool_result"]
        open_calls = sum(e.kind == "tool_call" for e in recorded) - len(done)
        api.plants.clear()
        if "add_plant" in done:
            api.plants["1"] = {"id": "1", "name": "rose", "colour": "red"}
        before = len(api.seen)
        if open_calls and not done:
            with pytest.raises(UnconfirmedCall, match="--repeat-started"):
                events_of(tmp_path, recorded)
            assert len(api.seen) == before
            confirmed += 1
        events = events_of(tmp_path, recorded, repeat_started=True)
        assert [e.identity() for e in events] == [e.identity() for e in whole], length
        assert asked(api)[before:] == [ROSE, RED][len(done) :]
        started.append(open_calls)
    assert confirmed == 1 and sum(started) == 2


def test_what_is_refused_here_needs_no_confirmation(
    api: LoopbackApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Injected faults and refused arguments go nowhere, so they are simply answered again."""
    scenario = GARDEN + "faults: {at: [0]}\n"
    monkeypatch.chdir(nursery_project(tmp_path, api.url, garden=scenario))
    whole = events_of(tmp_path, [])
    (first, *_) = [e.seq for e in whole if e.kind == "tool_result"]
    assert "key" not in whole[first].data
    api.plants.clear()
    again = events_of(tmp_path, whole[:first])
    assert [e.identity() for e in again] == [e.identity() for e in whole]


FOUND_FIRST = """
name: garden
environment: openapi:nursery
retrieve: {encoder: lexical, top: 3}
plan: [{tool_call: look after the plants}]
"""


def test_parallel_calls_of_found_tools_are_resumed_anywhere(
    api: LoopbackApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search is answered here, again and again; the calls it leads to go outside, once."""
    monkeypatch.chdir(nursery_project(tmp_path, api.url, garden=FOUND_FIRST))
    answers: list[Any] = [
        [call("ToolSearcher", '{"keywords": "plant"}')],
        [call("list_plants", '{"colour": "blue"}'), call("get_plant", '{"id": "77"}', "c2"),
         call("add_plant", '{"name": "b"}', "c3"), call("ToolSearcher", "{}", "c4")],
        "Done.",
    ]  # fmt: skip

    def played(recorded: list[Event], **more: Any) -> list[Event]:
        known = sum(e.kind == "model_call" and e.data["role"] == "assistant" for e in recorded)
        cast = Cast({"assistant": "said"}, clients={"said": Scripted(*answers[known:])})
        return events_of(tmp_path, recorded, cast=cast, **more)

    whole = played([])
    results = [e.data for e in whole if e.kind == "tool_result"]
    assert ["key" in r for r in results] == [False, True, True, True, False]
    assert [r["ok"] for r in results] == [True, True, False, True, False]
    for length in range(len(whole) + 1):
        recorded = whole[:length]
        done = [e.data["ordinal"] for e in recorded if e.kind == "tool_result"]
        api.plants.clear()
        before = len(api.seen)
        events = played(recorded, repeat_started=True)
        assert [e.identity() for e in events] == [e.identity() for e in whole], length
        made = {n for n in (1, 2, 3) if n not in done}
        assert len(api.seen) - before == len(made)


def calls(run: Path) -> list[Any]:
    """What was called and answered in a run."""
    return [[kind, data] for kind, data in said(run) if kind.startswith("tool")]


def said(run: Path) -> list[Any]:
    """What was called, answered and said in a run."""
    return [
        [e.kind, {k: v for k, v in e.data.items() if k not in ("key", "request")}]
        for _, events in read_episodes(run)
        for e in events
        if e.kind in ("message", "tool_call", "tool_result", "verdict")
    ]


def test_servers_and_functions_play_in_worker_processes(tmp_path: Path) -> None:
    pytest.importorskip("mcp", reason="needs the extra `mcp`")
    server = Path(__file__).parents[1] / "mcp_server.py"
    functions = Path(__file__).parents[1] / "environments" / "external" / "functions"
    (tmp_path / "callsheet.toml").write_text(
        f'[mcp.nursery]\ncommand = ["{sys.executable}", "{server}", "stdio"]\n'
        "per_episode = true\n"
        f'[python.trouble]\nfunctions = ["trouble:add"]\npath = "{functions}"\n'
    )
    scenarios = {
        "plants": ("mcp:nursery", 'add a plant with the name "rose"', "add_plant"),
        "sums": ("python:trouble", "add the numbers 3 and 4", "add"),
    }
    (tmp_path / "scenarios").mkdir()
    for name, (environment, request, tool) in scenarios.items():
        (tmp_path / "scenarios" / f"{name}.yaml").write_text(
            f"name: {name}\nenvironment: {environment}\ntools: [{tool}]\n"
            f"plan: [{{tool_call: '{request}'}}]\n"
            f"tester: {{checks: [calls_valid, {{called: {tool}}}]}}\n"
        )
    played = callsheet(tmp_path, "run", "scenarios", "--out", "run", "--workers", "2")
    assert played.returncode == 0, played.stderr + played.stdout
    results = [data["content"] for kind, data in calls(tmp_path / "run") if kind == "tool_result"]
    assert sorted(results, key=str) == [{"total": 1}, {"total": 7}]
    assert callsheet(tmp_path, "replay", "run").returncode == 0
