"""The program as a person runs it: real processes, what they print, and their exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from fake_endpoint import FakeEndpoint
from program import PROGRAM, callsheet, new_project, one_line, use_endpoint

KILLER = Path(__file__).parents[1] / "simulation" / "killer"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return new_project(tmp_path)


def test_a_new_project_validates_runs_shows_and_replays(project: Path) -> None:
    assert callsheet(project, "validate", "scenarios").stdout == "1 files, 0 findings\n"
    ended = callsheet(project, "run", "scenarios", "--repeat", "3", "--out", "out")
    assert ended.returncode == 0, ended.stderr
    assert "accepted:     3" in ended.stdout
    shown = callsheet(project, "show", "out", "000001").stdout
    assert "→ AddReminder(" in shown and "User: " in shown and "✓ plan_completed" in shown
    assert "3 episodes" in callsheet(project, "replay", "out").stdout
    assert len(callsheet(project, "show", "out", "000000", "--json").stdout.splitlines()) > 10
    assert "3/3 episodes, 3 accepted" in callsheet(project, "runs", ".").stdout


def test_the_events_of_all_episodes_are_json_lines(project: Path) -> None:
    callsheet(project, "run", "scenarios", "--repeat", "2", "--out", "out")
    lines = callsheet(project, "show", "out", "--json").stdout.splitlines()
    assert {json.loads(line)["episode"] for line in lines} == {"000000-example", "000001-example"}


def test_a_damaged_run_hides_no_other(project: Path) -> None:
    for folder in ("a", "b", "c"):
        callsheet(project, "run", "scenarios", "--out", folder)
    (project / "a" / "run.json").write_text('{"a":')
    (segment,) = (project / "b" / "log").rglob("*.jsonl")
    segment.write_bytes(b"[]\n" + segment.read_bytes())
    ended = callsheet(project, "runs", ".")
    assert ended.returncode == 1 and not ended.stderr
    first, second, third = ended.stdout.splitlines()
    assert first.startswith("a  cannot be read: a/run.json: ")
    assert second.startswith("b  cannot be read: ")
    assert third == "c  1/1 episodes, 1 accepted, rules"


def test_the_next_step_of_a_new_project_can_be_pasted(tmp_path: Path) -> None:
    ended = callsheet(tmp_path, "init", "my project")
    assert ended.stdout.splitlines()[-1].startswith("next: cd 'my project' && ")


def test_the_same_seed_is_the_same_run_whatever_the_workers(project: Path) -> None:
    digests = set()
    for workers in ("1", "2"):
        folder = f"run{workers}"
        callsheet(project, "run", "scenarios", "--repeat", "4", "--workers", workers,
                  "--out", folder)  # fmt: skip
        digests.add(callsheet(project, "show", folder, "--identity").stdout)
    assert len(digests) == 1
    callsheet(project, "run", "scenarios", "--repeat", "4", "--seed", "1", "--out", "other")
    assert callsheet(project, "show", "other", "--identity").stdout not in digests


def test_a_live_run_into_a_file_is_plain_text(project: Path) -> None:
    ended = callsheet(project, "run", "scenarios", "--live", "--out", "out")
    assert "\x1b" not in ended.stdout and "User: " in ended.stdout


def test_a_dry_run_writes_nothing(project: Path) -> None:
    ended = callsheet(project, "run", "scenarios", "--repeat", "5", "--dry-run")
    assert "5 episodes would be played" in ended.stdout
    assert not (project / "runs").exists()


def test_a_fork_shares_the_beginning_and_says_what_it_is_told(project: Path) -> None:
    callsheet(project, "run", "scenarios", "--out", "out")
    ended = callsheet(project, "fork", "out", "000000-example", "--turn", "1",
                      "--message", "What can you do for me?", "--out", "forked")  # fmt: skip
    assert "episodes:     1/1" in ended.stdout, ended.stderr
    assert "User: What can you do for me?" in callsheet(project, "show", "forked", "0").stdout
    assert callsheet(project, "replay", "forked").returncode == 0


def test_validate_counts_findings(project: Path) -> None:
    scenario = project / "scenarios" / "example.yaml"
    scenario.write_text(scenario.read_text().replace("AddReminder,", "AddRemindr,"))
    ended = callsheet(project, "validate", "scenarios")
    assert ended.returncode == 1
    assert "did you mean AddReminder" in ended.stdout and "example.yaml:6:" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "nowhere.yaml"], 3, "no scenario here"),
        (["run", "broken.yaml"], 3, "broken.yaml:2:1: unknown key 'plam'"),
        (["run", "scenarios", "--set", "tools=[Nope]"], 3, "unknown tool 'Nope'"),
        (["run", "scenarios", "--set", "assistant.architecture=nope"], 3, "nope"),
        (["run", "scenarios", "--model", "assistant=nobody"], 4, "nobody"),
        (["run", "scenarios", "--model", "assistant=mine"], 4, "OPENAI_API_KEY"),
        (["show", "nowhere"], 3, "not a run"),
        (["resume", "nowhere"], 3, "not a run"),
        (["replay", "nowhere"], 3, "not a run"),
        (["run", "scenarios", "--out", "scenarios/example.yaml/x"], 5, "example.yaml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_input_is_one_line_and_an_exit_code(
    project: Path, arguments: list[str], code: int, message: str
) -> None:
    (project / "broken.yaml").write_text("name: a\nplam: []\nplan: [{tool_call: x}]\n")
    ended = callsheet(project, *arguments, OPENAI_API_KEY="")
    assert ended.returncode == code, ended.stderr
    assert message in one_line(ended)
    assert not list(project.glob("runs/*"))


def test_wrong_usage_exits_with_2(tmp_path: Path) -> None:
    assert callsheet(tmp_path, "bogus").returncode == 2
    assert callsheet(tmp_path, "run").returncode == 2
    assert callsheet(tmp_path, "run", "x", "--model", "nurse=rules").returncode == 2


def test_an_unreachable_endpoint_stops_the_run_in_one_line(project: Path) -> None:
    use_endpoint(project, "http://127.0.0.1:9/v1", retries="{attempts: 1}")
    ended = callsheet(project, "run", "scenarios", "--model", "assistant=remote", "--out", "out")
    assert ended.returncode == 4
    assert "cannot reach http://127.0.0.1:9" in one_line(ended)


def test_a_budget_stops_the_run_and_a_larger_one_goes_on(project: Path) -> None:
    with FakeEndpoint(lambda request: {"content": "All right."}) as endpoint:
        use_endpoint(project, endpoint.url, prices="{completion: 1000}")
        arguments = ("run", "scenarios", "--repeat", "3", "--concurrency", "1", "--out", "out")
        ended = callsheet(project, *arguments, "--model", "assistant=remote", "--max-cost", "0.001")
        assert ended.returncode == 4
        assert "the budget of 0.001 is used up" in one_line(ended)
        assert endpoint.requests
        resumed = callsheet(project, "resume", "out", "--max-tokens", "1000000")
    assert "episodes:     3/3" in resumed.stdout
    assert "cost:" in resumed.stdout


def test_a_full_disk_is_one_line_and_the_run_goes_on_later(project: Path) -> None:
    (project / "sitecustomize.py").write_text(
        "import errno, os\n"
        "write, left = os.write, [6000]\n"
        "def full(handle, data):\n"
        "    if '/spool/' in os.readlink(f'/proc/self/fd/{handle}'):\n"
        "        left[0] -= len(data)\n"
        "        if left[0] < 0: raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "    return write(handle, data)\n"
        "os.write = full\n"
    )
    arguments = ("run", "scenarios", "--repeat", "4", "--out", "out")
    ended = callsheet(project, *arguments, PYTHONPATH=str(project))
    assert ended.returncode == 5
    assert "disk is full" in one_line(ended)
    assert callsheet(project, "resume", "out").returncode == 0
    callsheet(project, *arguments[:-1], "whole")
    assert (
        callsheet(project, "show", "out", "--identity").stdout
        == callsheet(project, "show", "whole", "--identity").stdout
    )


def test_ctrl_c_ends_at_once_and_loses_nothing(project: Path) -> None:
    with FakeEndpoint(latency=60) as endpoint:
        use_endpoint(project, endpoint.url)
        process = subprocess.Popen(
            [*PROGRAM, "run", "scenarios", "--model", "assistant=remote", "--out", "out"],
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Where the tests themselves run in the background, a shell had Ctrl-C ignored, and
            # a program that begins so rightly keeps ignoring it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        deadline = time.monotonic() + 30
        while not endpoint.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        pressed = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        took = time.monotonic() - pressed
    assert process.returncode == 130
    assert errors.splitlines()[-1].startswith("callsheet: interrupted")
    # The promise is 2 s; the rest is room for a busy machine, and far from the 60 s of the answer.
    assert took < 15
    (line,) = callsheet(project, "show", "out").stdout.splitlines()
    assert "unfinished after 5 events" in line


def test_a_change_of_the_models_is_named_and_not_mixed_in(project: Path) -> None:
    with FakeEndpoint(latency=60) as endpoint:
        use_endpoint(project, endpoint.url)
        process = subprocess.Popen(
            [*PROGRAM, "run", "scenarios", "--model", "assistant=remote", "--out", "out"],
            cwd=project,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        while not endpoint.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()
        process.wait()
    use_endpoint(project, "http://127.0.0.1:9/v1", context_size=4000)
    ended = callsheet(project, "resume", "out")
    assert ended.returncode == 3
    assert "changed since the run was made: model remote" in one_line(ended)
