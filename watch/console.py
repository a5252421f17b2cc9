"""The console that runs are shown on."""

from __future__ import annotations

from rich.console import Console


class PipedConsole(Console):
    """A console for an output that another program may read, and may stop to read at any time:
    printing then raises `BrokenPipeError`."""

    def on_broken_pipe(self) -> None:
        """Called while the error is handled; lets it go on.

        `rich` would exit here, which an event loop answers with the traceback of all its tasks.
        """
        raise
