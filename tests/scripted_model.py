"""A model that says what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import CreateResult, LLMMessage, RequestUsage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from callsheet.models.base import ChatClient, ToolChoice

Said = str | dict[str, Any] | list[FunctionCall] | tuple[str, list[FunctionCall]]
"""Words, an object said as JSON, calls, or a thought and calls."""


class Scripted(ChatClient):
    def __init__(self, *answers: Said) -> None:
        super().__init__()
        self.answers = list(answers)
        self.prompts: list[list[LLMMessage]] = []
        self.tools: list[list[Any]] = []

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
        self.prompts.append(list(messages))
        self.tools.append(list(tools))
        said = self.answers.pop(0)
        thought = None
        if isinstance(said, tuple):
            thought, said = said
        content = orjson.dumps(said).decode() if isinstance(said, dict) else said
        return CreateResult(
            finish_reason="stop" if isinstance(content, str) else "function_calls",
            content=content,
            usage=RequestUsage(prompt_tokens=1, completion_tokens=1),
            cached=False,
            thought=thought,
        )

    def brief(self, index: int = -1) -> dict[str, Any]:
        """The brief of one of the prompts."""
        content = self.prompts[index][-1].content
        assert isinstance(content, str)
        brief: dict[str, Any] = orjson.loads(content)
        return brief


def call(name: str, arguments: str = "{}", identity: str = "c1") -> FunctionCall:
    return FunctionCall(id=identity, name=name, arguments=arguments)


class Failing(Scripted):
    """Raises `error` instead of an answer."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    async def create(self, *_: Any, **__: Any) -> Any:
        raise self.error
