"""What the tester found when the dialogue was played: failed checks, and whose fault that was."""

from __future__ import annotations

from collections.abc import Iterator

from ..trajectory import TOOL_OUTPUTS
from .branch import Branch
from .config import FilterConfig
from .defect import Defect, defect

_REASONS = {"execution": "execution_failed", "rules": "check_failed", "judge": "judge_failed"}


def verdicts(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """A defect for each check that failed, with the tester's own words.

    A check that could not be made is the scenario's fault; else it is whom the episode blames.
    """
    for verdict in branch.trajectory.verdicts:
        if not verdict.passed:
            unmade = verdict.reason.startswith("cannot be checked")
            blame = "scenario" if unmade else branch.trajectory.outcome.blame
            if verdict.check == TOOL_OUTPUTS:
                blame = "tool"
            detail = f"{verdict.check}: {verdict.reason}" if verdict.reason else verdict.check
            yield defect(_REASONS[verdict.by], detail, blame=blame)
