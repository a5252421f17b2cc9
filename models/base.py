"""The common half of callsheet's model clients.

Every model, from the rule-based baseline to a hosted endpoint, is an AutoGen
`ChatCompletionClient`, so that any of them can be used in an AutoGen program and any AutoGen
client here. A subclass writes `create`; the rest of the interface is the same for all.

`extra_create_args` understood by all of them:
    `response_format`: {"type": "json_schema", "json_schema": {"name", "schema", "strict"}}: the
        answer's text must be JSON that fits the schema.
    `seed`: int, which sample of the same prompt is wanted (equal seed, equal sample, as far as
        the model can promise it).
    `temperature`, `max_tokens`: as OpenAI's.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal

from autogen_core import CancellationToken
from autogen_core.models import (
    ChatCompletionClient,
    CreateResult,
    LLMMessage,
    ModelFamily,
    ModelInfo,
    RequestUsage,
)
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

ToolChoice = Tool | Literal["auto", "required", "none"]


class ChatClient(ChatCompletionClient):
    """A `ChatCompletionClient` of which only `create` is left to write."""

    name: str = "model"
    """Name under which the model was configured; recorded with every call."""
    context_size: int = 8192
    """Tokens that prompt and answer may have together."""

    def __init__(self) -> None:
        self._total = RequestUsage(prompt_tokens=0, completion_tokens=0)
        self._last = self._total

    @abstractmethod
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
        """One answer. Raises a `ModelError` (see `callsheet.models.errors`)."""

    async def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: ToolChoice = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> AsyncGenerator[str | CreateResult, None]:
        """Chunks of text, then the whole answer; a client that cannot stream gives one chunk."""
        result = await self.create(
            messages,
            tools=tools,
            tool_choice=tool_choice,
            json_output=json_output,
            extra_create_args=extra_create_args,
            cancellation_token=cancellation_token,
        )
        if isinstance(result.content, str):
            yield result.content
        yield result

    def account(self, usage: RequestUsage) -> None:
        """Add one answer's usage to the client's totals."""
        self._last = usage
        self._total = RequestUsage(
            prompt_tokens=self._total.prompt_tokens + usage.prompt_tokens,
            completion_tokens=self._total.completion_tokens + usage.completion_tokens,
        )

    async def close(self) -> None:
        """Give back connections and memory; does nothing here."""

    def actual_usage(self) -> RequestUsage:
        return self._last

    def total_usage(self) -> RequestUsage:
        return self._total

    def count_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []
    ) -> int:
        """An estimate of four characters a token, where the model has no tokenizer at hand."""
        text = sum(len(str(m.content)) for m in messages)
        return (text + sum(len(str(t)) for t in tools)) // 4 + 4 * len(messages)

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []
    ) -> int:
        return self.context_size - self.count_tokens(messages, tools=tools)

    @property
    def capabilities(self) -> ModelInfo:
        return self.model_info

    @property
    def model_info(self) -> ModelInfo:
        return ModelInfo(
            vision=False,
            function_calling=True,
            json_output=True,
            family=ModelFamily.UNKNOWN,
            structured_output=True,
            multiple_system_messages=True,
        )
