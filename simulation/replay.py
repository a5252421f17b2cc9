"""Replay: play a recorded episode again, with every effect taken from the log.

Nothing is asked of any model and nothing is written. What comes out must be what is recorded,
event for event; the first difference is an error that shows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..scenarios.loader import render
from ..scenarios.schema import Scenario
from ..trajectories.effects import ReplayDivergence
from ..trajectories.event import Event
from ..trajectories.log import read_episodes
from ..trajectories.turns import ending
from .build import build_episode
from .driver import play
from .episodes import EpisodeKey, episode_key
from .journal import Journal
from .recorded_tools import recorded_source, with_recorded_tools
from .run_directory import RunDirectory


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay met."""

    episode: str
    events: int
    finished: bool
    """Whether the episode had ended; an unfinished one replays as far as it goes."""


def replay(
    run: RunDirectory,
    episode: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> list[Replayed]:
    """Replay all episodes, or those whose names begin with `episode`.

    Raises `ReplayDivergence`, and `LogDamaged`.
    """
    config, scenarios = run.manifest().config, run.scenarios()
    replayed = []
    for name, events in read_episodes(run.path):
        if name.startswith(episode or ""):
            key = episode_key(config, scenarios, int(name.partition("-")[0]))
            replayed.append(
                asyncio.run(_replay(key, scenarios[key.scenario], config.models, events, on_event))
            )
    return sorted(replayed, key=lambda r: r.episode)


async def _replay(
    key: EpisodeKey,
    scenario: Scenario,
    models: dict[str, str],
    events: Sequence[Event],
    on_event: Callable[[Event], None] | None,
) -> Replayed:
    finished = ending(events) is not None
    journal = Journal(key.id, events)
    episode = build_episode(
        with_recorded_tools(render(scenario, key.seed), events),
        episode=key.id,
        seed=key.seed,
        cast=None,
        journal=journal,
        models=models,
        source=recorded_source(scenario, events),
    )
    try:
        async for event in play(episode):
            if on_event is not None:
                on_event(event)
    except ReplayDivergence:
        # Past the last event of an unfinished episode there is nothing left to compare with.
        if finished or journal.unplayed:
            raise
    finally:
        await episode.environment.close()
    if journal.unplayed:
        raise ReplayDivergence(
            f"{key.id}: the program ended after event {journal.seq - 1}, the log goes on for "
            f"{journal.unplayed} more"
        )
    return Replayed(key.id, len(events), finished)
