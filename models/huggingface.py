"""A Hugging Face checkpoint as a model client, with an optional PEFT adapter, in batches.

Questions that are asked at the same time are answered together: on a processor the weights are
read once for all of them. Tool calls are decoded under a grammar made from the tools' schemas, so
that base and trained model are held to the same form. Everything is local; no hub is ever asked.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autogen_core import CancellationToken
from autogen_core.models import CreateResult, LLMMessage, RequestUsage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from .base import ChatClient, ToolChoice
from .bounded_schema import bounded
from .call_parsing import Parsed, answer_schema, as_result, parse_answer
from .chat_template import render
from .errors import InvalidAnswer, ModelUnavailable
from .messages import chat_messages, tool_schemas

if TYPE_CHECKING:
    from .generation import Generator

MAX_NEW_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Question:
    """One prompt on its way to a batch."""

    prompt: str
    grammar: str | None
    max_tokens: int
    temperature: float
    seed: int


@dataclass(frozen=True, slots=True)
class Written:
    """What the model wrote for one question."""

    text: str
    prompt_tokens: int
    answer_tokens: int
    ended: bool
    """Whether it ended by itself."""


class HuggingFaceClient(ChatClient):
    """A checkpoint folder as a `ChatCompletionClient`."""

    def __init__(
        self,
        path: str | Path,
        *,
        adapter: str | Path | None = None,
        threads: int = 1,
        batch_size: int = 8,
        context_size: int = 2048,
        dtype: str = "float32",
    ) -> None:
        """`path`: a folder with a checkpoint; `adapter`: a folder with a PEFT adapter for it.

        `threads`: of torch, for the whole process. Raises `ModelUnavailable`.
        """
        super().__init__()
        self.name = str(adapter or path)
        self.context_size = context_size
        self._batch_size = batch_size
        self._engine = _load(
            Path(path), Path(adapter) if adapter else None, threads, context_size, dtype
        )
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="callsheet-torch")
        self._waiting: list[tuple[Question, asyncio.Future[Written]]] = []
        self._running: asyncio.Task[None] | None = None

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
        question = Question(
            prompt=render(chat_messages(messages), schemas),
            grammar=self._grammar(schemas, choice, json_output, extra_create_args),
            max_tokens=int(extra_create_args.get("max_tokens") or MAX_NEW_TOKENS),
            temperature=float(extra_create_args.get("temperature") or 0.0),
            seed=int(extra_create_args.get("seed") or 0),
        )
        written = await self._ask(question, cancellation_token)
        return self._result(written, bool(schemas), question.grammar is not None)

    def _grammar(
        self,
        schemas: list[dict[str, Any]],
        choice: str,
        json_output: bool | type[BaseModel] | None,
        extra: Mapping[str, Any],
    ) -> str | None:
        """The grammar of the answer, or None where it is free text."""
        form = extra.get("response_format")
        if isinstance(form, Mapping) and "json_schema" in form:
            return self._engine.json_grammar(bounded(form["json_schema"]["schema"]))
        if isinstance(json_output, type):
            return self._engine.json_grammar(bounded(json_output.model_json_schema()))
        return self._engine.json_grammar(answer_schema(schemas, choice)) if schemas else None

    async def _ask(self, question: Question, token: CancellationToken | None) -> Written:
        answer: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        if token is not None:
            token.link_future(answer)
        self._waiting.append((question, answer))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._serve())
        return await answer

    async def _serve(self) -> None:
        """Answer what is waiting, batch by batch."""
        # Others may be asking in this very turn of the loop; they belong to the first batch.
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        while self._waiting:
            # Neighbours in length waste the least on padding.
            self._waiting.sort(key=lambda item: len(item[0].prompt))
            batch = self._waiting[: self._batch_size]
            del self._waiting[: self._batch_size]
            batch = [item for item in batch if not item[1].done()]
            if not batch:
                continue
            try:
                written = await loop.run_in_executor(
                    self._worker, self._engine.generate, [question for question, _ in batch]
                )
            except Exception as error:
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(error)
                continue
            for (_, answer), text in zip(batch, written, strict=True):
                if not answer.done():
                    answer.set_result(text)

    def _result(self, written: Written, tools: bool, must_be_json: bool) -> CreateResult:
        """Raises `InvalidAnswer` for JSON that broke off at the token limit."""
        parsed = parse_answer(written.text, cut=not written.ended) if tools else None
        if must_be_json and not written.ended and not (parsed and (parsed.calls or parsed.words)):
            raise InvalidAnswer(f"{self.name}: the answer was longer than it may be")
        usage = RequestUsage(
            prompt_tokens=written.prompt_tokens, completion_tokens=written.answer_tokens
        )
        self.account(usage)
        return as_result(parsed or Parsed(written.text.strip()), usage)

    async def close(self) -> None:
        self._worker.shutdown(wait=False, cancel_futures=True)


def _load(path: Path, adapter: Path | None, threads: int, context: int, dtype: str) -> Generator:
    if not (path / "config.json").exists():
        raise ModelUnavailable(f"{path}: no checkpoint here (it has no config.json)")
    if adapter is not None and not (adapter / "adapter_config.json").exists():
        raise ModelUnavailable(f"{adapter}: no adapter here (it has no adapter_config.json)")
    try:
        from .generation import Generator
    except ImportError as error:
        raise ModelUnavailable(
            f"a checkpoint needs the train extra: pip install 'callsheet[train]' ({error})"
        ) from None
    with _LOADING:
        return Generator(path, adapter, threads=threads, context=context, dtype=dtype)


_LOADING = threading.Lock()
