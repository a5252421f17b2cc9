"""The rules' rater: a rating computed from the rule signals, without a model.

A baseline, and it says so: it sees the form of a run (errors, circles, empty turns, giving up) and
nothing of its sense, so that a smooth run to a wrong answer gets 5. It is what a model's ratings
have to beat.
"""

from __future__ import annotations

from typing import Literal, cast

from ...trajectories.signals import Signals, signals_of
from ...trajectories.trajectory import Trajectory
from ..rater import Rating


class RulesRater:
    """Rates by the signals alone; the same for the same trajectory."""

    name = "rules"

    def __init__(self) -> None:
        self.versions: dict[str, str] = {}

    async def rate(self, trajectory: Trajectory) -> Rating:
        """Never raises for a valid trajectory."""
        return rated_by_signals(signals_of(trajectory))

    async def close(self) -> None:
        """There is nothing to let go of."""


def rated_by_signals(signals: Signals) -> Rating:
    """5, less what the signals found: what was left undone weighs most, then errors that nothing
    made good, then needless and impossible actions."""
    wrong = signals.invalid_actions + signals.failed_actions
    lost = [
        (5 if signals.unanswered and not signals.actions else 4, signals.unanswered, "no answer"),
        (3, signals.gave_up, "gave up"),
        (2, signals.unrecovered_errors, "errors that nothing made good"),
        (1, wrong, "invalid or failed actions"),
        (1, 2 * wrong > signals.actions, "most actions went wrong"),
        (1, signals.repeated_actions, "actions repeated for nothing"),
        (1, signals.looped_actions, "went round in circles"),
        (1, signals.empty_outputs, "empty turns"),
    ]
    found = [(points, count, what) for points, count, what in lost if count]
    rating = max(0, 5 - sum(points for points, _, _ in found))
    told = [what if isinstance(count, bool) else f"{count} {what}" for _, count, what in found]
    shown = [f"message {note.message}: {note.detail}" for note in signals.notes[:3]]
    explanation = "; ".join(told) if told else "no signal of a flaw in its form"
    if shown:
        explanation += f" ({'; '.join(shown)})"
    return Rating(explanation=explanation[:1000], rating=cast(Literal[0, 1, 2, 3, 4, 5], rating))
