"""A run on disk: its manifest, its scenarios, and where everything lies.

    run.json            what the run is: configuration, digests, where it was forked from
    scenarios.jsonl     the scenarios as they were when the run was made
    log/ spool/ epochs/ the event log (see `callsheet.trajectories.log`)
    trajectories.jsonl  one trajectory a line, ordered by episode; made anew from the log
    lock                held by the process that is running the run

A file is written beside its place and then moved there, so that it is whole or absent.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..scenarios.schema import Scenario
from ..trajectories.log import read_segment, segments, take_lock
from ..trajectories.whole_file import write_whole


class RunError(ValueError):
    """A run directory cannot be used as asked; the message says where, what and what to do."""


class RunConfig(BaseModel):
    """What to simulate; with the scenarios, all that decides the outcome."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    seed: int = 0
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

    def create(self, manifest: Manifest, scenarios: Iterable[Scenario]) -> None:
        """Make the run on disk; run.json is written last and makes it one.

        Raises `RunError` where there is a run already.
        """
        self.refuse_existing()
        self.path.mkdir(parents=True, exist_ok=True)
        lines = (s.model_dump_json(exclude_defaults=True).encode() + b"\n" for s in scenarios)
        write_whole(self.path / "scenarios.jsonl", lines)
        self.write_manifest(manifest)

    def refuse_existing(self) -> None:
        """Raises `RunError` where there is a run already."""
        if (self.path / "run.json").exists():
            raise RunError(
                f"{self.path}: there is a run already; resume it, or choose another --out"
            )

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
        """Take the run away again where its log holds no event."""
        if not any(next(read_segment(path), None) for _, path in segments(self.path)):
            shutil.rmtree(self.path)

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


def next_run(folder: Path) -> Path:
    """The first of `folder`/0001, 0002, … that does not exist yet."""
    taken = [int(path.name) for path in folder.glob("[0-9]*") if path.name.isdigit()]
    return folder / f"{max(taken, default=0) + 1:04d}"
