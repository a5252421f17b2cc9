"""A training's folder: what it was begun with, its checkpoints, and whether it is done.

It holds `lock`, `started.json`, `samples.json`, `metrics.jsonl`, `loss.png`, `checkpoints/`,
`adapter/` and, written last, `train.json`. A killed training goes on from its last whole checkpoint
when it is started again with the same config and data; with others it is refused.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from ..trajectories.canonical import digest
from ..trajectories.log import take_lock
from ..trajectories.whole_file import write_whole
from .card import TrainResult
from .config import TrainConfig

WHOLE = "whole.json"
"""Written into a checkpoint once all of it is on disk."""


class TrainingMismatch(ValueError):
    """The folder holds a training with another config or other data; says which."""


def config_digest(config: TrainConfig) -> str:
    """What a config is known by. Where data and adapters lie does not count: what they are does,
    and is told apart from it."""
    paths: dict[str, Any] = {"start": True, "mixture": {"sources": {"__all__": {"path"}}}}
    return digest(config.model_dump(mode="json", exclude=paths))


@contextlib.contextmanager
def locked(out: Path) -> Iterator[None]:
    """Keep other processes from training in the same folder. Raises `LogBusy`."""
    with (out / "lock").open("ab") as file:
        busy = f"{out}: another process is training here; wait for it, or choose another folder"
        take_lock(file.fileno(), busy, patience=0.2)
        yield


def begin(out: Path, identity: Mapping[str, str], *, write: bool) -> TrainResult | None:
    """The result where training is done. Raises `TrainingMismatch` where it was another one."""
    path = out / "started.json"
    if path.exists():
        before = orjson.loads(path.read_bytes())
        changed = [key for key in identity if before.get(key) != identity[key]]
        changed += [key for key in before if key not in identity]
        if changed:
            raise TrainingMismatch(
                f"{out} holds a training with another {' and another '.join(changed)}; "
                "choose an empty folder"
            )
    elif write:
        write_whole(path, [orjson.dumps(identity)])
    done = out / "train.json"
    return TrainResult.model_validate_json(done.read_bytes()) if done.exists() else None


def without_torn(folder: Path) -> None:
    """Delete the checkpoints that a kill left half-written."""
    for path in folder.glob("checkpoint-*") if folder.exists() else ():
        if not (path / WHOLE).exists():
            shutil.rmtree(path)


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint."""
    whole = [
        (step_of(path), path) for path in folder.glob("checkpoint-*") if (path / WHOLE).exists()
    ]
    return max(whole)[1] if whole else None


def step_of(checkpoint: Path | None) -> int:
    """The optimizer step after which it was saved; 0 for none."""
    return int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0
