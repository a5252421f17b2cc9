"""A worker process: `python -m callsheet.simulation.worker RUN NAME EXECUTION SINCE`.

Started by `callsheet.simulation.processes`, never by hand. Reads jobs from standard input until
it ends, and then stops, whatever is still going on: unfinished episodes are resumed by others.
SINCE is the epoch after which the sitting began: what a worker of that name, dead by now, has spent
in it is gone from the budgets.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import orjson

from .cast import Cast, ledger_of, model_folders
from .episodes import EpisodeEnd, episode_key
from .processes import UNPLAYED, end_line, error_line, recorded_of
from .run_directory import Execution, RunDirectory
from .spent import charge_recorded
from .stage import Job, Stage


def main() -> int:
    """Exit code 0 after the last job, 1 where something stopped the worker."""
    # Libraries print; the answers' pipe is ours alone.
    answers = os.dup(1)
    os.dup2(2, 1)
    path, name, share, since = sys.argv[1:5]
    execution = Execution.model_validate_json(share)
    try:
        asyncio.run(_work(RunDirectory(Path(path)), name, execution, int(since), answers))
    except asyncio.CancelledError:
        return 0
    except Exception as error:
        # Where the parent is gone, nobody is left to be told.
        with contextlib.suppress(BrokenPipeError):
            os.write(answers, error_line(error))
        return 1
    return 0


async def _work(
    run: RunDirectory, name: str, execution: Execution, since: int, answers: int
) -> None:
    manifest, scenarios = run.manifest(), run.scenarios()
    ledger = ledger_of(execution)
    charge_recorded(ledger, run.path, name, since)
    cast = Cast(manifest.config.models, model_folders(manifest.config), ledger=ledger)
    reader = asyncio.StreamReader(limit=1 << 28)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    playing = asyncio.current_task()
    assert playing is not None

    queue: asyncio.Queue[Job] = asyncio.Queue()

    async def read() -> None:
        while line := await reader.readline():
            job = orjson.loads(line)
            key = episode_key(manifest.config, scenarios, job["index"])
            queue.put_nowait((key, recorded_of(job)))
        # The parent closes this pipe when nothing is outstanding, or when it is gone: either
        # way nobody waits for what is still being played.
        playing.cancel()

    async def jobs(stage: Stage) -> AsyncIterator[Job]:
        while True:
            job = await queue.get()
            if stage.cancelled:
                os.write(answers, UNPLAYED)
            else:
                yield job

    def tell(end: EpisodeEnd) -> None:
        os.write(answers, end_line(end))

    reading = asyncio.create_task(read())
    try:
        again = execution.repeat_started
        with Stage(run, scenarios, cast, name, repeat_started=again) as stage:
            await stage.play_all(jobs(stage), execution.concurrency, tell)
    finally:
        reading.cancel()
        await cast.close()


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Threads of a local model may be in the middle of an answer that nobody wants any more.
    os._exit(code)
