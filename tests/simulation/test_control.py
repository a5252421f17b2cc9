"""Pausing, continuing and cancelling a run from outside, in real processes: what is recorded of it
is the same as if nobody had paused, and that somebody cancelled is recorded."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from acted_runs import callsheet, events, finished, kill, prepare, until
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, LLMMessage, RequestUsage
from fake_endpoint import FakeEndpoint

from callsheet.models.base import ChatClient
from callsheet.scenarios import Scenario
from callsheet.simulation import RunConfig, RunDirectory, RunError, replay, resume, simulate
from callsheet.simulation.control import change_control, read_control
from callsheet.trajectories.identity import run_identity
from callsheet.trajectories.log import segments
from callsheet.trajectories.reading import read_trajectories

SLOW = 0.15


def recorded(run: Path) -> int:
    return sum(len(told) for told in events(run).values())


def settled(run: Path) -> int:
    """How many events there are once no more come."""
    while True:
        before = recorded(run)
        time.sleep(4 * SLOW)
        if recorded(run) == before:
            return before


def test_a_paused_run_records_nothing_and_then_goes_on_as_if_nothing_had_been(
    tmp_path: Path,
) -> None:
    with FakeEndpoint(latency=SLOW) as server:
        run = prepare(tmp_path, server.url, ("one", "two"))
        play = ("run", "scenarios", "--model", "assistant=remote", "--out")
        with callsheet(tmp_path, *play, "whole") as process:
            finished(process)
        with callsheet(tmp_path, *play, "run") as process:
            until(lambda: recorded(run) > 8)
            change_control(run, paused=True)
            before = settled(run)
            asked = server.total
            time.sleep(3 * SLOW)
            assert (recorded(run), server.total) == (before, asked) and process.poll() is None
            change_control(run, paused=False)
            until(lambda: recorded(run) > before)
            change_control(run, episode="000001-two", paused=True)
            until(lambda: any(e[-1].data.get("state") == "ended" for e in events(run).values()))
            assert settled(run) and process.poll() is None
            kill(process)
        assert read_control(run).episodes["000001-two"].paused
        change_control(run, episode="000001-two", paused=False)
        with callsheet(tmp_path, "resume", "run") as process:
            finished(process)
    assert run_identity(run) == run_identity(tmp_path / "whole")
    assert read_control(run).episodes == {}


def test_a_run_killed_while_it_is_paused_goes_on_when_it_is_resumed(tmp_path: Path) -> None:
    with FakeEndpoint(latency=SLOW) as server:
        run = prepare(tmp_path, server.url)
        play = ("run", "scenarios", "--model", "assistant=remote", "--workers", "2", "--out")
        with callsheet(tmp_path, *play, "whole") as process:
            finished(process)
        with callsheet(tmp_path, *play, "run") as process:
            until(lambda: recorded(run) > 4)
            change_control(run, paused=True)
            settled(run)
            kill(process)
        time.sleep(2)  # the worker sees that its parent is gone, and seals its log
        with callsheet(tmp_path, "resume", "run") as process:
            finished(process)
    assert not read_control(run).paused
    assert run_identity(run) == run_identity(tmp_path / "whole")


def test_a_cancelled_episode_ends_at_once_and_the_others_go_on(tmp_path: Path) -> None:
    with FakeEndpoint(latency=20.0) as server:
        run = prepare(tmp_path, server.url, ("one", "two"))
        with callsheet(
            tmp_path, "run", "scenarios", "--model", "assistant=remote", "--out", "run"
        ) as process:
            until(lambda: server.in_flight == 2)
            change_control(run, episode="000000-one", cancelled=True)
            until(lambda: len(told := events(run)["000000-one"]) and told[-1].data.get("status"))
            until(lambda: server.in_flight == 1)
            change_control(run, cancelled=True)
            assert "2 cancelled" in finished(process)
    one = events(run)["000000-one"]
    assert [e.data for e in one[-2:-1]] == [{"what": "cancelled"}]
    assert one[-1].data["status"] == "cancelled" and one[-1].data["blame"] is None
    assert read_control(run).episodes == {} and not (run / "frames").exists()
    assert all(item.finished for item in replay(RunDirectory(run)))
    found = list(read_trajectories(run / "trajectories.jsonl"))
    assert [t.outcome.status for t in found] == ["cancelled", "cancelled"]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_cancelled_run_leaves_what_has_not_begun_to_a_resume(
    tmp_path: Path, workers: str
) -> None:
    with FakeEndpoint(latency=SLOW) as server:
        run = prepare(tmp_path, server.url)
        many = ("--repeat", "12", "--concurrency", "2", "--workers", workers)
        play = ("run", "scenarios", "--model", "assistant=remote", "--out", "run")
        with callsheet(tmp_path, *play, *many) as process:
            until(lambda: len(events(run)) > int(workers))
            change_control(run, cancelled=True)
            told = finished(process)
        begun = events(run)
        assert "episodes were not played; `callsheet resume` goes on" in told
        assert len(begun) < 12 and all(e[-1].data["state"] == "ended" for e in begun.values())
        cancelled = {n for n, e in begun.items() if e[-1].data["status"] == "cancelled"}
        assert cancelled
        with callsheet(tmp_path, "resume", "run") as process:
            assert "12/12" in finished(process)
        after = events(run)
        assert {n for n, e in after.items() if e[-1].data["status"] == "cancelled"} == cancelled
        with callsheet(tmp_path, "retry", "run") as process:
            finished(process)
        assert not any(e[-1].data["status"] == "cancelled" for e in events(run).values())


class Interrupted(ChatClient):
    """Asks for two calls; in the place of answer number `at`, it acts and never answers."""

    def __init__(self, act: Callable[[], Any], at: int) -> None:
        super().__init__()
        self.act, self.at, self.asked = act, at, 0

    async def create(
        self, messages: Sequence[LLMMessage], *, extra_create_args: Mapping[str, Any] = {}, **_: Any
    ) -> CreateResult:
        self.asked += 1
        if self.asked == self.at:
            self.act()
            await asyncio.sleep(3600)
        calls = [FunctionCall(id="", name="find_park", arguments=f'{{"city": "{city}"}}')
                 for city in ("Bern", "Rome")]  # fmt: skip
        usage = RequestUsage(prompt_tokens=1, completion_tokens=1)
        tool = '{"output": {"name": "Green"}}'
        content = tool if "tool_result" in str(messages[-1].content) else calls
        return CreateResult(finish_reason="stop", content=content, usage=usage, cached=False)


PARK = {
    "name": "park",
    "environment": "planned",
    "tools": [
        {
            "name": "find_park",
            "description": "Find a park in a city",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
            "returns": {"type": "object", "properties": {"name": {"type": "string"}}},
        }
    ],
    "plan": [{"tool_call": "find a park in the city Bern"}],
}


@pytest.mark.parametrize("role, at", [("assistant", 1), ("assistant", 2), ("tool", 1), ("tool", 2)])
def test_a_cancellation_is_obeyed_again_wherever_it_came(
    tmp_path: Path, role: str, at: int
) -> None:
    """Also where two tools are simulated at the same time, and where the control file is gone and
    the episode's end was lost."""
    run = tmp_path / "run"
    client = Interrupted(lambda: change_control(run, episode="000000-park", cancelled=True), at)
    fine = Interrupted(lambda: None, 0)
    models = {"assistant": "a", "tool": "t"}
    clients = {
        "a": client if role == "assistant" else fine,
        "t": client if role == "tool" else fine,
    }
    scenario = Scenario.model_validate(PARK)
    progress = simulate([scenario], RunConfig(models=models), run, clients=clients)
    assert progress.statuses == {"cancelled": 1} and client.asked >= at
    assert replay(RunDirectory(run))[0].finished
    whole = run_identity(run)
    ((_, path),) = segments(run)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    for name in ("control.json", "control.lock"):
        (run / name).unlink(missing_ok=True)
    asked = client.asked
    assert resume(run, clients=clients).statuses == {"cancelled": 1}
    assert run_identity(run) == whole and client.asked == asked


def test_a_cancellation_that_a_kill_cut_short_diverges_nowhere(tmp_path: Path) -> None:
    """Killed after any event, and resumed when nobody wants the run cancelled any more: it goes on,
    or ends as cancelled where a later one of several calls is recorded and an earlier one not."""
    run = tmp_path / "run"
    clients = {
        "a": Interrupted(lambda: None, 0),
        "t": Interrupted(lambda: change_control(run, cancelled=True), 1),
    }
    config = RunConfig(models={"assistant": "a", "tool": "t"})
    simulate([Scenario.model_validate(PARK)], config, run, clients=clients)
    ((_, path),) = segments(run)
    lines = path.read_bytes().splitlines(keepends=True)
    assert sum(b'"tool.call1.0"' in line for line in lines) == 1, "the second call was answered"
    for length in range(1, len(lines)):
        cut = tmp_path / str(length)
        shutil.copytree(run, cut)
        (cut / path.relative_to(run)).write_bytes(b"".join(lines[:length]))
        fine = dict.fromkeys(("a", "t"), Interrupted(lambda: None, 0))
        assert resume(cut, clients=fine).done == 1
        assert replay(RunDirectory(cut))[0].finished


def test_what_is_wanted_of_an_ended_episode_is_not_meant_when_it_is_played_again(
    tmp_path: Path,
) -> None:
    simulate([Scenario.model_validate(PARK)], RunConfig(), tmp_path)
    change_control(tmp_path, episode="000000-park", cancelled=True)
    assert resume(tmp_path, again=lambda end: True).statuses == {"completed": 1}
    assert read_control(tmp_path).episodes == {}


def test_writers_lose_nothing_of_each_other(tmp_path: Path) -> None:
    simulate([Scenario.model_validate({**PARK, "name": "park"})], RunConfig(), tmp_path)
    each = [
        threading.Thread(
            target=change_control, args=(tmp_path,), kwargs={"episode": f"e{i}", "paused": True}
        )
        for i in range(20)
    ]
    for thread in each:
        thread.start()
    for thread in each:
        thread.join()
    change_control(tmp_path, episode="e3", people=("user",))
    state = read_control(tmp_path)
    assert len(state.episodes) == 20 and state.of("e3").people == ("user",)


def test_what_cannot_be_wanted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a run"):
        change_control(tmp_path, paused=True)
    simulate([Scenario.model_validate(PARK)], RunConfig(), tmp_path / "run")
    with pytest.raises(RunError, match="user or assistant"):
        change_control(tmp_path / "run", people=("user",))
    with pytest.raises(RunError, match="user or assistant"):
        change_control(tmp_path / "run", episode="e", people=("tool",))  # type: ignore[arg-type]
    (tmp_path / "run" / "control.json").write_text('{"paused": "perhaps"}')
    with pytest.raises(RunError, match=r"control\.json"):
        read_control(tmp_path / "run")
