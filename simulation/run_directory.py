"""A run on disk: its manifest, its scenarios, and where everything lies.

    run.json            what the run is: configuration, digests, where it was forked from
    scenarios.jsonl     the scenarios as they were when the run was made
    log/ spool/ epochs/ the event log (see `callsheet.trajectories.log`)
    trajectories.jsonl  one trajectory a line, ordered by episode; made anew from the log
    lock                held by the process that is running the run
    control.json people/ frames/ watched/   what people want of it while it is played

Something else may lie in the folder too: it is never written over and never taken away. A file is
written beside its place and then moved there, so that it is whole or absent.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..scenarios.schema import Scenario
from ..trajectories.log import LogBusy, read_segment, segments, take_lock
from ..trajectories.whole_file import write_whole

_FILES = (
    "run.json",
    "scenarios.jsonl",
    "trajectories.jsonl",
    "control.json",
    "control.lock",
    "lock",
)
_FOLDERS = ("log", "spool", "epochs", "people", "frames", "watched")
"""All that a run writes into its folder."""
Seed = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""One that a record can hold."""


class RunError(ValueError):
    """A run directory cannot be used as asked; the message says where, what and what to do."""


class RunConfig(BaseModel):
    """What to simulate; with the scenarios, all that decides the outcome."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    seed: Seed = 0
    repeat: int = Field(default=1, ge=1)
    """Episodes per scenario; each has a seed, and so a variation, of its own."""
    limit: int | None = Field(default=None, ge=0)
    """At most this many episodes in all."""
    episode_seed: int | None = None
    """The seed of every episode as it is, instead of one drawn from `seed`; forks have it."""
    models: dict[str, str] = Field(default_factory=dict)
    """Model name by role (user, assistant, tool, tester); over what the scenario says."""
    model_folders: list[str] = Field(default_factory=list)
    """Where model files are looked for before the package's own."""


class Execution(BaseModel):
    """How to simulate; decides nothing about the outcome, and is not recorded."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    workers: int = Field(default=1, ge=1)
    """Processes; with 1, everything runs in this one."""
    concurrency: int = Field(default=16, ge=1)
    """Episodes at the same time in each process."""
    token_budget: int | None = Field(default=None, ge=1)
    """Prompt and answer tokens that this sitting may spend on configured models; the run then
    stops, and can be resumed. Each worker has an equal share."""
    money_budget: float | None = Field(default=None, gt=0)
    """The same in money, by the models' configured prices."""
    repeat_started: bool = False
    """Whether external calls that were started, and lost their results with the process, are made
    again even where they may have taken effect."""

    def share(self) -> Execution:
        """What one of the workers is told: its part of the budgets."""
        tokens, money = self.token_budget, self.money_budget
        return self.model_copy(
            update={
                "workers": 1,
                "token_budget": tokens and max(1, tokens // self.workers),
                "money_budget": money and money / self.workers,
            }
        )


class Manifest(BaseModel):
    """The content of run.json."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1] = 1
    config: RunConfig
    digests: dict[str, str]
    """Of what the outcome depends on: scenarios, prompts, tools, models, package."""
    episodes: int
    forked_from: dict[str, Any] | None = None


class RunDirectory:
    """Paths of a run, and its small files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def trajectories(self) -> Path:
        return self.path / "trajectories.jsonl"

    def create(
        self,
        manifest: Manifest,
        scenarios: Iterable[Scenario],
        recorded: RunDirectory | None = None,
    ) -> None:
        """Make the run on disk, with the log of `recorded` where that is given; run.json is written
        last and makes it one.

        Raises `RunError` where there is a run already, or something that a run would write over.
        """
        # Not by what differs from the defaults: a time in another zone equals the default one.
        lines = (s.model_dump_json(exclude_unset=True).encode() + b"\n" for s in scenarios)
        written = b"".join(lines)
        self.path.mkdir(parents=True, exist_ok=True)
        # Before the lock, which would else be left in a folder that is refused.
        self._refuse_taken(written)
        try:
            with self.locked():
                self._refuse_taken(written)
                self._write(manifest, written, recorded)
        except LogBusy:
            raise RunError(
                f"{self.path}: another process is making a run here; choose another --out"
            ) from None

    def _refuse_taken(self, scenarios: bytes) -> None:
        """Raises `RunError` where a run, or what is none of ours, is in the way."""
        if (self.path / "run.json").exists():
            raise RunError(
                f"{self.path}: there is a run already; resume it, or choose another --out"
            )
        for name in (*_FILES, *_FOLDERS):
            path = self.path / name
            if not path.exists() or name == "lock":
                continue
            # The same scenarios are left by a process that was killed while it made this run.
            if name != "scenarios.jsonl" or not path.is_file() or path.read_bytes() != scenarios:
                raise RunError(
                    f"{path}: is there already, and a run has to write its own; choose another "
                    "--out"
                )

    def _write(self, manifest: Manifest, scenarios: bytes, recorded: RunDirectory | None) -> None:
        try:
            if recorded is not None:
                for name in ("log", "epochs"):
                    shutil.copytree(recorded.path / name, self.path / name)
            write_whole(self.path / "scenarios.jsonl", [scenarios])
            self.write_manifest(manifest)
        except BaseException:
            self.remove()
            raise

    def write_manifest(self, manifest: Manifest) -> None:
        payload = orjson.dumps(manifest.model_dump(mode="json"), option=orjson.OPT_INDENT_2)
        write_whole(self.path / "run.json", [payload, b"\n"])

    def manifest(self) -> Manifest:
        """Raises `RunError` where run.json is missing or is not one."""
        path = self.path / "run.json"
        try:
            return Manifest.model_validate_json(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            raise RunError(f"{self.path}: not a run (it has no run.json)") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the file"
            raise RunError(f"{path}: {where}: {first['msg']}") from None

    def scenarios(self) -> list[Scenario]:
        path = self.path / "scenarios.jsonl"
        try:
            with path.open("rb") as file:
                return [Scenario.model_validate_json(line) for line in file]
        except (FileNotFoundError, ValidationError) as error:
            raise RunError(f"{path}: the run's scenarios cannot be read: {error}") from None

    def remove_if_empty(self) -> None:
        """`remove` it where its log holds no event. One that is being played, or cannot be
        removed, stays."""
        with contextlib.suppress(LogBusy, OSError), self.locked():
            if not any(next(read_segment(path), None) for _, path in segments(self.path)):
                self.remove()

    def remove(self) -> None:
        """Take the run away, and its folder with it unless something else lies there."""
        for name in _FOLDERS:
            shutil.rmtree(self.path / name, ignore_errors=True)
        for name in _FILES:
            (self.path / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.path.rmdir()  # refused where something else lies in it

    def others(self) -> list[Path]:
        """What lies in the folder and is none of the run's."""
        return [path for path in self.path.iterdir() if path.name not in (*_FILES, *_FOLDERS)]

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from running the same run. Raises `LogBusy`."""
        with (self.path / "lock").open("ab") as file:
            busy = f"{self.path}: another process is running this run"
            # As much patience as it takes for whoever asks `is_live` in that moment.
            take_lock(file.fileno(), busy, patience=0.2)
            yield

    def is_live(self) -> bool:
        """Whether a process is running the run: whoever does holds the lock.

        To find out, the lock is shared for some microseconds; `locked` has more patience.
        """
        try:
            with (self.path / "lock").open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False


def reserved_run(runs: Path) -> Path:
    """A new folder for a run, the next of `runs`/0001, 0002, …; made here and by nobody else."""
    runs.mkdir(parents=True, exist_ok=True)
    while True:
        taken = [int(path.name) for path in runs.glob("[0-9]*") if path.name.isdigit()]
        folder = runs / f"{max(taken, default=0) + 1:04d}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder
