"""Control: what people want of a run while it is played: pause, go on, cancel, speak themselves.

They write it into one small file of the run's folder, `control.json`, so that it reaches a run in
whatever process plays it; the file outlives both. `change_control` is the writers' side,
`ControlWatch` the side of a process that plays.

Promises: the file is whole or absent, and two writers lose nothing of each other's. Nothing here
is recorded: that an episode was cancelled, and what a person said, is recorded by whoever obeys.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..trajectories.whole_file import write_whole
from .run_directory import RunDirectory, RunError

T = TypeVar("T")

Part = Literal["user", "assistant"]
"""What a person can take over."""

PARTS: tuple[Part, ...] = ("user", "assistant")
LOOK_SECONDS = 0.1
"""How often a process looks at the file while an episode waits or a model is being asked."""
_TURN_SECONDS = 0.02
"""How often at most it looks at the file because a turn begins or a model is asked."""


class EpisodeControl(BaseModel):
    """What is wanted of one episode."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    paused: bool = False
    cancelled: bool = False
    people: tuple[Part, ...] = ()
    """Roles that a person speaks for instead of the model."""


_NOTHING = EpisodeControl()


class ControlState(BaseModel):
    """What is wanted of a run and of its episodes, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    schema_version: Literal[1] = 1
    paused: bool = False
    cancelled: bool = False
    """Running episodes end, those that have not begun are not played; `resume` lifts it."""
    episodes: dict[str, EpisodeControl] = Field(default_factory=dict)

    def of(self, episode: str) -> EpisodeControl:
        """What holds for an episode, by itself or because of its run."""
        own = self.episodes.get(episode, _NOTHING)
        if not (self.paused or self.cancelled):
            return own
        return EpisodeControl(
            paused=own.paused or self.paused,
            cancelled=own.cancelled or self.cancelled,
            people=own.people,
        )


QUIET = ControlState()
"""Nothing is wanted of any episode."""


class EpisodeCancelled(RuntimeError):
    """A person has cancelled the episode, or its run; it ends with that."""


class Recast(RuntimeError):
    """A person has taken over the role whose words are awaited, or has handed it back."""


def read_control(run: Path) -> ControlState:
    """Raises `RunError` for a file that is none."""
    path = _path(run)
    try:
        return ControlState.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return ControlState()
    except ValidationError as error:
        raise RunError(f"{path}: {error.errors()[0]['msg']}; remove the file") from None


def change_control(
    run: Path,
    *,
    episode: str | None = None,
    paused: bool | None = None,
    cancelled: bool | None = None,
    people: tuple[Part, ...] | Mapping[Part, bool] | None = None,
) -> ControlState:
    """Change what is wanted of the run, or of one episode; None leaves a thing as it is.

    `people`: all the roles of the episode that a person speaks for from now on; or, as a mapping,
    which are taken over and handed back, whatever others do meanwhile. Whoever plays the run hears
    of it within a moment; the return value is what the file says now. Raises `RunError` where `run`
    is no run, or `people` are given for no episode or are no such roles.
    """
    if people is not None and (episode is None or not set(people) <= set(PARTS)):
        raise RunError(f"a person takes over a role of one episode: {' or '.join(PARTS)}")
    RunDirectory(run).manifest()
    changes = {"paused": paused, "cancelled": cancelled, "people": people}
    given = {name: value for name, value in changes.items() if value is not None}
    with locked(run):
        state = read_control(run)
        if episode is None:
            changed = state.model_copy(update=given)
        else:
            own = state.episodes.get(episode, _NOTHING)
            if isinstance(people, Mapping):
                given["people"] = tuple(p for p in PARTS if people.get(p, p in own.people))
            changed = _with(state, episode, own.model_copy(update=given))
        return _write(run, state, changed)


def forget(run: Path, episode: str) -> None:
    """Nothing is wanted of an episode any more: it has ended."""
    with locked(run):
        state = read_control(run)
        _write(run, state, _with(state, episode, _NOTHING))


@contextlib.contextmanager
def locked(run: Path) -> Iterator[None]:
    """One writer of people's wishes and words at a time, in any process."""
    with (run / "control.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _path(run: Path) -> Path:
    return run / "control.json"


def _with(state: ControlState, episode: str, own: EpisodeControl) -> ControlState:
    episodes = {name: wish for name, wish in state.episodes.items() if name != episode}
    if own != _NOTHING:
        episodes[episode] = own
    return state.model_copy(update={"episodes": episodes})


def _write(run: Path, before: ControlState, now: ControlState) -> ControlState:
    if now != before:
        write_whole(_path(run), [now.model_dump_json(exclude_defaults=True).encode(), b"\n"])
    return now


class ControlWatch:
    """The control file as one playing process sees it; for one event loop.

    It looks at the file when a turn begins or a model is asked, at most fifty times a second, and
    ten times a second while somebody waits: that is what a run pays in which nobody acts.
    """

    def __init__(self, run: Path) -> None:
        self._path = _path(run)
        self._state = QUIET
        self._stamp: tuple[int, int] | None = None
        self.looked = float("-inf")
        """When it last looked, by the loop's clock."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._breakable: dict[BreakingOff, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: list[asyncio.Future[None]] = []

    def latest(self) -> ControlState:
        """What is wanted, at most a fiftieth of a second old; `QUIET` itself where that is
        nothing, as in most runs always."""
        if self._loop is None:
            # Kept: to ask which loop runs is a system call each time.
            self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        if now - self.looked >= _TURN_SECONDS:
            self._look(now)
        return self._state

    def until_cancelled(self, items: Iterator[T]) -> Iterator[T]:
        """The items, until the run is cancelled."""
        for item in items:
            if self.latest().cancelled:
                return
            yield item

    async def admitted(self, episode: str) -> EpisodeControl:
        """What is wanted of an episode, once it is not paused. Raises `EpisodeCancelled`."""
        while True:
            wish = self.latest().of(episode)
            if wish.cancelled:
                raise EpisodeCancelled(episode)
            if not wish.paused:
                return wish
            await self.changed()

    async def changed(self) -> ControlState:
        """Wait until something else is wanted."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._keep_looking()
        try:
            await future
        finally:
            if future in self._waiting:
                self._waiting.remove(future)
        return self._state

    def close(self) -> None:
        """Stop looking."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _keep_looking(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._look(asyncio.get_running_loop().time())
        if self._breakable or self._waiting:
            self._keep_looking()

    def _look(self, now: float) -> None:
        self.looked = now
        try:
            found = self._path.stat()
            stamp = (found.st_ino, found.st_mtime_ns)
        except FileNotFoundError:
            stamp = None
        except OSError:
            return  # a shared folder that hangs; what was wanted before still is
        if stamp == self._stamp:
            return
        # A file that somebody has spoilt by hand changes nothing; whoever writes next is told.
        with contextlib.suppress(RunError):
            state = read_control(self._path.parent)
            self._state = QUIET if state == QUIET else state
        self._stamp = stamp
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
        for work in self._breakable:
            work.look(self._state)


class BreakingOff:
    """A context that breaks off what the running task awaits in it, when that is not wanted any
    more. Raises `EpisodeCancelled`, and `Recast` where somebody else is to speak now.

    Written out as a class, because it is entered for each answer of a model.
    """

    __slots__ = ("_broken", "_episode", "_part", "_person", "_task", "_watch")

    def __init__(self, watch: ControlWatch, episode: str, part: str, person: bool = False) -> None:
        """`person`: whether a person speaks for `part` as things are. The watch has looked."""
        self._watch = watch
        self._episode = episode
        self._part = part
        self._person = person
        self._broken: type[Exception] | None = None

    def __enter__(self) -> None:
        watch = self._watch
        if self._person or watch._state is not QUIET:
            unwanted = self._unwanted(watch._state)
            if unwanted is not None:
                raise unwanted(self._episode)
        task = asyncio.current_task(watch._loop)
        assert task is not None
        self._task = task
        watch._breakable[self] = None
        if watch._timer is None:
            watch._keep_looking()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        del self._watch._breakable[self]
        if self._broken is not None:
            # As in `asyncio.timeout`: only a cancellation of our own becomes another exception.
            ours = self._task.uncancel() == 0
            if ours and kind is asyncio.CancelledError:
                raise self._broken(self._episode) from None

    def look(self, state: ControlState) -> None:
        """Break off, if that is what `state` says."""
        if self._broken is None and not self._task.cancelling():
            self._broken = self._unwanted(state)
            if self._broken is not None:
                self._task.cancel()

    def _unwanted(self, state: ControlState) -> type[Exception] | None:
        wish = state.of(self._episode)
        if wish.cancelled:
            return EpisodeCancelled
        return Recast if (self._part in wish.people) != self._person else None
