"""A model as the assistant of a recorded user: it calls what it likes, and lives with the results.

The user's lines come in their order, whatever the model says. The model's calls are made in one
session and change its state; nothing of the annotated answers is shown. In level 1 the dialogue's
tools are on offer, in levels 2 and 3 ToolSearcher and what the model's own searches found. A call
of a tool that was not found yet is made all the same, and marked. Greedy, seed 0.

Ids that the recording drew by chance are exchanged in the user's lines for those that the session
draws when the annotated calls are made in it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson
from autogen_core import FunctionCall
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

from ...environments.api_bank import CallRaised, Session
from ...environments.api_bank.search import SEARCH
from ...models.embedding import encoder
from ...models.errors import ModelError
from ...tools import ToolSpec
from ...trajectories.canonical import digest, encodable, text_of
from .annotations import Source
from .asking import MAX_ANSWER_TOKENS, NOT_THERE, schemas
from .benchmark import Benchmark
from .bracket_syntax import render
from .call_styles import ParseFailure, PredictedCall, Style, read_calls
from .conversation import Answered, Conversation, Exchange, MadeCall, name_of, user_lines
from .scoring import as_searched

MAX_ROUNDS = 12
"""Rounds of calls that one line of the user may take; the longest record of level 3 has ten."""
ONE_AT_A_TIME = (1, 2)
"""Levels in which an answer may make one call only; in level 3 a request takes several."""


def setting(benchmark: Benchmark, source: Source, style: Style) -> str:
    """Digest of what a conversation depends on besides the model."""
    lines = user_lines(source)
    offered = [spec.digest for spec in benchmark.specs.values()]
    told: list[object] = [_texts(), style, MAX_ROUNDS, MAX_ANSWER_TOKENS, benchmark.level]
    if benchmark.level != 1:
        told.append(encoder().digest)  # what the model's searches find depends on it
    return digest([lines, offered, told, benchmark.data.digest])


async def play(
    client: ChatCompletionClient,
    benchmark: Benchmark,
    source: Source,
    style: Style,
    renamed: Mapping[str, str],
) -> Conversation:
    """One conversation. `renamed`: ids of the recording, each with the session's.

    Raises `ModelError` where the model is not there; another ends the conversation.
    """
    started = time.perf_counter()
    session = Session(benchmark.catalog, data=benchmark.data)
    table = _Table(benchmark, source, style, session)
    exchanges: list[Exchange] = []
    problem = None
    for line in user_lines(source):
        said = _with_ids(line, renamed)
        table.messages.append(UserMessage(content=said, source="user"))
        exchange, problem = await _exchange(client, table, said)
        exchanges.append(exchange)
        if problem is not None:
            break
    session.world.close()
    return Conversation(
        file=name_of(source),
        setting=setting(benchmark, source, style),
        exchanges=tuple(exchanges),
        end="user" if problem is None else "model",
        problem=problem,
        seconds=round(time.perf_counter() - started, 3),
    )


async def _exchange(
    client: ChatCompletionClient, table: _Table, said: str
) -> tuple[Exchange, str | None]:
    answers: list[Answered] = []
    for _ in range(MAX_ROUNDS):
        try:
            result = await table.ask(client)
        except ModelError as error:
            if error.kind in NOT_THERE:
                raise
            return Exchange(user=said, answers=tuple(answers)), error.kind
        answers.append(table.take(result))
        if not answers[-1].calls:
            return Exchange(user=said, answers=tuple(answers)), None
    return Exchange(user=said, answers=tuple(answers), cut=True), None


@dataclass
class _Table:
    """What is on the table in a conversation: the words so far, the tools, the world."""

    benchmark: Benchmark
    source: Source
    style: Style
    session: Session
    messages: list[LLMMessage] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    """Tools that the model's searches gave, in order."""
    made: int = 0

    @property
    def searching(self) -> bool:
        return self.benchmark.level != 1

    @property
    def tools(self) -> list[ToolSpec]:
        """The tools on offer now."""
        names = [SEARCH, *self.found] if self.searching else _named(self.source)
        specs = self.benchmark.specs
        return [specs[name] for name in dict.fromkeys(names) if name in specs]

    async def ask(self, client: ChatCompletionClient) -> CreateResult:
        native = self.style == "native"
        system = SystemMessage(content=_system(self.benchmark.level, self.style, self.tools))
        return await client.create(
            [system, *self.messages],
            tools=schemas(self.tools) if native else [],
            tool_choice="auto",
            extra_create_args={"temperature": 0, "seed": 0, "max_tokens": MAX_ANSWER_TOKENS},
        )

    def take(self, result: CreateResult) -> Answered:
        """Make the answer's calls, and put it on the table."""
        read = read_calls(self.style, result)
        if isinstance(read, ParseFailure):
            words = result.content if isinstance(result.content, str) else ""
            self.messages.append(AssistantMessage(content=words, source="assistant"))
            unreadable = read.kind == "failed_parse_api_call"
            return Answered(said=encodable(words)[0], unreadable=unreadable)
        before = result.thought or ""
        made = tuple(self._make(call) for call in read)
        self._tell(made, before)
        return Answered(said=encodable(before)[0], calls=made)

    def _make(self, call: PredictedCall) -> MadeCall:
        unsearched = self.searching and call.name not in (SEARCH, *self.found)
        arguments = as_searched(self.session, call.name, call.arguments)
        reached = True
        try:
            envelope = self.session.call(call.name, arguments)
        except CallRaised as raised:
            reached = False
            envelope = {
                "api_name": call.name,
                "input": dict(call.arguments),
                "output": None,
                "exception": str(raised),
            }
        if call.name == SEARCH:
            self.found += tools_found(envelope["output"])
        kept = encodable({"arguments": call.arguments, "envelope": envelope})[0]
        return MadeCall(
            name=encodable(call.name)[0], **kept, reached=reached, unsearched=unsearched
        )

    def _tell(self, made: Sequence[MadeCall], before: str) -> None:
        if self.style != "native":
            said = "\n".join(_written(self.style, call) for call in made)
            results = "\n".join(f"Result: {result_text(call)}" for call in made)
            self.messages.append(AssistantMessage(content=said, source="assistant"))
            self.messages.append(UserMessage(content=results, source="user"))
            return
        calls, results_of = [], []
        for call in made:
            identity = f"call_{self.made}"
            self.made += 1
            arguments = orjson.dumps(call.arguments).decode()
            calls.append(FunctionCall(id=identity, name=call.name, arguments=arguments))
            results_of.append(
                FunctionExecutionResult(
                    content=result_text(call),
                    name=call.name,
                    call_id=identity,
                    is_error=call.envelope["exception"] is not None,
                )
            )
        self.messages += [
            AssistantMessage(content=calls, thought=before or None, source="assistant"),
            FunctionExecutionResultMessage(content=results_of),
        ]


def tools_found(output: Any) -> Iterator[str]:
    """Names of the tools that a search gave: one, or a login and one."""
    for entry in output if isinstance(output, list) else [output]:
        if isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
            yield entry["name"]


def result_text(call: MadeCall) -> str:
    """What a model reads of a call's result."""
    exception = call.envelope["exception"]
    return text_of(call.envelope["output"] if exception is None else {"error": exception})


def _named(source: Source) -> list[str]:
    """The dialogue's tools, by name, so that their order tells nothing."""
    turns: Iterable[Any] = getattr(source, "calls", ())
    return sorted({turn.api_name for turn in turns})


def _written(style: Style, call: MadeCall) -> str:
    if style == "bracket":
        try:
            return render(call.name, call.arguments)
        except ValueError:
            pass
    return orjson.dumps({"name": call.name, "arguments": call.arguments}).decode()


def _with_ids(line: str, renamed: Mapping[str, str]) -> str:
    for old, new in renamed.items():
        line = line.replace(old, new)
    return line


def _system(level: int, style: Style, tools: Sequence[ToolSpec]) -> str:
    texts = _texts()
    parts = [texts["converse"]]
    if level in ONE_AT_A_TIME:
        parts += [texts["one_call"], texts["year"]]
    if level != 1:
        parts.append(texts["search"])
    if style != "native":
        parts += [texts["call_or_words"], texts[style]]
        parts += [json.dumps(tool.openai["function"], ensure_ascii=False) for tool in tools]
    return "\n".join(parts)


@lru_cache(maxsize=1)
def _texts() -> dict[str, str]:
    folder = files(__package__) / "prompts"
    names = ("bracket", "call_or_words", "converse", "json", "one_call", "search", "year")
    return {name: (folder / f"{name}.md").read_text("utf-8").strip() for name in names}
