"""Processes that play runs for the page: each the `callsheet` program in a session of its own.

So a run outlives the page's server, and a server that starts anew finds it by its log and its lock
like any other run. A run that cannot begin is answered with the program's own line and leaves
nothing; what goes wrong later stands in `errors.txt` of the run's folder.

A start carries an identity that the page made: pressed twice, or sent again to another server, it
begins once.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ...simulation.run_directory import reserved_run
from ...trajectories.log import logged_bytes
from ..text import harmless
from .place import Place
from .refused import Refused

ERRORS = "errors.txt"
"""In a run's folder: what the process that plays it said on standard error."""
_SHOWN = 8 * 1024
"""Bytes of it that are looked at for the page."""
_STARTS = ".starts"
"""In the runs folder: what was started under which identity."""
_KEPT_SECONDS = 7 * 86_400.0
"""How long that is known."""
_PATIENCE = 15.0
"""Seconds that a start waits for the first event; a local model may take longer to load, and the
run is then shown without one."""
_PROGRAM = [sys.executable, "-P", "-m", "callsheet"]
"""-P: a module in the project's folder must not stand in for one of the program's."""
_ENDED_WELL = (0, 1)


class Starter:
    """Begins runs in the folders of one place."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def start_once(
        self, identity: str, make: Callable[[Path], object], options: Sequence[str] = ()
    ) -> str:
        """The name of the run that `make` wrote into the folder it was given, now being played.

        Asked again with the same identity, it is the same run. Raises `Refused` where it cannot
        begin, and what `make` raises; no run is left then.
        """
        runs = self._place.runs
        with self._claimed(identity) as claim:
            name = os.read(claim, 4096).decode()
            # Written before the run is: a server that is killed in between begins no second one.
            if name and (runs / name / "run.json").is_file():
                return name
            folder = reserved_run(runs)
            os.ftruncate(claim, 0)
            os.pwrite(claim, folder.name.encode(), 0)
            try:
                make(folder)
                self.play(folder, options)
            except BaseException:
                os.ftruncate(claim, 0)
                shutil.rmtree(folder, ignore_errors=True)
                raise
        return folder.name

    def play(self, run: Path, options: Sequence[str] = ()) -> None:
        """Let a process of its own go on with a run; returns once something is recorded.

        `options` are those of `callsheet resume`. Raises `Refused` with the program's line where
        it ends before anything is.
        """
        before = logged_bytes(run)
        # It becomes the run's `errors.txt` once it plays: until then, why the run stopped is still
        # what was said before. Always a new file, since a link there might lead anywhere.
        handle, said = tempfile.mkstemp(prefix=f".{ERRORS}.", dir=run)
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program, and no shell
                [*_PROGRAM, "resume", str(run), *options],
                cwd=self._place.project,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=handle,
                start_new_session=True,
                env={**os.environ, "NO_COLOR": "1"},
            )
        finally:
            os.close(handle)
        # Asks how it ended, lest it stay in the process table.
        threading.Thread(target=process.wait, daemon=True).start()
        refusal = self._refusal(process, run, before, Path(said))
        if refusal is not None:
            Path(said).unlink()
            raise Refused(422, refusal)
        Path(said).replace(run / ERRORS)

    def _refusal(
        self, process: subprocess.Popen[bytes], run: Path, before: int, said: Path
    ) -> str | None:
        """Why a process does not play; None once something is recorded, or patience ends."""
        deadline = time.monotonic() + _PATIENCE
        while process.returncode is None and time.monotonic() < deadline:
            if logged_bytes(run) > before:
                return None
            time.sleep(0.05)
        line = _last_line(said)
        failed = process.returncode not in (None, *_ENDED_WELL) or (
            process.returncode == 1 and line is not None
        )
        if failed and logged_bytes(run) == before:
            return line or f"the program ended with exit code {process.returncode}"
        return None

    @contextlib.contextmanager
    def _claimed(self, identity: str) -> Iterator[int]:
        """The file of one start, locked: empty, or with the name of its run."""
        folder = self._place.runs / _STARTS
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another server is at it
                if time.time() - path.stat().st_mtime > _KEPT_SECONDS:
                    path.unlink()
        claim = os.open(folder / identity, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(claim, fcntl.LOCK_EX)
            yield claim
        finally:
            os.close(claim)


def last_words(run: Path) -> str | None:
    """Why the process that last played a run gave up, in one line; None where it did not say."""
    return _last_line(run / ERRORS)


def _last_line(said: Path) -> str | None:
    try:
        with said.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _SHOWN))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return None
    lines = [line for line in text.splitlines() if line.strip()]
    # The program says what is wrong once, at its end; of several lines the first says what it is.
    told = next((line for line in lines if line.startswith("callsheet: ")), None)
    if told is None and any(line.startswith("Traceback ") for line in lines):
        told = lines[-1].strip()
    return None if told is None else harmless(told.removeprefix("callsheet: "))
