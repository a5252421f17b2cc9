"""What the clients have in common whose weights are in this process: asking, streaming, stopping.

The words of a streamed answer come as they are written; calls come whole, at its end. An answer
ends before the first of its stop texts, and the rest of it is then not computed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from autogen_core import CancellationToken
from autogen_core.models import CreateResult, LLMMessage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from .base import ChatClient, ToolChoice
from .call_parsing import begun_words
from .local_call import LocalCall, LocalText, local_call, local_result
from .worker import Worker

_HALVES = ("\ufffd", *map(chr, range(0xD800, 0xDC00)))
"""Half a character is none yet: of UTF-8, or the first of an escaped surrogate pair."""


class LocalClient(ChatClient):
    """A client of which only the worker is left to make."""

    def __init__(self, worker: Worker[LocalCall, LocalText], params: Mapping[str, Any]) -> None:
        """`params`: defaults of what a call may say in its `extra_create_args`."""
        super().__init__()
        self._worker = worker
        self._params = dict(params)

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
        """Raises `ContextOverflow`; `InvalidAnswer` where a call was cut at the token limit or a
        schema cannot be decoded under; `ModelUnavailable` where the weights cannot be loaded."""
        call = local_call(
            messages,
            tools=tools,
            tool_choice=tool_choice,
            json_output=json_output,
            params={**self._params, **extra_create_args},
        )
        if call.stop:
            *_, last = [piece async for piece in self._pieces(call, cancellation_token)]
            assert isinstance(last, CreateResult)
            return last
        written = await self._worker.ask(call, cancellation_token)
        self.account(written.usage)
        return local_result(call, written)

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
        """Pieces of words as they are written, then the whole answer. Raises as `create` does."""
        call = local_call(
            messages,
            tools=tools,
            tool_choice=tool_choice,
            json_output=json_output,
            params={**self._params, **extra_create_args},
        )
        async with contextlib.aclosing(self._pieces(call, cancellation_token)) as pieces:
            async for piece in pieces:
                yield piece

    async def _pieces(
        self, call: LocalCall, token: CancellationToken | None
    ) -> AsyncGenerator[str | CreateResult, None]:
        loop = asyncio.get_running_loop()
        written: asyncio.Queue[LocalText | None] = asyncio.Queue()

        def heard(text: LocalText) -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody listens
                loop.call_soon_threadsafe(written.put_nowait, text)

        answer = asyncio.ensure_future(self._worker.ask(call, token, heard))
        answer.add_done_callback(lambda _: written.put_nowait(None))
        words = _Words(call)
        result: CreateResult | None = None
        try:
            while result is None and (text := await written.get()) is not None:
                result = words.stopped(text)
                if result is None and (piece := words.more(text)):
                    yield piece
            if result is None:
                whole = await answer
                result = words.stopped(whole) or local_result(call, whole)
        finally:
            answer.cancel()
        self.account(result.usage)
        if isinstance(result.content, str) and (piece := words.last(result.content)):
            yield piece
        yield result

    async def close(self) -> None:
        """End the thread and give back the memory."""
        self._worker.close()


class _Words:
    """The words of one answer while it is written, and how many of them were handed out."""

    def __init__(self, call: LocalCall) -> None:
        self._call = call
        self._given = ""

    def more(self, written: LocalText) -> str:
        """Words that are new and will stand, whatever follows."""
        words = self._so_far(written)
        return self.last(words[: len(words) - _begun(words, self._call.stop)])

    def last(self, words: str) -> str:
        """What of `words`, all of which count, was not handed out yet."""
        new = words.removeprefix(self._given) if words.startswith(self._given) else ""
        self._given += new
        return new

    def stopped(self, written: LocalText) -> CreateResult | None:
        """The answer that ends at a stop text, where one stands in what is written."""
        words = self._so_far(written)
        ends = [at for stop in self._call.stop if (at := words.find(stop)) >= 0]
        if not ends:
            return None
        return CreateResult(
            finish_reason="stop", content=words[: min(ends)], usage=written.usage, cached=False
        )

    def _so_far(self, written: LocalText) -> str:
        """None of a call's words, and none of what only its end can show to be words."""
        text = written.text
        words = (begun_words(text) or "") if self._call.offers_tools else text.strip()
        return words[:-1] if words.endswith(_HALVES) else words


def _begun(words: str, stops: Sequence[str]) -> int:
    """Length of the longest end of `words` with which one of `stops` begins."""
    longest = min(len(words), max(map(len, stops), default=1) - 1)
    return next(
        (n for n in range(longest, 0, -1) if any(s.startswith(words[-n:]) for s in stops)), 0
    )
