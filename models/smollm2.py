"""SmolLM2-135M-Instruct through llama.cpp, in process: a real model that needs no key and no hub.

llama.cpp's server takes our own rendered prompt and a JSON Schema; its `tools` are not used, since
for this model it ignores them silently. An answer with tools on offer is therefore always JSON:
either `{"say": words}` or a list of calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import CreateResult, LLMMessage, RequestUsage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from .base import ChatClient, ToolChoice
from .call_parsing import answer_schema, bounded, parse_answer
from .chat_template import END_OF_TURN, render
from .checkpoint import smollm2_gguf
from .errors import ContextOverflow, InvalidAnswer, ModelUnavailable
from .messages import chat_messages, tool_schemas

MAX_NEW_TOKENS = 256


class SmolLM2Client(ChatClient):
    """One copy of the model in this process, which answers one question after another."""

    name = "smollm2"

    def __init__(self, *, threads: int = 1, context_size: int = 4096) -> None:
        """Raises `ModelUnavailable` where the runtime or the weights are not installed."""
        super().__init__()
        self.context_size = context_size
        self._server = _start(threads, context_size)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="callsheet-llama")

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
        """Raises `ContextOverflow`, `InvalidAnswer`."""
        schemas = [] if tool_choice == "none" else tool_schemas(tools)
        choice = tool_choice.name if isinstance(tool_choice, Tool) else tool_choice
        request: dict[str, Any] = {
            "prompt": render(chat_messages(messages), schemas),
            "n_predict": int(extra_create_args.get("max_tokens") or MAX_NEW_TOKENS),
            "temperature": float(extra_create_args.get("temperature") or 0.0),
            "seed": int(extra_create_args.get("seed") or 0),
            "stop": [END_OF_TURN],
            "cache_prompt": True,
        }
        form = extra_create_args.get("response_format")
        if isinstance(form, Mapping) and "json_schema" in form:
            request["json_schema"] = bounded(form["json_schema"]["schema"])
        elif isinstance(json_output, type):
            request["json_schema"] = bounded(json_output.model_json_schema())
        elif schemas:
            request["json_schema"] = answer_schema(schemas, choice)
        asking = asyncio.get_running_loop().run_in_executor(self._worker, self._complete, request)
        if cancellation_token is not None:
            cancellation_token.link_future(asking)
        return self._result(await asking, bool(schemas))

    def _complete(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = self._server.handle_completions(request)
        return answer if isinstance(answer, dict) else dict(orjson.loads(answer))

    def _result(self, answer: Mapping[str, Any], tools: bool) -> CreateResult:
        if "error" in answer:
            raise _refused(answer["error"])
        choice = (answer.get("choices") or [{}])[0]
        text = str(answer.get("content", choice.get("text", "")))
        usage = answer.get("usage") or {}
        counted = RequestUsage(
            prompt_tokens=int(usage.get("prompt_tokens", answer.get("tokens_evaluated", 0))),
            completion_tokens=int(
                usage.get("completion_tokens", answer.get("tokens_predicted", 0))
            ),
        )
        self.account(counted)
        content = _words_or_calls(text) if tools else text.strip()
        return CreateResult(
            finish_reason="function_calls" if isinstance(content, list) else "stop",
            content=content,
            usage=counted,
            cached=False,
        )

    async def close(self) -> None:
        self._worker.shutdown(wait=False, cancel_futures=True)


def _words_or_calls(text: str) -> str | list[FunctionCall]:
    content = parse_answer(text)
    if isinstance(content, list):
        return content
    try:
        said = orjson.loads(content)["say"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return content
    return str(said)


def _refused(error: Any) -> Exception:
    message = str(error.get("message", error) if isinstance(error, Mapping) else error)
    if "context" in message or "exceed" in message:
        return ContextOverflow(f"smollm2: {message}")
    return InvalidAnswer(f"smollm2: {message}")


def _start(threads: int, context_size: int) -> Any:
    path = smollm2_gguf()
    try:
        import xllamacpp
    except ImportError:
        raise ModelUnavailable(
            "smollm2 needs the local extra: pip install 'callsheet[local]'"
        ) from None
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = context_size
    params.n_parallel = 1
    params.warmup = False
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    return xllamacpp.Server(params)
