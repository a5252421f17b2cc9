"""Reading a file of trajectories, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from .trajectory import Trajectory


class TrajectoriesUnreadable(ValueError):
    """A line of a trajectories file is no trajectory; the message names file and line."""


def read_trajectories(path: Path) -> Iterator[Trajectory]:
    """Trajectories of a JSONL file, one a line. Raises `TrajectoriesUnreadable`."""
    # Before the first is asked for: who reads them may have long work to do until then.
    if not path.is_file():
        raise TrajectoriesUnreadable(f"{path}: there is no file of trajectories here")
    return _read(path)


def _read(path: Path) -> Iterator[Trajectory]:
    number = 0
    try:
        with path.open("rb") as lines:
            for line in lines:
                number += 1
                if line.strip():
                    yield Trajectory.model_validate_json(line)
    except ValidationError as error:
        raise TrajectoriesUnreadable(f"{path}:{number}: {error.errors()[0]['msg']}") from None
    except OSError as error:
        raise TrajectoriesUnreadable(f"{path}: {error.strerror}") from error
