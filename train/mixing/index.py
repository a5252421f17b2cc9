"""A source read once: which of its lines are accepted, which are held out, and where they stand.

Kept are 16 bytes a record (file, offset and length), never the text, so a mixture's memory does not
grow with the size of its trajectories. A line gets a light check here, fields that decide and no
more; `Record.trajectory` validates the whole of it where it is used.

Reading ahead has its price, one pass over each file at the start. In return everything is known
before the first step: what each filter refused and why, that no source is empty, that no query
stands on both sides, and a digest of the content, by which a changed file is noticed.
"""

from __future__ import annotations

import hashlib
import os
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from ...simulation.run_directory import RunDirectory
from ..filters import ScoreFilter
from .config import MixtureConfig, SourceConfig

Part = Literal["train", "evaluation"]
Stamp = tuple[int, int]
"""A file's size in bytes and time of change in ns."""

_LONGEST = 64 * 1024 * 1024
"""Bytes of the longest line that is read."""


class MixtureInvalid(ValueError):
    """A mixture cannot be made of these sources; the message names the source."""


class SourceCounts(BaseModel):
    """What became of one source's trajectories before any was fed."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    read: int
    accepted: int
    """Read and not refused; the held out are among them."""
    refused: dict[str, int] = Field(default_factory=dict)
    """By reason, which names the field and its scale."""
    held_out: int
    """Accepted, and kept for evaluation."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where records stand: the file's number in its source, and the line's place in bytes."""

    files: array[int] = field(default_factory=lambda: array("I"))
    offsets: array[int] = field(default_factory=lambda: array("Q"))
    lengths: array[int] = field(default_factory=lambda: array("I"))

    def __len__(self) -> int:
        return len(self.offsets)

    def add(self, file: int, offset: int, length: int) -> None:
        self.files.append(file)
        self.offsets.append(offset)
        self.lengths.append(length)


@dataclass(frozen=True, slots=True)
class SourceIndex:
    """All that a mixture knows of one source."""

    name: str
    files: list[Path]
    stamps: list[Stamp]
    """Of the files, as they were read."""
    places: dict[Part, Places]
    counts: SourceCounts
    digest: str
    """Of the files' content."""


def index_sources(config: MixtureConfig) -> list[SourceIndex]:
    """Every source of a mixture, read once.

    Raises `MixtureInvalid` where a file is missing or empty, a line is no trajectory, or a filter
    leaves nothing.
    """
    return [_index(source, config.evaluation) for source in config.sources]


def _index(source: SourceConfig, evaluation: float) -> SourceIndex:
    files = _files(source)
    index = _read(source, files, evaluation)
    counts = index.counts
    if not counts.read:
        raise MixtureInvalid(f"source {source.name!r}: {source.path} holds no trajectory")
    if not counts.accepted:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in counts.refused.items())
        raise MixtureInvalid(
            f"source {source.name!r}: its filter leaves nothing of {counts.read} trajectories "
            f"({reasons}); change its accept, or leave the source out"
        )
    return index


def _files(source: SourceConfig) -> list[Path]:
    """The source's file, a run's, or those of a folder that was converted, by name."""
    if not source.path.is_dir():
        return [source.path]
    run = RunDirectory(source.path).trajectories
    if run.exists():
        return [run]
    found = source.path.rglob("*.jsonl")
    files = sorted(path for path in found if not path.name.endswith(".refused.jsonl"))
    if not files:
        raise MixtureInvalid(f"source {source.name!r}: {source.path} holds no .jsonl file")
    return files


def _read(source: SourceConfig, files: list[Path], evaluation: float) -> SourceIndex:
    content = hashlib.blake2b(digest_size=16)
    places: dict[Part, Places] = {"train": Places(), "evaluation": Places()}
    refused: Counter[str] = Counter()
    below = int(evaluation * 2**64)
    stamps: list[Stamp] = []
    read = 0
    for number, path in enumerate(files):
        with opened(source.name, path) as file:
            stamps.append(stamp_of(file))
            for row, (offset, line) in enumerate(_lines(source.name, path, file), start=1):
                content.update(line)
                if line.isspace():
                    continue
                reason, query = _judged(line, source, path, row)
                read += 1
                if reason is None:
                    part: Part = "evaluation" if _digest(query) < below else "train"
                    places[part].add(number, offset, len(line))
                else:
                    refused[reason] += 1
        content.update(b"\0")  # so that moving a line to the next file is a change
    counts = SourceCounts(
        read=read,
        accepted=read - refused.total(),
        refused=dict(sorted(refused.items())),
        held_out=len(places["evaluation"]),
    )
    return SourceIndex(source.name, files, stamps, places, counts, content.hexdigest())


def _lines(source: str, path: Path, file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each line with its place in bytes. Raises `MixtureInvalid` for one without end."""
    offset = 0
    while line := file.readline(_LONGEST + 1):
        if len(line) > _LONGEST:
            raise MixtureInvalid(
                f"source {source!r}: {path}: byte {offset}: a line of more than {_LONGEST:,} bytes"
            )
        yield offset, line
        offset += len(line)


def _judged(line: bytes, source: SourceConfig, path: Path, row: int) -> tuple[str | None, str]:
    """Why a line is refused, or None, and its user query. Raises `MixtureInvalid`."""
    try:
        return _reason(orjson.loads(line), source.accept)
    except ValueError as error:
        raise MixtureInvalid(f"source {source.name!r}: {path}:{row}: {error}") from None


def _reason(record: Any, keep: ScoreFilter | None) -> tuple[str | None, str]:
    """The same of a JSON value. Raises `ValueError` where it is no trajectory."""
    if not (
        isinstance(record, dict)
        and all(isinstance(record.get(key), str) for key in ("id", "scenario", "environment"))
        and isinstance(record.get("messages", []), list)
    ):
        raise ValueError("no trajectory; `callsheet convert` makes them of other formats")
    if keep is not None:
        ended = record.get("outcome", {"status": "completed"})
        status = ended.get("status") if isinstance(ended, dict) else None
        value = record.get(keep.field)
        if not isinstance(status, str) or not isinstance(value, int | float | None):
            raise ValueError(f"outcome or {keep.field} is not what a trajectory has")
        reason = keep.reason(status, value)
        if reason is not None:
            return reason, ""
    return None, _query(record)


def _query(record: dict[str, Any]) -> str:
    """What the user asked for: the same text is the same query, whichever source it stands in."""
    said: Any = record.get("user_query")
    if not said:
        messages = [m for m in record.get("messages", []) if isinstance(m, dict)]
        asked = [m.get("content") for m in messages if m.get("role") == "user"]
        said = next((text for text in (*asked, *(m.get("content") for m in messages)) if text), "")
    return said if isinstance(said, str) and said else str(record["id"])


def _digest(query: str) -> int:
    """64 bits of the query without its case and spacing.

    No seed takes part: a query that was held out once is held out in every mixture with the same
    share, or a larger one, so that models trained on different mixtures can be compared.
    """
    plain = " ".join(query.split()).casefold().encode()
    return int.from_bytes(hashlib.blake2b(plain, digest_size=8).digest(), "big")


def stamp_of(file: BinaryIO) -> Stamp:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def opened(source: str, path: Path) -> BinaryIO:
    """A source's file. Raises `MixtureInvalid` where it cannot be read."""
    try:
        return path.open("rb")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise MixtureInvalid(f"source {source!r}: {path}: {reason}") from None
