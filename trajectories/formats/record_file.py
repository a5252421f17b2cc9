"""Records in a file that is whole or not there: one a line, or one array for `.json`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from ..whole_file import WholeFile


class RecordFile:
    """Records in a file that is whole or not there: one a line, or one array for `.json`."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = stack.enter_context(WholeFile(path))
        self._array = path.suffix.lower() == ".json"
        self._count = 0

    def write(self, record: bytes) -> None:
        """Append a record, which is JSON."""
        if self._array:
            self._file.write(b"[\n" if self._count == 0 else b",\n")
        self._file.write(record)
        if not self._array:
            self._file.write(b"\n")
        self._count += 1

    def finish(self) -> None:
        """All is written."""
        if self._array:
            self._file.write(b"[]\n" if self._count == 0 else b"\n]\n")
        self._file.finish()
