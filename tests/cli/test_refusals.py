"""What the program refuses, in one line, with nothing half-written; and how one goes on."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import time
from pathlib import Path

import pytest
from fake_endpoint import FakeEndpoint
from program import PROGRAM, as_anybody, callsheet, new_project, one_line, use_endpoint


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return new_project(tmp_path)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("limits.turns=banana", "limits.turns: Input should be a valid integer"),
        ("nope=1", "nope: no such key"),
        ("name.x=1", "name has no part 'x'"),
        ("plan.7.chitchat=hello", "plan has no part '7'"),
        ("limits.turns={", "not YAML"),
        ("limits.turns", "say key=value"),
    ],
)
def test_a_setting_that_no_scenario_can_have(project: Path, setting: str, message: str) -> None:
    ended = callsheet(project, "run", "scenarios", "--set", setting)
    assert ended.returncode == 2
    assert message in one_line(ended)
    assert not (project / "runs").exists()


def test_a_setting_reaches_into_lists(project: Path) -> None:
    arguments = ("run", "scenarios", "--set", "plan.1.chitchat=I like trains", "--out", "out")
    assert callsheet(project, *arguments).returncode == 0
    assert "chitchat] I like trains" in callsheet(project, "show", "out", "0").stdout


def test_a_folder_that_cannot_be_written(project: Path) -> None:
    closed = project / "closed"
    closed.mkdir(mode=0o500)
    ended = callsheet(project, "run", "scenarios", "--out", "closed/out", before=as_anybody)
    assert ended.returncode == 5
    assert "closed/out: permission denied; choose a folder that can be" in one_line(ended)
    assert not list(closed.iterdir())


def test_a_file_that_cannot_be_read_asks_for_no_other_folder(project: Path) -> None:
    assert callsheet(project, "run", "scenarios", "--out", "out").returncode == 0
    (project / "out" / "run.json").chmod(0o000)
    ended = callsheet(project, "show", "out", before=as_one_who_may_not_read)
    assert ended.returncode == 5
    assert one_line(ended) == "callsheet: out/run.json: permission denied"


def as_one_who_may_not_read() -> None:
    as_anybody()
    ctypes.CDLL(None).prctl(24, 2, 0, 0, 0)  # drops CAP_DAC_READ_SEARCH as well


def test_a_run_that_cannot_be_written_stays_as_it_is(project: Path) -> None:
    interrupted_run(project)
    folders = [project / "out", *(p for p in (project / "out").rglob("*") if p.is_dir())]
    files = [p for p in (project / "out").rglob("*") if p.is_file()]
    before = {path: path.read_bytes() for path in files}
    for path in (*folders, *files):
        path.chmod(0o500 if path.is_dir() else 0o400)
    ended = callsheet(project, "resume", "out", before=as_anybody)
    assert ended.returncode == 5
    assert "permission denied" in one_line(ended)
    assert {path: path.read_bytes() for path in (project / "out").rglob("*")
            if path.is_file()} == before  # fmt: skip
    # What is recorded can be read all the same.
    shown = callsheet(project, "show", "out", before=as_anybody)
    assert "unfinished" in shown.stdout, shown.stderr


def test_what_an_endpoint_says_does_not_command_the_terminal(project: Path) -> None:
    # The scenario's name is repeated in the message, as a model's words could be.
    (project / "evil.yaml").write_text('name: x\nplan: [{tool_call: y}]\n"\\e[31mred": 1\n')
    ended = callsheet(project, "run", "evil.yaml")
    assert ended.returncode == 3
    assert "red" in one_line(ended) and "\x1b" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["bogus"], 2, "No such command 'bogus'; see `callsheet --help`"),
        (["run"], 2, "Missing argument 'scenarios'; see `callsheet run --help`"),
        (["tools", "import"], 2, "see `callsheet tools import --help`"),
        (["tools", "show", "x"], 2, "see `callsheet tools show --help`"),
        (["tools", "bogus"], 2, "No such command 'bogus'; see `callsheet tools --help`"),
        (["api-bank", "replay", "--nope"], 2, "see `callsheet api-bank replay --help`"),
        (["retry", "nowhere", "--blame", "endpiont"], 2, "say one of user, assistant, tool"),
        (["retry", "nowhere", "--blame", "endpoint"], 3, "not a run"),
        (["run", "scenarios", "--repeat", "0"], 2, "greater than or equal to 1"),
        (["run", "scenarios", "--model", ""], 2, "say role=name"),
        (["run", "scenarios", "--seed", "9" * 23], 2, "'--seed'"),
        (["synthesize", "everyday", "--seed", "9" * 23], 2, "'--seed'"),
        (["chat", "--tools", "workspace", "--model", "rules", "--seed", "9" * 23], 2, "'--seed'"),
        (["run", "scenarios", "--max-cost", "0"], 2, "'--max-cost': 0 is not more than 0"),
        (["train", "nowhere", "--out", "x"], 3, "no file of trajectories here"),
        (["evaluate", "scenarios", "--model", "rules"], 3, "has expected calls"),
        (["evaluate", "single-call", "--model", "nobody"], 4, "nobody"),
        (["show", "scenarios/example.yaml"], 3, "not a run"),
        (["init", "."], 3, "exists already"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_one_line_and_a_code(project: Path, arguments: list[str], code: int, message: str) -> None:
    ended = callsheet(project, *arguments)
    assert ended.returncode == code, ended.stderr
    assert message in one_line(ended)
    assert not (project / "x").exists()


def test_what_lies_in_the_folder_of_a_run_that_fails_stays(project: Path) -> None:
    (project / "results").mkdir()
    (project / "results" / "thesis.txt").write_text("years of work")
    ended = callsheet(
        project, "run", "scenarios", "--model", "openai", "--out", "results", OPENAI_API_KEY=""
    )
    assert ended.returncode == 4 and "OPENAI_API_KEY" in one_line(ended)
    assert [path.name for path in (project / "results").iterdir()] == ["thesis.txt"]


def test_a_run_that_cannot_be_made_leaves_no_folder(project: Path) -> None:
    ended = callsheet(project, "run", "scenarios", "--set", "environment=nowhere")
    assert ended.returncode == 3 and "nowhere" in one_line(ended)
    assert not (project / "runs").exists()


def test_a_time_has_the_zone_that_the_author_gave_it(project: Path) -> None:
    path = project / "scenarios" / "example.yaml"
    # The same moment as the default one.
    path.write_text(path.read_text().replace("2026-03-02T09:00:00Z", "2026-03-02T10:00:00+01:00"))
    assert "+01:00" in path.read_text()
    ended = callsheet(project, "run", "scenarios", "--set", "limits.turns=9", "--out", "out")
    assert ended.returncode == 0, ended.stderr
    assert "now: 2026-03-02 10:00:00" in callsheet(project, "show", "out", "--json", "0").stdout


def test_the_baseline_is_evaluated_without_any_extra(project: Path) -> None:
    ended = callsheet(project, "evaluate", "single-call", "chained-calls", "--model", "rules")
    assert ended.returncode == 0, ended.stderr
    assert "| rules |" in ended.stdout
    assert len(list((project / "out" / "evaluate").glob("rules-*.jsonl"))) == 1


def test_doctor_names_what_is_missing_and_what_to_do(project: Path) -> None:
    ended = callsheet(project, "doctor")
    assert ended.returncode == 0, ended.stderr
    assert "ok      Python" in ended.stdout and "models: rules, llamacpp, mine" in ended.stdout
    for line in ended.stdout.splitlines():
        assert line.startswith("ok ") or " - " in line
    closed = project / "closed"
    closed.mkdir(mode=0o500)
    ended = callsheet(project, "doctor", "--folder", "closed/runs", before=as_anybody)
    assert ended.returncode == 1
    assert "choose another folder" in ended.stdout


def test_a_changed_run_goes_on_in_a_copy(project: Path) -> None:
    interrupted_run(project)
    with FakeEndpoint(lambda request: {"content": "All right."}) as endpoint:
        use_endpoint(project, endpoint.url)
        ended = callsheet(project, "resume", "out")
        assert ended.returncode == 3
        assert "changed since the run was made: model remote" in one_line(ended)
        assert "--fork" in one_line(ended)
        ended = callsheet(project, "resume", "out", "--fork", "copy")
        assert "episodes:     1/1" in ended.stdout, ended.stderr
    assert "unfinished" in callsheet(project, "show", "out").stdout
    assert "unfinished" not in callsheet(project, "show", "copy").stdout
    assert callsheet(project, "replay", "copy").returncode == 0
    ended = callsheet(project, "resume", "out", "--fork", "copy")
    assert ended.returncode == 3 and "there is a run already" in one_line(ended)


def interrupted_run(project: Path) -> None:
    """A run in `out` that was interrupted while its first episode waited for an answer."""
    with FakeEndpoint(latency=60) as endpoint:
        use_endpoint(project, endpoint.url)
        process = subprocess.Popen(
            [*PROGRAM, "run", "scenarios", "--model", "assistant=remote", "--out", "out"],
            cwd=project,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        deadline = time.monotonic() + 30
        while not endpoint.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
