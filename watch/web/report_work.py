"""Reports that are being made, each in a process of its own; one at a time for a run.

The process tells how far it is (see `evaluation.quality.worker`); its end is known when its output
ends. When the server goes, the processes' input ends, and they stop.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import orjson

from ...evaluation.quality import Settings
from .refused import Refused

_AT_ONCE = 2


@dataclass(slots=True)
class Work:
    """One report in the making, or how it ended."""

    encoder: str
    state: str = "running"
    """running, done, failed or stopped."""
    stage: str = "starting"
    done: int = 0
    total: int = 0
    """0: nobody knows."""
    error: str = ""


class ReportWork:
    """What is being made for which run, and what was."""

    def __init__(self) -> None:
        self._work: dict[Path, Work] = {}
        self._processes: dict[Path, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    def of(self, run: Path) -> Work | None:
        """The latest work on the report of `run`."""
        return self._work.get(run)

    def start(self, run: Path, settings: Settings) -> Work:
        """Begin a report. Raises `Refused` while there is one in the making, or too many are."""
        with self._lock:
            if run in self._processes:
                raise Refused(409, "a report on this run is being made already")
            if len(self._processes) >= _AT_ONCE:
                raise Refused(429, f"{_AT_ONCE} reports are being made; wait for one of them")
            process = subprocess.Popen(  # noqa: S603 - our own module, arguments in a list
                # -P: a module in the folder of the project must not stand in for one of ours.
                [sys.executable, "-P", "-m", "callsheet.evaluation.quality.worker", str(run),
                 settings.model_dump_json()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            work = self._work[run] = Work(settings.encoder)
            self._processes[run] = process
        threading.Thread(target=self._follow, args=(run, process, work), daemon=True).start()
        return work

    def stop(self, run: Path) -> None:
        """End the work on a run's report, if there is any; nothing half-written stays."""
        process = self._processes.get(run)
        if process is not None:
            self._work[run].state = "stopped"
            process.terminate()

    def _follow(self, run: Path, process: subprocess.Popen[bytes], work: Work) -> None:
        assert process.stdout is not None and process.stdin is not None
        for line in process.stdout:
            try:
                told = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue  # A library has printed something.
            work.stage = told.get("stage", work.stage)
            work.done, work.total = told.get("done", work.done), told.get("total", work.total)
            work.error = told.get("error", work.error)
        code = process.wait()
        process.stdin.close()
        process.stdout.close()
        with self._lock:
            del self._processes[run]
        if work.state == "running":
            work.state = "done" if code == 0 else "failed"
            if code != 0 and not work.error:
                work.error = f"its process ended with exit code {code}"
