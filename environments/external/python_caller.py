"""Calls of a project's own Python functions, each in a worker process.

A function that hangs is killed, one that takes its process down costs its own call, and neither
is noticed by anything else. Types are checked twice on each side: by JSON Schema here, by the
function's annotations there.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from ...tools import ToolSpec
from ..protocol import ToolOutcome
from .python_process import PythonProcess, PythonProcesses, WorkerLost
from .settings import PythonSettings


class PythonCaller:
    """Calls the functions of one source; see `Caller`."""

    def __init__(self, settings: PythonSettings, name: str, folder: Path) -> None:
        self._settings = settings
        self._name = name
        self._processes = PythonProcesses(settings, folder)
        self._threads = ThreadPoolExecutor(settings.processes, thread_name_prefix="callsheet-py")
        weakref.finalize(self, self._processes.close)

    def specs(self) -> Sequence[ToolSpec]:
        """The functions as tools. Raises `ValueError` where they cannot be loaded."""
        return [ToolSpec.model_validate(tool) for tool in self._offer()["tools"]]

    def digest(self) -> str:
        """Of the files that hold the functions. Raises as `specs`."""
        return str(self._offer()["digest"])

    def prepare(self) -> None:
        self._offer()

    def idempotent(self, spec: ToolSpec) -> bool:
        return spec.name in self._settings.idempotent

    def for_episode(self) -> PythonCaller:
        return self

    async def close(self) -> None:
        """Processes are kept for the next episode."""

    async def call(self, spec: ToolSpec, arguments: Mapping[str, Any]) -> ToolOutcome:
        ticket = _Ticket()
        running = self._threads.submit(self._ask, ticket, spec.name, arguments)
        try:
            return await asyncio.wrap_future(running)
        except asyncio.CancelledError:
            ticket.abandon()
            raise

    def _ask(self, ticket: _Ticket, name: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        """One call, in a thread of its own."""
        try:
            process = self._processes.take()
        except (ValueError, OSError) as error:
            return ToolOutcome(error_type="unavailable", error=f"{self._name}: {error}")
        try:
            ticket.take(process)
            answer = process.ask(name, arguments, self._settings.timeout)
        except WorkerLost as error:
            if error.timed_out:
                what = f"{name} gave no answer within {self._settings.timeout:g} s."
                return ToolOutcome(error_type="timeout", error=what)
            return ToolOutcome(error_type="failed", error=f"{name} failed: {error}")
        if ticket.release():
            self._processes.give(process)
        if "error" in answer:
            return ToolOutcome(error_type="failed", error=str(answer["error"]))
        return ToolOutcome(answer.get("output"))

    def _offer(self) -> dict[str, Any]:
        try:
            process = self._processes.take()
        except (ValueError, OSError) as error:
            raise ValueError(f"{self._name}: {error}") from None
        self._processes.give(process)
        return process.offer


class _Ticket:
    """One call's hold on a process, so that a call nobody waits for any more can be ended."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: PythonProcess | None = None
        self._abandoned = False

    def take(self, process: PythonProcess) -> None:
        with self._lock:
            self._process = process
            if self._abandoned:
                process.stop()

    def release(self) -> bool:
        """Whether the process is good for another call."""
        with self._lock:
            self._process = None
            return not self._abandoned

    def abandon(self) -> None:
        with self._lock:
            self._abandoned = True
            if self._process is not None:
                self._process.stop()
