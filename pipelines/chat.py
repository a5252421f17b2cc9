"""A conversation of a person with a model that has tools at hand, recorded like any other run.

The person stands in the user's place (`agents/human.py`) and the driver plays the episode, so the
folder is a run: `callsheet show` and `callsheet replay` work on it. Between the person's turns
nothing runs, not even the event loop.

Taking a turn back is a fork at that turn: the run's folder then holds the conversation without it,
and what it held before lies beside it as `<name>-undone-<n>`. A sandbox's state goes back with
it; what tools did outside stays done.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from autogen_core.models import CreateResult, LLMMessage, RequestUsage
from pydantic import BaseModel, ConfigDict, Field

from ..agents import UserReply
from ..environments import PLANNED
from ..environments.external import is_external, placed
from ..models.base import ChatClient
from ..scenarios.schema import Scenario
from ..simulation.cast import BASELINE, HUMAN, Cast
from ..simulation.digests import digests_of, versions
from ..simulation.engine import compile_trajectories, recorded, rehearse
from ..simulation.episodes import EpisodeEnd, EpisodeKey, episode_key
from ..simulation.fork import fork
from ..simulation.run_directory import Manifest, RunConfig, RunDirectory
from ..simulation.stage import Stage
from ..tools import ToolSpec
from ..trajectories.event import Event
from ..trajectories.from_events import trajectory_of
from ..trajectories.trajectory import Outcome

_POOLS = (".json", ".jsonl")
_DOCUMENTS = (".yaml", ".yml")
_NO_LIMIT = 1_000_000_000


class NothingSaid(ValueError):
    """There is no turn yet to save or to take back."""


class TurnFailed(RuntimeError):
    """The model gave no answer; the turn was taken back, and the person may go on."""


class ChatConfig(BaseModel):
    """Who talks, with which tools."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    model: str
    """The assistant's model, by name."""
    tools: str
    """A pool's file, whose tools are simulated; a sandbox; or openapi:, mcp:, python: with what
    stands for real tools."""
    tool_model: str = BASELINE
    """Who simulates the tools of a pool."""
    model_folders: list[str] = Field(default_factory=list)
    """Where model files are looked for before the package's own."""
    now: datetime
    """The clock that assistant and tools are told."""
    seed: int = 0

    def scenario(self) -> Scenario:
        """The scene as a scenario. Raises `ValueError` for tools that cannot be meant."""
        suffix = Path(self.tools).suffix
        where: dict[str, Any] = {"environment": placed(self.tools, Path.cwd())}
        if not is_external(self.tools) and suffix in _POOLS:
            where = {"environment": PLANNED, "pool": str(Path(self.tools).resolve())}
        elif not is_external(self.tools) and suffix in _DOCUMENTS:
            raise ValueError(f"{self.tools}: to call what it describes, say openapi:{self.tools}")
        limits = dict.fromkeys(("turns", "tool_calls", "tokens"), _NO_LIMIT)
        return Scenario.model_validate(
            {
                **where,
                "name": f"chat-{self.now:%Y%m%d-%H%M%S}",
                "context": {"now": self.now},
                "user": {"persona": "a person", "improvises": 1},
                "tester": {"checks": []},
                "limits": limits,
            }
        )


class Chat:
    """One conversation. A context manager; leaving it ends the conversation.

    Every method may raise what playing raises: `ModelUnavailable`, `ModelDown`, `OSError`.
    """

    def __init__(
        self,
        config: ChatConfig,
        folder: Path,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        """`folder`: of the run that is made. `on_event` hears each event once, as it happens.

        Raises `ValueError` for tools that do not exist, and `RunError` where there is a run.
        """
        self._config = RunConfig(
            seed=config.seed,
            models={"user": HUMAN, "assistant": config.model, "tool": config.tool_model},
            model_folders=config.model_folders,
        )
        self._scenario = config.scenario()
        rehearse(self._scenario, self._config)
        self._on_event = on_event
        self._run = RunDirectory(folder)
        self._person = _Person()
        folders = [Path(one) for one in config.model_folders]
        self._cast = Cast(self._config.models, folders, {HUMAN: self._person})
        self._cast.client("assistant", config.model)  # missing weights are found now
        self._runner = asyncio.Runner()
        self._events: list[Event] = []
        self._task: asyncio.Task[EpisodeEnd] | None = None

    def __enter__(self) -> Chat:
        manifest = Manifest(
            config=self._config, digests=digests_of([self._scenario], self._config), episodes=1
        )
        self._run.create(manifest, [self._scenario])
        self._go_on(episode_key(self._config, [self._scenario], 0), ())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._person.say("")
                self._runner.run(self._until_asked())
            self._runner.run(self._stop())
            self._runner.run(self._cast.close())
        finally:
            self._runner.close()
            if self.turns:
                compile_trajectories(self._run)
            else:
                self._run.remove()

    @property
    def folder(self) -> Path:
        return self._run.path

    @property
    def tools(self) -> list[ToolSpec]:
        """What the assistant may call."""
        return [ToolSpec.model_validate(tool) for tool in self._events[0].data["tools"]]

    @property
    def acts_outside(self) -> bool:
        """Whether calls have effects that taking a turn back does not undo."""
        return is_external(self._scenario.environment)

    @property
    def turns(self) -> list[str]:
        """What the person has said."""
        return [
            event.data["message"]["content"]
            for event in self._events
            if event.kind == "message" and event.source == "user"
        ]

    def say(self, words: str) -> None:
        """Say something, and come back when the assistant has answered.

        Ctrl-C takes the turn back and is raised again. Raises `TurnFailed`.
        """
        before = len(self.turns)
        self._person.say(words)
        try:
            self._runner.run(self._until_asked())
        except KeyboardInterrupt:
            self._back_to(before)
            raise
        assert self._task is not None
        if self._task.done():
            reason = self._task.result().reason
            self._back_to(before)
            raise TurnFailed(reason)

    def undo(self) -> str:
        """Take the latest turn back; returns what the person had said. Raises `NothingSaid`."""
        said = self.turns
        if not said:
            raise NothingSaid("nothing was said yet")
        self._back_to(len(said) - 1)
        return said[-1]

    def save(self, path: Path) -> None:
        """Add the conversation so far to a file of trajectories. Raises `NothingSaid`."""
        if not self.turns:
            raise NothingSaid("nothing was said yet")
        trajectory = trajectory_of(self._events, versions=versions()).model_copy(
            update={"outcome": Outcome(status="completed")}
        )
        line = trajectory.model_dump_json(exclude_none=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _back_to(self, turns: int) -> None:
        """The conversation as it was after so many of the person's turns."""
        self._runner.run(self._stop())
        episode = self._events[0].episode
        if len(self.turns) > turns:
            aside = self._free_name()
            self._run.path.rename(aside)
            self._run = fork(RunDirectory(aside), episode, turns + 1, self._run.path)
            # With the folder went what is none of the run's; it was put there to lie there.
            for path in RunDirectory(aside).others():
                path.rename(self._run.path / path.name)
            episode = ""
        self._go_on(*recorded(self._run, episode))

    def _free_name(self) -> Path:
        number = 1
        while (path := self.folder.with_name(f"{self.folder.name}-undone-{number}")).exists():
            number += 1
        return path

    def _go_on(self, key: EpisodeKey, events: Sequence[Event]) -> None:
        """Play on from what is recorded, until the person is asked."""
        self._events = list(events)
        self._person.asked.clear()

        async def begin() -> None:
            self._task = asyncio.create_task(self._play(key, events))
            await self._until_asked()

        self._runner.run(begin())

    async def _play(self, key: EpisodeKey, events: Sequence[Event]) -> EpisodeEnd:
        def heard(event: Event) -> None:
            if event.seq >= len(events):
                self._events.append(event)
                if self._on_event is not None:
                    self._on_event(event)

        with (
            self._run.locked(),
            Stage(self._run, [self._scenario], self._cast, "main", heard) as stage,
        ):
            return await stage.play(key, events)

    async def _until_asked(self) -> None:
        """Until it is the person's turn, or the episode has ended. Raises what ended it."""
        assert self._task is not None
        asked = asyncio.ensure_future(self._person.asked.wait())
        try:
            await asyncio.wait({self._task, asked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
        if self._task.done():
            self._task.result()

    async def _stop(self) -> None:
        """End the playing; what is recorded stays."""
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


class _Person(ChatClient):
    """The person as a model: each question waits for what is said next."""

    name = HUMAN

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self._words: asyncio.Future[str] | None = None

    def say(self, words: str) -> None:
        """Answer the question that waits; nothing ends the conversation."""
        assert self._words is not None
        self.asked.clear()
        self._words.set_result(words)

    async def create(self, messages: Sequence[LLMMessage], **given: Any) -> CreateResult:
        self._words = asyncio.get_running_loop().create_future()
        self.asked.set()
        reply = UserReply(step_met=True, message=await self._words)
        return CreateResult(
            finish_reason="stop",
            content=reply.model_dump_json(),
            usage=RequestUsage(prompt_tokens=0, completion_tokens=0),
            cached=False,
        )
