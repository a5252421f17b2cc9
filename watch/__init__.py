"""Watching: conversations and runs in the terminal, read from events. Imports pipelines and all
below."""

from .progress import ProgressView, describe, summary
from .stages import StageView
from .terminal import LiveView, episode_line
from .text import harmless

__all__ = [
    "LiveView",
    "ProgressView",
    "StageView",
    "describe",
    "episode_line",
    "harmless",
    "summary",
]
