"""`callsheet evaluate api-bank` as a person runs it, beside `callsheet evaluate SCENARIOS`."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from api_bank_dialogues import alarm_dialogue, posts_record, write_folder
from fake_endpoint import FakeEndpoint
from program import callsheet, new_project, one_line, use_endpoint

import callsheet as callsheet_package
from callsheet.environments.api_bank import api_bank_data
from callsheet.environments.api_bank.data import SEED

HELD_OUT = str(Path(callsheet_package.__file__).parent / "scenarios" / "heldout")
ALARM = "Alarm-level-2-1.jsonl"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CALLSHEET_API_BANK", raising=False)
    monkeypatch.setenv("CALLSHEET_ENCODER", "lexical")
    seed = api_bank_data(SEED)
    write_folder(tmp_path / "data", [alarm_dialogue(seed)], [posts_record(seed)])
    return tmp_path


def evaluate(folder: Path, *arguments: str) -> tuple[int, str]:
    ended = callsheet(folder, "evaluate", "api-bank", "--data", "data", *arguments)
    return ended.returncode, ended.stdout + ended.stderr


def test_the_annotated_calls_under_every_protocol(home: Path) -> None:
    code, said = evaluate(home, "--level", "1", "--level", "3")
    assert code == 0, said
    assert "| gold | 1 | 3/4 (75.00%) |" in said
    assert "| gold | 3 | 4/4 (100.00%) | 4/4 (100.00%) | 1/1 (100.00%) |" in said
    assert "| gold | 1+3 (all 8 call samples) | 7/8 (87.50%) |" in said
    assert "gold fails because of: earlier calls 1" in said
    assert "data has no apis.json: the tools' descriptions" in said
    report = orjson.loads((home / "out/api-bank/paper/gold/level-1.json").read_bytes())
    assert report["schema_version"] == 1 and report["protocol"] == "paper"
    assert report["gold"]["calls"] == {"right": 3, "of": 4, "counted": "call samples"}
    scores = (home / "out/api-bank/paper/gold/level-1.scores.jsonl").read_bytes().splitlines()
    assert [orjson.loads(line)["correct"] for line in scores] == [True, True, True, False]
    code, said = evaluate(home, "--level", "1", "--protocol", "corrected")
    assert code == 0 and "| gold | 1 | 3/3 (100.00%) |" in said
    code, said = evaluate(home, "--level", "1", "--protocol", "interactive")
    assert code == 0 and "| gold | 1 | 1/1 (100.00%) | 0/0 (0.00%) | 3/3 (100.00%) | 3 |" in said


def test_the_rules_are_asked_once(home: Path) -> None:
    arguments = ("--model", "rules", "--level", "1", "--protocol", "corrected", "--out", "o")
    code, said = evaluate(home, *arguments)
    assert code == 0 and "rules, level 1: corrected protocol" in said, said
    assert "style native" in said and "project prompts" in said and "3/3 (100.00%)" in said
    assert "[rules level 1 calls]" in said
    code, again = evaluate(home, *arguments)
    assert code == 0 and "[rules" not in again
    assert again.splitlines()[2] in said
    code, said = evaluate(home, *arguments[:-2], "--responses", "--model", "gold")
    assert code == 0 and "(rouge_score) of 2" in said and "| gold | 1 |" in said


def test_a_model_behind_an_endpoint(home: Path) -> None:
    project = new_project(home)
    text = "API-Request: [GetUserToken(username='amara', password='river-stone')]"
    with FakeEndpoint(lambda _: {"content": text}) as server:
        use_endpoint(project, server.url, cache="false")
        code, said = evaluate_in(project, "--model", "remote", "--level", "1")
        assert code == 0, said
        assert "| remote | 1 | 1/4 (25.00%) | 3/4 (75.00%) |" in said
        assert "errors: api_name_mismatch 3" in said and "style bracket" in said
        asked = len(server.requests)
        assert asked
        evaluate_in(project, "--model", "remote", "--level", "1")
        assert len(server.requests) == asked
    use_endpoint(project, "http://127.0.0.1:9/v1", cache="false", retries="{attempts: 1}")
    code, said = evaluate_in(project, "--model", "remote", "--level", "1", "--out", "other")
    assert code == 4 and "callsheet: " in said and "Traceback" not in said


def evaluate_in(project: Path, *arguments: str) -> tuple[int, str]:
    ended = callsheet(project, "evaluate", "api-bank", "--data", "../data", *arguments)
    return ended.returncode, ended.stdout + ended.stderr


def test_a_file_of_predictions(home: Path) -> None:
    line = {"file": ALARM, "id": 0, "pred": "[GetUserToken(username='amara', password='x')]"}
    (home / "p.jsonl").write_bytes(orjson.dumps(line) + b"\n")
    code, said = evaluate(home, "--predictions", "p.jsonl", "--level", "1", "--model", "theirs")
    assert code == 0 and "| theirs | 1 | 0/4 (0.00%) | 3/4 (75.00%) |" in said
    assert "has_exception 1" in said and "counted as wrong: 3" in said


def test_what_is_wrong_is_one_line(home: Path) -> None:
    def told(*arguments: str) -> tuple[int, str]:
        ended = callsheet(home, "evaluate", "api-bank", *arguments)
        return ended.returncode, one_line(ended)

    code, line = told("--model", "rules")
    assert code == 3 and "built-in data" in line and "--data" in line
    code, line = told("--data", "nowhere")
    assert code == 3 and "init_database" in line
    code, line = told("--data", "data", "--model", "nope")
    assert code == 4 and "'nope'" in line
    code, line = told("--data", "data", "--level", "4")
    assert code == 2 and "callsheet evaluate api-bank --help" in line
    level_1 = ("--data", "data", "--level", "1")
    code, line = told(*level_1, "--predictions", "missing.jsonl")
    assert code == 5 and "missing.jsonl" in line
    code, line = told("--data", "data", "--predictions", "p", "--protocol", "interactive")
    assert code == 3 and "conversations are played" in line
    code, line = told("--data", "data", "--predictions", "p", "--model", "gold")
    assert code == 3 and "name it otherwise" in line
    code, line = told("--data", "data")
    assert code == 3 and "no dialogues of level 2" in line
    code, line = told(*level_1, "--prompts", "published", "--model", "smollm2")
    assert code == 3 and "no published prompts" in line


def test_scenarios_are_evaluated_as_before(home: Path) -> None:
    shown = callsheet(home, "evaluate", "--help").stdout
    assert "SCENARIOS" in shown.upper() and "evaluate api-bank --help" in shown
    shown = callsheet(home, "evaluate", "api-bank", "--help").stdout
    assert "--protocol" in shown and "SCENARIOS" not in shown.upper()
    ended = callsheet(home, "evaluate", HELD_OUT, "--model", "rules", "--calls", "1")
    assert ended.returncode == 0 and "| rules | 1 |" in ended.stdout, ended.stderr
    missing = callsheet(home, "evaluate", "--model", "rules")
    assert missing.returncode == 2 and one_line(missing)
