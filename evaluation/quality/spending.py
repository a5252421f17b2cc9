"""What the dialogues cost: tokens and calls as recorded in them, money as recorded in the log.

Trajectories hold their usage; who spent it, and how much it cost, only the event log of a run
says. It is read where a source is a run with a log, or a synthesis of such runs, and a model other
than the rules spoke, one episode at a time. A log has every dialogue that was played, those that
were rejected later too. Without a log the money is not known, and said to be so. What models spent
on the plans of a synthesis is in no log; its batches have it in a file, `planning.json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ...planners.planning_spent import planning_spent
from ...trajectories.log import read_episodes
from ...trajectories.trajectory import Trajectory

RULES = "rules"
PLANNING = "planning"
"""The role of what was spent on plans, by all models that planned."""


class Account(BaseModel):
    """One model in one role, or all planning."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    role: str
    model: str
    """Empty for planning, of which only the sums are kept."""
    calls: int | None
    """None for planning."""
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    """Money, by the model's configured prices; None where it has none."""


class Spending(BaseModel):
    """Sums over the data set."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_calls: int = 0
    tool_calls: int = 0
    models: dict[str, int] = Field(default_factory=dict)
    """Dialogues by the assistant's model."""
    cost: float | None = None
    """Money over all accounts; None where no log says."""
    accounts: list[Account] = Field(default_factory=list)
    """What the logs say, rejected dialogues included, and last the planning."""

    @property
    def planning_cost(self) -> float | None:
        """What of `cost` the plans took; None where no model with prices planned."""
        return next((one.cost for one in self.accounts if one.role == PLANNING), None)


class SpendingMeter:
    """Takes trajectories one after another."""

    def __init__(self) -> None:
        self._usage = dict.fromkeys(_USAGE, 0)
        self._models: dict[str, int] = {}
        self._costly = False

    def add(self, trajectory: Trajectory) -> None:
        for name in _USAGE:
            self._usage[name] += getattr(trajectory.usage, name)
        name = trajectory.model_name[:200]
        if name:
            self._models[name] = self._models.get(name, 0) + 1
        roles = trajectory.other_information.get("models")
        names = list(roles.values()) if isinstance(roles, dict) else [trajectory.model_name]
        self._costly = self._costly or any(name not in (RULES, "", None) for name in names)

    def result(self, sources: Sequence[Path] = ()) -> Spending:
        """Raises `LogDamaged` for a log that cannot be read, and `ValueError` for a batch's
        planning.json."""
        runs = [run for path in sources for run in _runs(path)] if self._costly else []
        accounts = [*_accounts(runs), *_planning(sources)]
        costs = [account.cost for account in accounts if account.cost is not None]
        return Spending(
            **self._usage,
            models=dict(sorted(self._models.items())),
            cost=round(sum(costs), 6) if costs else None,
            accounts=accounts,
        )


_USAGE = ("prompt_tokens", "completion_tokens", "model_calls", "tool_calls")


@dataclass(slots=True)
class _Sum:
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None

    def add(self, usage: dict[str, Any], cost: Any) -> None:
        self.calls += 1
        self.prompt_tokens += int(usage.get("prompt_tokens") or 0)
        self.completion_tokens += int(usage.get("completion_tokens") or 0)
        if isinstance(cost, int | float):
            self.cost = (self.cost or 0.0) + cost


def _runs(source: Path) -> list[Path]:
    """The folders with logs: the source itself, the run in it, or the runs of its batches."""
    found = [source, source / "run", *sorted(source.glob("batches/*/run"))]
    return [path for path in found if (path / "log").is_dir()]


def _accounts(runs: Iterable[Path]) -> list[Account]:
    sums: dict[tuple[str, str], _Sum] = {}
    for run in runs:
        for _, events in read_episodes(run):
            for event in events:
                if event.kind != "model_call":
                    continue
                key = (str(event.data.get("role", "")), str(event.data.get("model", ""))[:200])
                answer = event.data.get("answer") or {}
                sums.setdefault(key, _Sum()).add(
                    answer.get("usage") or {}, event.ambient.get("cost")
                )
    return [
        Account(role=role, model=model, **asdict(one))
        for (role, model), one in sorted(sums.items())
    ]


def _planning(sources: Iterable[Path]) -> list[Account]:
    """The account of all planning; none where no model planned."""
    places = (place for path in sources for place in (path, *sorted(path.glob("batches/*"))))
    spent = [planning_spent(place) for place in places]
    if not any(one.prompt_tokens for one in spent):
        return []
    return [
        Account(
            role=PLANNING,
            model="",
            calls=None,
            prompt_tokens=sum(one.prompt_tokens for one in spent),
            completion_tokens=sum(one.completion_tokens for one in spent),
            cost=round(sum(one.cost for one in spent), 9) or None,
        )
    ]
