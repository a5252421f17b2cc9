"""A program for the crash tests: makes the run if there is none, and plays what is outstanding.

python play_run.py RUN SCENARIOS MODELS EPISODES WORKERS
"""

from __future__ import annotations

import sys
from pathlib import Path

from callsheet.scenarios import load_scenarios
from callsheet.simulation import Execution, RunConfig, resume, simulate


def main() -> None:
    run, scenarios, models = (Path(argument) for argument in sys.argv[1:4])
    episodes, workers = (int(argument) for argument in sys.argv[4:6])
    execution = Execution(workers=workers, concurrency=4)
    if (run / "run.json").exists():
        resume(run, execution=execution)
        return
    config = RunConfig(
        seed=7,
        repeat=episodes,
        limit=episodes,
        models={"user": "counted"},
        model_folders=[str(models)],
    )
    simulate(load_scenarios([scenarios]), config, run, execution=execution)


if __name__ == "__main__":
    main()
