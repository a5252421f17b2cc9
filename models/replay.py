"""The model `replay`: answers from a record, never from a model.

The record is a run directory (its `model_call` events), or a JSONL file of such events or of
lines {"prompt_digest": ..., "answer": ...}, where the answer is a text or
{"content" | "tool_calls", "thought", "finish_reason", "usage"}. Where a record holds several
samples for one prompt, the call's seed chooses among them, the same every time.

For demonstrations, tests and counting costs without an endpoint. Replaying an episode exactly is
the simulation's business (`callsheet replay`), which needs no model at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import orjson
from autogen_core import CancellationToken, Component, FunctionCall
from autogen_core.models import CreateResult, LLMMessage, RequestUsage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ..trajectories.canonical import digest
from ..trajectories.log import LogDamaged, read_episodes
from .base import ChatClient, ToolChoice
from .errors import ModelError, ModelUnavailable
from .prompt import prompt_digest


class ReplayConfig(BaseModel):
    """What a YAML file says under `config` for this provider."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    path: str
    """A run directory or a JSONL file."""


class _Call(BaseModel):
    id: str = ""
    name: str
    arguments: str = "{}"


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Recorded(BaseModel):
    content: str | None = None
    tool_calls: list[_Call] | None = None
    thought: str | None = None
    finish_reason: str | None = None
    usage: _Usage = _Usage()


class _Line(BaseModel):
    prompt_digest: str
    answer: _Recorded | str
    params: dict[str, Any] = {}


_LINE = TypeAdapter(_Line)
_FINISH = ("stop", "length", "function_calls", "content_filter")


class ReplayClient(ChatClient, Component[ReplayConfig]):
    """A client that knows the answers of one record."""

    component_type = "model"
    component_config_schema = ReplayConfig
    component_provider_override = "callsheet.models.replay.ReplayClient"
    name = "replay"
    context_size = 1 << 30

    def __init__(self, config: ReplayConfig) -> None:
        """Raises `ModelUnavailable` for a record that is not there or cannot be read."""
        super().__init__()
        self._config = config
        self._lines: dict[str, list[_Line]] = {}
        for line in _read(Path(config.path).expanduser()):
            self._lines.setdefault(line.prompt_digest, []).append(line)

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: ToolChoice = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """The recorded answer. Raises `ModelError` for a prompt that was never recorded."""
        asked = prompt_digest(messages)
        fitting = [
            line
            for line in self._lines.get(asked, ())
            if _same(line.params.get("tools"), list(tools) or None)
            and _same(line.params.get("schema"), extra_create_args.get("response_format"))
        ]
        if not fitting:
            raise ModelError(
                f"{self._config.path} holds no answer to the prompt {asked} "
                f"({len(messages)} messages, {len(tools)} tools)"
            )
        chosen = fitting[int(extra_create_args.get("seed") or 0) % len(fitting)]
        result = _result(chosen.answer)
        self.account(result.usage)
        return result

    def count_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []
    ) -> int:
        """Nothing: a recorded answer fits, whatever the prompt's size."""
        return 0

    def _to_config(self) -> ReplayConfig:
        return self._config

    @classmethod
    def _from_config(cls, config: ReplayConfig) -> Self:
        return cls(config)


def _read(path: Path) -> Iterator[_Line]:
    if not path.exists():
        raise ModelUnavailable(f"the record {path} does not exist")
    if path.is_dir():
        try:
            for _, events in read_episodes(path):
                for event in events:
                    if event.kind == "model_call" and "answer" in event.data:
                        yield _LINE.validate_python(event.data)
        except LogDamaged as error:
            raise ModelUnavailable(str(error)) from None
        return
    with path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                line = _line(orjson.loads(text))
            except (ValueError, ValidationError):
                raise ModelUnavailable(
                    f"{path}:{number}: neither an event nor a line with prompt_digest and answer"
                ) from None
            if line is not None:
                yield line


def _line(value: Any) -> _Line | None:
    if isinstance(value, dict) and "kind" in value:
        if value["kind"] != "model_call" or "answer" not in value.get("data", {}):
            return None
        value = value["data"]
    return _LINE.validate_python(value)


def _same(recorded: Any, asked: Any) -> bool:
    """Whether a recorded digest is that of `asked`; a record without one fits all."""
    if recorded is None:
        return True
    if asked is None:
        return False
    try:
        return bool(digest(asked) == recorded)
    except TypeError:
        return False


def _result(answer: _Recorded | str) -> CreateResult:
    recorded = _Recorded(content=answer) if isinstance(answer, str) else answer
    calls = [
        FunctionCall(id=call.id or f"call_{i}", name=call.name, arguments=call.arguments)
        for i, call in enumerate(recorded.tool_calls or ())
    ]
    reason: Any = recorded.finish_reason
    if reason not in _FINISH:
        reason = "function_calls" if calls else "stop"
    return CreateResult(
        finish_reason=reason,
        content=calls or recorded.content or "",
        usage=RequestUsage(recorded.usage.prompt_tokens, recorded.usage.completion_tokens),
        cached=False,
        thought=recorded.thought,
    )
