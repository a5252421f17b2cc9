"""One client per model and process: what all episodes share, around any `ChatCompletionClient`.

A call goes through these, outermost first: making the prompt fit the context, the persistent
cache, single flight, retries, the limit on concurrent calls, the budget, the model itself; then
its answer is charged once and kept.

Cache and flights are shared only by calls that want the same sample: those with a `seed`, or with
temperature 0. A call with neither is a sample of its own. Since episodes seed by (episode, role,
ordinal), equal prompts in two episodes are two samples, and a run repeated is read from the cache.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelInfo
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from ..trajectories.canonical import NotEncodable, digest, encodable
from .accounting import Ledger, Prices
from .base import ChatClient, ToolChoice
from .cache import AnswerCache
from .completion import choice_of, output_format
from .context import Fitted, fit
from .errors import ContextOverflow, EndpointError
from .flow import Flow
from .messages import chat_messages, tool_schemas
from .retry import Retrier
from .single_flight import SingleFlight

OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer and how it came about."""

    result: CreateResult
    ambient: dict[str, Any] = field(default_factory=dict)
    """latency (seconds), retries, cost (where prices are configured and it was paid), cached
    ("store", "flight" or None: made for this call), dropped_turns. JSON values; no part of an
    episode's identity."""


@dataclass(frozen=True, slots=True)
class _Request:
    messages: Sequence[LLMMessage]
    tools: Sequence[Tool | ToolSchema]
    tool_choice: ToolChoice
    json_output: bool | type[BaseModel] | None
    extra: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Made:
    result: CreateResult
    retries: int
    dropped_turns: int


class SharedClient(ChatClient):
    """A model with its limits, retries, cache and account. For one event loop at a time."""

    def __init__(
        self,
        inner: ChatCompletionClient,
        *,
        name: str,
        identity: Mapping[str, Any] | None = None,
        context_size: int | None = None,
        defaults: Mapping[str, Any] = {},
        prices: Prices | None = None,
        flow: Flow | None = None,
        retrier: Retrier | None = None,
        cache: AnswerCache | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        """`identity`: JSON that tells this model from all others in the cache.
        `context_size` in tokens, where it is not the inner client's own.
        `defaults`: parameters that the inner client adds by itself (temperature, max_tokens).
        """
        super().__init__()
        self.name = name
        self.inner = inner
        self.identity = dict(identity or {"name": name})
        size = context_size or getattr(inner, "context_size", None)
        self.context_size = size if isinstance(size, int) else ChatClient.context_size
        self.ledger = ledger or Ledger()
        self.flow = flow or Flow()
        self._defaults = dict(defaults)
        self._prices = prices or Prices()
        self._retrier = retrier or Retrier()
        self._cache = cache
        self._flights: SingleFlight[_Made] = SingleFlight()
        self._streams = True
        """Whether the model may stream, as far as is known."""

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
        """The answer alone; see `ask`."""
        answer = await self.ask(
            messages,
            tools=tools,
            tool_choice=tool_choice,
            json_output=json_output,
            extra_create_args=extra_create_args,
            cancellation_token=cancellation_token,
        )
        return answer.result

    async def ask(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: ToolChoice = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
        on_text: OnText | None = None,
    ) -> Answer:
        """The answer with its ambient facts. With `on_text` the model is asked to stream, and
        `on_text` is given each piece. Where the stream is refused, or breaks off, which an empty
        piece says, the whole answer is asked for, and given as one piece.

        Raises a `ModelError`; `BudgetExceeded` and `ContextOverflow` before anything is sent.
        `CancelledError` as soon as the token is cancelled.
        """
        request = _Request(messages, tools, tool_choice, json_output, extra_create_args)
        asking = self._ask(request, on_text)
        if cancellation_token is None:
            return await asking
        task = asyncio.ensure_future(asking)
        cancellation_token.link_future(task)
        return await task

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
        """Pieces of text as they come, then the whole answer. Only the whole answer counts: after
        a retry the pieces begin again."""
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        task = asyncio.ensure_future(
            self.ask(
                messages,
                tools=tools,
                tool_choice=tool_choice,
                json_output=json_output,
                extra_create_args=extra_create_args,
                cancellation_token=cancellation_token,
                on_text=pieces.put_nowait,
            )
        )
        task.add_done_callback(lambda _: pieces.put_nowait(None))
        try:
            while (piece := await pieces.get()) is not None:
                yield piece
            yield (await task).result
        finally:
            task.cancel()

    async def _ask(self, request: _Request, on_text: OnText | None) -> Answer:
        started = time.perf_counter()
        cached: str | None = None
        fitted = self._fit(request, 0)
        key = self._key(request, fitted)
        result = self._stored(key)
        if result is not None:
            made, cached = _Made(result, 0, fitted.dropped_turns), "store"
        elif key is not None:
            made, led = await self._flights.join(
                key, lambda: self._make(request, fitted, key, on_text)
            )
            cached = None if led else "flight"
        else:
            made = await self._make(request, fitted, None, on_text)
        if cached is not None:
            self.ledger.account(self.name).cache_hits += 1
            if on_text is not None and isinstance(made.result.content, str):
                on_text(made.result.content)
        self.account(made.result.usage)
        ambient = {
            "latency": round(time.perf_counter() - started, 6),
            "retries": made.retries,
            "cached": cached,
            "dropped_turns": made.dropped_turns,
        }
        cost = self._prices.cost(made.result.usage) if cached is None else 0.0
        if cost:
            ambient["cost"] = round(cost, 9)
        return Answer(made.result.model_copy(update={"cached": cached is not None}), ambient)

    async def _make(
        self, request: _Request, fitted: Fitted, key: str | None, on_text: OnText | None
    ) -> _Made:
        result, retries, fitted = await self._until_it_fits(request, fitted, on_text)
        self.ledger.charge(self.name, result.usage, self._prices, retries=retries)
        if self._cache is not None and key is not None:
            self._cache.put(key, result)
        return _Made(result, retries, fitted.dropped_turns)

    async def _until_it_fits(
        self, request: _Request, fitted: Fitted, on_text: OnText | None
    ) -> tuple[CreateResult, int, Fitted]:
        """The answer; leaves out further turns while the endpoint itself, which counts better
        than an estimate does, says that the prompt is too long."""
        while True:
            try:
                result, retries = await self._tried(request, fitted, on_text)
                return result, retries, fitted
            except ContextOverflow as overflow:
                try:
                    fitted = self._fit(request, fitted.dropped_turns + 1)
                except ContextOverflow:
                    raise overflow from None

    async def _tried(
        self, request: _Request, fitted: Fitted, on_text: OnText | None
    ) -> tuple[CreateResult, int]:
        """The answer, and how often asking failed before. That somebody looks on costs one try at
        most: once a stream has been refused, or broke off, the whole answer is asked for."""
        hear = on_text if self._streams else None

        async def attempt() -> CreateResult:
            nonlocal hear
            if hear is not None:
                try:
                    return await self._attempt(request, fitted, hear)
                except EndpointError as error:
                    hear = None
                    if error.retryable:
                        raise
                whole = await self._attempt(request, fitted, None)
                self._streams = False
                return whole
            return await self._attempt(request, fitted, None)

        result, retries = await self._retrier.run(attempt)
        if on_text is not None and hear is None and isinstance(result.content, str):
            on_text(result.content)
        return result, retries

    async def _attempt(
        self, request: _Request, fitted: Fitted, on_text: OnText | None
    ) -> CreateResult:
        arguments: dict[str, Any] = {
            "tools": request.tools,
            "tool_choice": request.tool_choice,
            "json_output": request.json_output,
            "extra_create_args": request.extra,
        }
        async with self.flow.slot():
            with self.ledger.call(self.name, self._prices, fitted.tokens):
                if on_text is None:
                    return await self.inner.create(fitted.messages, **arguments)
                try:
                    async for piece in self.inner.create_stream(fitted.messages, **arguments):
                        if isinstance(piece, CreateResult):
                            return piece
                        on_text(piece)
                except EndpointError:
                    on_text("")
                    raise
        raise EndpointError(f"{self.name}: the stream ended without an answer", retryable=True)

    def _fit(self, request: _Request, at_least: int) -> Fitted:
        params = {**self._defaults, **request.extra}
        answer = params.get("max_tokens") or min(1024, self.context_size // 4)
        return fit(
            request.messages,
            room=self.context_size - int(answer),
            count=lambda messages: self.inner.count_tokens(messages, tools=request.tools),
            at_least=at_least,
        )

    def _key(self, request: _Request, fitted: Fitted) -> str | None:
        """What calls for the same sample have in common; None for a sample of its own."""
        params = {**self._defaults, **request.extra}
        if params.get("seed") is None and params.get("temperature") != 0:
            return None
        asked: list[Any] = [
            self.identity,
            chat_messages(fitted.messages),
            tool_schemas(request.tools),
            choice_of(request.tool_choice) if request.tools else None,
            output_format(request.json_output) if request.json_output else None,
            params,
        ]
        try:
            return digest(asked)
        except TypeError:
            pass
        try:
            return digest(encodable(asked)[0])
        except NotEncodable:
            return None  # parameters that no JSON holds cannot be compared

    def _stored(self, key: str | None) -> CreateResult | None:
        return None if key is None or self._cache is None else self._cache.get(key)

    async def close(self) -> None:
        await self.inner.close()
        if self._cache is not None:
            self._cache.close()

    def count_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []
    ) -> int:
        return self.inner.count_tokens(messages, tools=tools)

    @property
    def model_info(self) -> ModelInfo:
        return self.inner.model_info
