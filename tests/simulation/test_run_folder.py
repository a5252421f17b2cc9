"""A run's folder: what lies there besides, who may make a run in it, and what becomes of it when
the project is moved or its pool is edited."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from callsheet.models.errors import ModelUnavailable
from callsheet.scenarios import Scenario
from callsheet.simulation import (
    RunConfig,
    RunDirectory,
    RunError,
    Watchers,
    fork_run,
    make_run,
    replay,
    resume,
    simulate,
)
from callsheet.simulation.run_directory import reserved_run
from callsheet.tools import ToolSpec
from callsheet.tools.pool import save_pool
from callsheet.trajectories.event import Event
from callsheet.trajectories.log import LogWriter, claim_epoch, read_episodes


def scene(**changes: Any) -> Scenario:
    record = {"name": "scene", "tools": ["Calculator"], "plan": [{"tool_call": "work out 2+2"}]}
    return Scenario.model_validate({**record, **changes})


class Stop(BaseException):
    """Ends a sitting."""


def interrupted(scenario: Scenario, config: RunConfig, run: Path) -> None:
    """Play `run` until its first episode has ended, and no further."""

    def stop(event: Event) -> None:
        if event.data.get("state") == "ended":
            raise Stop

    with pytest.raises(Stop):
        simulate([scenario], config, run, watchers=Watchers(on_event=stop))


def test_what_is_not_of_the_run_stays_when_the_run_goes(tmp_path: Path) -> None:
    (tmp_path / "keyless.yaml").write_text(
        "provider: openai_compatible\n"
        "config: {model: m, base_url: 'http://127.0.0.1:9', api_key_env: NOT_SET}\n"
    )
    results = tmp_path / "results"
    (results / "figures").mkdir(parents=True)
    (results / "thesis.txt").write_text("years of work")
    config = RunConfig(models={"assistant": "keyless"}, model_folders=[str(tmp_path)])
    with pytest.raises(ModelUnavailable, match="NOT_SET"):
        simulate([scene()], config, results)
    assert sorted(path.name for path in results.iterdir()) == ["figures", "thesis.txt"]


@pytest.mark.parametrize("name", ["scenarios.jsonl", "trajectories.jsonl", "frames/1.png"])
def test_nothing_is_written_over_what_is_not_of_the_run(tmp_path: Path, name: str) -> None:
    mine = tmp_path / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")
    with pytest.raises(RunError, match=r"is there already, .* choose another --out"):
        simulate([scene()], RunConfig(), tmp_path)
    assert mine.read_text() == "mine"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]


def test_a_run_that_was_half_made_by_a_killed_process_is_made(tmp_path: Path) -> None:
    make_run([scene()], RunConfig(), tmp_path / "run")
    (tmp_path / "run" / "run.json").unlink()
    assert simulate([scene()], RunConfig(), tmp_path / "run").done == 1


def test_a_copy_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    source = make_run([scene()], RunConfig(), tmp_path / "source")
    with pytest.raises(FileNotFoundError):
        fork_run(source, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


MAKE = """
import sys
from pathlib import Path
from callsheet.scenarios import Scenario
from callsheet.simulation import RunConfig, RunError, make_run

plan = [{"chitchat": f"{sys.argv[2]} {n}"} for n in range(20_000)]
scenes = [Scenario(name="scene", plan=plan)]
print("ready", flush=True)
sys.stdin.readline()
try:
    make_run(scenes, RunConfig(), Path(sys.argv[1]))
except RunError as error:
    print(error)
else:
    print("made")
"""


def test_of_two_that_make_a_run_in_one_folder_one_does(tmp_path: Path) -> None:
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE, str(tmp_path / "run"), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for maker in makers:
        assert maker.stdout is not None and maker.stdout.readline() == "ready\n"
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write("go\n")
        maker.stdin.flush()
    said = [maker.communicate(timeout=60)[0].strip() for maker in makers]
    assert said.count("made") == 1
    (refused,) = [one for one in said if one != "made"]
    assert "a run" in refused and "choose another --out" in refused and "\n" not in refused
    (scenario,) = RunDirectory(tmp_path / "run").scenarios()
    winner = "one" if said[0] == "made" else "two"
    assert {step.request.split()[0] for step in scenario.plan} == {winner}


def test_folders_are_given_out_once(tmp_path: Path) -> None:
    folders = [reserved_run(tmp_path / "runs") for _ in range(3)]
    assert [folder.name for folder in folders] == ["0001", "0002", "0003"]
    assert all(folder.is_dir() for folder in folders)
    assert simulate([scene()], RunConfig(), folders[1]).done == 1


@pytest.mark.parametrize("name", ["000001-scene", "scene"])
def test_an_episode_that_the_run_does_not_have_is_named(tmp_path: Path, name: str) -> None:
    simulate([scene()], RunConfig(), tmp_path / "run")
    ((_, events),) = read_episodes(tmp_path / "run")
    writer = LogWriter(tmp_path / "run", "other", claim_epoch(tmp_path / "run", "other"))
    for event in events:
        writer.append(event.model_copy(update={"episode": name}))
    writer.close()
    with pytest.raises(RunError, match=f"an episode {name}, and the run has 1 of them"):
        resume(tmp_path / "run")


def test_a_project_that_was_moved_goes_on_with_its_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    simulate([scene()], RunConfig(repeat=2), source)
    models = tmp_path / "here" / "configs" / "models"
    models.mkdir(parents=True)
    (models / "recorded.yaml").write_text(f"provider: replay\nconfig: {{path: '{source}'}}\n")
    config = RunConfig(repeat=2, models={"assistant": "recorded"}, model_folders=[str(models)])
    interrupted(scene(), config, tmp_path / "here" / "run")
    (tmp_path / "here").rename(tmp_path / "there")
    monkeypatch.chdir(tmp_path / "there")
    assert resume(tmp_path / "there" / "run").done == 2


def park(description: str) -> ToolSpec:
    city = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    return ToolSpec(name="find_park", description=description, parameters=city)


@pytest.fixture
def pool_run(tmp_path: Path) -> Path:
    """A run over `pool.json`, of whose two episodes one has ended."""
    save_pool(tmp_path / "pool.json", [park("Find a park in a city")])
    scenario = scene(
        environment="planned",
        pool=str(tmp_path / "pool.json"),
        tools=["find_park"],
        plan=[{"tool_call": "find a park in the city Bern"}],
    )
    interrupted(scenario, RunConfig(repeat=2), tmp_path / "run")
    return tmp_path / "run"


def test_an_edited_pool_is_a_change(pool_run: Path) -> None:
    save_pool(pool_run.parent / "pool.json", [park("Find a park, large or small, in a city")])
    with pytest.raises(RunError, match="changed since the run was made: pools;"):
        resume(pool_run)
    assert resume(pool_run, new_attempt=True).done == 2


def test_a_run_from_before_pools_had_a_digest_goes_on(pool_run: Path) -> None:
    manifest = orjson.loads((pool_run / "run.json").read_bytes())
    del manifest["digests"]["pools"]
    (pool_run / "run.json").write_bytes(orjson.dumps(manifest))
    save_pool(pool_run.parent / "pool.json", [park("Find a park, large or small, in a city")])
    assert resume(pool_run).done == 2


@pytest.mark.parametrize(
    "talk",
    [
        {"plan": [{"tool_call": "find a park in the city Bern"}]},
        {"plan": [], "user": {"improvises": 2}},
    ],
    ids=["planned", "improvised"],
)
@pytest.mark.parametrize("now", ["gone", "edited"])
def test_a_replay_needs_no_pool(tmp_path: Path, talk: dict[str, Any], now: str) -> None:
    pool = tmp_path / "pool.json"
    save_pool(pool, [park("Find a park in a city")])
    scenario = scene(environment="planned", pool=str(pool), tools=["find_park"], **talk)
    simulate([scenario], RunConfig(repeat=2), tmp_path / "run")
    recorded = dict(read_episodes(tmp_path / "run"))
    if now == "gone":
        pool.unlink()
    else:
        save_pool(pool, [park("Find a park, large or small, in a city")])
    seen: list[Event] = []
    replayed = replay(RunDirectory(tmp_path / "run"), on_event=seen.append)
    assert [one.finished for one in replayed] == [True, True]
    assert any(event.kind == "tool_result" for event in seen)
    assert [event.identity() for event in seen] == [
        event.identity() for events in recorded.values() for event in events
    ]
