"""How a run of many episodes goes, in one line: rate, time left, faults by blame, tokens, cost.

A bar in a terminal; elsewhere a plain line now and then, in a long run ever more rarely.
"""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from ..simulation import Progress
from .console import PipedConsole

_PLAIN_SECONDS = 10.0
_PLAIN_SHARE = 0.05
"""Of the time so far: between two lines at least, so that those of a week fit on some pages."""


class ProgressView:
    """A context manager; give `show` the counts whenever they change."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or PipedConsole(stderr=True, highlight=False)
        self._bar: Bar | None = None
        self._began = time.monotonic()
        self._said = self._began

    def __enter__(self) -> ProgressView:
        if self._console.is_terminal:
            self._bar = Bar(
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("{task.description}"),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task("", total=None)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Update the line."""
        now = time.monotonic()
        text = describe(progress, now - self._began)
        if self._bar is not None:
            self._bar.update(
                self._task, completed=progress.done, total=progress.total, description=text
            )
        elif now - self._said >= max(_PLAIN_SECONDS, _PLAIN_SHARE * (now - self._began)):
            self._said = now
            self._console.print(f"{progress.done}/{progress.total} {text}", markup=False)


def describe(progress: Progress, seconds: float) -> str:
    """Rate, time left and counts, in one line; `seconds` since this sitting began."""
    done = progress.done - progress.before
    parts = ["paused"] if progress.paused else []
    if done and seconds > 0:
        rate = done / seconds
        left = (progress.total - progress.done) / rate
        parts.append(f"{rate:.1f}/s" if rate >= 1 else f"{60 * rate:.1f}/min")
        parts.append(f"{_duration(left)} left")
    parts.append(f"{progress.accepted} accepted")
    parts.extend(f"{count} {blame}" for blame, count in progress.blames.most_common())
    parts.append(f"{_short(progress.prompt_tokens + progress.completion_tokens)} tokens")
    if progress.cost is not None:
        parts.append(f"cost {progress.cost:.2f}")
    return ", ".join(parts)


def summary(progress: Progress) -> list[str]:
    """A finished run in a few lines."""
    statuses = ", ".join(f"{count} {name}" for name, count in progress.statuses.most_common())
    lines = [
        f"episodes:     {progress.done}/{progress.total} ({statuses or 'none'})",
        f"accepted:     {progress.accepted}",
    ]
    if progress.blames:
        blames = ", ".join(f"{name} {count}" for name, count in progress.blames.most_common())
        lines.append(f"at fault:     {blames}")
    if progress.cancelled and progress.done < progress.total:
        lines.append(
            f"cancelled:    {progress.total - progress.done} episodes were not played; "
            "`callsheet resume` goes on with them"
        )
    tokens = f"{progress.prompt_tokens} prompt, {progress.completion_tokens} answer"
    lines.append(f"tokens:       {tokens}")
    if progress.cost is not None:
        lines.append(f"cost:         {progress.cost:.4f}")
    return lines


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _short(count: int) -> str:
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.1f}{unit}"
    return str(count)
