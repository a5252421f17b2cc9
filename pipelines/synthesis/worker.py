"""A worker: `python -m callsheet.pipelines.synthesis.worker FOLDER EXECUTION MODEL_FOLDERS`.

Started by `synthesize`, never by hand. Reads numbers of batches from standard input, a line each,
and writes JSON lines: how far a batch is, and what became of it. Ends with its input; a batch that
is cut off is gone on with by the next worker.
"""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from ...simulation.cast import ledger_of
from ...simulation.episodes import Progress
from ...simulation.processes import error_line
from ...simulation.run_directory import Execution
from .batch import play_batch
from .folder import SynthesisFolder
from .planning import ScenarioSource

_EVERY = 20
"""Dialogues between two lines about a batch that is being played."""


def main() -> int:
    """Returns 1 where something stopped the worker; else the process ends with its input."""
    # Libraries print; the answers' pipe is ours alone.
    answers = os.dup(1)
    os.dup2(2, 1)

    def tell(**line: Any) -> None:
        os.write(answers, orjson.dumps(line) + b"\n")

    folder = SynthesisFolder(Path(sys.argv[1]))
    execution = Execution.model_validate_json(sys.argv[2])
    model_folders = [Path(one) for one in orjson.loads(sys.argv[3])]
    # One for all batches: the budgets are the worker's, not each batch's.
    ledger = ledger_of(execution)
    try:
        config = folder.manifest().config
        source = ScenarioSource(config, folder)
        # The pool and the graph are there for good; collecting must not walk them every time.
        gc.freeze()
        tell(ready=True)
        for number in _numbers():

            def on_played(progress: Progress, number: int = number) -> None:
                if progress.done % _EVERY == 0 or progress.done == progress.total:
                    tell(batch=number, played=progress.done)

            result = play_batch(
                number, config, folder, source, execution, ledger, model_folders, on_played
            )
            tell(batch=number, result=result.model_dump())
    except Exception as error:
        # Where the parent is gone, nobody is left to be told.
        with contextlib.suppress(BrokenPipeError):
            os.write(answers, error_line(error))
    return 1


def _numbers() -> Iterator[int]:
    """The batches to make, as they come. When the input ends, which is also when the parent is
    gone, nobody waits for what is still being played, and the process ends at once."""
    told: queue.SimpleQueue[int] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            told.put(int(line))
        sys.stderr.flush()
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield told.get()


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)
