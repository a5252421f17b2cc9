"""Worker processes for a project's Python functions: started when needed, killed when they hang.

Each runs one call at a time. Belongs to no event loop: a thread waits for each call, so that the
same processes serve whatever loop asks, one after another.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from .settings import PythonSettings

_START_SECONDS = 60.0
"""To import the modules that hold the functions."""
_ENVELOPE = 10_000
"""Bytes around an answer's own."""


class WorkerLost(Exception):
    """The process ended in the middle of a call, or was ended; the text says how."""

    def __init__(self, what: str, *, timed_out: bool = False) -> None:
        super().__init__(what)
        self.timed_out = timed_out


class PythonProcess:
    """One worker process. Its first line says what it offers."""

    def __init__(self, settings: PythonSettings, folder: Path) -> None:
        """Start it. Raises `ValueError` where the functions cannot be loaded."""
        path = folder / settings.path if settings.path is not None else folder
        share = {
            "functions": settings.functions,
            "path": str(path),
            "max_bytes": settings.max_bytes,
        }
        # In a session of its own, so that what a function starts ends with it.
        self._process = subprocess.Popen(  # noqa: S603 - the interpreter, with our own module
            # -P: a module in the project's folder must not stand in for one of the program's.
            [sys.executable, "-P", "-m", f"{__package__}.python_worker", json.dumps(share)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._limit = settings.max_bytes * 2 + _ENVELOPE
        self._timed_out = False
        try:
            self.offer = self._line(_START_SECONDS)
        except WorkerLost as error:
            raise ValueError(f"the functions cannot be loaded: {error}") from None
        if "error" in self.offer:
            self.kill()
            raise ValueError(f"the functions cannot be loaded: {self.offer['error']}")

    def ask(self, name: str, arguments: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """The answer to one call. Raises `WorkerLost`; the process is then of no more use."""
        request = json.dumps({"name": name, "arguments": dict(arguments)}).encode() + b"\n"
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
        except OSError:
            raise WorkerLost(self._ending()) from None
        return self._line(timeout)

    def stop(self) -> None:
        """End it, and what it has started, from any thread; whoever waits for it is told."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End it now, and give its pipes back."""
        self.stop()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _line(self, timeout: float) -> dict[str, Any]:
        """One answer. A timer kills the process where it takes too long, which ends the wait."""
        timer = threading.Timer(timeout, self._expire)
        timer.daemon = True
        timer.start()
        try:
            line = _read_line(self._process.stdout, self._limit)
            answer = json.loads(line) if line.endswith(b"\n") else None
        except (ValueError, OSError, RecursionError):
            answer = None
        finally:
            timer.cancel()
        if not isinstance(answer, dict):
            raise WorkerLost(self._ending(), timed_out=self._timed_out)
        return answer

    def _expire(self) -> None:
        self._timed_out = True
        self.stop()

    def _ending(self) -> str:
        """How the process ended, in words; ends it if it has not."""
        if self._timed_out:
            self.kill()
            return "it was stopped"
        with suppress(subprocess.TimeoutExpired):
            # Its pipe closes a moment before it is gone.
            self._process.wait(1.0)
        code = self._process.poll()
        self.kill()
        if code is None:
            return "its process answered with something that is no answer"
        if code < 0:
            return f"its process was ended by {_signal(-code)}"
        return f"its process ended with exit code {code}"


class PythonProcesses:
    """The free processes of one source."""

    def __init__(self, settings: PythonSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._free: queue.LifoQueue[PythonProcess] = queue.LifoQueue()

    def take(self) -> PythonProcess:
        """A free process, or a new one. Raises `ValueError`."""
        try:
            return self._free.get_nowait()
        except queue.Empty:
            return PythonProcess(self._settings, self._folder)

    def give(self, process: PythonProcess) -> None:
        """Give a process back that is good for another call."""
        self._free.put(process)

    def close(self) -> None:
        """End all that are free."""
        with suppress(queue.Empty):
            while True:
                self._free.get_nowait().kill()


def _read_line(pipe: BinaryIO | Any, limit: int) -> bytes:
    line: bytes = pipe.readline(limit)
    return line


def _signal(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"
