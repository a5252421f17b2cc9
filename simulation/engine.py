"""The engine: makes runs, carries them to their end, and picks them up where they stopped.

`simulate` makes a run and plays it; `resume` goes on with one. Both leave a run that is whole
whenever they end: finished, interrupted by Ctrl-C, or killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autogen_core.models import ChatCompletionClient

from ..scenarios import render
from ..scenarios.schema import Scenario
from ..trajectories.compile import compiled_lines
from ..trajectories.event import Event
from ..trajectories.log import read_episodes, recover
from .build import build_episode
from .cast import Cast
from .digests import changed, digests_of, versions
from .episodes import EpisodeEnd, EpisodeKey, Progress, end_of, episode_count, episode_keys
from .journal import Journal
from .processes import play_in_processes
from .run_directory import Execution, Manifest, RunConfig, RunDirectory, RunError, write_whole
from .stage import Job, Stage

Again = Callable[[EpisodeEnd], bool]
"""Says of a finished episode whether it is to be played again."""


@dataclass(frozen=True)
class Watchers:
    """Who is told while a run goes on; none of them can change it."""

    on_event: Callable[[Event], None] | None = None
    """Every event of the episodes in this process (with one worker: all of them)."""
    on_progress: Callable[[Progress], None] | None = None
    """The counts, whenever an episode has ended."""
    on_end: Callable[[EpisodeEnd], None] | None = None

    def progress(self, progress: Progress) -> None:
        if self.on_progress is not None:
            self.on_progress(progress)

    def counting(self, progress: Progress) -> Callable[[EpisodeEnd], None]:
        """What is called when an episode has ended: counts it and tells."""

        def ended(end: EpisodeEnd) -> None:
            progress.add(end)
            if self.on_end is not None:
                self.on_end(end)
            self.progress(progress)

        return ended


def simulate(
    scenarios: Sequence[Scenario],
    config: RunConfig,
    directory: Path,
    *,
    execution: Execution | None = None,
    watchers: Watchers | None = None,
    clients: Mapping[str, ChatCompletionClient] | None = None,
) -> Progress:
    """Make a run in `directory` and play it. `clients` are ready models by name (one worker).

    Raises `RunError`, `ValueError` for scenarios that cannot be played, `ModelUnavailable`,
    `ModelDown`, `BudgetExceeded` and `OSError`; all but the first leave a run that `resume`
    goes on with.
    """
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
    try:
        return resume(directory, execution=execution, watchers=watchers, clients=clients)
    except Exception:
        # A run in which nothing was ever said is nothing to keep.
        run.remove_if_empty()
        raise


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
    again: Again | None = None,
    new_attempt: bool = False,
) -> Progress:
    """Play what `directory` has not finished; with `again`, those finished episodes too.

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
        if now != manifest.digests:
            _accept_change(run, manifest, now, new_attempt)
        try:
            while True:
                recover(run.path)
                progress, jobs = _outstanding(run, manifest, scenarios, again, new_attempt)
                watchers.progress(progress)
                if progress.done == progress.total:
                    return progress
                ended = watchers.counting(progress)
                lost = _play(run, manifest, scenarios, jobs, execution, watchers, clients, ended)
                if not lost:
                    return progress
                # A worker was killed; what it had begun is in the log now.
                again, new_attempt = None, False
        finally:
            # Also after an interruption: what is finished is worth having.
            compile_trajectories(run)


def run_progress(directory: Path) -> Progress:
    """How far a run is, from its log; also while it is being played. Raises `RunError`."""
    run = RunDirectory(directory)
    progress = Progress(total=run.manifest().episodes)
    for episode, events in read_episodes(run.path):
        if events[-1].data.get("state") == "ended":
            progress.add(end_of(int(episode.partition("-")[0]), events[-1].data), before=True)
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
    watchers: Watchers,
    clients: Mapping[str, ChatCompletionClient] | None,
    ended: Callable[[EpisodeEnd], None],
) -> int:
    """Returns how many episodes were lost with workers that died."""
    if execution.workers > 1:
        if clients or watchers.on_event is not None:
            raise ValueError("ready clients and live events need workers=1")
        return asyncio.run(play_in_processes(run, jobs, execution, ended))
    folders = [Path(folder) for folder in manifest.config.model_folders]
    cast = Cast(manifest.config.models, folders, clients, budget=execution)

    async def here() -> None:
        try:
            again = execution.repeat_started
            with Stage(
                run, scenarios, cast, "main", watchers.on_event, repeat_started=again
            ) as stage:
                await stage.play_all(jobs, execution.concurrency, ended)
        finally:
            await cast.close()

    asyncio.run(here())
    return 0


def _accept_change(
    run: RunDirectory, manifest: Manifest, now: dict[str, str], new_attempt: bool
) -> None:
    """Raises `RunError` naming what changed, unless unfinished episodes begin anew anyway."""
    names = ", ".join(changed(manifest.digests, now))
    if not new_attempt:
        raise RunError(
            f"{run.path}: changed since the run was made: {names}; resume with --new-attempt to "
            "begin its unfinished episodes anew, or with --fork to do so in a copy"
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
    for episode, events in read_episodes(run.path):
        index = int(episode.partition("-")[0])
        if events[-1].data.get("state") == "ended":
            end = end_of(index, events[-1].data)
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
