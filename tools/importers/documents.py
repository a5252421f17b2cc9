"""Files as values: JSON, JSON lines or YAML, plain or packed (`.gz`, `.xz`), within bounds.

Each value that cannot be read is a refusal of its own: a broken line of a JSONL file loses that
line. Keys that stand twice in one object are reported; JSON keeps the last of them, YAML the first.
"""

from __future__ import annotations

import gzip
import json
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from .draft import Refused, Remark, one_line
from .yaml_values import NotYaml, read_yaml

MAX_BYTES = 256 * 1024 * 1024
"""Bytes of one document, unpacked."""
SUFFIXES = (".json", ".jsonl", ".ndjson", ".yaml", ".yml")
PACKED = (".gz", ".xz")


class Unreadable(ValueError):
    """A file cannot be read at all; the message says why, in one line."""


@dataclass(slots=True)
class Document:
    """What a file holds: one value, or as many as it has lines."""

    value: Any
    lines: bool = False
    """Whether `value` is the list of a JSONL file's values."""
    refused: list[Refused] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def read_file(path: Path) -> Document:
    """The document in `path`. Raises `Unreadable`."""
    payload = _bytes(path)
    suffix = next((s for s in reversed(path.suffixes) if s.lower() not in PACKED), "").lower()
    return read_bytes(payload, suffix)


def read_bytes(payload: bytes, suffix: str = "") -> Document:
    """The document in `payload`; `suffix` (`.json`, `.jsonl`, `.yaml`) says of which sort, and
    without one that is tried. Raises `Unreadable`."""
    payload = payload.removeprefix(b"\xef\xbb\xbf")
    if suffix in (".jsonl", ".ndjson"):
        return _lines(payload)
    if suffix != ".json" and payload.lstrip()[:1] not in (b"{", b"["):
        return _yaml(payload)
    try:
        return _json(payload)
    except Unreadable:
        # Files that are called .json may hold JSON lines all the same.
        if _begins_with_a_record(payload) or (suffix != ".json" and b"\n{" in payload.strip()):
            return _lines(payload)
        if suffix == ".json":
            raise
        return _yaml(payload)


def _bytes(path: Path) -> bytes:
    try:
        with opened(path) as file:
            payload = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or one_line(error)
        raise Unreadable(f"cannot be read: {reason}") from None
    if len(payload) > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES // 1024 // 1024} MB, unpacked")
    return payload


def opened(path: Path) -> IO[bytes] | gzip.GzipFile | lzma.LZMAFile:
    """The file, unpacked while it is read. Raises `OSError`."""
    if path.suffix.lower() == ".gz":
        return gzip.open(path)
    return lzma.open(path) if path.suffix.lower() == ".xz" else path.open("rb")


def _json(payload: bytes) -> Document:
    try:
        value = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {one_line(error)}") from None
    return Document(value, remarks=[Remark("", "key-twice", f"the key {key} stands twice in one "
                                           "object; the last is kept")
                                    for key in _keys_twice(payload)])  # fmt: skip


def _keys_twice(payload: bytes) -> list[str]:
    """Keys that stand twice in one object, which orjson does not tell."""
    twice: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in pairs}) < len(pairs):
            seen: set[str] = set()
            twice.extend(one_line(k, 100) for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]

    try:
        json.loads(payload, object_pairs_hook=look)
    except (ValueError, RecursionError):
        # What orjson took and the standard library does not, is very deep or a very large number.
        return twice
    return twice


def _begins_with_a_record(payload: bytes) -> bool:
    """Whether the first line is a JSON object by itself, and others follow."""
    first, _, rest = payload.strip().partition(b"\n")
    try:
        return bool(rest) and isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return False


def _lines(payload: bytes) -> Document:
    document = Document([], lines=True)
    for number, line in _numbered(payload):
        try:
            one = _json(line)
        except Unreadable as error:
            document.refused.append(Refused(f"line {number}", "not-json", str(error)))
            continue
        document.value.append(one.value)
        document.remarks += [Remark(f"line {number}", r.kind, r.reason) for r in one.remarks]
    return document


def _numbered(payload: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(payload.split(b"\n"), 1):
        if line.strip():
            yield number, line


def _yaml(payload: bytes) -> Document:
    try:
        value, twice = read_yaml(payload.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = payload[: error.start].count(b"\n") + 1
        raise Unreadable(f"line {line}: not UTF-8 text") from None
    except NotYaml as error:
        raise Unreadable(str(error)) from None
    remarks = [Remark(place.split(": ")[0], "key-twice", f"the key {place} stands there twice; the "
                      "first is kept") for place in twice]  # fmt: skip
    return Document(value, remarks=remarks)
