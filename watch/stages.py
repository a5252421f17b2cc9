"""How a journey of several stages goes: one line that changes, or a plain line now and then."""

from __future__ import annotations

import time

from rich.console import Console

from .console import PipedConsole

_PLAIN_SECONDS = 15.0


class StageView:
    """Call it with (stage, done, total, line); total 0 means that nobody knows."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or PipedConsole(stderr=True, highlight=False)
        self._stage = ""
        self._said = 0.0

    def __call__(self, stage: str, done: int, total: int, line: str) -> None:
        count = f"{done}/{total}" if total else str(done) if done else ""
        text = " ".join(part for part in (f"[{stage}]", count, line) if part)
        over = bool(total) and done >= total
        if self._console.is_terminal:
            width = self._console.width - 1
            self._console.file.write("\r\x1b[K" + text[:width] + ("\n" if over else ""))
            self._console.file.flush()
            return
        now = time.monotonic()
        if over or stage != self._stage or now - self._said >= _PLAIN_SECONDS:
            self._stage, self._said = stage, now
            self._console.print(text, markup=False)
