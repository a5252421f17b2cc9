"""The progress of a synthesis as one line: dialogues accepted, pace, time left, cost."""

from __future__ import annotations

import time
from datetime import timedelta

from rich.console import Console

from ..pipelines.synthesis import SynthesisProgress
from .stages import StageView


class SynthesisView:
    """Told the stages of the preparation, and then how the dialogues fare."""

    def __init__(self, console: Console | None = None) -> None:
        self._stages = StageView(console)
        self._began: float | None = None

    def stage(self, name: str, done: int, total: int) -> None:
        """A stage of the preparation."""
        self._stages(name, done, total, "")

    def progress(self, progress: SynthesisProgress) -> None:
        """How far the dialogues are."""
        now = time.monotonic()
        self._began = self._began if self._began is not None else now
        line = told(progress, now - self._began)
        accepted = min(progress.accepted, progress.wanted)
        self._stages("synthesize", accepted, progress.wanted, line)


def told(progress: SynthesisProgress, seconds: float) -> str:
    """The line after `seconds` of this sitting."""
    parts = ["accepted", f"{progress.seen:,} played"]
    sorted_ones = progress.accepted + progress.rejected
    share = progress.accepted / sorted_ones if sorted_ones else None
    if share is not None:
        parts.append(f"{share:.0%} accepted")
    here = progress.seen - progress.before
    if seconds > 1 and here:
        pace = here / seconds
        parts.append(f"{pace:.1f}/s")
        missing = (
            progress.wanted - progress.accepted - (share or 1.0) * sum(progress.playing.values())
        )
        if missing > 0 and share != 0:
            left = timedelta(seconds=round(missing / (share or 1.0) / pace))
            parts.append(f"{left} left")
    if progress.prompt_tokens:
        parts.append(f"{progress.prompt_tokens + progress.completion_tokens:,} tokens")
    if progress.cost is not None:
        parts.append(f"cost {progress.cost:.4f}")
    return ", ".join(parts)
