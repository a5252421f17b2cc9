"""Worker processes: what they load, how they fail, and how they are stopped."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from program import PROGRAM, children, new_project, until_gone

from callsheet.models.accounting import Ledger
from callsheet.models.errors import BudgetExceeded
from callsheet.scenarios import Scenario
from callsheet.simulation import Execution, RunConfig, WorkerFailed, make_run, resume
from callsheet.simulation.spent import charge_recorded, latest_epoch

HERE = Path(__file__).parent

SCENE = Scenario.model_validate(
    {"name": "scene", "tools": ["Calculator"], "plan": [{"tool_call": "work out 2+2"}]}
)


def test_a_projects_modules_are_none_of_the_workers(tmp_path: Path) -> None:
    project = new_project(tmp_path)
    (project / "random.py").write_text("raise SystemExit(9)\n")
    # -P: as the installed `callsheet`, which does not look for modules where it is run.
    ended = subprocess.run(
        [PROGRAM[0], "-P", *PROGRAM[1:], "run", "scenarios", "--workers", "2", "--repeat", "4"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "4/4" in ended.stdout


def test_workers_that_die_at_the_start_are_not_started_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\nif 'callsheet.simulation.worker' in sys.orig_argv: os._exit(9)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    make_run([SCENE], RunConfig(repeat=4), tmp_path / "run")
    with pytest.raises(WorkerFailed, match="died again and again without finishing an episode"):
        resume(tmp_path / "run", execution=Execution(workers=2))


def test_a_worker_in_a_dead_one_s_place_goes_on_with_its_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(HERE))
    from fake_answers import answer_server

    # Every worker dies at this byte of its log, after some episodes.
    plan = {"": "self append 7000", "_LOG": str(tmp_path / "kills"), "S_BEFORE": "0"}
    for name, value in plan.items():
        monkeypatch.setenv(f"CALLSHEET_KILL{name}", value)
    monkeypatch.setenv("PYTHONPATH", str(HERE / "killer"))
    with answer_server() as server:
        (tmp_path / "counted.yaml").write_text(
            f"provider: openai_compatible\nconfig: {{model: m, base_url: '{server.url}'}}\n"
            "cache: false\nprices: {completion: 200000}\n"  # an answer has five tokens: 1.0
        )
        folders = [str(tmp_path)]
        config = RunConfig(repeat=12, models={"user": "counted"}, model_folders=folders)
        run = make_run([SCENE], config, tmp_path / "run").path
        with pytest.raises(BudgetExceeded, match="budget of 3 is used up: 4"):
            resume(run, execution=Execution(workers=2, concurrency=1, money_budget=6))
        assert (tmp_path / "kills").exists()
    for worker in ("w0", "w1"):
        spent, next_sitting = Ledger(money_budget=3), Ledger(money_budget=3)
        charge_recorded(spent, run, worker, 0)
        charge_recorded(next_sitting, run, worker, latest_epoch(run))
        assert 0 < spent.cost <= 4 and spent.tokens == 15 * spent.cost
        assert next_sitting.accounts == {}


def test_what_the_system_refuses_a_worker_is_told_as_it_was(tmp_path: Path) -> None:
    run = make_run([SCENE], RunConfig(repeat=4), tmp_path / "run")
    (run.path / "log").mkdir()
    (run.path / "log" / "w0").write_text("no folder")
    with pytest.raises(OSError, match="Not a directory") as refused:
        resume(run.path, execution=Execution(workers=2))
    assert refused.value.errno == errno.ENOTDIR
    assert refused.value.filename.startswith(str(run.path / "log" / "w0"))


def started(project: Path, *arguments: str) -> tuple[subprocess.Popen[str], list[int]]:
    """The program in a group of its own as soon as it has workers, and these."""
    program = subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1"},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has SIGINT ignored, and hands that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not (workers := children(program.pid)):
        assert program.poll() is None
        time.sleep(0.001)
    return program, workers


@pytest.mark.parametrize("moment", [0.0, 0.2, 0.5, 0.8])
def test_ctrl_c_soon_after_the_start_is_one_line(tmp_path: Path, moment: float) -> None:
    project = new_project(tmp_path)
    arguments = ("run", "scenarios", "--workers", "2", "--repeat", "2000", "--out", "run")
    program, workers = started(project, *arguments)
    time.sleep(moment)
    os.killpg(program.pid, signal.SIGINT)
    _, said = program.communicate(timeout=60)
    assert said == "callsheet: interrupted; what was done is kept\n"
    assert program.returncode == 130
    until_gone(workers)


def test_no_worker_outlives_a_killed_program(tmp_path: Path) -> None:
    project = new_project(tmp_path)
    arguments = ("run", "scenarios", "--workers", "2", "--repeat", "2000", "--out", "run")
    program, workers = started(project, *arguments)
    time.sleep(1)
    workers = children(program.pid)
    program.kill()
    until_gone(workers)
    program.wait()
