"""Reading: runs, episodes, events and prompts as they are now, each with a cursor to follow on."""

from __future__ import annotations

import os
from typing import Any

import orjson
from fastapi import APIRouter
from fastapi.responses import Response

from ...simulation import RunDirectory, RunError, offered, rebuild_prompt
from ...trajectories.event import Event
from ...trajectories.log import event_of
from .answers import answer, shown_event
from .index import Index
from .refused import Refused
from .topics import PROCESS

_LOOK_SECONDS = 0.3
"""How long an answer waits for what has not been read yet; the stream tells the rest."""


def router(index: Index) -> APIRouter:
    """`GET /api/runs`, `run`, `episodes`, `events` and `prompt`."""
    api = APIRouter(prefix="/api")

    @api.get("/runs")
    def runs() -> Response:
        index.look(_LOOK_SECONDS)
        rows, _, rev = index.rows_after(0)
        folder = os.path.relpath(index.place.runs, index.place.project)
        return answer({"cursor": f"{PROCESS}.{rev}", "rows": rows, "folder": folder})

    @api.get("/run")
    def run(run: str) -> Response:
        found = index.run(run)
        found.read_on(_LOOK_SECONDS)
        try:
            manifest = RunDirectory(found.path).manifest()
        except (RunError, OSError) as error:
            raise Refused(422, str(error)) from None
        row = index.row(run)
        config = manifest.config.model_dump(mode="json")
        return answer({"row": row, "config": config})

    @api.get("/episodes")
    def episodes(run: str) -> Response:
        found = index.run(run)
        found.read_on(_LOOK_SECONDS)
        mark, rows = found.mark, found.rows_after(0)
        last = rows[-1].rev if rows else 0
        return answer({"cursor": f"{mark}.{last}", "rows": rows})

    @api.get("/events")
    def events(run: str, episode: str) -> Response:
        found = index.run(run)
        part = found.all_events(episode)
        shown = [orjson.Fragment(shown_event(record)) for record in part.records]
        return answer(
            {
                "cursor": f"{part.mark}.{len(shown)}",
                "events": shown,
                "control": found.wishes(episode),
            }
        )

    @api.get("/prompt")
    def prompt(run: str, episode: str, key: str) -> Response:
        told = [event_of(record) for record in index.run(run).all_events(episode).records]
        try:
            return answer(_prompt(told, key))
        except (KeyError, StopIteration):
            raise Refused(404, f"{episode}: no model call {key[:100]!r}") from None
        except (ValueError, TypeError, AttributeError) as error:
            raise Refused(422, f"{episode}: {error}") from None

    return api


def _prompt(events: list[Event], key: str) -> dict[str, Any]:
    """A model call as it was made: its prompt whole, and the tools that were offered."""
    at = next(i for i, e in enumerate(events) if e.kind == "model_call" and e.data["key"] == key)
    call = events[at].data
    return {
        "messages": rebuild_prompt(events, key),
        "answer": call.get("answer", call.get("error")),
        "tools": offered(events[:at]) if "tools" in call["params"] else [],
        "params": call["params"],
    }
