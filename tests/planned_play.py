"""Plays a scenario with rules in every role."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from callsheet.scenarios.schema import Scenario
from callsheet.simulation.build import build_episode
from callsheet.simulation.cast import Cast
from callsheet.simulation.driver import Episode, play
from callsheet.simulation.journal import Journal
from callsheet.trajectories.event import Event
from callsheet.trajectories.from_events import trajectory_of
from callsheet.trajectories.trajectory import Trajectory

CAST = Cast({})


def played(
    scenario: Scenario, seed: int = 0, recorded: Sequence[Event] = ()
) -> tuple[Episode, list[Event]]:
    journal = Journal("episode", recorded, lambda *_: None)
    episode = build_episode(scenario, episode="episode", seed=seed, cast=CAST, journal=journal)

    async def run() -> list[Event]:
        try:
            return [event async for event in play(episode)]
        finally:
            await episode.environment.close()

    return episode, asyncio.run(run())


def dialogue(scenario: Scenario, seed: int = 0) -> Trajectory:
    return trajectory_of(played(scenario, seed)[1])


def said(trajectory: Trajectory, role: str) -> list[str]:
    return [m.content for m in trajectory.messages if m.role == role and m.content]
