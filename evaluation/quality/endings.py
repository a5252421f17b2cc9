"""How dialogues ended: outcomes, whose fault it was, and what the tester found.

Verdicts are counted by kind of check: what stands before the colon in its name ("called: x" is
"called"), because the rest differs from scenario to scenario. A dialogue counts as passed where it
was completed and every verdict was good.
"""

from __future__ import annotations

from collections import Counter

from pydantic import BaseModel, ConfigDict, Field

from ...trajectories.trajectory import Trajectory

KINDS = 50
"""Kinds of checks that are counted apart; further ones are counted together."""
OTHERS = "(others)"


class CheckCount(BaseModel):
    """One kind of check over the data set."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    check: str
    by: str
    """rules, execution or judge."""
    passed: int
    failed: int


class Endings(BaseModel):
    """Counts of dialogues, and of verdicts by kind of check."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    statuses: dict[str, int] = Field(default_factory=dict)
    blame: dict[str, int] = Field(default_factory=dict)
    passed: int = 0
    """Dialogues that were completed and failed no check."""
    judged: int = 0
    """Dialogues with a verdict."""
    checks: list[CheckCount] = Field(default_factory=list)


class EndingsMeter:
    """Takes trajectories one after another."""

    def __init__(self) -> None:
        self._statuses: Counter[str] = Counter()
        self._blame: Counter[str] = Counter()
        self._checks: dict[tuple[str, str], list[int]] = {}
        self._passed = self._judged = 0

    def add(self, trajectory: Trajectory) -> None:
        outcome = trajectory.outcome
        self._statuses[outcome.status] += 1
        if outcome.blame is not None:
            self._blame[outcome.blame] += 1
        verdicts = trajectory.verdicts
        self._judged += bool(verdicts)
        self._passed += (
            bool(verdicts)
            and outcome.status == "completed"
            and all(verdict.passed for verdict in verdicts)
        )
        for verdict in verdicts:
            key = (verdict.check.partition(":")[0].strip()[:80], verdict.by)
            if key not in self._checks and len(self._checks) >= KINDS:
                key = (OTHERS, verdict.by)
            self._checks.setdefault(key, [0, 0])[not verdict.passed] += 1

    def result(self) -> Endings:
        return Endings(
            statuses=dict(sorted(self._statuses.items())),
            blame=dict(sorted(self._blame.items())),
            passed=self._passed,
            judged=self._judged,
            checks=[
                CheckCount(check=check, by=by, passed=passed, failed=failed)
                for (check, by), (passed, failed) in sorted(self._checks.items())
            ],
        )
