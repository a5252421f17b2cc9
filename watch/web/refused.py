"""The one error of the web server: a request that is not granted, and the line that says why."""

from __future__ import annotations


class Refused(Exception):
    """Becomes the answer `{"error": line}` with `status`.

    `line` says what is wrong, where, and what to do, in one line.
    """

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status
        self.line = line
