"""Runs that can be compared: two ways of playing the same scenarios, a fork, a hostile episode."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from callsheet.scenarios import library, load_scenario
from callsheet.simulation import Manifest, RunConfig, RunDirectory, fork, resume, simulate
from callsheet.trajectories.event import Event, Kind
from callsheet.trajectories.log import LogWriter, claim_epoch

from ..hostile_run import HOSTILE

SCENARIOS = ("chained-calls", "fault-and-retry", "reschedule-offsite", "parallel-calls")
OFFSITE = "000002-reschedule-offsite"
HOSTILE_EPISODES = ("000000-<b>hostile</b>", "000001-<b>hostile</b>")


def compared_runs(runs: Path) -> Path:
    """`exp/first`; `exp/second`, whose assistant may call one tool only; `fork` of the first."""
    # In a thread of its own: a browser's event loop may have this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_play, runs).result()
    return runs


def _play(runs: Path) -> None:
    scenarios = [load_scenario(library()[name]) for name in SCENARIOS]
    simulate(scenarios, RunConfig(repeat=2), runs / "exp" / "first")
    limited = [
        one.model_copy(update={"limits": one.limits.model_copy(update={"tool_calls": 1})})
        for one in scenarios
    ]
    simulate(limited, RunConfig(repeat=2), runs / "exp" / "second")
    first = RunDirectory(runs / "exp" / "first")
    fork(first, OFFSITE, 2, runs / "fork", message="Make it Saturday instead")
    resume(runs / "fork")


def hostile_episodes(run: Path) -> Path:
    """A run with two episodes in which every free text wants to become markup."""
    scenario = load_scenario(library()["single-call"])
    manifest = Manifest(config=RunConfig(repeat=2), digests={}, episodes=2)
    RunDirectory(run).create(manifest, [scenario])
    writer = LogWriter(run, "main", claim_epoch(run, "main"))
    for episode in HOSTILE_EPISODES:
        for seq, (kind, source, data) in enumerate(_hostile(episode)):
            writer.append(Event(episode=episode, seq=seq, kind=kind, source=source, data=data))
    writer.close()
    return run


def _hostile(episode: str) -> list[tuple[Kind, str, dict[str, Any]]]:
    evil = HOSTILE.replace("\x00", "") + episode
    tool = {"name": evil, "description": evil, "parameters": {"properties": {evil: {}}}}
    started = {"state": "started", "scenario": evil, "environment": evil, "seed": 1,
               "tools": [tool], "models": {"assistant": evil}, "context": {evil: evil}}  # fmt: skip
    return [
        ("status", "driver", started),
        ("plan", "driver", {"steps": [{"kind": evil, "request": evil}]}),
        ("message", "user", {"message": {"role": "user", "content": evil}, "turn": 1, "step": 0}),
        ("tool_call", "assistant", {"ordinal": 0, "call_id": "c", "name": evil,
                                    "arguments": {evil: [evil]}}),
        ("tool_result", "tool", {"ordinal": 0, "call_id": "c", "name": evil, "ok": False,
                                 "content": {"error": evil}, "error_type": evil}),
        ("tool_call", "assistant", {"ordinal": 1, "call_id": "d", "name": f"{evil} 2",
                                    "arguments": {}}),
        ("message", "assistant", {"message": {"role": "assistant", "content": evil},
                                  "thought": evil, "turn": 1, "step": 0}),
        ("verdict", "tester", {"check": evil, "passed": False, "reason": evil, "by": "rules"}),
        ("status", "driver", {"state": "ended", "status": "failed", "reason": evil,
                              "blame": "tool", "score": 0.0}),
    ]  # fmt: skip
