"""Who is told while a run goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..trajectories.event import Event
from .episodes import EpisodeEnd, Progress
from .frames import Frame


@dataclass(frozen=True)
class Watchers:
    """Who is told while a run goes on; none of them can change it."""

    on_event: Callable[[Event], None] | None = None
    """Every event of the episodes in this process (with one worker: all of them)."""
    on_frame: Callable[[Frame], None] | None = None
    """The words of answers while they are being found, many times a second; one worker, too."""
    on_progress: Callable[[Progress], None] | None = None
    """The counts, whenever an episode has ended; and when somebody pauses or cancels the run."""
    on_end: Callable[[EpisodeEnd], None] | None = None
    on_people: Callable[[Sequence[str]], None] | None = None
    """Once, where people are to speak in the run: for which roles."""

    def progress(self, progress: Progress) -> None:
        if self.on_progress is not None:
            self.on_progress(progress)

    def counting(self, progress: Progress) -> Callable[[EpisodeEnd], None]:
        """What is called when an episode has ended: counts it and tells."""

        def ended(end: EpisodeEnd) -> None:
            progress.add(end)
            if self.on_end is not None:
                self.on_end(end)
            self.progress(progress)

        return ended
