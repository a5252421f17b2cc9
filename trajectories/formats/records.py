"""The records of a file of any size, one at a time: JSON lines, a JSON array, one object, an object
whose values are the records, Parquet or Arrow; `.gz`, `.xz` and `.zst` are unpacked on the way.

Each record comes with its place. What is no JSON is a record too, with the reason and its text;
where a file breaks off or is damaged, what was whole before has been given, and the damage is the
last record, with its offset. A null field of a table's struct is taken for one that is absent:
columns give every row all fields.
"""

from __future__ import annotations

import io
import lzma
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from ...tools.importers.documents import PACKED, Unreadable, opened
from ...tools.importers.draft import one_line
from .json_stream import MAX_RECORD, Damaged, Decoded, JsonStream, checked, decode_line

ZSTD = ".zst"
PARQUET, ARROW = ".parquet", ".arrow"
TABLES = (PARQUET, ARROW)
LINES = (".jsonl", ".ndjson")
READ = (".json", *LINES, *TABLES)
"""Suffixes of files that hold records, besides those of packing."""
_HEAD = 4096
_ROWS = 256
"""Of a table that are held at once."""
_LOOKED_AT = 20
"""Values of an object that are looked at to find out whether they are records."""
_BROKEN = (OSError, EOFError, lzma.LZMAError, zlib.error)
_BOM = b"\xef\xbb\xbf"

IsRecord = Callable[[Any], bool]


@dataclass(slots=True)
class Record:
    """One record of a file, or what stands there instead."""

    place: str
    """Such as `line 3`, `record 3`, `row 3`, or a key."""
    name: str
    """The same for ids: `3`, or the key."""
    value: Any = None
    problem: str = ""
    """Why there is no value, in one line."""
    text: str = ""
    """What stands there, where it is no value."""
    altered: int = 0
    """Strings and numbers that were changed, as JSON cannot hold them."""


def suffix_of(path: Path) -> str:
    """The suffix in lower case, without that of packing."""
    packed = (*PACKED, ZSTD)
    return next((s.lower() for s in reversed(path.suffixes) if s.lower() not in packed), "")


def stem_of(path: Path) -> str:
    """The file's name without suffixes that say its sort."""
    known = (*READ, *PACKED, ZSTD)
    name = path.name
    while (suffix := Path(name).suffix).lower() in known:
        name = name[: -len(suffix)]
    return name


def read_records(path: Path, is_record: IsRecord) -> Iterator[Record]:
    """The records of `path`. `is_record` says of a value whether it is one record, which tells an
    object that is one from an object of many.

    Raises `Unreadable` for a file that cannot be opened or whose packing is not supported here;
    after that, damage is a record with a problem.
    """
    if suffix_of(path) in TABLES:
        return _rows(path)
    try:
        shape = _shape(path)
    except _BROKEN as error:
        raise Unreadable(f"{path}: cannot be read: {_reason(error)}") from None
    if shape == "lines":
        return _lines(path)
    return _array(path) if shape == "array" else _object(path, is_record)


def importable(path: Path) -> bool:
    """Whether importers of tools read files of this sort too, which know JSON alone."""
    return suffix_of(path) not in TABLES and path.suffix.lower() != ZSTD


def holds_one_object(path: Path) -> bool:
    """Whether a file of JSON holds one object, and neither lines nor a list. Raises `OSError`."""
    return _shape(path) == "object"


def _open(path: Path) -> io.BufferedReader:
    """The file, unpacked, past a byte order mark."""
    file: Any = _zstd(path) if path.suffix.lower() == ZSTD else opened(path)
    buffered: io.BufferedReader = io.BufferedReader(file)
    if buffered.peek(3)[:3] == _BOM:
        buffered.read(3)
    return buffered


def _zstd(path: Path) -> Any:
    try:
        import pyarrow
    except ImportError:
        raise Unreadable(f"{path}: .zst needs pyarrow, which the extra train brings") from None
    return pyarrow.input_stream(str(path), compression="zstd")


def _shape(path: Path) -> str:
    """`lines`, `array` or `object`, by the suffix and how the first two lines begin."""
    lines = suffix_of(path) in LINES
    with closing(_open(path)) as file:
        # An array may be one line of any length, which is not read to see that it is one.
        if not lines and file.peek(_HEAD).lstrip()[:1] == b"[":
            return "array"
        first, second = _first_line(file), _first_line(file)
    if first.startswith(b"["):
        return "lines" if second and not decode_line(first).problem else "array"
    if lines or second.startswith(b"{") or not first.startswith(b"{"):
        return "lines"
    return "object"


def _first_line(file: IO[bytes]) -> bytes:
    while line := file.readline(MAX_RECORD):
        if line.strip():
            return line.strip()
    return b""


def _lines(path: Path) -> Iterator[Record]:
    number = 0
    with closing(_open(path)) as file:
        try:
            while line := file.readline(MAX_RECORD + 1):
                number += 1
                if len(line) > MAX_RECORD:
                    while line and not line.endswith(b"\n"):
                        line = file.readline(MAX_RECORD)
                    problem = f"larger than {MAX_RECORD // 1024 // 1024} MB"
                    yield Record(f"line {number}", str(number), problem=problem)
                elif not line.isspace():
                    yield _record(f"line {number}", str(number), decode_line(line))
        except _BROKEN as error:
            place = f"after line {number}"
            yield Record(place, place, problem=f"cannot be read on: {_reason(error)}")


def _record(place: str, name: str, decoded: Decoded) -> Record:
    return Record(place, name, decoded.value, decoded.problem, decoded.text, decoded.altered)


def _array(path: Path) -> Iterator[Record]:
    with closing(_open(path)) as file:
        stream = JsonStream(file)
        number = 0
        try:
            stream.take("[")
            if stream.take("]"):
                return
            while True:
                number += 1
                yield _record(f"record {number}", str(number), stream.value())
                if stream.take("]"):
                    break
                if not stream.take(","):
                    raise Damaged("the list is not closed, and no comma stands here")
            _refuse_more(stream)
        except (Damaged, *_BROKEN) as error:
            yield _damage(stream, error)


def _object(path: Path, is_record: IsRecord) -> Iterator[Record]:
    with closing(_open(path)) as file:
        stream = JsonStream(file)
        try:
            whole = stream.value()
            _refuse_more(stream)
        except (Damaged, *_BROKEN) as error:
            damage = _damage(stream, error)
        else:
            yield from _values(whole, is_record)
            return
    # Too large for one record, or damaged: its values may still be records.
    with closing(_members(path)) as members:
        first = next(members, None)
        if first is None or first.problem or not is_record(first.value):
            yield damage
            return
        yield first
        yield from members


def _values(whole: Decoded, is_record: IsRecord) -> Iterator[Record]:
    value = whole.value
    if isinstance(value, dict) and not is_record(value):
        some = islice(value.values(), _LOOKED_AT)
        if any(is_record(one) for one in some):
            for key, one in value.items():
                yield Record(one_line(key, 80), one_line(key, 80), one)
            return
    yield _record("record 1", "1", whole)


def _members(path: Path) -> Generator[Record, None, None]:
    with closing(_open(path)) as file:
        stream = JsonStream(file)
        try:
            stream.take("{")
            while True:
                key = stream.value()
                if not isinstance(key.value, str) or not stream.take(":"):
                    raise Damaged("no key with a colon stands here")
                name = one_line(key.value, 80)
                yield _record(name, name, stream.value())
                if stream.take("}"):
                    break
                if not stream.take(","):
                    raise Damaged("the object is not closed, and no comma stands here")
            _refuse_more(stream)
        except (Damaged, *_BROKEN) as error:
            yield _damage(stream, error)


def _refuse_more(stream: JsonStream) -> None:
    if stream.peek():
        raise Damaged("more stands behind the end")


def _damage(stream: JsonStream, error: BaseException) -> Record:
    place = f"byte {stream.offset}"
    problem = f"damaged from here on: {_reason(error)}"
    return Record(place, place, problem=problem, text=stream.ahead)


def _rows(path: Path) -> Iterator[Record]:
    try:
        from pyarrow import ArrowException
    except ImportError:
        raise Unreadable(
            f"{path}: Parquet and Arrow need pyarrow, which the extra train brings"
        ) from None
    number = 0
    try:
        with closing(_batches(path)) as batches:
            for row in (row for batch in batches for row in batch.to_pylist()):
                number += 1
                decoded = checked(_without_nulls(row), decoded=False)
                yield _record(f"row {number}", str(number), decoded)
    except (ArrowException, OSError) as error:
        place = f"after row {number}"
        yield Record(place, place, problem=f"cannot be read: {_reason(error)}")


def _batches(path: Path) -> Generator[Any, None, None]:
    """Of some rows each. An Arrow file is a stream (as `datasets` caches are) or one with a
    footer."""
    from pyarrow import ArrowInvalid, ipc, memory_map, parquet

    if suffix_of(path) == PARQUET:
        with parquet.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=_ROWS)
        return
    with memory_map(str(path)) as source:
        try:
            stream: Any = ipc.open_stream(source)
        except ArrowInvalid:
            source.seek(0)
            file = ipc.open_file(source)
            stream = (file.get_batch(number) for number in range(file.num_record_batches))
        for batch in stream:
            yield from (batch.slice(at, _ROWS) for at in range(0, batch.num_rows, _ROWS))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or one_line(error)
