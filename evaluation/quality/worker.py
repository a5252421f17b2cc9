"""A report in a process of its own: `python -m callsheet.evaluation.quality.worker RUN SETTINGS`.

Started by programs that must go on meanwhile, never by hand; people have `callsheet report`.
Writes the report to its usual place and says on standard output, one JSON line each, how far it is
(`stage`, `done`, `total`; 0: nobody knows) and how it ended (`written` or `error`). Stops when its
standard input ends, as it does when its parent is gone.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import closing
from pathlib import Path

import orjson

from ...tools import load_pool
from .measure import instruments, quality_report
from .report import Settings
from .sources import pool_file
from .writing import default_folder, write_report


def main() -> int:
    """Exit code 0 once the report is written, 1 where something stopped it."""
    # Libraries print; the pipe of what is told is ours alone.
    told = os.dup(1)
    os.dup2(2, 1)
    run, settings = Path(sys.argv[1]), Settings.model_validate_json(sys.argv[2])
    threading.Thread(target=_stop_with_parent, daemon=True).start()

    def say(stage: str, done: int, total: int) -> None:
        os.write(told, orjson.dumps({"stage": stage, "done": done, "total": total}) + b"\n")

    try:
        say("loading", 0, 0)
        pool = pool_file([run])
        folder = default_folder(run)
        with closing(instruments(settings)) as using:
            tools = load_pool(pool) if pool is not None else None
            made = quality_report([run], using, folder, pool=tools, say=say)
        record, _ = write_report(made, folder)
    except Exception as error:
        os.write(told, orjson.dumps({"error": str(error) or type(error).__name__}) + b"\n")
        return 1
    os.write(told, orjson.dumps({"written": str(record)}) + b"\n")
    return 0


def _stop_with_parent() -> None:
    while os.read(0, 4096):  # not by a file object: its lock would outlive the interpreter
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
