"""What is true of a run at the moment, besides its log: whether somebody plays it, what people
want of it, what in it waits for a person, and the answers that models are giving."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ...simulation import RunDirectory, RunError
from ...simulation.control import ControlState, read_control
from ...simulation.frames import FrameReader
from ...simulation.people import Waiting, waiting

_SECONDS = 0.2
"""How old it may be."""
_FRAMES = 256
"""Answers under way, or ended a moment ago, that are remembered."""


class Present:
    """The moment of one run; whoever uses it holds the run's lock."""

    def __init__(self, path: Path) -> None:
        self.live = False
        self.control = ControlState()
        self.fault: str | None = None
        """What of it cannot be read."""
        self._path = path
        self._directory = RunDirectory(path)
        self._waiting: list[Waiting] = []
        self._asked = float("-inf")
        self._reader = FrameReader(path)
        self._rev = 0
        self._frames: dict[tuple[str, str], tuple[int, dict[str, str]]] = {}

    def ask(self) -> bool:
        """Find out; whether anything has become another."""
        now = time.monotonic()
        if now - self._asked < _SECONDS:
            return False
        self._asked = now
        before = self.live, self.control, self._waiting, self.fault
        self.live = self._directory.is_live()
        try:
            self.control, self._waiting = read_control(self._path), waiting(self._path)
            self.fault = None
        except RunError as error:
            self.fault = str(error)
        except OSError as error:
            self.fault = f"{error.filename}: {error.strerror}"
        return before != (self.live, self.control, self._waiting, self.fault)

    def wishes(self, episode: str) -> dict[str, Any]:
        """What people want of an episode, and what in it waits for a person."""
        asked = [one.model_dump() for one in self._waiting if one.episode == episode]
        return {**self.control.of(episode).model_dump(), "waiting": asked}

    def look_at_frames(self) -> bool:
        """Look for answers under way; whether any has grown or ended."""
        frames = self._reader.read()
        for frame in frames:
            self._rev += 1
            text = "" if frame.done else frame.text
            shown = {"role": frame.role, "key": frame.key, "text": text}
            self._frames.pop((frame.episode, frame.key), None)
            self._frames[frame.episode, frame.key] = (self._rev, shown)
        while len(self._frames) > _FRAMES:
            del self._frames[next(iter(self._frames))]
        return bool(frames)

    def partial(self, episode: str, rev: int) -> list[tuple[int, dict[str, str]]]:
        """Answers of an episode that grew after `rev`, each with its own rev."""
        frames = self._frames.items()
        return [frame for (of, _), frame in frames if of == episode and frame[0] > rev]
