"""The rule-based baseline, as a model client.

It is a baseline and says so: no weights, no learning, English only. It sees what any model in its
place would see (messages, tool schemas, the brief of its role) and nothing else. The answer
depends on these and on the seed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import orjson
from autogen_core import CancellationToken
from autogen_core.models import CreateResult, LLMMessage, RequestUsage, UserMessage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from ...models.base import ChatClient, ToolChoice
from ...models.errors import InvalidAnswer
from .assistant_policy import answer
from .judge import judge
from .tool_policy import simulate
from .user_policy import reply

Brief = dict[str, Any]

_BRIEFED: dict[str, Callable[[Brief, Sequence[LLMMessage], Random], dict[str, Any]]] = {
    "user": reply,
    "tool": simulate,
    "tester": judge,
}


class RulesClient(ChatClient):
    """One role's rules. Stateless: any number of conversations may share it."""

    name = "rules"
    context_size = 1_000_000

    def __init__(self, role: str) -> None:
        """Raises `ValueError` for a role other than user, assistant, tool and tester."""
        super().__init__()
        if role != "assistant" and role not in _BRIEFED:
            raise ValueError(f"no rules for the role {role!r}")
        self._role = role

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
        """The answer under the seed in `extra_create_args` (default 0).

        Raises `InvalidAnswer` where a role that needs a brief is not given one.
        """
        seed = extra_create_args.get("seed") or 0
        chance = Random(seed)  # noqa: S311
        if self._role == "assistant":
            result = answer(messages, [] if tool_choice == "none" else tools, chance)
        else:
            brief = brief_in(messages)
            content = orjson.dumps(_BRIEFED[self._role](brief, messages, chance)).decode()
            result = CreateResult.model_construct(
                finish_reason="stop", content=content, cached=False, thought=None
            )
        result.usage = RequestUsage(
            prompt_tokens=_size(messages) // 4, completion_tokens=_length(result.content) // 4
        )
        self.account(result.usage)
        return result


def brief_in(messages: Sequence[LLMMessage]) -> Brief:
    """The latest brief of a prompt. Raises `InvalidAnswer` where there is none."""
    for message in reversed(messages):
        if isinstance(message, UserMessage) and isinstance(message.content, str):
            text = message.content
            if text.startswith("{") and '"task"' in text:
                brief: Brief = orjson.loads(text)
                return brief
    raise InvalidAnswer("the rules play this role only when they are given a brief")


def _size(messages: Sequence[LLMMessage]) -> int:
    """Characters of a prompt, roughly."""
    return sum(_length(message.content) + 16 for message in messages)


def _length(content: Any) -> int:
    if isinstance(content, str):
        return len(content)
    length = 0
    for part in content:
        if hasattr(part, "arguments"):
            length += len(part.name) + len(part.arguments)
        else:
            length += len(getattr(part, "content", ""))
    return length
