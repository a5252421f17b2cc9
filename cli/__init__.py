"""The command line: one thin command per verb, no logic. Imports everything below, when needed."""

from __future__ import annotations

import io
import os
import sys
from typing import Any


def main() -> None:
    """The `callsheet` program; exits with a code from `callsheet.cli.errors.EXIT_CODES`."""
    import typer

    from .app import application
    from .errors import guarded, report

    # Typer brings its own copy of click, whose common error class has no public name.
    wrong_usage: Any = next(k for k in typer.BadParameter.__mro__ if k.__name__ == "ClickException")

    def invoke() -> int | None:
        try:
            code: int | None = application()(standalone_mode=False)
        except typer.Abort:
            raise KeyboardInterrupt from None
        except SystemExit as stopped:
            if isinstance(stopped.__context__, BrokenPipeError):
                # Typer turned the reader's going away into an exit code of its own.
                raise stopped.__context__ from None
            raise
        except wrong_usage as error:
            return _wrong_usage(error)
        if code == 130:
            # Typer turned Ctrl-C into an exit code of its own.
            raise KeyboardInterrupt
        return code

    def _wrong_usage(error: Any) -> int:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()
        else:
            command = " ".join(["callsheet", *_verbs(error.ctx)])
            report(f"{error.format_message().rstrip('.')}; see `{command} --help`", 2)
        return 2

    def _verbs(context: Any) -> list[str]:
        """The words after the program's name that led to a context, such as tools and import."""
        if context is None or context.parent is None:
            return []
        return [*_verbs(context.parent), context.info_name]

    if isinstance(sys.stdout, io.TextIOWrapper):
        # What a terminal's encoding has no character for is shown all the same, as on stderr.
        sys.stdout.reconfigure(errors="backslashreplace")
    code = guarded(invoke)
    for stream in (sys.stdout, sys.stderr):
        # Who closes a stream before the program begins (`>&-`) leaves none to flush.
        if stream is not None:
            stream.flush()
    if code == 130:
        # A local model may be in the middle of an answer; waiting for its thread would keep the
        # user waiting for words that nobody will read.
        os._exit(code)
    sys.exit(code)
