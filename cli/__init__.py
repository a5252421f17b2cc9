"""The command line: one thin command per verb, no logic. Imports everything below, when needed."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """The `callsheet` program; exits with a code from `callsheet.cli.errors.EXIT_CODES`."""
    import click

    from .app import application
    from .errors import guarded

    def invoke() -> int | None:
        try:
            code: int | None = application()(standalone_mode=False)
        except click.Abort:
            raise KeyboardInterrupt from None
        except click.ClickException as error:
            error.show()
            return error.exit_code
        return code

    code = guarded(invoke)
    sys.stdout.flush()
    sys.stderr.flush()
    if code == 130:
        # A local model may be in the middle of an answer; waiting for its thread would keep the
        # user waiting for words that nobody will read.
        os._exit(code)
    sys.exit(code)
