"""The assistant agent: hears the user, calls tools, answers.

It is given a system message, the conversation and the tools' schemas, and nothing else: it cannot
see the plan, the expected calls or the checks. No answer of a model can make it raise: a call that
cannot be made comes back as an error that the model reads.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import (
    BaseAgentEvent,
    BaseChatMessage,
    TextMessage,
    ThoughtEvent,
    ToolCallExecutionEvent,
    ToolCallRequestEvent,
)
from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import ToolSchema, Workbench

from .architectures import Decision
from .architectures import architecture as architecture_named

MAX_TOOL_ROUNDS = 8
"""Rounds of calls within one turn; after them the model must answer in words."""

_GAVE_UP = "I could not finish this: it took more tool calls than I may make in one turn."

CallGroup = Callable[
    [Sequence[FunctionCall], CancellationToken | None], Awaitable[list[FunctionExecutionResult]]
]


class AssistantAgent(BaseChatAgent):
    """Speaks for the assistant of one episode; stateful, one conversation each."""

    def __init__(
        self,
        name: str,
        model_client: ChatCompletionClient,
        workbench: Workbench,
        system_message: str | None = None,
        architecture: str = "zero-shot",
        max_tool_rounds: int = MAX_TOOL_ROUNDS,
    ) -> None:
        """Raises `ValueError` for an unknown architecture."""
        super().__init__(name, "Helps the user, with tools.")
        self._client = model_client
        self._workbench = workbench
        self._group: CallGroup | None = getattr(workbench, "call_group", None)
        self._architecture = architecture_named(architecture)
        self._rounds = max_tool_rounds
        parts = [system_message or "", self._architecture.instructions]
        self._system = "\n\n".join(part for part in parts if part) or None
        self._tools: list[ToolSchema] | None = None
        self._start()

    def _start(self) -> None:
        self._messages: list[LLMMessage] = []
        if self._system is not None:
            self._messages.append(SystemMessage(content=self._system))

    @property
    def system_message(self) -> str | None:
        """The first message of every prompt, the architecture's instructions included."""
        return self._system

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return (TextMessage,)

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        """The answer in words, after whatever calls it took."""
        inner: list[BaseAgentEvent | BaseChatMessage] = []
        async for item in self.on_messages_stream(messages, cancellation_token):
            if isinstance(item, Response):
                return Response(chat_message=item.chat_message, inner_messages=inner)
            inner.append(item)
        raise AssertionError("the stream always ends with a response")

    async def on_messages_stream(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> AsyncGenerator[BaseAgentEvent | BaseChatMessage | Response, None]:
        """One turn: thoughts, requests for calls (before they are made), results, the response.

        Raises a `ModelError` and whatever the workbench raises; ours never does.
        """
        if self._tools is None:
            # Once: AutoGen's own tools make their schemas anew at every look.
            self._tools = await self._workbench.list_tools()
        self._messages.extend(
            UserMessage(content=m.to_model_text(), source=m.source) for m in messages
        )
        for spent in range(self._rounds + 1):
            decision = await self._decide(spent < self._rounds, cancellation_token)
            if decision.thought:
                yield ThoughtEvent(content=decision.thought, source=self.name)
            if isinstance(decision.content, str):
                break
            yield ToolCallRequestEvent(content=decision.content, source=self.name, id=self._place())
            results = await self._call(decision.content, cancellation_token)
            if self._group is not None:
                # What a search has found is on offer from now on; looking costs ours nothing.
                self._tools = await self._workbench.list_tools()
            self._messages.append(FunctionExecutionResultMessage(content=results))
            yield ToolCallExecutionEvent(content=results, source=self.name, id=self._place())
        words = decision.content if isinstance(decision.content, str) else _GAVE_UP
        answer = TextMessage(content=words, source=self.name, id=self._place())
        yield Response(chat_message=answer)

    def _place(self) -> str:
        """The id of what is said now; AutoGen would draw one by chance, with a system call."""
        return f"{self.name}.{len(self._messages)}"

    async def _decide(self, may_call: bool, cancellation_token: CancellationToken) -> Decision:
        async def ask(note: str | None = None, *, tools: bool = True) -> CreateResult:
            prompt = self._messages
            if note is not None:
                prompt = [*prompt, UserMessage(content=note, source="director")]
            offered = (self._tools or []) if tools and may_call else []
            return await self._client.create(
                prompt, tools=offered, cancellation_token=cancellation_token
            )

        decision = await self._architecture.decide(ask)
        if not may_call and not isinstance(decision.content, str):
            decision = Decision(_GAVE_UP, decision.thought)
        self._messages.append(
            AssistantMessage(content=decision.content, thought=decision.thought, source=self.name)
        )
        return decision

    async def _call(
        self, calls: list[FunctionCall], cancellation_token: CancellationToken
    ) -> list[FunctionExecutionResult]:
        """Results in the calls' order. A workbench that has `call_group` decides itself what
        runs at the same time; any other is called one after another."""
        if self._group is not None:
            return await self._group(calls, cancellation_token)
        return [await self._call_one(call, cancellation_token) for call in calls]

    async def _call_one(
        self, call: FunctionCall, cancellation_token: CancellationToken
    ) -> FunctionExecutionResult:
        arguments, problem = _decoded(call.arguments)
        if call.name not in {tool["name"] for tool in self._tools or ()}:
            problem = f"there is no tool named {call.name!r}"
        if problem is not None:
            content = orjson.dumps({"error": problem}).decode()
            return FunctionExecutionResult(
                content=content, name=call.name, call_id=call.id, is_error=True
            )
        result = await self._workbench.call_tool(
            call.name, arguments, cancellation_token, call_id=call.id
        )
        return FunctionExecutionResult(
            content=result.to_text(), name=call.name, call_id=call.id, is_error=result.is_error
        )

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        self._start()


def _decoded(text: str) -> tuple[Mapping[str, Any], str | None]:
    """Arguments as a model wrote them, and what is wrong with them, if anything."""
    try:
        arguments = orjson.loads(text or "{}")
    except (orjson.JSONDecodeError, RecursionError) as error:
        return {}, f"the arguments are not JSON: {error}"
    if not isinstance(arguments, dict):
        return {}, "the arguments are not a JSON object"
    return arguments, None
