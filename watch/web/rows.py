"""Rows: a run and an episode in one line each, as the page's tables show them.

An episode's row is told its events one after another; a run's totals are told the rows. What an
event lacks or holds in another form is an error (`KeyError`, `TypeError`, `ValueError`,
`AttributeError`), and the caller's to report: logs can come from anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...simulation.episodes import end_of

_LONGEST = 300
"""Characters of a reason or a name; the episode's own page shows all of it."""
_END_OF_TIME = 1e11
_MOST_TOKENS = 1 << 40
"""Of one model call. With more, the sums of a run could be numbers that JSON readers cannot hold.
"""


@dataclass(slots=True)
class EpisodeRow:
    """One episode; times in seconds since 1970."""

    episode: str
    index: int
    scenario: str = ""
    status: str = "running"
    """running, stopped (unfinished, and nobody plays it) or how it ended."""
    blame: str | None = None
    reason: str = ""
    accepted: bool = False
    score: float | None = None
    turns: int = 0
    messages: int = 0
    """As in the chat: what user and assistant said, and what tools gave back."""
    calls: int = 0
    errors: int = 0
    """Calls that failed."""
    tools: tuple[str, ...] = ()
    """Names of what was called, sorted."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_calls: int = 0
    cost: float | None = None
    started: float = 0.0
    ended: float | None = None
    seconds: float = 0.0
    """From the first event to the latest one."""
    events: int = 0
    rev: int = 0

    def tell(self, record: dict[str, Any]) -> None:
        """The episode's next event."""
        at = float(record["ambient"].get("t", self.started))
        if not 0 <= at < _END_OF_TIME:
            raise ValueError(f"a time is in seconds since 1970, not {at}")
        if not self.events:
            self.started = at
        self.seconds = round(at - self.started, 6)
        self.events += 1
        tell = _BY_KIND.get(record["kind"])
        if tell is not None:
            tell(self, record["data"], record["ambient"])


def new_row(episode: str) -> EpisodeRow:
    """The row of an episode of which nothing has been told yet."""
    number = episode.partition("-")[0]
    return EpisodeRow(episode, int(number) if number.isdecimal() and len(number) < 10 else -1)


def _status(row: EpisodeRow, data: dict[str, Any], ambient: dict[str, Any]) -> None:
    if data["state"] == "started":
        row.scenario = str(data["scenario"])[:_LONGEST]
    elif data["state"] == "ended":
        end = end_of(row.index, data)
        row.status, row.score = str(end.status), end.score
        row.blame = None if end.blame is None else str(end.blame)
        row.reason, row.accepted = str(end.reason)[:_LONGEST], end.accepted
        row.ended = row.started + row.seconds


def _message(row: EpisodeRow, data: dict[str, Any], ambient: dict[str, Any]) -> None:
    row.messages += 1
    row.turns = max(row.turns, data.get("turn", 0))


def _tool_call(row: EpisodeRow, data: dict[str, Any], ambient: dict[str, Any]) -> None:
    row.calls += 1
    name = str(data["name"])[:_LONGEST]
    if name not in row.tools:
        row.tools = tuple(sorted((*row.tools, name)))


def _tool_result(row: EpisodeRow, data: dict[str, Any], ambient: dict[str, Any]) -> None:
    row.messages += 1
    row.errors += not data.get("ok", True)


def _model_call(row: EpisodeRow, data: dict[str, Any], ambient: dict[str, Any]) -> None:
    row.model_calls += 1
    if "answer" in data:
        usage = data["answer"]["usage"]
        row.prompt_tokens += _tokens(usage["prompt_tokens"])
        row.completion_tokens += _tokens(usage["completion_tokens"])
    if "cost" in ambient:
        row.cost = round((row.cost or 0.0) + ambient["cost"], 9)


def _tokens(count: int) -> int:
    if not 0 <= count < _MOST_TOKENS:
        raise ValueError(f"{count} tokens of one answer")
    return int(count)


_BY_KIND: dict[str, Callable[[EpisodeRow, dict[str, Any], dict[str, Any]], None]] = {
    "status": _status,
    "message": _message,
    "tool_call": _tool_call,
    "tool_result": _tool_result,
    "model_call": _model_call,
}


@dataclass(slots=True)
class Totals:
    """What the rows of a run add up to; a row that changes is taken out and put in again."""

    done: int = 0
    unfinished: int = 0
    accepted: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    priced: int = 0
    """Episodes that have a cost."""
    statuses: Counter[str] = field(default_factory=Counter)
    blames: Counter[str] = field(default_factory=Counter)

    def count(self, row: EpisodeRow, by: int) -> None:
        """Put a row in (1) or take it out (-1)."""
        self.prompt_tokens += by * row.prompt_tokens
        self.completion_tokens += by * row.completion_tokens
        if row.cost is not None:
            self.cost += by * row.cost
            self.priced += by
        if row.ended is None:
            self.unfinished += by
            return
        self.done += by
        self.accepted += by * row.accepted
        self.statuses[row.status] += by
        if row.blame is not None:
            self.blames[row.blame] += by


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run; times in seconds since 1970."""

    run: str
    total: int = 0
    done: int = 0
    running: int = 0
    accepted: int = 0
    rejected: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    blames: dict[str, int] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    scenarios: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    rate: float | None = None
    """Episodes a second over the last minute; None where nobody plays."""
    started: float = 0.0
    changed: float = 0.0
    live: bool = False
    """Whether a process is playing it."""
    state: str = "stopped"
    """running, paused, stopped, finished or cancelled."""
    forked_from: dict[str, Any] | None = None
    """As in run.json; its `run` is the name of a run that lies in this folder."""
    fault: str | None = None
    """What of the run cannot be read: where, and why."""
    rev: int = 0
