"""Server-sent events of a streamed chat completion, put together into one answer.

Works on bytes and splits at newlines only: a decoder of text lines would also split at U+2028,
which may stand raw inside a JSON string.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from autogen_core.models import ChatCompletionTokenLogprob, CreateResult, RequestUsage

from .completion import WrongShape, answer, decode, read_calls, read_logprobs, read_usage
from .secrets import hidden

_LONGEST_LINE = 16 << 20
DONE = b"[DONE]"


async def events(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The `data` of each event. Raises `WrongShape` for a line of more than 16 MB."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            raise WrongShape("a line of its stream does not end")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
    if rest.startswith(b"data:"):
        yield rest[5:].strip()


class Assembly:
    """The answer so far. Feed it each event's JSON; it hands back the new text."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._thought: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self._logprobs: list[ChatCompletionTokenLogprob] = []
        self._finish: str | None = None
        self.usage: RequestUsage | None = None

    @property
    def finished(self) -> bool:
        """Whether the model said that it is done; a stream that ends before is truncated."""
        return self._finish is not None

    def feed(self, data: bytes) -> str:
        """The text that this event adds. Raises `ValueError` (`WrongShape` among them)."""
        value = decode(data)
        if not isinstance(value, dict):
            raise WrongShape("an event of its stream is no object")
        self.usage = read_usage(value.get("usage")) or self.usage
        choices = value.get("choices")
        if not isinstance(choices, list):
            raise WrongShape("an event of its stream has no `choices`")
        if not choices:
            return ""  # the last event of some servers holds only the usage
        choice = choices[0]
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(delta, dict):
            raise WrongShape("an event of its stream has no `delta`")
        self._finish = choice.get("finish_reason") or self._finish
        self._logprobs += read_logprobs(choice.get("logprobs")) or []
        return self._add(delta)

    def _add(self, delta: dict[str, Any]) -> str:
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thought, str):
            self._thought.append(thought)
        for part in delta.get("tool_calls") or ():
            self._add_call(part)
        text = delta.get("content")
        if not isinstance(text, str):
            return ""
        self._text.append(text)
        return text

    def _add_call(self, part: Any) -> None:
        function = part.get("function") if isinstance(part, dict) else None
        if not isinstance(function, dict):
            raise WrongShape("a tool call in its stream has no function")
        index = part.get("index")
        if not isinstance(index, int):
            # Without an index, a new id begins a new call.
            index = len(self._calls) - (0 if part.get("id") or not self._calls else 1)
        call = self._calls.setdefault(index, {"id": None, "function": {"arguments": ""}})
        call["id"] = call["id"] or part.get("id")
        if function.get("name"):
            call["function"].setdefault("name", function["name"])
        if isinstance(function.get("arguments"), str):
            call["function"]["arguments"] += function["arguments"]

    def result(self) -> CreateResult:
        """The whole answer. Raises `WrongShape` for a call that never got a name."""
        return answer(
            text=hidden("".join(self._text)),  # a secret may have come in pieces
            thought="".join(self._thought),
            calls=read_calls([self._calls[index] for index in sorted(self._calls)]),
            finish=self._finish,
            usage=self.usage,
            logprobs=self._logprobs or None,
        )
