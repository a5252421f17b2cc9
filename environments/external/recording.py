"""Recordings: what tools answered in an earlier run, to answer the same calls again offline.

A recording is a file of JSON lines made from a run's log. The first line holds the tools as they
were offered; each further one an answer, by tool and arguments (compared as canonical JSON). Where
a call was made several times in one episode, its answers are given again in the same order, the
last one from then on. A call that was never recorded is an error that says so; nothing is called.

A recording holds what the log holds: replies, so possibly personal data, but no credential.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from ...tools import ToolSpec
from ...tools.validation import SchemaUnusable, check_arguments
from ...trajectories.canonical import canonical, digest
from ...trajectories.event import Event
from ...trajectories.log import read_episodes
from ..protocol import Execution, StateDiff, ToolCall, ToolOutcome

FORMAT = "callsheet-recording"
VERSION = 1
Key = tuple[str, str]


class RecordingError(ValueError):
    """A recording cannot be read; the message names the file, the line and what is wrong."""


def recorded_lines(run: Path) -> Iterator[bytes]:
    """The lines of a recording of a run's external calls, in the order of its episodes. Raises
    `LogDamaged`, and `RecordingError` where the run made no external call."""
    tools: dict[str, tuple[str, dict[str, Any]]] = {}
    answers: dict[tuple[Key, int], tuple[str, int, dict[str, Any]]] = {}
    environments: dict[str, None] = {}
    for episode, events in read_episodes(run):
        started = events[0].data
        environments[started["environment"]] = None
        for tool in _offered(events):
            # Episodes come as they ended, which is chance: the first by name decides.
            tools[tool["name"]] = min(tools.get(tool["name"], (episode, tool)), (episode, tool),
                                      key=lambda known: known[0])  # fmt: skip
        for place, ordinal, answer in _answers(events):
            key = (_key(answer["tool"], answer["arguments"]), place)
            if key not in answers or answers[key][0] > episode:
                answers[key] = (episode, ordinal, {**answer, "occurrence": place})
    if not answers:
        raise RecordingError(f"{run}: no external tool was called in this run")
    head = {
        "format": FORMAT,
        "version": VERSION,
        "environments": sorted(environments),
        "tools": [tool for _, tool in tools.values()],
    }
    yield canonical(head) + b"\n"
    for _, _, answer in sorted(answers.values(), key=lambda found: found[:2]):
        yield canonical(answer) + b"\n"


def _offered(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    yield from events[0].data["tools"]
    for event in events:
        if event.kind == "tool_result":
            yield from event.data.get("offers", ())


def _answers(events: Sequence[Event]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """(how often the same call was made before, ordinal, answer) of an episode's external
    calls."""
    calls: dict[int, Mapping[str, Any]] = {}
    met: Counter[Key] = Counter()
    for event in events:
        data = event.data
        if event.kind == "tool_call":
            calls[data["ordinal"]] = data["arguments"]
        elif event.kind == "tool_result" and "key" in data:
            # What the environment itself refused has no key: nothing went outside.
            arguments = calls.get(data["ordinal"], {})
            answer = {"tool": data["name"], "arguments": arguments, "content": data["content"]}
            if not data["ok"]:
                answer["error_type"] = data["error_type"]
            key = _key(data["name"], arguments)
            yield met[key], data["ordinal"], answer
            met[key] += 1


class RecordedSource:
    """A recording as a source of environments; see `EnvironmentSource`."""

    def __init__(
        self, name: str, path: Path, specs: Callable[[], Sequence[ToolSpec]] | None = None
    ) -> None:
        """`specs` gives the tools where they are at hand; without it they are the recorded ones,
        whose schemas have their keys in alphabetical order, as everything in a log."""
        self.name = name
        self._path = path
        self._specs = specs

    @cached_property
    def tools(self) -> dict[str, ToolSpec]:
        """Raises `RecordingError`, and what `specs` raises."""
        if self._specs is None:
            return self._read[0]
        return {spec.name: spec for spec in self._specs()}

    @property
    def digest(self) -> str:
        return self._read[2]

    def open(
        self,
        tools: Sequence[str],
        *,
        now: datetime,
        seed: int,
        state: Mapping[str, Any] | None = None,
    ) -> RecordedEnvironment:
        if state:
            raise ValueError(f"state: {self.name} has no tables to fill")
        specs = self.tools
        unknown = [name for name in tools if name not in specs]
        if unknown:
            raise ValueError(f"{self.name} has no tool {unknown[0]!r}")
        answers = self._read[1]
        return RecordedEnvironment(self.name, [specs[n] for n in (tools or specs)], answers)

    @cached_property
    def _read(self) -> tuple[dict[str, ToolSpec], dict[Key, list[ToolOutcome]], str]:
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError as error:
            raise RecordingError(f"{self._path}: cannot be read: {error.strerror}") from None
        records = [self._decoded(number, line) for number, line in enumerate(lines, 1)]
        head = records[0] if records else {}
        if head.get("format") != FORMAT or head.get("version") != VERSION:
            raise RecordingError(f"{self._path}: not a recording of version {VERSION}; make one "
                                 "with `callsheet tools recording RUN -o FILE`")  # fmt: skip
        try:
            specs = {spec.name: spec for spec in map(ToolSpec.model_validate, head["tools"])}
        except (ValidationError, KeyError, TypeError):
            raise RecordingError(f"{self._path}: line 1: the tools are damaged") from None
        answers: dict[Key, list[ToolOutcome]] = {}
        for number, record in enumerate(records[1:], 2):
            answers.setdefault(self._key(number, record), []).append(_outcome(record))
        return specs, answers, digest(records)

    def _decoded(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            record = orjson.loads(line)
        except (orjson.JSONDecodeError, RecursionError) as error:
            raise RecordingError(f"{self._path}: line {number}: not JSON ({error})") from None
        if not isinstance(record, dict):
            raise RecordingError(f"{self._path}: line {number}: not a record")
        return record

    def _key(self, number: int, record: Mapping[str, Any]) -> Key:
        tool, arguments = record.get("tool"), record.get("arguments")
        if not isinstance(tool, str) or not isinstance(arguments, dict) or "content" not in record:
            raise RecordingError(f"{self._path}: line {number}: not a recorded answer")
        return _key(tool, arguments)


class RecordedEnvironment:
    """One episode's recorded tools; see `Environment`. In process and deterministic."""

    execution: Execution = "sandbox"

    def __init__(
        self, name: str, tools: Sequence[ToolSpec], answers: Mapping[Key, Sequence[ToolOutcome]]
    ) -> None:
        self.name = name
        self.tools = tuple(tools)
        self._by_name = {tool.name: tool for tool in tools}
        self._answers = answers
        self._met: Counter[Key] = Counter()

    async def call(self, call: ToolCall) -> ToolOutcome:
        spec = self._by_name.get(call.name)
        if spec is None:
            return ToolOutcome(error_type="unknown_tool", error=f"There is no tool {call.name!r}.")
        try:
            wrong = check_arguments(spec, dict(call.arguments))
            key = _key(call.name, call.arguments)
        except (SchemaUnusable, TypeError) as error:
            wrong = [str(error)]
        if wrong:
            return ToolOutcome(error_type="invalid_arguments", error="; ".join(wrong))
        known = self._answers.get(key, ())
        if not known:
            what = f"{call.name} was not recorded with these arguments: {key[1][:300]}"
            return ToolOutcome(error_type="unavailable", error=what)
        place = min(self._met[key], len(known) - 1)
        self._met[key] += 1
        return known[place]

    def digest(self) -> None:
        return None

    def diff(self) -> StateDiff:
        return StateDiff()

    def query(self, sql: str) -> list[list[Any]]:
        raise ValueError("query refused: a recording has no tables to look at")

    async def close(self) -> None:
        """Nothing to give back."""


def _key(tool: str, arguments: Mapping[str, Any]) -> Key:
    return tool, canonical(dict(arguments)).decode()


def _outcome(record: Mapping[str, Any]) -> ToolOutcome:
    content, kind = record["content"], record.get("error_type")
    if kind is None:
        return ToolOutcome(content)
    text = content.get("error") if isinstance(content, dict) else None
    return ToolOutcome(error_type=kind, error=str(text if text is not None else content))
