"""Who was at fault where an episode ended badly.

A label for triage and for `retry --blame`, not a proof: it names the party whose answer was the
first that could not be used.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..trajectories.trajectory import Blame, Verdict

_SPEAKERS: dict[str, Blame] = {
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "tester": "environment",
    "driver": "environment",
}


def blame_of_error(kind: str, speaking: str) -> Blame:
    """Blame for an error of `kind` (`ModelError.kind`, or "internal") while `speaking` acted."""
    if kind in ("endpoint", "unavailable"):
        return "endpoint"
    if kind == "internal":
        return "environment"
    return _SPEAKERS.get(speaking, "environment")


def blame_of_verdicts(verdicts: Sequence[Verdict], limit: str | None) -> Blame | None:
    """Blame for an episode that ran to its end; None where nothing went wrong.

    A check that could not be run at all is the scenario's fault; all else that failed is the
    assistant's, who could have done otherwise.
    """
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if any(verdict.reason.startswith("cannot be checked") for verdict in failed):
        return "scenario"
    if failed or limit is not None:
        return "assistant"
    return None
