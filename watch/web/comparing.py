"""Routes that compare: two episodes turn by turn, or two runs pair by pair.

What is compared, and how, is `evaluation.episode_difference` and `evaluation.paired_runs`; here
are names, limits and JSON.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from ...evaluation.episode_difference import episode_difference
from ...evaluation.paired_runs import FIGURES, Pairing, Played, paired, paired_figure, played
from ...trajectories.event import Event
from ...trajectories.log import LogDamaged, event_of
from .answers import answer
from .index import Index
from .refused import Refused

_ROWS = 20_000
"""Pairs that one answer lists."""


def router(index: Index) -> APIRouter:
    """The routes of one server."""
    routes, place = APIRouter(), index.place
    one_at_a_time = threading.Lock()

    @routes.get("/api/compare/episodes")
    def episodes(run: str, episode: str, episode2: str, run2: str | None = None) -> Response:
        """How two episodes differ; of one run where `run2` is not given."""
        first = _events(index, run, episode)
        second = _events(index, run if run2 is None else run2, episode2)
        try:
            return answer(episode_difference(first, second))
        except (KeyError, TypeError, AttributeError) as error:
            raise Refused(422, f"an episode's events are damaged: {error!r:.200}") from None

    @routes.get("/api/compare/runs")
    def runs(run: str, run2: str) -> Response:
        """How two runs differ: figures with intervals, blame, and the pairs."""
        # Reads both logs whole; many tabs must not do so side by side.
        with one_at_a_time:
            first, second = _played(place.run(run)), _played(place.run(run2))
        return answer(_compared(first, second, paired(first, second)))

    return routes


def _compared(
    before: Sequence[Played], after: Sequence[Played], pairing: Pairing
) -> dict[str, Any]:
    figures = [paired_figure(pairing.pairs, name) for name in FIGURES]
    rows = [
        {"scenario": one.scenario, "before": one, "after": other, "same": one.same(other)}
        for one, other in pairing.pairs
    ]
    return {
        "pairs": rows[:_ROWS],
        "left_out": max(0, len(rows) - _ROWS),
        "equal_seeds": pairing.equal_seeds,
        "alone": {"before": len(pairing.before_alone), "after": len(pairing.after_alone)},
        "figures": [
            {
                "name": figure.name,
                "pairs": figure.pairs,
                "before": figure.before,
                "after": figure.after,
                "difference": figure.difference.model_dump(),
                "sure": figure.difference.excludes_zero(),
            }
            for figure in figures
            if figure is not None
        ],
        "statuses": {
            "before": Counter(one.status or "unfinished" for one in before),
            "after": Counter(one.status or "unfinished" for one in after),
        },
        "blames": {
            "before": Counter(one.blame for one in before if one.blame),
            "after": Counter(one.blame for one in after if one.blame),
        },
    }


def _played(run: Path) -> list[Played]:
    try:
        return played(run)
    except (LogDamaged, OSError) as error:
        raise Refused(422, str(error)) from None
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(422, f"{run.name}: its events are damaged: {error!r:.200}") from None


def _events(index: Index, run: str, episode: str) -> list[Event]:
    return [event_of(record) for record in index.run(run).all_events(episode).records]
