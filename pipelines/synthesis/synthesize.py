"""Carries a synthesis to its end: the graph once, then batches by workers, then what they made.

Each worker takes a whole batch at a time and shares nothing with the others, so that two cores do
twice the work and memory does not grow with the number of dialogues. Which dialogues there are,
and which are accepted, depends on the config alone, not on the workers: the result is the first
accepted ones by number, out of as many batches as that takes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from ...models.embedding import encoder
from ...models.errors import BudgetExceeded, ModelUnavailable
from ...planners.tool_graph import save_graph, tool_graph
from ...simulation.cast import ModelDown
from ...simulation.processes import cancel_once, end_worker, error_of, start_worker
from ...simulation.run_directory import Execution, RunDirectory, RunError
from ...tools.overlap import Known
from ...tools.pool import load_pool, save_pool
from ...tools.spec import ToolSpec
from ...trajectories.canonical import digest
from ...trajectories.effects import ReplayDivergence
from ...trajectories.whole_file import write_whole
from .config import SynthesisConfig
from .folder import (
    BatchResult,
    Manifest,
    SynthesisFolder,
    SynthesisResult,
    file_digest,
    write_text,
)

_RESTARTS = 3
"""How often a worker that dies without having finished a batch is started again."""
_HOPELESS = 4
"""Batches without one accepted dialogue after which it is given up."""
_LINE_LIMIT = 1 << 22
_RAISED: dict[str, type[Exception]] = {
    error.__name__: error
    for error in (ModelDown, BudgetExceeded, ModelUnavailable, ReplayDivergence, RunError)
}

Stage = Callable[[str, int, int], None]
"""Told a stage of the preparation, how much of it is done, and of how much."""


class SynthesisFailed(RuntimeError):
    """The synthesis cannot go on; the message says why, and what is kept."""


@dataclass
class SynthesisProgress:
    """Counts while it goes on; times are the viewer's business."""

    wanted: int
    accepted: int = 0
    played: int = 0
    before: int = 0
    """Of `played`, dialogues that were played before this process began."""
    rejected: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    playing: dict[int, int] = field(default_factory=dict)
    """Dialogues played of each batch that is not sorted yet."""

    @property
    def seen(self) -> int:
        """Dialogues that were played, those of unsorted batches too."""
        return self.played + sum(self.playing.values())

    def add(self, batch: BatchResult, *, before: bool = False) -> None:
        self.playing.pop(batch.number, None)
        self.accepted += batch.accepted
        self.rejected += batch.rejected
        played = batch.accepted + batch.rejected
        self.played += played
        self.before += played if before else 0
        self.prompt_tokens += batch.prompt_tokens
        self.completion_tokens += batch.completion_tokens
        if batch.cost is not None:
            self.cost = (self.cost or 0.0) + batch.cost


@dataclass(frozen=True)
class Listeners:
    """Who is told; none of them can change anything."""

    on_stage: Stage | None = None
    on_progress: Callable[[SynthesisProgress], None] | None = None

    def stage(self, name: str, done: int, total: int) -> None:
        if self.on_stage is not None:
            self.on_stage(name, done, total)

    def progress(self, progress: SynthesisProgress) -> None:
        if self.on_progress is not None:
            self.on_progress(progress)


def synthesize(
    config: SynthesisConfig,
    out: Path,
    *,
    execution: Execution | None = None,
    model_folders: Sequence[Path] = (),
    listeners: Listeners | None = None,
) -> SynthesisResult:
    """Make the dialogues in `out`, or go on with them.

    Raises `RunError` where `out` holds another synthesis, `PoolError`, `ModelUnavailable`,
    `ModelDown`, `BudgetExceeded`, `SynthesisFailed` and `OSError`; what is done by then is kept.
    """
    listeners, execution = listeners or Listeners(), execution or Execution()
    folder = SynthesisFolder(out)
    out.mkdir(parents=True, exist_ok=True)
    with RunDirectory(out).locked():
        _begin(config, folder)
        found = folder.result()
        if found is not None:
            return found
        _prepare(config, folder, listeners)
        asyncio.run(_Office(config, folder, execution, model_folders, listeners).work())
        return _finish(config, folder)


def _begin(config: SynthesisConfig, folder: SynthesisFolder) -> None:
    """Raises `RunError` where the folder holds another synthesis; says what differs."""
    digests = {
        "config": digest(config.model_dump(mode="json", exclude={"pool", "against"})),
        "pool": file_digest(config.pool),
        "against": digest([file_digest(path) for path in config.against]),
        "package": version("callsheet"),
    }
    if not folder.begun():
        folder.write_manifest(Manifest(config=config, digests=digests))
        return
    before = folder.manifest().digests
    changed = [name for name in digests if digests[name] != before.get(name)]
    if changed:
        raise RunError(
            f"{folder.path}: a synthesis with another {' and another '.join(changed)}; go on with "
            "the same, or choose another --out"
        )


def _prepare(config: SynthesisConfig, folder: SynthesisFolder, listeners: Listeners) -> None:
    """The pool less what is kept for evaluation, and its graph."""
    if not folder.pool.exists():
        kept = _without(load_pool(config.pool), config.against)
        if not kept:
            raise RunError(f"{config.pool}: no tool is left to synthesize with")
        beside = folder.path / "pool.part.jsonl"
        save_pool(beside, kept)
        beside.replace(folder.pool)
    if config.needs_graph and not folder.graph.exists():
        tools = load_pool(folder.pool)
        graph = tool_graph(tools, encoder(config.encoder), config.graph, listeners.stage)
        save_graph(graph, folder.graph)


def _without(tools: list[ToolSpec], against: Sequence[Path]) -> list[ToolSpec]:
    """The tools that no evaluation pool has, as far as can be told (`tools.overlap`)."""
    known = Known(tool for path in against for tool in load_pool(path))
    return [tool for tool in tools if known.overlap(tool) is None]


class _Office:
    """Hands out batches to workers until enough dialogues are accepted."""

    def __init__(
        self,
        config: SynthesisConfig,
        folder: SynthesisFolder,
        execution: Execution,
        model_folders: Sequence[Path],
        listeners: Listeners,
    ) -> None:
        self._config = config
        self._folder = folder
        self._execution = execution
        self._model_folders = model_folders
        self._listeners = listeners
        self._progress = SynthesisProgress(wanted=config.dialogues)
        self._done: dict[int, BatchResult] = {}
        self._waiting: list[int] = []
        """Batches that were begun by a worker that died."""
        self._next = 0

    async def work(self) -> None:
        for batch in self._folder.finished():
            self._done[batch.number] = batch
            self._progress.add(batch, before=True)
        self._listeners.progress(self._progress)
        share = self._execution.share()
        workers = [asyncio.create_task(self._worker(share)) for _ in range(self._execution.workers)]
        try:
            await asyncio.gather(*workers)
        finally:
            cancel_once(workers)
            await asyncio.gather(*workers, return_exceptions=True)

    def _take(self) -> int | None:
        """The number of the batch to make next; None where those at work will do."""
        if self._waiting:
            return self._waiting.pop()
        while self._next in self._done:
            self._next += 1
        in_order = [self._done[n] for n in range(self._next) if n in self._done]
        self._give_up_where_hopeless(in_order)
        accepted = sum(batch.accepted for batch in self._done.values())
        played = self._config.batch * len(self._done)
        share = accepted / played if played else 1.0
        expected = accepted + share * self._config.batch * len(self._progress.playing)
        # One that an earlier sitting left open among those it finished is part of the first ones.
        left_open = self._next < max(self._done, default=0)
        if expected >= self._config.dialogues and not left_open:
            return None
        number, self._next = self._next, self._next + 1
        return number

    def _give_up_where_hopeless(self, batches: Sequence[BatchResult]) -> None:
        if len(batches) >= _HOPELESS and not any(batch.accepted for batch in batches):
            reasons = SynthesisResult.of("", 0, batches).reasons
            first = ", ".join(f"{name} ({count})" for name, count in list(reasons.items())[:3])
            raise SynthesisFailed(
                f"{self._folder.path}: none of {sum(b.dialogues for b in batches)} dialogues was "
                f"accepted; most often: {first or 'no plan could be made'}"
            )

    async def _worker(self, share: Execution) -> None:
        fruitless = 0
        while (number := self._take()) is not None:
            self._progress.playing[number] = 0
            finished = await self._process(share, number)
            fruitless = 0 if finished else fruitless + 1
            if fruitless > _RESTARTS:
                raise SynthesisFailed(
                    f"{self._folder.path}: a worker died {fruitless} times without finishing a "
                    "batch; what is done is kept"
                )

    async def _process(self, share: Execution, number: int | None) -> int:
        """Run a worker on batch `number` and those after it; returns how many it finished."""
        process = await start_worker(
            "callsheet.pipelines.synthesis.worker",
            str(self._folder.path.resolve()),
            share.model_dump_json(),
            orjson.dumps([str(one) for one in self._model_folders]).decode(),
            line_limit=_LINE_LIMIT,
        )
        assert process.stdin is not None and process.stdout is not None
        finished = 0
        try:
            while number is not None:
                with contextlib.suppress(ConnectionError):
                    process.stdin.write(f"{number}\n".encode())
                    await process.stdin.drain()
                result = await self._answer(process.stdout)
                if result is None:
                    return finished
                finished += 1
                self._done[number] = result
                self._progress.add(result)
                self._listeners.progress(self._progress)
                number = self._take()
                if number is not None:
                    self._progress.playing[number] = 0
            return finished
        finally:
            if number is not None:
                self._progress.playing.pop(number, None)
                self._waiting.append(number)
            await end_worker(process)

    async def _answer(self, stdout: asyncio.StreamReader) -> BatchResult | None:
        """What became of the batch at work; None where the worker died. Raises what stopped it."""
        while (line := await stdout.readline()).endswith(b"\n"):
            told: dict[str, Any] = orjson.loads(line)
            if "error" in told:
                raise error_of(told, _RAISED, SynthesisFailed)
            if "result" in told:
                return BatchResult.model_validate(told["result"])
            if "played" in told:
                self._progress.playing[told["batch"]] = told["played"]
                self._listeners.progress(self._progress)
        return None


def _finish(config: SynthesisConfig, folder: SynthesisFolder) -> SynthesisResult:
    """Write what was asked for, out of the first batches that have it."""
    batches: list[BatchResult] = []
    for batch in folder.finished():
        batches.append(batch)
        if sum(one.accepted for one in batches) >= config.dialogues:
            break
    numbers = [batch.number for batch in batches]
    write_whole(folder.accepted, _lines(folder, numbers, "accepted.jsonl", config.dialogues))
    write_whole(folder.rejected, _lines(folder, numbers, "rejected.jsonl"))
    accepted = min(config.dialogues, sum(one.accepted for one in batches))
    result = SynthesisResult.of(config.name, accepted, batches)
    write_text(folder.path / "result.json", result.model_dump_json(indent=2))
    return result


def _lines(
    folder: SynthesisFolder, numbers: Sequence[int], name: str, most: int | None = None
) -> Iterator[bytes]:
    """The lines of that file of these batches, in order, at most `most`."""
    given = 0
    for number in numbers:
        path = folder.batch(number) / name
        if not path.exists():
            continue
        with path.open("rb") as file:
            for line in file:
                if given == most:
                    return
                given += 1
                yield line
