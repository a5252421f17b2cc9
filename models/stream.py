"""Server-sent events of a streamed chat completion, put together into one answer.

Works on bytes and splits at newlines only: a decoder of text lines would also split at U+2028,
which may stand raw inside a JSON string.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from operator import itemgetter
from typing import Any

from autogen_core.models import ChatCompletionTokenLogprob, CreateResult, RequestUsage

from .completion import (
    WrongShape,
    answer,
    decode,
    encode,
    read_calls,
    read_logprobs,
    read_usage,
    text_in,
)
from .secrets import hidden

_LONGEST_LINE = 16 << 20
DONE = b"[DONE]"
_NO_INDEX = -1


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
        self._calls: list[dict[str, Any]] = []
        self._slots: dict[int, int] = {}
        """Which of the calls an index of the stream means now."""
        self._logprobs: list[ChatCompletionTokenLogprob] = []
        self._finish: str | None = None
        self.usage: RequestUsage | None = None

    @property
    def finished(self) -> bool:
        """Whether the model said that it is done; a stream that ends before is truncated."""
        return self._finish is not None

    def feed(self, value: Any) -> str:
        """The text that this event adds. Raises `WrongShape`."""
        if not isinstance(value, dict):
            raise WrongShape("an event of its stream is no object")
        self.usage = read_usage(value.get("usage")) or self.usage
        choices = value.get("choices")
        if not isinstance(choices, list):
            raise WrongShape("an event of its stream has no `choices`")
        if not choices:
            return ""  # the last event of some servers holds only the usage
        choice = choices[0]
        if not isinstance(choice, dict):
            raise WrongShape("an event of its stream has no `delta`")
        delta = choice.get("delta") or {}  # some last events have none
        if not isinstance(delta, dict):
            raise WrongShape("the `delta` of an event of its stream is no object")
        self._finish = choice.get("finish_reason") or self._finish
        self._logprobs += read_logprobs(choice.get("logprobs")) or []
        return self._add(delta)

    def _add(self, delta: dict[str, Any]) -> str:
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thought, str):
            self._thought.append(thought)
        calls = delta.get("tool_calls")
        for part in calls if isinstance(calls, list) else [calls] if calls else ():
            self._add_call(part)
        text = text_in(delta.get("content")) or text_in(delta.get("refusal"))
        self._text.append(text)
        return text

    def _add_call(self, part: Any) -> None:
        function = part.get("function") if isinstance(part, dict) else None
        if not isinstance(function, dict):
            raise WrongShape("a tool call in its stream has no function")
        arguments = function.get("arguments")
        if isinstance(arguments, dict):
            arguments = encode(arguments).decode()
        call = self._call_of(part)
        call["id"] = call["id"] or part.get("id")
        if function.get("name"):
            call["function"].setdefault("name", function["name"])
        if isinstance(arguments, str):
            call["function"]["arguments"] += arguments

    def _call_of(self, part: dict[str, Any]) -> dict[str, Any]:
        """The call that a piece belongs to; a new one where it begins one."""
        index = part.get("index")
        if not isinstance(index, int):
            index = _NO_INDEX
        at = self._slots.get(index)
        if at is None or _begins_another(self._calls[at], part):
            at = self._slots[index] = len(self._calls)
            self._calls.append({"index": index, "id": None, "function": {"arguments": ""}})
        return self._calls[at]

    def result(self) -> CreateResult:
        """The whole answer. Raises `WrongShape` for a call that never got a name."""
        return answer(
            text=hidden("".join(self._text)),  # a secret may have come in pieces
            thought="".join(self._thought),
            calls=read_calls(sorted(self._calls, key=itemgetter("index"))),
            finish=self._finish,
            usage=self.usage,
            logprobs=self._logprobs or None,
        )


def _begins_another(call: dict[str, Any], part: dict[str, Any]) -> bool:
    """Whether a piece is no piece of `call`, whose index it has: some servers give all calls one
    index, or none. With an index, a name alone does not say so, as some repeat it; nor does an id
    alone, as old versions of vLLM made one up for every piece."""
    another = bool(part.get("id")) and part["id"] != call["id"]
    if another and call["index"] == _NO_INDEX:
        return True
    if not part["function"].get("name") or "name" not in call["function"]:
        return False
    if part.get("id") and call["id"]:
        return another
    try:
        return isinstance(decode(call["function"]["arguments"].encode()), dict)
    except ValueError:
        return False
