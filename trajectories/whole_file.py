"""A file that comes to its place when all of it is written, or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO


class WholeFile:
    """Writes beside `path` and moves there on leaving, unless something went wrong.

    For several files that belong together: `finish` all of them, then leave.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        self._file: BinaryIO | None = None

    def __enter__(self) -> WholeFile:
        self._file = self._beside.open("xb")
        return self

    def write(self, payload: bytes | memoryview) -> None:
        """Append `payload` as it is."""
        assert self._file is not None
        self._file.write(payload)

    def finish(self) -> None:
        """All is written: to disk with it."""
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())

    def __exit__(self, failure: object, *_: object) -> None:
        assert self._file is not None
        try:
            self._file.close()
            if failure is None:
                self._beside.replace(self._path)
        finally:
            self._beside.unlink(missing_ok=True)


def write_whole(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Write a file so that it is whole or not there at all, whatever happens meanwhile."""
    with WholeFile(path) as file:
        for part in parts:
            file.write(part)
        file.finish()
