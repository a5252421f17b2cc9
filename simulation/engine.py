"""The engine: makes runs, carries them to their end, and picks them up where they stopped.

`simulate` makes a run and plays it; `resume` goes on with one. Both leave a run that is whole
whenever they end: finished, interrupted by Ctrl-C, or killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from autogen_core.models import ChatCompletionClient

from ..models.accounting import Ledger
from ..scenarios import render
from ..scenarios.schema import Scenario
from ..trajectories.compile import compiled_lines
from ..trajectories.event import Event
from ..trajectories.log import read_episodes, recover
from ..trajectories.turns import ending
from ..trajectories.whole_file import write_whole
from .build import build_episode
from .cast import Cast, model_folders
from .control import ControlWatch, change_control, forget, read_control
from .digests import changed, digests_of, versions
from .episodes import (
    EpisodeEnd,
    EpisodeKey,
    Progress,
    cost_of,
    end_of,
    episode_count,
    episode_keys,
)
from .frames import sweep
from .journal import Journal
from .people import People
from .processes import WorkerFailed, play_in_processes
from .run_directory import Execution, Manifest, RunConfig, RunDirectory, RunError
from .spent import latest_epoch
from .stage import Job, Stage
from .watchers import Watchers

_FRUITLESS = 3
"""How often in a row workers may die without that an episode was finished meanwhile."""

Again = Callable[[EpisodeEnd], bool]
"""Says of a finished episode whether it is to be played again."""


def simulate(
    scenarios: Sequence[Scenario],
    config: RunConfig,
    directory: Path,
    *,
    execution: Execution | None = None,
    watchers: Watchers | None = None,
    clients: Mapping[str, ChatCompletionClient] | None = None,
    ledger: Ledger | None = None,
) -> Progress:
    """Make a run in `directory` and play it. `clients` are ready models by name (one worker).
    `ledger`: where what is spent is entered, and its budgets count instead of `execution`'s (one
    worker).

    Raises `RunError`, `ValueError` for scenarios that cannot be played, `ModelUnavailable`,
    `ModelDown`, `BudgetExceeded` and `OSError`; all but the first leave a run that `resume`
    goes on with.
    """
    run = make_run(scenarios, config, directory, clients)
    try:
        return resume(
            directory, execution=execution, watchers=watchers, clients=clients, ledger=ledger
        )
    except Exception:
        # A run in which nothing was ever said is nothing to keep.
        run.remove_if_empty()
        raise


def make_run(
    scenarios: Sequence[Scenario],
    config: RunConfig,
    directory: Path,
    clients: Mapping[str, ChatCompletionClient] | None = None,
) -> RunDirectory:
    """Make a run in `directory` that `resume` plays. Nothing is written for scenarios that cannot
    be played; raises `RunError`, `ValueError`, `ModelUnavailable` and `OSError`."""
    if not scenarios:
        raise RunError("there is no scenario to play")
    for scenario in scenarios:
        rehearse(scenario, config)
    run = RunDirectory(directory)
    manifest = Manifest(
        config=config,
        digests=digests_of(scenarios, config, clients),
        episodes=episode_count(config, len(scenarios)),
    )
    run.create(manifest, scenarios)
    return run


def rehearse(scenario: Scenario, config: RunConfig) -> None:
    """Raises `ValueError` for a scenario that cannot be played: an unknown environment, tool,
    table or architecture."""
    try:
        build_episode(
            render(scenario, config.seed),
            episode="rehearsal",
            seed=config.seed,
            cast=None,
            journal=Journal("rehearsal"),
            models=config.models,
        )
    except ValueError as error:
        raise ValueError(f"{scenario.name}: {error}") from None


def resume(
    directory: Path,
    *,
    execution: Execution | None = None,
    watchers: Watchers | None = None,
    clients: Mapping[str, ChatCompletionClient] | None = None,
    ledger: Ledger | None = None,
    again: Again | None = None,
    new_attempt: bool = False,
) -> Progress:
    """Play what `directory` has not finished; with `again`, those finished episodes too.

    What somebody had paused or cancelled as a whole goes on now; single episodes stay paused.
    `new_attempt` begins unfinished episodes anew and accepts that something changed since the
    run was made. Raises as `simulate` does, `LogBusy` where another process runs the run,
    `UnconfirmedCall` where an external call must not be repeated without a person's word, and
    `ReplayDivergence` where what is recorded cannot be played again.
    """
    run = RunDirectory(directory)
    execution = execution or Execution()
    watchers = watchers or Watchers()
    manifest = run.manifest()
    with run.locked():
        scenarios = run.scenarios()
        now = digests_of(scenarios, manifest.config, clients)
        if names := changed(manifest.digests, now):
            _accept_change(run, manifest, names, now, new_attempt)
        wanted = read_control(directory)
        if wanted.paused or wanted.cancelled:
            change_control(directory, paused=False, cancelled=False)
        try:
            sweep(run.path)
            since = latest_epoch(run.path)
            fruitless = 0
            while True:
                recover(run.path)
                progress, jobs = _outstanding(run, manifest, scenarios, again, new_attempt)
                watchers.progress(progress)
                if progress.done == progress.total:
                    return progress
                lost = _play(
                    run,
                    manifest,
                    scenarios,
                    jobs,
                    execution,
                    since,
                    watchers,
                    clients,
                    ledger,
                    progress,
                )
                progress.cancelled = read_control(directory).cancelled
                if not lost or progress.cancelled:
                    return progress
                # A worker was killed; what it had begun is in the log now.
                fruitless = 0 if progress.done > progress.before else fruitless + 1
                if fruitless > _FRUITLESS:
                    raise WorkerFailed("workers died again and again without finishing an episode")
                again, new_attempt = None, False
        finally:
            # Also after an interruption: what is finished is worth having.
            compile_trajectories(run)


def run_progress(directory: Path) -> Progress:
    """How far a run is, from its log; also while it is being played. Raises `RunError`."""
    run = RunDirectory(directory)
    progress = Progress(total=run.manifest().episodes)
    for episode, events in read_episodes(run.path):
        if (ended := ending(events)) is not None:
            index = int(episode.partition("-")[0])
            progress.add(end_of(index, ended, cost_of(events)), before=True)
    return progress


def compile_trajectories(run: RunDirectory) -> None:
    """Write `trajectories.jsonl` anew from the log."""
    write_whole(run.trajectories, compiled_lines(run.path, versions()))


def _play(
    run: RunDirectory,
    manifest: Manifest,
    scenarios: Sequence[Scenario],
    jobs: Iterator[Job],
    execution: Execution,
    since: int,
    watchers: Watchers,
    clients: Mapping[str, ChatCompletionClient] | None,
    ledger: Ledger | None,
    progress: Progress,
) -> int:
    """Returns how many episodes were lost with workers that died."""
    if execution.workers > 1 and (clients or ledger or watchers.on_event is not None):
        raise ValueError("ready clients, a ledger and live events need workers=1")
    control = ControlWatch(run.path)
    jobs = control.until_cancelled(jobs)
    ended = watchers.counting(progress)
    folders = model_folders(manifest.config)
    cast = Cast(manifest.config.models, folders, clients, execution, ledger)
    people = cast.people(scenarios)
    if people and watchers.on_people is not None:
        watchers.on_people(people)

    async def here() -> None:
        try:
            again = execution.repeat_started
            with Stage(
                run,
                scenarios,
                cast,
                "main",
                watchers.on_event,
                watchers.on_frame,
                repeat_started=again,
            ) as stage:
                await stage.play_all(jobs, execution.concurrency, ended)
        finally:
            await cast.close()

    async def anywhere() -> int:
        telling = asyncio.create_task(_tell(control, progress, watchers))
        try:
            if execution.workers > 1:
                return await play_in_processes(run, jobs, execution, since, ended)
            await here()
            return 0
        finally:
            telling.cancel()
            control.close()

    return asyncio.run(anywhere())


async def _tell(control: ControlWatch, progress: Progress, watchers: Watchers) -> None:
    """Let those who watch know that people have stopped the run, or let it go on."""
    while True:
        state = await control.changed()
        progress.paused, progress.cancelled = state.paused, state.cancelled
        watchers.progress(progress)


def _accept_change(
    run: RunDirectory,
    manifest: Manifest,
    names: Sequence[str],
    now: dict[str, str],
    new_attempt: bool,
) -> None:
    """Raises `RunError` naming what changed, unless unfinished episodes begin anew anyway."""
    if not new_attempt:
        raise RunError(
            f"{run.path}: changed since the run was made: {', '.join(names)}; resume with "
            "--new-attempt to begin its unfinished episodes anew, or with --fork to do so in a copy"
        )
    manifest.digests = now
    run.write_manifest(manifest)


def _outstanding(
    run: RunDirectory,
    manifest: Manifest,
    scenarios: Sequence[Scenario],
    again: Again | None,
    new_attempt: bool,
) -> tuple[Progress, Iterator[Job]]:
    """What is done already, and the episodes still to play with what is recorded of them."""
    progress = Progress(total=manifest.episodes)
    done = bytearray(manifest.episodes)
    partial: dict[str, list[Event]] = {}
    wishes = read_control(run.path).episodes
    people = People(run.path)
    for episode, events in read_episodes(run.path):
        number = episode.partition("-")[0]
        if not number.isdecimal() or (index := int(number)) >= manifest.episodes:
            raise RunError(
                f"{run.path}: the log holds an episode {episode}, and the run has "
                f"{manifest.episodes} of them: another run was played in the same folder"
            )
        if (ended := ending(events)) is not None:
            if episode in wishes:
                # Said of what had ended; of what is played again it is not meant.
                forget(run.path, episode)
            people.clear(episode)
            end = end_of(index, ended, cost_of(events))
            if again is not None and again(end):
                continue
            done[index] = 1
            progress.add(end, before=True)
        elif not new_attempt:
            partial[episode] = events

    def jobs() -> Iterator[Job]:
        for key in episode_keys(manifest.config, scenarios):
            if not done[key.index]:
                yield key, partial.pop(key.id, ())

    return progress, jobs()


def recorded(run: RunDirectory, episode: str) -> tuple[EpisodeKey, list[Event]]:
    """The key and events of the first episode whose name begins so.

    Raises `RunError` where the run does not have it.
    """
    for key in episode_keys(run.manifest().config, run.scenarios()):
        if key.id.startswith(episode):
            for name, events in read_episodes(run.path):
                if name == key.id:
                    return key, events
            raise RunError(f"{run.path}: episode {key.id} has not begun")
    raise RunError(f"{run.path}: there is no episode {episode}")
