"""Training data for API-Bank's tools: generated goals, played by their own solutions.

The goals are made over the package's seed database, not the benchmark's: other people, other
values, so that nothing of what the benchmark asks for can be learnt by heart. From the user's
folder come the words that describe the tools, and the lines that no goal may say.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

from ..environments.api_bank import VARIABLE, ApiBankData, api_bank_data
from ..environments.api_bank.data import SEED
from ..planners.api_bank import cast_annotated, script_of
from ..simulation import Watchers, simulate
from ..simulation.episodes import Progress as RunProgress
from ..simulation.run_directory import RunConfig, RunDirectory
from .api_bank_scenarios import Level, goal_scenarios

Progress = Callable[[str, int, int, str], None]
SHARES: dict[Level, float] = {1: 0.6, 2: 0.17, 3: 0.23}
"""Of the goals: plain calls, tools that must be found, and plans of several tools. Of a plan a
sample teaches one stage alone, which is why plans have more than a fifth."""


def training_data(folder: Path, described: ApiBankData) -> ApiBankData:
    """The seed database with the words that describe the tools in another API-Bank folder, written
    to `folder`. Raises `ApiBankDataError` and `OSError`."""
    for part in ("init_database", "level-3"):
        shutil.copytree(SEED / part, folder / part, dirs_exist_ok=True)
    if described.signatures:
        shutil.copy(described.folder / "apis.json", folder / "apis.json")
    return api_bank_data(folder)


def played_goals(
    data: ApiBankData,
    recorded: Path,
    out: Path,
    *,
    count: int,
    seed: int,
    exclude_tools: Collection[str] = (),
    say: Progress,
    name: str,
) -> Path:
    """The trajectories of `play_goals` in `out`; a run that is complete is taken as it is. Raises
    what `play_goals` raises."""
    run = RunDirectory(out)
    if (out / "done.json").exists():
        return run.trajectories
    # A run of scripts takes seconds: one that was cut off is made anew.
    shutil.rmtree(out, ignore_errors=True)

    def on_progress(progress: RunProgress) -> None:
        line = f"{progress.done} of {progress.total} goals, {progress.accepted} accepted"
        say(f"simulate {name}", progress.done, progress.total, line)

    play_goals(
        data,
        recorded,
        out,
        count=count,
        seed=seed,
        exclude_tools=exclude_tools,
        watchers=Watchers(on_progress=on_progress),
    )
    (out / "done.json").write_text("{}\n", encoding="utf-8")
    return run.trajectories


def play_goals(
    data: ApiBankData,
    recorded: Path,
    out: Path,
    *,
    count: int,
    seed: int,
    levels: Collection[Level] = tuple(SHARES),
    exclude_tools: Collection[str] = (),
    watchers: Watchers,
) -> RunProgress:
    """Play `count` goals of these levels, in the student's shares, each by its own solution, into
    the run directory `out`. None says a line of the dialogues in `recorded`.

    Raises what `goal_scenarios` and `simulate` raise.
    """
    goals = [
        goal
        for level, number in shared_out(count, levels).items()
        for goal in goal_scenarios(
            data,
            [level],
            count=number,
            seed=seed,
            exclude_tools=exclude_tools,
            recorded=recorded,
        )
    ]
    scenarios, clients = cast_annotated((goal, script_of(goal, seed)) for goal in goals)
    with _answering_from(data):
        return simulate(scenarios, RunConfig(seed=seed), out, watchers=watchers, clients=clients)


def shared_out(count: int, levels: Collection[Level]) -> dict[Level, int]:
    """How many of `count` goals are of each level."""
    shares = {level: share for level, share in SHARES.items() if level in levels}
    whole = sum(shares.values())
    ends = [round(count * upto / whole) for upto in accumulate(shares.values())]
    return {level: end - start for level, end, start in zip(shares, ends, [0, *ends], strict=False)}


@contextmanager
def _answering_from(data: ApiBankData) -> Iterator[None]:
    """The tools answer from `data` meanwhile."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(data.folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
