"""A worker: `python -m callsheet.pipelines.synthesis.worker FOLDER EXECUTION MODEL_FOLDERS`.

Started by `synthesize`, never by hand. Reads numbers of batches from standard input, a line each,
and writes JSON lines: how far a batch is, and what became of it. Ends with its input; a batch that
is cut off is gone on with by the next worker.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

import orjson

from ...simulation.episodes import Progress
from ...simulation.run_directory import Execution
from .batch import play_batch
from .folder import SynthesisFolder
from .planning import ScenarioSource

_EVERY = 20
"""Dialogues between two lines about a batch that is being played."""


def main() -> int:
    """Exit code 0 after the last batch, 1 where something stopped the worker."""
    # Ctrl-C in a terminal reaches the whole group; stopping is the parent's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print; the answers' pipe is ours alone.
    answers = os.dup(1)
    os.dup2(2, 1)

    def tell(**line: Any) -> None:
        os.write(answers, orjson.dumps(line) + b"\n")

    folder = SynthesisFolder(Path(sys.argv[1]))
    execution = Execution.model_validate_json(sys.argv[2])
    model_folders = [Path(one) for one in orjson.loads(sys.argv[3])]
    try:
        config = folder.manifest().config
        source = ScenarioSource(config, folder)
        # The pool and the graph are there for good; collecting must not walk them every time.
        gc.freeze()
        tell(ready=True)
        for line in sys.stdin:
            number = int(line)

            def on_played(progress: Progress, number: int = number) -> None:
                if progress.done % _EVERY == 0 or progress.done == progress.total:
                    tell(batch=number, played=progress.done)

            result = play_batch(number, config, folder, source, execution, model_folders, on_played)
            tell(batch=number, result=result.model_dump())
    except Exception as error:
        tell(error=type(error).__name__, message=str(error))
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)
