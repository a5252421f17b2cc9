"""`callsheet api-bank` as a person runs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import callsheet, one_line

from callsheet.environments.api_bank.data import SEED
from callsheet.pipelines.api_bank_scenarios import Level
from callsheet.pipelines.api_bank_training import SHARES, shared_out
from callsheet.trajectories.reading import read_trajectories


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CALLSHEET_API_BANK", raising=False)
    return tmp_path


@pytest.fixture
def data(home: Path) -> Path:
    """A folder with one dialogue of level 1."""
    folder = home / "data"
    shutil.copytree(SEED / "init_database", folder / "init_database")
    level = folder / "level-1-given-desc"
    level.mkdir()
    call = {
        "role": "API",
        "api_name": "GetToday",
        "param_dict": {},
        "result": {
            "api_name": "GetToday",
            "input": None,
            "output": "2023-03-31",
            "exception": None,
        },
    }
    turns = [{"role": "User", "text": "The date?"}, call, {"role": "AI", "text": "March 31st."}]
    (level / "GetToday-level-1-9.jsonl").write_bytes(b"\n".join(map(orjson.dumps, turns)))
    return folder


def test_goals_are_written_validate_and_run(home: Path) -> None:
    written = callsheet(home, "api-bank", "scenarios", "goals", "--count", "6", "--level", "1")
    assert "wrote 6 scenarios to goals" in written.stdout, written.stderr
    assert callsheet(home, "validate", "goals").stdout == "6 files, 0 findings\n"
    again = callsheet(home, "api-bank", "scenarios", "again", "--count", "6", "--level", "1")
    assert again.returncode == 0
    for path in sorted((home / "goals").iterdir()):
        assert path.read_bytes() == (home / "again" / path.name).read_bytes()
    ended = callsheet(home, "run", "goals", "--out", "run")
    assert "6" in ended.stdout and (home / "run" / "trajectories.jsonl").stat().st_size > 0


def test_goals_are_played_by_their_solutions(home: Path, data: Path) -> None:
    make = ("api-bank", "synthesize", "--count", "12", "--exclude-tool", "AddAlarm")
    ended = callsheet(home, *make, "--out", "run")
    assert "accepted:     12" in ended.stdout, ended.stderr
    trajectories = list(read_trajectories(home / "run" / "trajectories.jsonl"))
    assert {one.scenario.split("-")[0] for one in trajectories} == {"call", "retrieve", "plan"}
    assert not any(tool.name == "AddAlarm" for one in trajectories for tool in one.tools)
    assert "the same as recorded" in callsheet(home, "replay", "run").stdout
    refused = callsheet(home, *make, "--out", "run")
    assert refused.returncode == 3 and "run: there is a run already" in one_line(refused)

    # Of a folder the words are taken, and they stay beside the run.
    plans = ("--count", "3", "--level", "3", "--data", "data", "--out", "plans")
    api = {"name": "ToolSearcher", "group": "level-1/2"}
    (data / "apis.json").write_bytes(orjson.dumps({"apis": [api | {"description": 3}]}))
    refused = callsheet(home, "api-bank", "synthesize", *plans)
    assert "data/apis.json: ToolSearcher: not in the expected shape" in one_line(refused)
    assert not (home / "plans").exists()
    (data / "apis.json").write_bytes(orjson.dumps({"apis": [api | {"description": "Seek."}]}))
    ended = callsheet(home, "api-bank", "synthesize", *plans)
    assert "tools:        CALLSHEET_API_BANK=plans/api_bank" in ended.stdout, ended.stderr
    trajectories = list(read_trajectories(home / "plans" / "trajectories.jsonl"))
    searches = [tool for one in trajectories for tool in one.tools if tool.name == "ToolSearcher"]
    assert "Seek." in {tool.description for tool in searches}


@given(
    st.integers(1, 10_000),
    st.sets(st.sampled_from(list(SHARES)), min_size=1),
)
def test_goals_are_shared_out_to_the_last(count: int, levels: set[Level]) -> None:
    shared = shared_out(count, levels)
    assert set(shared) == levels and sum(shared.values()) == count
    whole = sum(SHARES[level] for level in levels)
    assert all(abs(n - count * SHARES[level] / whole) <= 1 for level, n in shared.items())


def test_dialogues_are_replayed_and_written(home: Path, data: Path) -> None:
    ended = callsheet(
        home, "api-bank", "replay", "--data", "data", "--level", "1", "--out", "runs/replay"
    )
    assert ended.returncode == 0, ended.stderr
    assert "level 1: 1/1 calls exact (100.00%) in 1 dialogues" in ended.stdout
    written = callsheet(
        home,
        "api-bank",
        "scenarios",
        "out",
        "--kind",
        "dialogues",
        "--level",
        "1",
        "--data",
        "data",
    )
    assert "wrote 1 scenarios to out" in written.stdout, written.stderr
    # What is to be done next answers from the same data.
    assert "next: CALLSHEET_API_BANK=data callsheet validate out" in written.stdout
    assert callsheet(home, "validate", "out").stdout == "1 files, 0 findings\n"


def test_a_difference_is_told_and_is_an_exit_code(home: Path, data: Path) -> None:
    (path,) = (data / "level-1-given-desc").iterdir()
    path.write_bytes(path.read_bytes().replace(b"2023-03-31", b"2023-04-01"))
    ended = callsheet(home, "api-bank", "replay", "--data", "data", "--level", "1", "--out", "r")
    assert ended.returncode == 1
    assert "GetToday-level-1-9.jsonl call 0: GetToday: output:" in ended.stdout


@pytest.mark.parametrize(
    ("level", "text", "told"),
    [
        ("1", None, "no dialogues of level 1; give"),
        ("2", None, "no dialogues of level 2; give"),
        ("3", None, "no records of level 3; give"),
        ("3", "[]", "no records of level 3; give"),
        ("3", "{}", "level-3.json: no list of records"),
        ("3", "7", "level-3.json: no list of records"),
        ("3", "[7]", "level-3.json: record 0: "),
        ("1", "[7]", "x.jsonl:1: no turn: "),
    ],
)
def test_a_folder_without_recordings_is_one_line(
    home: Path, level: str, text: str | None, told: str
) -> None:
    shutil.copytree(SEED / "init_database", home / "part" / "init_database")
    for place in ("level-1-given-desc", "level-2-toolsearcher", "level-3"):
        (home / "part" / place).mkdir()
    if text is not None:
        name = "level-3/level-3.json" if level == "3" else "level-1-given-desc/x.jsonl"
        (home / "part" / name).write_text(text)
    ended = callsheet(home, "evaluate", "api-bank", "--data", "part", "--level", level)
    assert ended.returncode == 3 and told in one_line(ended)


def test_what_is_not_there_is_one_line(home: Path) -> None:
    missing = callsheet(home, "api-bank", "replay", "--data", "nowhere")
    assert missing.returncode == 3 and "init_database" in one_line(missing)
    none = callsheet(home, "api-bank", "scenarios", "out", "--kind", "dialogues")
    assert none.returncode == 3 and "built-in data have no dialogues" in one_line(none)
    assert "--data" in one_line(none)
    unknown = callsheet(home, "api-bank", "scenarios", "out", "--exclude-tool", "Nonsense")
    assert unknown.returncode == 3 and "Nonsense" in one_line(unknown)
