"""Frames: the words of an answer while a model is still finding them.

They are for whoever looks on, and for nobody else: no event, no `seq`, no part of anything's
identity. A process that plays a run shows the answers under way in one small file of its own,
`frames/<worker>.json`, which it writes anew at most twenty times a second and takes away at its
end. Only watched episodes are shown, and only while a viewer says so again every few seconds, in a
file of its own too: `watched/<machine>-<process>.json`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ..trajectories.canonical import encodable
from ..trajectories.whole_file import WholeFile

WATCHED_SECONDS = 6.0
"""How long a viewer's word holds."""
_WRITE_SECONDS = 0.05
_LOOK_SECONDS = 0.2
_JSON = json.JSONDecoder()
_LONGEST = 20_000
"""Characters of one answer that are shown while it grows: the last ones."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An answer under way."""

    episode: str
    role: str
    key: str
    """Of the model call that it will become, such as assistant.3."""
    text: str
    """All of it so far; empty where the model began again, or has ended."""
    done: bool = False
    """Whether it has ended: what was said is in the log."""


def mark_watched(run: Path, episodes: Iterable[str]) -> None:
    """Say that somebody looks at these episodes; to be said again every two seconds or so."""
    # A folder that one may only read shows finished words, and no growing ones.
    with contextlib.suppress(OSError):
        _replace(
            run / "watched" / f"{os.uname().nodename}-{os.getpid()}.json",
            orjson.dumps(sorted(episodes)),
        )


def sweep(run: Path) -> None:
    """Take away what is left of processes and viewers that are gone; nobody plays the run now."""
    for name in ("frames", "watched"):
        shutil.rmtree(run / name, ignore_errors=True)


class FrameReader:
    """A viewer's side: reads what the processes of one run show."""

    def __init__(self, run: Path) -> None:
        self._folder = run / "frames"
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._shown: dict[Path, dict[tuple[str, str], Frame]] = {}

    def read(self) -> list[Frame]:
        """The frames that are not as they were at the last call; each that has gone comes once
        more, `done` and without text."""
        changed: list[Frame] = []
        paths = _files(self._folder)
        for path in [path for path in self._shown if path not in paths]:
            changed += self._become(path, [])
            del self._shown[path]
            self._stamps.pop(path, None)
        for path in paths:
            with contextlib.suppress(OSError, ValueError, TypeError):
                stamp = _stamp(path.stat())
                if self._stamps.get(path) != stamp:
                    frames = [Frame(**record) for record in orjson.loads(path.read_bytes())]
                    self._stamps[path] = stamp
                    changed += self._become(path, frames)
        return changed

    def _become(self, path: Path, frames: list[Frame]) -> list[Frame]:
        before = self._shown.get(path, {})
        now = {(frame.episode, frame.key): frame for frame in frames}
        self._shown[path] = now
        gone = [
            Frame(frame.episode, frame.role, frame.key, "", done=True)
            for place, frame in before.items()
            if place not in now
        ]
        return gone + [frame for place, frame in now.items() if before.get(place) != frame]


@dataclass(frozen=True, slots=True)
class _Answer:
    role: str
    watched: bool
    pieces: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Viewer:
    """What one viewer's file said, and when that was new."""

    stamp: tuple[int, int]
    episodes: frozenset[str]
    renewed: float


class FrameWriter:
    """A playing process's side; for one event loop."""

    def __init__(
        self, run: Path, worker: str, on_frame: Callable[[Frame], None] | None = None
    ) -> None:
        """`on_frame` is shown all answers under way, watched or not."""
        self._on_frame = on_frame
        self._watched_path = run / "watched"
        self._path = run / "frames" / f"{worker}.json"
        self._stamp: tuple[int, int] | None = None
        self._viewers: dict[str, _Viewer] = {}
        self._looked = float("-inf")
        self._open: dict[tuple[str, str], _Answer] = {}
        self._timer: asyncio.TimerHandle | None = None
        # What a process that was killed left behind is under way no more.
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def wanted(self, episode: str, now: float) -> bool:
        """Whether anybody looks on, at `now` by the loop's clock."""
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            with contextlib.suppress(OSError):
                self._look(now)
        if self._on_frame is not None:
            return True
        return bool(self._viewers) and self._watched(episode, now)

    @contextlib.contextmanager
    def showing(
        self, episode: str, role: str, key: str, now: float
    ) -> Iterator[Callable[[str], None]]:
        """What is to hear each piece of an answer while it is awaited (an empty piece: it begins
        again)."""
        watched = self._watched(episode, now)
        place, answer = (episode, key), _Answer(role, watched)
        self._open[place] = answer

        def hear(piece: str) -> None:
            if piece:
                answer.pieces.append(piece)
            else:
                answer.pieces.clear()
            self._write_soon()

        try:
            yield hear
        finally:
            del self._open[place]
            self._write_soon()

    def close(self) -> None:
        """Take the file away."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
            self._path.parent.rmdir()

    def _watched(self, episode: str, now: float) -> bool:
        return any(
            episode in viewer.episodes and now - viewer.renewed < WATCHED_SECONDS
            for viewer in self._viewers.values()
        )

    def _look(self, now: float) -> None:
        try:
            stamp = _stamp(self._watched_path.stat())
        except FileNotFoundError:
            return
        if stamp == self._stamp:
            return
        # The folder is another whenever a file in it is.
        self._stamp = stamp
        for path in _files(self._watched_path):
            with contextlib.suppress(OSError, ValueError, TypeError):
                stamp, known = _stamp(path.stat()), self._viewers.get(path.name)
                if known is None or known.stamp != stamp:
                    episodes = frozenset(orjson.loads(path.read_bytes()))
                    self._viewers[path.name] = _Viewer(stamp, episodes, now)

    def _write_soon(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_WRITE_SECONDS, self._write)

    def _write(self) -> None:
        self._timer = None
        shown: list[dict[str, Any]] = []
        for (episode, key), answer in self._open.items():
            text = "".join(answer.pieces)[-_LONGEST:]
            answer.pieces[:] = [text]
            words = _words(text) if answer.role == "user" else text
            frame = Frame(episode, answer.role, key, encodable(words)[0])
            if answer.watched:
                shown.append(asdict(frame))
            if self._on_frame is not None:
                self._on_frame(frame)
        # A full disk costs those who look on, and nobody else.
        with contextlib.suppress(OSError):
            if shown or self._path.exists():
                _replace(self._path, orjson.dumps(shown))


def _words(reply: str) -> str:
    """What a user says, of the JSON that its model answers (`UserReply`), as far as it has come."""
    if not reply.lstrip().startswith("{"):
        return reply
    words = reply.partition('"message"')[2].lstrip().removeprefix(":").lstrip()
    for cut in range(min(7, len(words))):
        # The text may end in the middle of an escape.
        with contextlib.suppress(ValueError):
            said, _ = _JSON.raw_decode(words[: len(words) - cut] + '"')
            return str(said)
    return ""


def _files(folder: Path) -> list[Path]:
    """The files of a folder that others may take away at any moment, while it is listed too."""
    try:
        return sorted(folder.glob("*.json"))
    except FileNotFoundError:
        return []


def _stamp(found: os.stat_result) -> tuple[int, int]:
    """What is another once a file has been replaced, or a file of a folder."""
    return found.st_ino, found.st_mtime_ns


def _replace(path: Path, payload: bytes) -> None:
    """As `write_whole`, but what a loss of power does to the file is all one."""
    path.parent.mkdir(exist_ok=True)
    with WholeFile(path) as file:
        file.write(payload)
