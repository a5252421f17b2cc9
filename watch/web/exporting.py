"""An episode to take away: its events, what a trainer reads, or a scenario that plays it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from ...scenarios.yaml_text import yaml_of
from ...simulation import RunDirectory, RunError
from ...simulation.as_scenario import as_scenario
from ...simulation.digests import versions
from ...simulation.episodes import episode_key
from ...trajectories.event import Event
from ...trajectories.formats import FORMATS, Losses
from ...trajectories.formats import Refused as NotHeld
from ...trajectories.formats.convert import written
from ...trajectories.from_events import trajectory_of
from ...trajectories.log import event_of
from ...trajectories.turns import ending
from ..text import harmless
from .answers import answer
from .index import Index
from .indexed_run import IndexedRun
from .refused import Refused

_UNFINISHED = "unfinished: this is how far the episode has come"

Exported = tuple[str, str, list[str]]
"""What the file's name ends with, its text, and notes for the reader."""


def router(index: Index) -> APIRouter:
    """`GET /api/export`."""
    routes = APIRouter()

    @routes.get("/api/export")
    def export(
        run: str, episode: str, form: Literal["json", "sample", "scenario"] = Query(alias="as")
    ) -> Response:
        """{"file": its name, "text": its content, "notes": [what one should know of it]}."""
        found = index.run(run)
        events = [event_of(record) for record in found.all_events(episode).records]
        try:
            suffix, text, notes = _FORMS[form](found, episode, events)
        except OSError:
            raise Refused(404, f"{run}: the run has been removed") from None
        except (KeyError, TypeError, AttributeError) as error:
            raise Refused(422, f"{episode}: its events are damaged: {error!r:.200}") from None
        if ending(events) is None:
            notes.insert(0, _UNFINISHED)
        return answer({"file": f"{episode}.{suffix}", "text": text, "notes": notes})

    return routes


def _json(run: IndexedRun, episode: str, events: list[Event]) -> Exported:
    """The events as the log has them, a line each."""
    return "jsonl", b"".join(event.line() for event in events).decode(), []


def _sample(run: IndexedRun, episode: str, events: list[Event]) -> Exported:
    """A line of OpenAI's fine-tuning file, which most trainers read."""
    losses = Losses()
    try:
        trajectory = trajectory_of(events, versions=versions())
        record = written(FORMATS["openai"], trajectory, losses)
    except (ValueError, NotHeld) as problem:
        raise Refused(409, f"{episode} is no training sample: {problem}") from None
    left_out = [f"not in this format: {kind}" for kind in losses.kinds]
    return "sample.jsonl", record.decode() + "\n", left_out


def _scenario(run: IndexedRun, episode: str, events: list[Event]) -> Exported:
    """The scenario's file. It names the models of its run only where the scenario did."""
    directory = RunDirectory(run.path)
    try:
        scenarios, config = directory.scenarios(), directory.manifest().config
        key = episode_key(config, scenarios, run.episode(episode).index)
        again = as_scenario(scenarios[key.scenario], key.seed, events)
    except (ValueError, RunError) as problem:
        raise Refused(409, f"{episode} cannot be made a scenario: {problem}") from None
    name = " ".join(harmless(episode).split())  # one line, whatever the log says
    return "yaml", f"# Plays the episode {name} again.\n{yaml_of(again)}", []


_FORMS: dict[str, Callable[[IndexedRun, str, list[Event]], Exported]] = {
    "json": _json,
    "sample": _sample,
    "scenario": _scenario,
}
