"""Kills real processes at seeded places and compares what is left with an uninterrupted run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from callsheet.simulation.journaled_model import sample_of
from callsheet.trajectories.identity import run_identity
from callsheet.trajectories.log import read_episodes
from callsheet.trajectories.reading import read_trajectories

HERE = Path(__file__).parent

SCENARIOS = {
    "token": """
name: token
environment: workspace
tools: [GetUserToken, AddReminder, QueryReminders]
user: {knows: {username: foo, password: bar}}
plan:
  - tool_call: >-
      remind me to "call Ann" at 2026-03-05 10:00:00, my username is foo and my password is bar
  - chitchat: busy week
  - tool_call: remind me to "pay rent" at 2026-03-06 09:00:00
""",
    "sums": """
name: sums
environment: workspace
tools: [Calculator]
plan:
  - tool_call: work out the formula "12*7"
  - tool_call: work out the formula "3+4"
""",
    "simulated": """
name: simulated
environment: planned
tools:
  - name: find_park
    description: Find a park in a city
    parameters: {type: object, properties: {city: {type: string}}, required: [city]}
    returns: {type: object, properties: {name: {type: string}}, required: [name]}
plan:
  - tool_call: find a park in the city Bern
  - chitchat: lovely weather
""",
}


def prepare(folder: Path, url: str) -> None:
    (folder / "scenarios").mkdir()
    for name, text in SCENARIOS.items():
        (folder / "scenarios" / f"{name}.yaml").write_text(text)
    (folder / "models").mkdir()
    (folder / "models" / "counted.yaml").write_text(
        f"provider: openai_compatible\nconfig: {{model: fake, base_url: '{url}'}}\n"
    )


def play(folder: Path, run: str, episodes: int, workers: int, kill: str | None) -> int:
    """Returns the exit code; kills are counted in the folder's `kills` file."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CALLSHEET_KILL")}
    if kill is not None:
        environment |= {
            "CALLSHEET_KILL": kill,
            "CALLSHEET_KILL_LOG": str(folder / "kills"),
            "CALLSHEET_KILLS_BEFORE": str(len(kills_so_far(folder))),
            "PYTHONPATH": str(HERE / "killer"),
        }
    arguments = [folder / run, folder / "scenarios", folder / "models", episodes, workers]
    ended = subprocess.run(
        [sys.executable, str(HERE / "play_run.py"), *map(str, arguments)],
        env=environment,
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr[-2000:]
    return ended.returncode


def kills_so_far(folder: Path) -> list[str]:
    path = folder / "kills"
    return path.read_text().split() if path.exists() else []


def next_kill(chance: random.Random, number: int, kills: int, share: int) -> str:
    """Manifest first, trajectories last, and in between the log, at random bytes and points."""
    who = chance.choice(("self", "group"))
    if number < kills // 20 + 1:
        return f"{who} manifest 1"
    if number >= kills - kills // 20 - 1:
        return f"{who} trajectories 1"
    point = chance.choice(("append", "append", "truncate", "publish"))
    early = f"{who} append {chance.randrange(1, share)}"
    return early if point == "append" else f"{who} {point} {chance.randrange(1, 3)},{early}"


def recorded_samples(run: Path) -> set[int]:
    """The `seed` of every request whose answer is in the log."""
    found: set[int] = set()
    for _, events in read_episodes(run):
        seed = events[0].data["seed"]
        found.update(
            sample_of(seed, event.data["key"])
            for event in events
            if event.kind == "model_call" and event.data["role"] == "user"
        )
    return found


def kill_and_resume(folder: Path, kills: int, episodes: int, workers: int) -> Counter[str]:
    """Play with `kills` kills, resumed each time; checks everything that is promised."""
    from fake_answers import answer_server

    chance = random.Random(20260302)
    with answer_server() as server:
        prepare(folder, server.url)
        play(folder, "whole", episodes, workers, None)
        log_bytes = sum(p.stat().st_size for p in (folder / "whole" / "log").glob("*/*/*"))
        during: Counter[str] = Counter()
        run = folder / "killed"
        while len(met := kills_so_far(folder)) < kills:
            before = recorded_samples(run) if run.exists() else set()
            del server.seeds[:]
            resumed = (run / "run.json").exists()
            share = max(1000, log_bytes // kills)
            play(folder, "killed", episodes, workers, next_kill(chance, len(met), kills, share))
            assert not before & set(server.seeds), "asked again for what was recorded"
            for point in kills_so_far(folder)[len(met) :]:
                during[f"{point}, {'resume' if resumed else 'first'}"] += 1
        play(folder, "killed", episodes, workers, None)
    assert run_identity(run) == run_identity(folder / "whole")
    ids = [t.id for t in read_trajectories(run / "trajectories.jsonl")]
    assert ids == sorted(set(ids)) and len(ids) == episodes
    whole = folder / "whole" / "trajectories.jsonl"
    assert (run / "trajectories.jsonl").read_bytes() == whole.read_bytes()
    return during


def test_a_run_survives_kills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))
    during = kill_and_resume(tmp_path, kills=8, episodes=24, workers=2)
    assert {"append, resume", "manifest, first"} <= set(during)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_run_survives_a_hundred_kills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))
    during = kill_and_resume(tmp_path, kills=100, episodes=200, workers=2)
    print(dict(during))
    assert sum(during.values()) >= 100
    assert sum(count for name, count in during.items() if name.endswith("resume")) >= 30
