"""A file that comes to its place when all of it is written, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import BinaryIO


class WholeFile:
    """Writes beside `path` and moves there on leaving, unless something went wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._beside: Path | None = None

    def __enter__(self) -> WholeFile:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        self._file, self._beside = os.fdopen(handle, "wb"), Path(name)
        return self

    def write(self, payload: bytes) -> None:
        """Append `payload` as it is."""
        assert self._file is not None
        self._file.write(payload)

    def finish(self) -> None:
        """All is written: to disk with it."""
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())

    def __exit__(self, failure: object, *_: object) -> None:
        assert self._file is not None and self._beside is not None
        self._file.close()
        if failure is None:
            self._beside.chmod(0o644)
            self._beside.replace(self._path)
        else:
            self._beside.unlink(missing_ok=True)
