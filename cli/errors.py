"""Exit codes, and the one place where an exception becomes one clear line on standard error.

CALLSHEET_DEBUG=1 shows the traceback as well.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

EXIT_CODES = {
    0: "all went well",
    1: "the command ran, and found something wrong (findings, failed checks, differences)",
    2: "the command line is wrong",
    3: "an input file or run directory is wrong",
    4: "a model cannot be used: not configured, no key, not reachable, budget spent",
    5: "the file system refused: disk full, no permission, read-only",
    6: "a recorded run does not replay",
    7: "another process is using the run",
    130: "interrupted; what was done is kept, and `callsheet resume` goes on",
}
"""Meaning of each exit code; shown by `callsheet --help`."""

_BY_NAME = {
    "ScenarioError": 3,
    "RunError": 3,
    "LogDamaged": 3,
    "TrajectoriesUnreadable": 3,
    "PoolError": 3,
    "ModelDown": 4,
    "ModelUnavailable": 4,
    "EndpointError": 4,
    "BudgetExceeded": 4,
    "WorkerFailed": 1,
    "UnconfirmedCall": 1,
    "ReplayDivergence": 6,
    "LogBusy": 7,
}
"""By class name, so that looking an exception up imports nothing."""


def guarded(command: Callable[[], int | None]) -> int:
    """Run `command`; returns its exit code, and reports what went wrong in one line."""
    try:
        return command() or 0
    except KeyboardInterrupt:
        return report("interrupted; what was done is kept", 130)
    except BrokenPipeError:
        # The reader of our output went away (`| head`); nobody is left to be told.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                os.dup2(nowhere, stream.fileno())
        return 0
    except OSError as error:
        return report(_file_system(error), 5)
    except Exception as error:
        code = code_of(error)
        if code is None:
            raise
        from ..watch.text import harmless

        # Endpoints and files can put anything into a message, even commands to the terminal.
        return report(harmless(str(error)), code)


def code_of(error: BaseException) -> int | None:
    """The exit code of a known exception; None for a defect of our own."""
    for kind in type(error).__mro__:
        if kind.__name__ in _BY_NAME:
            return _BY_NAME[kind.__name__]
    if isinstance(error, ValueError):
        return 3
    if isinstance(error, ImportError):
        return 4
    return None


def _file_system(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    what = error.strerror or str(error)
    if error.errno == errno.ENOSPC:
        return f"{where}the disk is full; make room and run `callsheet resume`"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        advice = "; choose a folder that can be written with --out" if _writing(error) else ""
        return f"{where}{what.lower()}{advice}"
    return f"{where}{what}"


def _writing(error: OSError) -> bool:
    """Whether it was surely writing that was refused: the error does not say, but what can be read,
    or is not there yet in a folder that can be looked into, was not refused to a reader."""
    if error.errno == errno.EROFS:
        return True
    if not isinstance(error.filename, str | os.PathLike):
        return False
    if os.path.lexists(error.filename):
        return os.access(error.filename, os.R_OK)
    return os.access(Path(error.filename).parent, os.X_OK)


def report(message: str, code: int) -> int:
    """Say on standard error what is wrong; returns `code`."""
    if os.environ.get("CALLSHEET_DEBUG"):
        traceback.print_exc()
    for line in message.splitlines() or [""]:
        print(f"callsheet: {line}", file=sys.stderr)
    return code
