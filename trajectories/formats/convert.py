"""Files of records into files of trajectories, or of any format that can be written.

Every record is converted as a whole or refused with a reason: `read == converted + refused`,
always. What is refused is kept beside the result in `OUT.refused.jsonl`, and what happened in
`OUT.report.json`. All three files are whole or not there. A file that holds tools, and no
conversations, becomes a pool of tools, by `tools.importing`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from ...tools.importers.documents import PACKED, Unreadable
from ...tools.importers.draft import one_line
from ..trajectory import Trajectory
from . import own
from .conversion import Conversion, beside, save_report
from .detect import chosen, find, known_record, shaped_for
from .format import Format, Losses, Refused
from .ids import UniqueIds
from .record_file import RecordFile
from .records import READ, ZSTD, Record, read_records, stem_of, suffix_of
from .tool_files import holds_tools, import_pool

_CHANGED = "values that JSON cannot hold as they stood"
_REASON = 160
"""Characters of a reason by which refusals are counted."""
_REASONS = 200
"""Different reasons that are counted apart."""
_VARYING = re.compile(r"'[^']*'|\"[^\"]*\"|\b\d+\b")
"""What differs between refusals for the same reason: names, values, places."""


def convert_file(
    path: Path, out: Path, *, source: str | Format = "auto", target: str = own.FORMAT.name
) -> Conversion:
    """Convert `path` to `out`: a record a line, or one array where `out` ends in `.json`.

    `source` and `target` are names in `FORMATS`; with `auto` each record's format is found out.
    `source` may be a format that is not among them.
    Raises `Unreadable` and `OSError` where `path` cannot be read or `out` not be written, and
    `ValueError` for a format that there is not or that cannot be written.
    """
    if isinstance(source, Format):
        said: Format | None = source
    else:
        said = None if source == "auto" else chosen(source)
    writer = writable(target)
    if path.resolve() == out.resolve():
        raise ValueError(f"{path}: is read, and cannot be written at the same time")
    if said is None and holds_tools(path):
        return import_pool(path, out)
    with ExitStack() as stack:
        work = _Work(path, out, said, writer, stack)
        for record in read_records(path, known_record):
            work.take(record)
        return work.finished()


def convert_folder(
    folder: Path, out: Path, *, source: str | Format = "auto", target: str = own.FORMAT.name
) -> Iterator[Conversion]:
    """Convert each file of records in `folder` and below to a file of its own under `out`. A file
    that cannot be read is a conversion with one refusal. Raises as `convert_file` else."""
    suffix = writable(target).suffix
    taken: set[Path] = set()
    for file in record_files(folder, out):
        place = out / file.relative_to(folder).parent
        path = place / f"{stem_of(file)}{suffix}"
        path = place / f"{file.name}{suffix}" if path in taken else path
        taken.add(path)
        try:
            yield convert_file(file, path, source=source, target=target)
        except Unreadable as error:
            yield Conversion(file=str(file), out="", read=1, refused={one_line(error): 1})


def record_files(folder: Path, besides: Path) -> list[Path]:
    """Files under `folder` whose suffix says that they hold records, but hidden ones and those
    under `besides`, in order."""
    return sorted(
        file for file in folder.rglob("*")
        if file.is_file() and suffix_of(file) in READ
        and file.suffix.lower() in (*READ, *PACKED, ZSTD)
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
        and not file.resolve().is_relative_to(besides.resolve())
    )  # fmt: skip


def writable(name: str) -> Format:
    """The format of that name. Raises `ValueError` for one that is only read."""
    format = chosen(name)
    if format.write is None:
        raise ValueError(f"{name} is only read: nobody trains on that form")
    return format


class _Work:
    """One conversion under way."""

    def __init__(
        self, path: Path, out: Path, said: Format | None, writer: Format, stack: ExitStack
    ) -> None:
        self._stem, self._out = stem_of(path), out
        self._said, self._writer, self._stack = said, writer, stack
        self._report = Conversion(file=str(path), out=str(out))
        self._lost: Counter[str] = Counter()
        self._ids = UniqueIds()
        self._file = RecordFile(out, stack)
        self._refused: RecordFile | None = None

    def take(self, record: Record) -> None:
        """Convert or refuse it."""
        self._report.read += 1
        losses = Losses()
        losses.lose(_CHANGED, record.altered)
        try:
            if record.problem:
                raise Refused(record.problem)
            lines = self._converted(record, losses)
        except Refused as problem:
            self._refuse(record, str(problem))
            return
        for line in lines:
            self._file.write(line)
        self._report.converted += 1
        self._report.trajectories += len(lines)
        self._lost += losses.kinds

    def _converted(self, record: Record, losses: Losses) -> list[bytes]:
        if self._said is None:
            format, value = self._recognized(record.value)
        else:
            format, value = self._said, shaped_for(self._said, record.value)
        try:
            trajectories = list(format.read(value, losses))
        except Refused:
            raise
        except RecursionError:
            raise Refused("nested too deeply") from None
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            # Recognized by some of its fields, and of another form in the rest.
            reason = f"not of the form {format.name}: {type(error).__name__}: {one_line(error)}"
            raise Refused(reason) from None
        if not trajectories:
            raise Refused("it holds no conversation")
        return [
            self._line(trajectory, self._id(record, number, len(trajectories)), losses)
            for number, trajectory in enumerate(trajectories, 1)
        ]

    def _recognized(self, value: Any) -> tuple[Format, Any]:
        """The format, and the record in the shape that it reads."""
        found = find(value)
        if found is None:
            raise Refused("it looks like no known format")
        name = found.format.name
        self._report.formats[name] = self._report.formats.get(name, 0) + 1
        self._report.why.setdefault(name, found.why)
        return found.format, found.record

    def _id(self, record: Record, number: int, count: int) -> str:
        name = f"{self._stem}-{record.name}"
        return name if count == 1 else f"{name}-{number}"

    def _line(self, trajectory: Trajectory, name: str, losses: Losses) -> bytes:
        id = self._ids.unique(trajectory.id or name, name)
        losses.lose("ids that stood before", trajectory.id != "" and id != trajectory.id)
        if id != trajectory.id:
            trajectory = trajectory.model_copy(update={"id": id})
        if self._writer is own.FORMAT:
            return trajectory.model_dump_json(exclude_none=True).encode()
        return written(self._writer, trajectory, losses)

    def _refuse(self, record: Record, reason: str) -> None:
        kind = _VARYING.sub("…", reason)[:_REASON]
        if kind not in self._report.refused and len(self._report.refused) >= _REASONS:
            kind = "other reasons"
        self._report.refused[kind] = self._report.refused.get(kind, 0) + 1
        if self._refused is None:
            self._refused = RecordFile(beside(self._out, "refused.jsonl"), self._stack)
        kept = {"record": record.value} if not record.problem else {"text": record.text}
        self._refused.write(orjson.dumps({"place": record.place, "reason": reason, **kept}))

    def finished(self) -> Conversion:
        """All records are taken."""
        self._file.finish()
        if self._refused is not None:
            self._refused.finish()
        else:
            beside(self._out, "refused.jsonl").unlink(missing_ok=True)
        self._report.refused = dict(Counter(self._report.refused).most_common())
        self._report.lost = dict(self._lost.most_common())
        if self._said is not None:
            self._report.formats = {self._said.name: self._report.read}
            self._report.why = {self._said.name: "it was said so"}
        save_report(self._report, self._stack)
        return self._report


def written(writer: Format, trajectory: Trajectory, losses: Losses) -> bytes:
    """The trajectory as a record of that format. Raises `Refused`."""
    assert writer.write is not None
    try:
        return orjson.dumps(writer.write(trajectory, losses))
    except TypeError as error:
        raise Refused(f"cannot be written as JSON: {error}") from None
