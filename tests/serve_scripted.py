"""A served model that does what the last message says: python serve_scripted.py LOG [KEY].

What becomes of each answer is written to LOG, so that a test sees it from outside.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import orjson
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, LLMMessage, RequestUsage
from pydantic import SecretStr

from callsheet.models.base import ChatClient
from callsheet.models.errors import ContextOverflow, EndpointError, InvalidAnswer, ModelUnavailable
from callsheet.models.messages import chat_messages
from callsheet.train.serving import serve
from callsheet.train.serving.settings import ServeSettings

ERRORS = {
    "overflow": ContextOverflow("the prompt does not fit"),
    "invalid": InvalidAnswer("no usable answer"),
    "down": EndpointError("unreachable", status=503),
    "busy": EndpointError("busy", status=429, retry_after=3.0),
    "unloaded": ModelUnavailable("no weights"),
    "defect": RuntimeError("a secret of ours"),
}


class Obedient(ChatClient):
    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    async def create(self, messages: Sequence[LLMMessage], **given: Any) -> CreateResult:
        *_, last = [piece async for piece in self.create_stream(messages, **given)]
        assert isinstance(last, CreateResult)
        return last

    async def create_stream(
        self, messages: Sequence[LLMMessage], **given: Any
    ) -> AsyncGenerator[str | CreateResult, None]:
        order = str(chat_messages(messages)[-1]["content"])
        try:
            async for piece in self._obey(order, messages, given):
                yield piece
        except (asyncio.CancelledError, GeneratorExit):
            self._note(f"cancelled {order}")
            raise
        self._note(f"answered {order}")

    async def _obey(
        self, order: str, messages: Sequence[LLMMessage], given: dict[str, Any]
    ) -> AsyncGenerator[str | CreateResult, None]:
        if order in ERRORS:
            raise ERRORS[order]
        if order == "hang":
            self._note("begun hang")
            await asyncio.sleep(60)
        if order.startswith("call"):
            calls = [
                FunctionCall(id=f"c{n}", name=name, arguments=f'{{"n": {n}}}')
                for n, name in enumerate(order.split()[1:])
            ]
            yield _result(calls, "function_calls", thought="I look it up.")
            return
        if order == "tell":
            tools = given["tools"]
            choice = given["tool_choice"]
            told = {
                "messages": chat_messages(messages),
                "tools": tools,
                "tool_choice": choice if isinstance(choice, str) else choice.name,
                "params": given["extra_create_args"],
            }
            yield _result(orjson.dumps(told).decode(), "stop")
            return
        said = ""
        for number in range(1000 if order == "endless" else 3):
            piece = f"word{number} "
            said += piece
            yield piece
            await asyncio.sleep(0.01)
            if order == "break":
                raise EndpointError("it broke off", status=500)
            if order == "anew":
                said = ""
        yield _result(said + "end", "length" if order == "cut" else "stop")

    def _note(self, line: str) -> None:
        with self._log.open("a") as file:
            file.write(line + "\n")


def _result(content: Any, finish: Any, thought: str | None = None) -> CreateResult:
    return CreateResult(
        finish_reason=finish,
        content=content,
        usage=RequestUsage(prompt_tokens=7, completion_tokens=3),
        cached=False,
        thought=thought,
    )


if __name__ == "__main__":
    key = SecretStr(sys.argv[2]) if len(sys.argv) > 2 else None
    serve(
        Obedient(Path(sys.argv[1])),
        "obedient",
        ServeSettings(port=0, key=key, queue=2),
        lambda address: print(f"at {address}", flush=True),
    )
