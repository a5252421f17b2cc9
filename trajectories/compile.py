"""From a run's log to its trajectories, one line each, ordered by episode.

Memory holds the episodes that are open at the same time and two numbers for each trajectory.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .from_events import trajectory_of
from .log import read_episodes
from .turns import ending


def compiled_lines(run: Path, versions: dict[str, str]) -> Iterator[bytes]:
    """The lines of `trajectories.jsonl`: every finished episode, by id. Raises `LogDamaged`."""
    with tempfile.TemporaryFile(dir=run) as spill:
        places: list[tuple[str, int, int]] = []
        for episode, events in read_episodes(run):
            if ending(events) is None:
                continue
            line = trajectory_of(events, versions=versions).model_dump_json(exclude_none=True)
            places.append((episode, *_append(spill, line.encode() + b"\n")))
        places.sort()
        for _, start, length in places:
            spill.seek(start)
            yield spill.read(length)


def _append(spill: BinaryIO, line: bytes) -> tuple[int, int]:
    start = spill.seek(0, os.SEEK_END)
    spill.write(line)
    return start, len(line)
